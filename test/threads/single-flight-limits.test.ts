/** Where one load for all threads ends early, brings nothing, or is one of very many. */
import { describe, expect, test } from 'vitest'
import { CacheClosedError, LoaderTimeoutError, SharedCache } from '../../src/index.js'
import { countLeases, expectSoundAndIdle } from './support/leases.js'
import { type RemoteLoad, RemoteThread } from './support/remote-thread.js'

function createCache(options = {}): SharedCache<unknown> {
  return new SharedCache<unknown>({ maxBytes: '64mb', ...options })
}

function startThreads(cache: SharedCache, count: number): Promise<RemoteThread[]> {
  return Promise.all(Array.from({ length: count }, () => RemoteThread.start(cache)))
}

/** The first one loads, the others wait. */
async function loadInAll(threads: RemoteThread[], key: string): Promise<RemoteLoad[]> {
  const first = threads[0].load(key)
  await first.loading
  const others = threads.slice(1).map((thread) => thread.load(key))
  await Promise.all(others.map(({ begun }) => begun))
  return [first, ...others]
}

/** Never resolves: the caller's own signal or timeout has to end it. */
const never = (): Promise<never> => new Promise(() => {})

describe('20,000 keys that are asked for at once in one thread', () => {
  test.each(['1mb', '64mb'])('are loaded once each and returned (%s)', async (maxBytes) => {
    const cache = createCache({ maxBytes })
    const count = 20_000
    const finishers: (() => void)[] = []
    const values = Array.from({ length: count }, (_, index) =>
      cache.getOrSet(
        `key ${index}`,
        () => new Promise((resolve) => finishers.push(() => resolve(index))),
      ),
    )
    expect(finishers).toHaveLength(count)
    for (const finish of finishers) finish()
    expect(await Promise.all(values)).toEqual(Array.from({ length: count }, (_, index) => index))
    expect(finishers).toHaveLength(count)
    // Why not all: what is loaded without a lease is not stored where another key of its stamp was written.
    expect(cache.size).toBeGreaterThan(1000)
    expectSoundAndIdle(cache)
  })
})

describe('a load that brings nothing to the cache is made by each thread, in turn, where it', () => {
  async function expectEachInTurn(cache: SharedCache, makeValue: (index: number) => unknown) {
    const threads = await startThreads(cache, 3)
    const loads = await loadInAll(threads, 'key')
    const pending = new Set(loads)
    while (pending.size > 0) {
      const load = await Promise.race([...pending].map((one) => one.loading.then(() => one)))
      expect(countLeases(cache).held).toBe(1)
      expect(loads.filter(({ loaderCalls }) => loaderCalls > 0)).toHaveLength(4 - pending.size)
      load.finish(makeValue(loads.indexOf(load)))
      expect(await load.result).toEqual(makeValue(loads.indexOf(load)))
      pending.delete(load)
    }
    expect(loads.map(({ loaderCalls }) => loaderCalls)).toEqual([1, 1, 1])
    expect(cache.get('key')).toBeUndefined()
    expectSoundAndIdle(cache)
  }

  test('is undefined', async () => {
    await expectEachInTurn(createCache(), () => undefined)
  })

  test('is too large to be stored', async () => {
    const cache = createCache({ maxEntryBytes: 1000 })
    await expectEachInTurn(cache, (index) => `${index}`.repeat(5000))
    expect(cache.stats().rejected.tooLarge).toBe(3)
  })

  test('is too large to be staged and stored', async () => {
    const cache = createCache({ maxEntryBytes: 1000 })
    await expectEachInTurn(cache, (index) => `${index}`.repeat(50_000))
  })
})

describe('who waits for a load elsewhere can leave', () => {
  test('by a signal, with its reason', async () => {
    const cache = createCache()
    const [remote] = await startThreads(cache, 1)
    const load = remote.load('key')
    await load.loading
    const controller = new AbortController()
    const leaving = cache.getOrSet('key', never, { signal: controller.signal })
    const staying = cache.getOrSet('key', never)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(leaving).rejects.toBe(reason)
    load.finish('loaded')
    expect(await staying).toBe('loaded')
    expect(await load.result).toBe('loaded')
    expectSoundAndIdle(cache)
  })

  test('by a timeout, and the load goes on', async () => {
    const cache = createCache()
    const [remote] = await startThreads(cache, 1)
    const load = remote.load('key')
    await load.loading
    await expect(cache.getOrSet('key', never, { timeout: 1 })).rejects.toThrow(LoaderTimeoutError)
    load.finish('loaded')
    expect(await load.result).toBe('loaded')
    expect(cache.get('key')).toBe('loaded')
    expectSoundAndIdle(cache)
  })
})

describe('a load whose callers have all left goes to a thread that waits', () => {
  test.each([
    ['by a timeout', { timeout: 1 }, undefined],
    ['by a signal', {}, 1],
  ])('%s', async (_, options, abortAfterMs) => {
    const cache = createCache()
    const [leaving, other] = await startThreads(cache, 2)
    const left = leaving.load('key', options, abortAfterMs)
    await left.begun
    const next = other.load('key')
    await expect(left.result).rejects.toThrow()
    await next.loading
    left.finish('too late')
    next.finish('loaded')
    expect(await next.result).toBe('loaded')
    expect(await leaving.call('get', 'key')).toBe('loaded')
    expectSoundAndIdle(cache)
  })
})

describe('a cache that is closed', () => {
  test('while it loads leaves the load to a thread that waits', async () => {
    const cache = createCache()
    const [closing, other, third] = await startThreads(cache, 3)
    const [lost, ...waiting] = await loadInAll([closing, other, third], 'key')
    await closing.call('close')
    await expect(lost.result).rejects.toMatchObject({ code: 'ERR_HOTSET_CACHE_CLOSED' })
    const next = await Promise.race(waiting.map((load) => load.loading.then(() => load)))
    lost.finish('too late')
    next.finish('loaded')
    expect(await Promise.all(waiting.map(({ result }) => result))).toEqual(['loaded', 'loaded'])
    expect(cache.get('key')).toBe('loaded')
    expectSoundAndIdle(cache)
  })

  test('while it waits fails its callers, and nobody else', async () => {
    const cache = createCache()
    const [remote] = await startThreads(cache, 1)
    const load = remote.load('key')
    await load.loading
    const attached = SharedCache.attach(cache.handle)
    const waiting = attached.getOrSet('key', never)
    const others = cache.getOrSet('key', never)
    attached.close()
    await expect(waiting).rejects.toThrow(CacheClosedError)
    load.finish('loaded')
    expect(await others).toBe('loaded')
    expectSoundAndIdle(cache)
  })

  test('with a thousand loads leaves no lease behind', async () => {
    const cache = createCache()
    const attached = SharedCache.attach(cache.handle)
    const loads = Array.from({ length: 1000 }, (_, index) => attached.getOrSet(`${index}`, never))
    expect(countLeases(cache).held).toBe(1000)
    attached.close()
    const outcomes = await Promise.allSettled(loads)
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1000)
    expectSoundAndIdle(cache)
  })
})

describe('a stale value that is loaded anew in the background', () => {
  const options = { ttl: '1h', staleWhileRevalidate: '1h' } as const

  test('is loaded by one thread, and returned at once by all until then', async () => {
    const cache = createCache()
    const threads = await startThreads(cache, 3)
    await cache.getOrSet('key', () => 'stale', { ...options, ttl: 1 })
    await expect.poll(() => cache.get('key'), { interval: 1 }).toBeUndefined()
    const loads = threads.map((thread) => thread.load('key', options))
    expect(await Promise.all(loads.map(({ result }) => result))).toEqual([
      'stale',
      'stale',
      'stale',
    ])
    expect(await threads[1].load('key', options).result).toBe('stale')
    // Why a call: it is answered after all that the thread had to do before.
    await Promise.all(threads.map((thread) => thread.call('has', 'key')))
    const loading = loads.filter(({ loaderCalls }) => loaderCalls > 0)
    expect(loading).toHaveLength(1)
    loading[0].finish('fresh')
    await expect.poll(() => cache.get('key'), { interval: 1 }).toBe('fresh')
    expect(await threads[2].load('key', options).result).toBe('fresh')
    expectSoundAndIdle(cache)
  })
})
