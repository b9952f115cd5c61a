/** CachePool.getOrSet: a loader in a worker, its value in the cache, and each option's meaning. */
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SharedCache } from '../../dist/src/index.js'
import { CachePool } from '../../dist/src/pool/index.js'
import { createPool, expectedBytes, Gate, LOADERS, PATIENCE, sharedWords } from './pool-helpers.js'

const COSTLY = { favor: 'cost', maxEntries: 1000, shards: 1, near: false } as const
const COSTLY_KEYS = Array.from({ length: 600 }, (_, index) => `key:${index}`)
const SLOW_MS = 500

describe('getOrSet', () => {
  it('runs the named export in another thread, and stores what it returns', async () => {
    const { cache, pool } = createPool({ workerData: { region: 'north' } }, { name: 'users' })
    const call = (await pool.getOrSet('a', 'describeCall', { id: 1 })) as Record<string, unknown>
    expect(call).toMatchObject({
      args: { id: 1 },
      key: 'a',
      isAborted: false,
      cache: 'users',
      workerData: { region: 'north' },
    })
    expect(call.threadId).toBe(pool.threads[0].threadId)
    expect(cache.get('a')).toEqual(call)
  })

  it('runs nothing where the value is in the cache', async () => {
    const { cache, pool } = createPool()
    cache.set('a', 'here')
    expect(await pool.getOrSet('a', 'noSuchLoader')).toBe('here')
    expect(pool.stats().completed).toBe(0)
  })

  it('answers undefined and stores nothing where the loader does', async () => {
    const { cache, pool } = createPool()
    expect(await pool.getOrSet('a', 'nothing')).toBeUndefined()
    expect(cache.has('a')).toBe(false)
  })

  it('runs one task for all callers of a key at once', async () => {
    const { pool } = createPool({ maxThreads: 2 })
    const counts = sharedWords(1)
    const callers = Array.from({ length: 50 }, () => pool.getOrSet('a', 'count', { counts }))
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['value']))
    expect(counts[0]).toBe(1)
    expect(pool.stats().completed).toBe(1)
  })

  it('loads many keys at once, each once, each with its own value', async () => {
    const { cache, pool } = createPool({ minThreads: 2, maxThreads: 2 })
    const counts = sharedWords(1)
    const keys = Array.from({ length: 2000 }, (_, index) => `key:${index}`)
    const load = (key: string) => pool.getOrSet(key, 'count', { counts, text: `of ${key}` })
    const loaded = await Promise.all([...keys, ...keys].map(load))
    expect(loaded).toEqual([...keys, ...keys].map((key) => `of ${key}`))
    expect(counts[0]).toBe(keys.length)
    expect(cache.getMany(keys)).toEqual(keys.map((key) => `of ${key}`))
  })

  it('brings 10 MB through the cache, byte for byte', async () => {
    const { cache, pool } = createPool({}, { maxBytes: '256mb' })
    const bytes = 10 * 1024 * 1024
    const loads = [1, 2, 3].map((seed) => pool.getOrSet(`b${seed}`, 'makeBytes', { bytes, seed }))
    const expected = [1, 2, 3].map((seed) => expectedBytes(bytes, seed))
    for (const [index, loaded] of (await Promise.all(loads)).entries()) {
      expect(Buffer.isBuffer(loaded)).toBe(true)
      expect(expected[index].equals(loaded as Buffer)).toBe(true)
      expect(expected[index].equals(cache.get(`b${index + 1}`) as Buffer)).toBe(true)
    }
  })

  it('is given the loaders by a path or by a URL, of a CommonJS module too', async () => {
    const path = LOADERS.pathname
    for (const filename of [path, LOADERS.href]) {
      const { pool } = createPool({ filename })
      expect(await pool.getOrSet('a', 'double', { number: 21 })).toBe(42)
    }
    const { pool } = createPool({ filename: new URL('./loaders/common.cjs', import.meta.url) })
    expect(await pool.getOrSet('a', 'triple', { number: 5 })).toBe(15)
  })

  it('takes a codec and a clock of the user from the module of loaders', async () => {
    const filename = new URL('./loaders/custom-codec.mjs', import.meta.url)
    const { codec, clock } = await import(filename.href)
    const { cache, pool } = createPool(
      { filename, maintenanceInterval: '1ms' },
      { codec, clock, maxEntryBytes: '1mb' },
    )
    expect(await pool.getOrSet('p', 'point', { x: 3, y: 4 })).toEqual({ x: 3, y: 4 })
    expect(cache.info('p')?.type).toBe('custom')
    cache.set('gone', { x: 1, y: 1 }, { ttl: 1 })
    await expect.poll(() => cache.stats().size, PATIENCE).toBe(1)
  })
})

describe('a value that is not in the cache when its load is over', () => {
  it('reaches its callers where it is too large to be stored', async () => {
    const { cache, pool } = createPool({}, { maxEntryBytes: '1mb' })
    const bytes = 2 * 1024 * 1024
    const loaded = await pool.getOrSet('a', 'makeBytes', { bytes, seed: 9 })
    expect(Buffer.isBuffer(loaded)).toBe(true)
    expect(expectedBytes(bytes, 9).equals(loaded as Buffer)).toBe(true)
    expect(cache.has('a')).toBe(false)
    expect(cache.stats().rejected.tooLarge).toBe(1)
  })

  it('stays whole for a loader that keeps it', async () => {
    const { pool } = createPool({}, { maxEntryBytes: '1mb' })
    const args = { bytes: 2 * 1024 * 1024, seed: 3 }
    for (const key of ['a', 'b']) {
      const loaded = await pool.getOrSet(key, 'keptBytes', args)
      expect(expectedBytes(args.bytes, 3).equals(loaded as Buffer)).toBe(true)
    }
  })

  it('reaches its caller where the key was deleted meanwhile', async () => {
    const { cache, pool } = createPool()
    const value = { list: [1, new Map([['a', 1]])] }
    expect(await pool.getOrSet('a', 'deleteMeanwhile', value)).toEqual(value)
    expect(cache.has('a')).toBe(false)
  })

  it('is loaded once more, and posted, where it was lost on its way', async () => {
    const { cache, pool } = createPool()
    const counts = sharedWords(1)
    const loading = pool.getOrSet('a', 'count', { counts, value: 'count' })
    // Why blocked: the token arrives only when this thread has let the value go.
    while (!cache.has('a')) Atomics.wait(counts, 0, 1, 1)
    // Why a while longer: the worker looks once more before it sends the token.
    Atomics.wait(counts, 0, 1, 200)
    cache.delete('a')
    expect(await loading).toBe(2)
    expect(counts[0]).toBe(2)
  })
})

describe('two pools of one cache', () => {
  it('load a key once between them', async () => {
    const { cache, pool } = createPool()
    const other = new CachePool({ cache, filename: LOADERS, maxThreads: 1 })
    onTestFinished(() => other.destroy())
    const counts = sharedWords(1)
    const load = (each: CachePool) => each.getOrSet('a', 'count', { counts, waitMs: 50 })
    expect(await Promise.all([load(pool), load(other)])).toEqual(['value', 'value'])
    expect(counts[0]).toBe(1)
  })
})

describe('a call after a set or delete', () => {
  it('does not join a load that began before', async () => {
    const { cache, pool } = createPool({ minThreads: 2, maxThreads: 2 })
    const gate = new Gate()
    const before = pool.getOrSet('a', 'wait', { gate: gate.words, value: 'old' })
    await gate.waitForBegun(1)
    cache.delete('a')
    expect(await pool.getOrSet('a', 'double', { number: 4 })).toBe(8)
    gate.open()
    // Its own value is void; the caller gets the newer one that is there.
    expect(await before).toBe(8)
    expect(cache.get('a')).toBe(8)
  })
})

describe("favor: 'cost'", () => {
  it('keeps what a loader took long for when others come, by the clock of its worker', async () => {
    const filename = new URL('./loaders/timed.mjs', import.meta.url)
    const { clock, shareTime } = await import(filename.href)
    const { cache, pool } = createPool({ filename }, { ...COSTLY, clock })
    const time = sharedWords(1)
    shareTime({ time })
    await pool.run('shareTime', { time })
    // Why one by one: a value may be evicted by those behind it before its caller has read it.
    for (const key of COSTLY_KEYS) {
      await pool.getOrSet(key, 'take', { ms: isSlow(key) ? SLOW_MS : 1 })
    }
    expectSlowToStay(cache)
  })

  it('goes by the option cost where the caller gives it', async () => {
    const { cache, pool } = createPool({}, COSTLY)
    for (const key of COSTLY_KEYS) {
      await pool.getOrSet(key, 'double', { number: 1 }, { cost: isSlow(key) ? SLOW_MS : 1 })
    }
    expectSlowToStay(cache)
  })
})

describe('the options of getOrSet', () => {
  it('ttl, tags, priority: the worker stores with them', async () => {
    const { cache, pool } = createPool()
    const options = { ttl: '1h', tags: ['even', 'small'], priority: 7 }
    await pool.getOrSet('a', 'double', { number: 1 }, options)
    const info = cache.info('a')
    expect(info?.tags).toEqual(['even', 'small'])
    expect(info?.priority).toBe(7)
    expect(info?.remainingTtl).toBeGreaterThan(3_000_000)
    expect(info?.remainingTtl).toBeLessThanOrEqual(3_600_000)
    cache.invalidateTags('even')
    expect(cache.has('a')).toBe(false)
  })

  it('forceFresh: loads though there is a value, and replaces it', async () => {
    const { cache, pool } = createPool()
    cache.set('a', 'old')
    const load = pool.getOrSet('a', 'double', { number: 3 }, { forceFresh: true })
    expect(await load).toBe(6)
    expect(cache.get('a')).toBe(6)
  })

  it('staleWhileRevalidate: the old value at once, the new one from a worker', async () => {
    const { cache, pool } = createPool()
    const options = { ttl: 20, staleWhileRevalidate: '1h' }
    await pool.getOrSet('a', 'double', { number: 1 }, options)
    await expect.poll(() => cache.has('a'), PATIENCE).toBe(false)
    const again = { ttl: '1h', staleWhileRevalidate: '1h' }
    expect(await pool.getOrSet('a', 'double', { number: 2 }, again)).toBe(2)
    await expect.poll(() => cache.get('a'), PATIENCE).toBe(4)
  })

  it('staleIfError: the old value stands in for an error, which onError is told', async () => {
    const errors: unknown[] = []
    const onError = (error: unknown, key: string): unknown => errors.push([error, key])
    const { cache, pool } = createPool({}, { onError })
    await pool.getOrSet('a', 'double', { number: 1 }, { ttl: 20, staleIfError: '1h' })
    await expect.poll(() => cache.has('a'), PATIENCE).toBe(false)
    const load = pool.getOrSet('a', 'fail', { kind: 'down' }, { staleIfError: '1h' })
    expect(await load).toBe(2)
    expect(errors).toEqual([[expect.objectContaining({ message: 'down' }), 'a']])
    await expect(pool.getOrSet('a', 'fail', { kind: 'down' })).rejects.toThrow('down')
  })

  it('refreshAhead: a hit that is due answers, and is loaded anew once in a worker', async () => {
    const { cache, pool } = createPool()
    const counts = sharedWords(1)
    const args = { counts, value: 'count' }
    const options = { ttl: '1h', refreshAhead: 0 }
    expect(await pool.getOrSet('a', 'count', args, options)).toBe(1)
    const [first, ...others] = await Promise.all(
      [1, 2, 3].map(() => pool.getOrSet('a', 'count', args, options)),
    )
    expect(first).toBe(1)
    // The worker may be that quick.
    for (const value of others) expect([1, 2]).toContain(value)
    await expect.poll(() => cache.get('a'), PATIENCE).toBe(2)
    await pool.drain()
    expect(counts[0]).toBe(2)
  })

  it('timeout: the caller gets LoaderTimeoutError, and the loader is aborted', async () => {
    const { pool } = createPool({ terminateAfter: false })
    // Why first: the time that the thread takes to start is no part of this.
    await pool.run('nothing')
    const gate = new Gate()
    const load = pool.getOrSet('a', 'wait', { gate: gate.words }, { timeout: 1000 })
    await expect(load).rejects.toMatchObject({ code: 'ERR_HOTSET_LOADER_TIMEOUT', key: 'a' })
    await pool.drain()
    expect([gate.begun, gate.aborted, gate.ended]).toEqual([1, 1, 0])
  })

  it('are checked before anything is run', async () => {
    const { pool } = createPool()
    const wrong = pool.getOrSet('a', 'double', { number: 1 }, { ttl: -1 })
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_HOTSET_INVALID_OPTION', option: 'ttl' })
    await expect(pool.getOrSet(5 as never, 'double')).rejects.toMatchObject({
      code: 'ERR_HOTSET_INVALID_KEY',
    })
    expect(pool.stats().completed).toBe(0)
  })
})

/** A third of the keys, among the others. */
function isSlow(key: string): boolean {
  return Number(key.slice(4)) % 3 === 0
}

/** Brings as many cheap entries as there is room for. Were it not for the cost, all would go alike. */
function expectSlowToStay(cache: SharedCache): void {
  for (let index = 0; index < COSTLY.maxEntries; index++) {
    cache.set(`other:${index}`, index, { cost: 1 })
  }
  const kept = COSTLY_KEYS.filter((key) => cache.has(key))
  const slow = COSTLY_KEYS.filter(isSlow)
  expect(kept.filter(isSlow).length).toBeGreaterThan(0.9 * slow.length)
  expect(kept.length - slow.length).toBeLessThan(0.1 * slow.length)
}
