/** The option `trace`: what a cache does is written to a file, which replays as the cache was used. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type CacheOptions, InvalidOptionError, SharedCache } from '../../src/index.js'
import { DELETE, READ, UNKNOWN_SIZE, WRITE } from '../../src/replay/access.js'
import { Random } from '../../src/replay/random.js'
import { replay } from '../../src/replay/runner.js'
import { HotsetTarget } from '../../src/replay/targets/hotset.js'
import { describeFiles, FileTrace } from '../../src/replay/trace.js'
import { Zipf } from '../../src/replay/zipf.js'
import type { Row } from '../replay/parse-helpers.js'
import { type AnyCache, createCache, ManualClock, warm } from './shared-cache-helpers.js'
import { createTraceFolder, readTrace } from './trace-helpers.js'

let folder = ''
let path = ''

beforeEach(() => {
  ;({ folder, path } = createTraceFolder())
})

function recording(options: Partial<CacheOptions> = {}): { cache: AnyCache; clock: ManualClock } {
  return createCache({ trace: { path, keys: 'plain', sample: 1 }, ...options })
}

const recorded = (file = 'service.0.hst'): Row[] => readTrace(join(folder, file))

/** Without times. */
function callsOf(rows: readonly Row[]): [string, number, number, number][] {
  return rows.map(([key, size, , ttl, operation]) => [key, size, ttl, operation])
}

describe('a recorded cache', () => {
  it('writes its accesses in their order, with sizes and lifetimes of what was stored', () => {
    const { cache } = recording({ ttl: '1m' })
    cache.get('a')
    cache.set('a', 'x'.repeat(50))
    cache.get('a')
    cache.set('b', 'y'.repeat(20), { ttl: '5s' })
    cache.add('c', 'z', { ttl: Number.POSITIVE_INFINITY })
    cache.add('c', 'no')
    cache.getMany(['a', 'none'])
    cache.delete('a')
    cache.take('b')
    cache.increment('n')
    cache.setMany([['d', 'dd']])
    cache.close()
    expect(callsOf(recorded())).toEqual([
      ['a', 50, 60_000, READ],
      ['a', UNKNOWN_SIZE, 0, READ],
      ['b', 20, 5000, WRITE],
      ['c', 1, 0, WRITE],
      ['a', UNKNOWN_SIZE, 0, READ],
      ['none', UNKNOWN_SIZE, 0, READ],
      ['a', UNKNOWN_SIZE, 0, DELETE],
      ['b', UNKNOWN_SIZE, 0, READ],
      ['b', UNKNOWN_SIZE, 0, DELETE],
      ['n', 8, 60_000, WRITE],
      ['d', 2, 60_000, WRITE],
    ])
  })

  it('writes nothing for what counts as no access', () => {
    const { cache } = recording()
    cache.set('a', 1)
    cache.peek('a')
    cache.has('a')
    cache.info('a')
    cache.touch('a', '1s')
    expect([...cache.entries()]).toHaveLength(1)
    cache.close()
    expect(recorded()).toHaveLength(1)
  })

  it('sees hits of the near cache, and each of them once', () => {
    const { cache } = recording({ near: { maxEntries: 16 } })
    cache.set('hot', 'v')
    warm(cache, 'hot')
    for (let read = 0; read < 500; read++) cache.get('hot')
    expect(cache.stats().nearHits).toBeGreaterThan(400)
    cache.close()
    expect(recorded()).toHaveLength(1 + 2 + 500)
  })

  it('sees as many reads as were made where the near cache is timed and passed by', () => {
    const { cache } = recording({ near: { maxEntries: 8 } })
    let reads = 0
    for (let round = 0; round < 60; round++) {
      for (let key = 0; key < 200; key++, reads++)
        cache.get(`key:${key}`) ?? cache.set(`key:${key}`, 1)
    }
    cache.close()
    const rows = recorded()
    expect(rows.filter(([, , , , operation]) => operation === READ)).toHaveLength(reads)
    expect(rows).toHaveLength(reads)
  })

  it('takes what getOrSet loads for what its read missed', async () => {
    const { cache } = recording()
    await cache.getOrSet('a', async () => 'loaded', { ttl: '3s' })
    await cache.getOrSet('a', async () => 'not called')
    cache.close()
    expect(callsOf(recorded())).toEqual([
      ['a', 6, 3000, READ],
      ['a', UNKNOWN_SIZE, 0, READ],
    ])
  })

  it('tells the times of the cache’s clock', () => {
    const { cache, clock } = recording()
    for (let read = 0; read < 3; read++) {
      cache.get('a')
      clock.advance(250.5)
    }
    cache.close()
    expect(recorded().map(([, , time]) => time - clock.nowMs)).toEqual([-751.5, -501, -250.5])
  })

  it('records namespaces by their whole keys', () => {
    const { cache } = recording()
    cache.namespace('users').get('1')
    cache.close()
    expect(recorded()[0][0]).toBe('users:1')
  })

  it('has no methods of its own: a get of either kind of cache is the same function', () => {
    expect(Object.getOwnPropertyNames(recording().cache)).toEqual(['name'])
    expect(Object.getOwnPropertyNames(createCache().cache)).toEqual(['name'])
  })

  it('tells the sizes of large values, of those that were refused too, and not what add refused', () => {
    const { cache } = recording({ maxEntryBytes: '200kb' })
    cache.set('large', 'x'.repeat(100_000), { ttl: '9s' })
    expect(cache.add('large', 'x'.repeat(50_000))).toBe(false)
    expect(cache.set('too large', 'x'.repeat(300_000))).toBe(false)
    cache.take('large')
    expect(cache.add('large', 'x'.repeat(50_000))).toBe(true)
    cache.close()
    expect(callsOf(recorded())).toEqual([
      ['large', 100_000, 9000, WRITE],
      ['too large', 300_000, 0, WRITE],
      ['large', UNKNOWN_SIZE, 0, READ],
      ['large', UNKNOWN_SIZE, 0, DELETE],
      ['large', 50_000, 0, WRITE],
    ])
  })

  it('takes a stale value for a miss, and what is loaded in its place for what that missed', async () => {
    const { cache, clock } = recording({ near: false })
    const options = { ttl: '1s', staleIfError: '1m' } as const
    await cache.getOrSet('a', async () => 'first', options)
    clock.advance(2000)
    await cache.getOrSet('a', async () => 'the second', options)
    cache.close()
    expect(callsOf(recorded())).toEqual([
      ['a', 5, 1000, READ],
      ['a', 10, 1000, READ],
    ])
  })

  it('tells the policy of hits of the near cache as one that records nothing does', () => {
    // Why so few: the policy is told after every 16 writes, at the next hit that is due.
    const options = { maxEntries: 512, shards: 1 }
    const [recordedHits, plainHits] = [recording(options), createCache(options)].map(
      ({ cache }) => {
        cache.set('hot', 'v')
        warm(cache, 'hot')
        return Array.from({ length: 20 }, (_, round) => {
          for (let read = 0; read < (round % 10 === 0 ? 70 : 5); read++) cache.get('hot')
          // Why one key: of many, one would have the stamp of the hot one now and then.
          for (let write = 0; write < 20; write++) cache.set('written', write)
          return cache.info('hot')?.hits
        })
      },
    )
    expect(recordedHits).toEqual(plainHits)
    expect(new Set(plainHits).size).toBeGreaterThan(2)
    expect(new Set(plainHits).size).toBeLessThan(plainHits.length - 5)
  })
})

describe('hashed keys', () => {
  it('are the same for the same key by whatever call, and not the key', () => {
    const { cache } = recording({ trace: { path, sample: 1 }, near: { maxEntries: 16 } })
    const keys = ['a', 'user:12345678901', 'ключ', 'k'.repeat(23), 'k'.repeat(300), 'é', '']
    for (const key of keys) {
      cache.get(key)
      cache.set(key, 1)
      cache.getMany([key])
      warm(cache, key)
      cache.get(key)
      cache.delete(key)
    }
    cache.close()
    const names = recorded().map(([key]) => key)
    expect(names).toHaveLength(keys.length * 6)
    for (const [index, name] of names.entries()) expect(name).toBe(names[index - (index % 6)])
    expect(new Set(names).size).toBe(keys.length)
    expect(names.every((name) => /^[0-9a-f]{16}$/.test(name))).toBe(true)
    expect(readFileSync(join(folder, 'service.0.hst')).includes('user:')).toBe(false)
  })

  it.each([
    ['numbers', (index: number) => `user:${index}`],
    ['padded numbers', (index: number) => `object:${String(index).padStart(9, '0')}`],
    ['numbers before the end', (index: number) => `user:${index}:profile`],
    ['two numbers', (index: number) => `${index % 317}:${Math.floor(index / 317)}`],
  ])(
    'differ for a hundred thousand keys, in either half about as much as chance lets them: %s',
    (_name, keyOf) => {
      const { cache } = recording({ trace: { path, sample: 1 } })
      for (let index = 0; index < 100_000; index++) cache.get(keyOf(index))
      cache.close()
      const keys = recorded().map(([key]) => key)
      expect(new Set(keys).size).toBe(100_000)
      for (const half of [0, 8]) {
        // A pair in 2^32 is alike: one or two of these keys.
        expect(new Set(keys.map((key) => key.slice(half, half + 8))).size).toBeGreaterThan(99_980)
      }
    },
  )

  it('differ from cache to cache', () => {
    const names = [1, 2].map(() => {
      const { cache } = recording({ trace: { path, sample: 1 } })
      cache.get('user:0')
      cache.close()
      return recorded()[0][0]
    })
    expect(names[0]).not.toBe(names[1])
  })
})

describe('a replay of what was recorded', () => {
  it.each([
    ['without a near cache', false],
    ['with lifetimes', '40ms'],
  ])('has the hits that the live cache had, %s', async (_name, ttl) => {
    const clock = new ManualClock()
    const live = new SharedCache<string>({
      ...{ maxBytes: '16mb', maxEntries: 300, shards: 1, policy: 'lru', near: false, clock },
      trace: { path, sample: 1 },
      ...(typeof ttl === 'string' && { ttl }),
    })
    const zipf = new Zipf(2000, 0.8)
    const random = new Random(4)
    let hits = 0
    for (let access = 0; access < 30_000; access++) {
      const key = `object:${zipf.next(random)}`
      if (access % 50 === 0) live.delete(key)
      else if (access % 31 === 0) live.set(key, 'new')
      else if (live.get(key) !== undefined) hits++
      else live.set(key, 'x'.repeat(key.length * 3))
      if (access % 4 === 0) clock.advance(1)
    }
    live.close()

    const trace = new FileTrace(await describeFiles([join(folder, 'service.0.hst')], undefined, {}))
    const { ReplayClock } = await import('../../src/replay/clock.js')
    const replayClock = new ReplayClock()
    const target = new HotsetTarget({
      ...{ budget: { unit: 'entries', entries: 300 }, policy: 'lru', valueBytes: 100, near: false },
      clock: replayClock,
    })
    const result = await replay(target, trace, {
      ...{ clock: replayClock, defaultTtlMs: 0, defaultValueBytes: 100, sizedValues: true },
      ...{ largestValueBytes: Number.POSITIVE_INFINITY, limit: Number.POSITIVE_INFINITY },
    })
    target.close()
    expect(hits).toBeGreaterThan(3000)
    expect(result).toMatchObject({ accesses: expect.any(Number), hits, wrongValues: 0 })
  })
})

describe('the file', () => {
  it('has a name of its own for each cache of a thread, and is gone where nothing was accessed', () => {
    const { cache: first } = recording()
    const { cache: second } = recording()
    const { cache: idle } = recording()
    first.get('a')
    second.get('b')
    for (const cache of [first, second, idle]) cache.close()
    expect(readdirSync(folder).sort()).toEqual(['service.0-2.hst', 'service.0.hst'])
    expect(recorded('service.0-2.hst')[0][0]).toBe('b')
  })

  it('is whole however many blocks it has, and whoever is still writing at the end', () => {
    const { cache } = recording({ trace: { path, sample: 1 } })
    for (let read = 0; read < 150_000; read++) cache.get(`key:${read % 1000}`)
    cache.close()
    expect(recorded()).toHaveLength(150_000)
  })

  it('takes keys of any length', () => {
    const { cache } = recording()
    const keys = ['', '€'.repeat(65_536), 'x'.repeat(65_536), '€'.repeat(60_000)]
    for (const key of keys) cache.get(key)
    cache.close()
    const lengths = recorded().map(([key]) => key.length)
    expect(lengths).toEqual(keys.map((key) => Buffer.byteLength(key)))
  })

  it('grows no larger than it may, and the cache goes on', () => {
    const { cache } = recording({ trace: { path, sample: 1, maxBytes: '1mb' } })
    for (let read = 0; read < 200_000; read++) cache.get('key')
    cache.set('key', 1)
    expect(cache.get('key')).toBe(1)
    cache.close()
    const { length } = readFileSync(join(folder, 'service.0.hst'))
    expect(length).toBeGreaterThan(900_000)
    expect(length).toBeLessThanOrEqual(2 ** 20)
    recorded()
  })

  it('that cannot be written any more is told to onError once, and the cache goes on', async () => {
    if (!existsSync('/dev/full')) return
    const errors: unknown[] = []
    const { symlinkSync } = await import('node:fs')
    symlinkSync('/dev/full', join(folder, 'service.0.hst'))
    const { cache } = recording({ onError: (error) => errors.push(error) })
    for (let read = 0; read < 100_000; read++) cache.get('key')
    cache.close()
    expect(errors.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(['ENOSPC'])
  })

  it('that cannot be created is an error of the option, which says why', () => {
    const missing = join(folder, 'no', 'such', 'service.hst')
    const create = () => new SharedCache({ maxBytes: '4mb', trace: missing })
    expect(create).toThrow(InvalidOptionError)
    expect(create).toThrow(/Option 'trace.path' cannot be .*no such file or directory/)
  })
})

describe('the option', () => {
  it.each([
    [5, "Option 'trace' cannot be 5"],
    ['', "Option 'trace.path' cannot be ''; allowed: the name of a file"],
    [{ path: 'a', sample: 0 }, "'trace.sample' cannot be 0; allowed: a number above 0, up to 1"],
    [{ path: 'a', sample: 1.1 }, "'trace.sample' cannot be 1.1"],
    [{ path: 'a', keys: 'secret' }, "'trace.keys' cannot be 'secret'; allowed: 'hashed', 'plain'"],
    [{ path: 'a', maxBytes: 10 }, "'trace.maxBytes' cannot be 10; allowed: at least 1048576 bytes"],
    [{ path: 'a', key: 'plain' }, "did you mean 'keys'?"],
  ])('%j is refused with the value and what is allowed', (trace, message) => {
    expect(() => new SharedCache({ maxBytes: '4mb', trace: trace as never })).toThrow(message)
  })

  it('goes with the handle, and a thread may go without', () => {
    const { cache, clock } = recording()
    const second = SharedCache.attach(cache.handle, { clock })
    const third = SharedCache.attach(cache.handle, { clock, trace: false })
    onTestFinished(() => third.close())
    cache.get('first')
    second.get('second')
    third.get('third')
    second.close()
    cache.close()
    expect(readdirSync(folder).sort()).toEqual(['service.0-2.hst', 'service.0.hst'])
  })
})
