/**
 * Hits on their way to the policy: none is lost in one thread, and none counts for an entry that was not
 * hit, whatever other threads do before it is told. The other thread is a second attachment here.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REGISTRY_PTR, REGISTRY_SLOT_BYTES } from '../../assembly/constants.js'
import { type CacheOptions, type Policy, SharedCache } from '../../src/index.js'
import { checkProperty } from '../support/check-property.js'
import { BUILDS, type Build, withBuild } from '../support/engine-builds.js'
import { wordsOf } from '../support/engine-memory.js'
import { Random } from '../support/random.js'

const POLICIES: readonly Policy[] = ['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority']
/** What assembly/accesses.ts tells exactly, and the most that an entry counts. */
const EXACT_HITS = 64
const MAX_HITS = 32_767
/** src/engine/registry.ts */
const FAILED = 0x2000_0000

type Cache = SharedCache<string>

function create(options: Partial<CacheOptions<string>> = {}): Cache {
  return new SharedCache<string>({ maxBytes: '8mb', near: false, codec: 'string', ...options })
}

function hitsOf(cache: Cache, key: string): number | undefined {
  return cache.info(key)?.hits
}

const READS: Record<string, (cache: Cache, key: string, times: number) => void> = {
  get(cache, key, times) {
    for (let time = 0; time < times; time++) cache.get(key)
  },
  getMany(cache, key, times) {
    cache.getMany(new Array<string>(times).fill(key))
  },
}

describe.each(Object.entries(READS))('hits of %s', (_, read) => {
  it.each(POLICIES)('are exact up to 64: %s', (policy) => {
    const cache = create({ policy, shards: 1 })
    for (let times = 1; times <= EXACT_HITS; times++) {
      cache.set(`key ${times}`, 'v')
      read(cache, `key ${times}`, times)
      expect(hitsOf(cache, `key ${times}`)).toBe(times)
    }
    cache.set('told one by one', 'v')
    for (let times = 1; times <= EXACT_HITS; times++) {
      read(cache, 'told one by one', 1)
      expect(hitsOf(cache, 'told one by one')).toBe(times)
    }
  })

  it.each(POLICIES.slice(1))('are exact beyond that too with policy %s', (policy) => {
    const cache = create({ policy })
    cache.set('key', 'v')
    read(cache, 'key', 1000)
    expect(hitsOf(cache, 'key')).toBe(1000)
  })

  it('are about right beyond that with policy adaptive', () => {
    const cache = create()
    for (const times of [200, 1000, 5000, 20_000]) {
      const key = `hit ${times} times`
      cache.set(key, 'v')
      read(cache, key, times)
      // So much is six standard deviations of a sample of one in 16.
      const spread = 6 * Math.sqrt(times * 15)
      expect(hitsOf(cache, key)).toBeGreaterThan(times - spread)
      expect(hitsOf(cache, key)).toBeLessThan(times + spread)
      expect(hitsOf(cache, key)).toBeGreaterThan(EXACT_HITS)
    }
  })

  it('end at the most that an entry counts, and touch nothing beside', () => {
    const cache = create()
    cache.set('key', 'v', { priority: 255 })
    read(cache, 'key', 60_000)
    expect(cache.info('key')).toMatchObject({ hits: MAX_HITS, priority: 255 })
  })

  it.each([1, 2, 8, 64])('are told entry by entry with %i shards', (shards) => {
    const cache = create({ shards })
    const wanted = new Map<string, number>()
    const turns: string[] = []
    for (let index = 0; index < 300; index++) {
      cache.set(`key ${index}`, 'v')
      wanted.set(`key ${index}`, index % 23)
      for (let hit = 0; hit < index % 23; hit++) turns.push(`key ${index}`)
    }
    const random = new Random(shards)
    while (turns.length > 0) {
      const [key] = turns.splice(random.below(turns.length), 1)
      read(cache, key, 1)
      // A write of the shard has the log drained, and changes its sequence.
      if (random.chance(0.1)) cache.set(`written ${random.below(50)}`, 'v')
    }
    for (const [key, hits] of wanted) expect(hitsOf(cache, key)).toBe(hits)
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
  })
})

describe('a record that another thread made stale', () => {
  const VALUE = 'v'.repeat(40)
  const PLACES = 40

  /** Reads keys in one thread, lets another act, and has the first tell its policy. */
  function betweenReadAndTelling(
    shards: number,
    act: (other: Cache, keys: readonly string[]) => void,
  ): Cache {
    const cache = create({ shards })
    const other = SharedCache.attach<string>(cache.handle)
    const keys = Array.from({ length: PLACES }, (_, index) => `read ${index}`)
    for (const key of keys) cache.set(key, VALUE)
    // Few enough that no part of the log is full.
    for (const key of keys.slice(0, 3 * shards)) cache.get(key)
    act(other, keys)
    for (let index = 0; index < 200; index++) cache.touch(`none ${index}`)
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
    other.close()
    return cache
  }

  function fillPlaces(cache: Cache): void {
    for (let index = 0; index < 10 * PLACES; index++) cache.set(`new ${index}`, VALUE)
  }

  function expectNoHits(cache: Cache): void {
    const hit = [...cache.keys()].filter((key) => (hitsOf(cache, key) ?? 0) > 0)
    expect(hit).toEqual([])
  }

  describe.each([1, 8])('with %i shards', (shards) => {
    it('of an entry that was deleted counts for none that took its place', () => {
      const cache = betweenReadAndTelling(shards, (other, keys) => {
        other.deleteMany(keys)
        fillPlaces(other)
      })
      expect(cache.size).toBe(10 * PLACES)
      expectNoHits(cache)
    })

    it('of an entry whose key was deleted and set again counts for no other key', () => {
      const cache = betweenReadAndTelling(shards, (other, keys) => {
        other.deleteMany(keys)
        fillPlaces(other)
        for (const key of keys) other.set(key, VALUE)
      })
      expectNoHits(cache)
    })

    it('of an entry that was cleared counts for none that took its place', () => {
      const cache = betweenReadAndTelling(shards, (other) => {
        other.clear()
        fillPlaces(other)
      })
      expectNoHits(cache)
    })

    it('of an entry that stands where it was counts', () => {
      const cache = betweenReadAndTelling(shards, fillPlaces)
      const hits = Array.from({ length: PLACES }, (_, index) => hitsOf(cache, `read ${index}`))
      const read = 3 * shards
      expect(hits).toEqual(hits.map((_, index) => (index < read ? 1 : 0)))
    })
  })

  it('of an entry whose page went to another shard counts for none', () => {
    const cache = create({ maxBytes: '1mb', shards: 4 })
    const other = SharedCache.attach<string>(cache.handle)
    for (let index = 0; index < 2000; index++) cache.set(`small ${index}`, VALUE)
    for (let round = 0; round < 20; round++) {
      for (let index = 0; index < 2000; index += 7) cache.get(`small ${index + round}`)
      other.clear()
      for (let index = 0; index < 40; index++) {
        other.set(`large ${round} ${index}`, 'x'.repeat(12_000))
      }
      for (let index = 0; index < 2000; index++) other.set(`other ${round} ${index}`, VALUE)
      for (let index = 0; index < 50; index++) cache.touch(`none ${index}`)
      expectNoHits(cache)
      expect(cache.verify()).toEqual({ ok: true, problems: [] })
    }
  })
})

type Step =
  | { does: 'set'; by: number; key: number; bytes: number }
  | { does: 'get' | 'delete'; by: number; key: number }
  | { does: 'getMany'; by: number; keys: number[] }
  | { does: 'clear' | 'maintain'; by: number }

const THREADS = 3
const KEYS = 60
const RUNS: Record<Build, number> = { release: 40, debug: 15 }

const by = fc.nat(THREADS - 1)
const key = fc.nat(KEYS - 1)
const bytes = fc.oneof(fc.constantFrom(10, 200), fc.nat(3000), fc.constant(20_000))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constant('set' as const), by, key, bytes }) },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('get' as const), by, key }) },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('getMany' as const),
      by,
      keys: fc.array(key, { maxLength: 40 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('delete' as const), by, key }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('clear' as const, 'maintain'), by }) },
)
const chosen = fc.record({
  shards: fc.constantFrom(1, 4, 32),
  // Why not adaptive: its hits are estimates where a key is hit often.
  policy: fc.constantFrom<Policy>('lru', 'lfu', 'fifo', 'ttl', 'priority'),
  maxEntries: fc.constantFrom(undefined, 40),
})

describe.each(BUILDS)('%s build', (build) => {
  it('threads in turn never count more hits of a key than there were', () => {
    const run = (options: Partial<CacheOptions<string>>, steps: readonly Step[]): void => {
      const cache = withBuild(build, () => create({ maxBytes: '2mb', ...options }))
      const threads = [cache]
      while (threads.length < THREADS) {
        threads.push(withBuild(build, () => SharedCache.attach<string>(cache.handle)))
      }
      const reads = Array.from({ length: KEYS }, () => 0)
      for (const step of steps) perform(threads[step.by], step, reads)
      for (const thread of threads) thread.touch('none')
      reads.forEach((most, index) => {
        expect(hitsOf(cache, `key ${index}`) ?? 0).toBeLessThanOrEqual(most)
      })
      expect(cache.verify()).toEqual({ ok: true, problems: [] })
      for (const thread of threads) thread.close()
    }
    const steps = fc.array(step, { minLength: 1, maxLength: 200, size: 'max' })
    checkProperty(fc.property(chosen, steps, run), RUNS[build])
  })
})

function perform(cache: Cache, step: Step, reads: number[]): void {
  switch (step.does) {
    case 'set':
      cache.set(`key ${step.key}`, 'v'.repeat(step.bytes))
      return
    case 'get':
      if (cache.get(`key ${step.key}`) !== undefined) reads[step.key]++
      return
    case 'getMany':
      cache.getMany(step.keys.map((key) => `key ${key}`)).forEach((value, index) => {
        if (value !== undefined) reads[step.keys[index]]++
      })
      return
    case 'delete':
      cache.delete(`key ${step.key}`)
      return
    default:
      cache[step.does]()
  }
}

it('what a dead thread did not tell any more is not told by the next one in its place', () => {
  const cache = create({ shards: 1 })
  cache.set('key', 'v')
  const dead = SharedCache.attach<string>(cache.handle)
  READS.get(dead, 'key', 5)
  const words = wordsOf(cache.handle)
  const holder = (REGISTRY_PTR + REGISTRY_SLOT_BYTES) >>> 2
  expect(words[holder]).not.toBe(0)
  words[holder] |= FAILED
  cache.maintain()
  expect(cache.stats().threads).toBe(1)
  const next = SharedCache.attach<string>(cache.handle)
  expect(words[holder]).not.toBe(0)
  READS.get(next, 'key', 2)
  next.touch('none')
  expect(hitsOf(cache, 'key')).toBe(2)
  expect(cache.verify()).toEqual({ ok: true, problems: [] })
})
