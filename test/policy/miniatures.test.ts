/** The miniature caches of policy `adaptive`: they forget what the cache forgets, and stay sound whatever happens. */
import fc from 'fast-check'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { SharedCache } from '../../src/index.js'
import { checkProperty } from '../support/check-property.js'
import { ManualClock } from '../support/manual-clock.js'
import { seedHashes } from '../support/seeded-hashes.js'

// Why: which keys are in the sample depends on their hashes, and of few keys there may be none.
vi.mock('../../src/engine/random-seed.js', () => import('../support/seeded-hashes.js'))

const ENTRIES = 200
const KEYS = 600
const RUNS = 60
const MAX_BATCHES = 12
/** Enough for one key in 16 to be among them. */
const ROUNDS = 40
const TTL_MS = 100

function createCache(clock = new ManualClock()): SharedCache<string> {
  return new SharedCache<string>({
    maxBytes: '2mb',
    maxEntries: ENTRIES,
    shards: 1,
    near: false,
    codec: 'string',
    clock,
  })
}

type Change =
  | { does: 'write'; first: number; count: number; bytes: number; ttl?: number }
  | { does: 'delete'; first: number; count: number }
  | { does: 'take'; first: number; count: number }
  | { does: 'touch'; first: number; count: number; ttl: number }

type Batch =
  | Change
  | { does: 'read'; first: number; count: number; step: number }
  | { does: 'wait'; ms: number }
  | { does: 'deleteByPrefix'; digit: number }
  | { does: 'clear' }

const first = fc.integer({ min: 0, max: KEYS - 1 })
const count = fc.integer({ min: 1, max: 300 })
const ttl = fc.integer({ min: 1, max: 1000 })

const batch: fc.Arbitrary<Batch> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('read' as const),
      first,
      count: fc.integer({ min: 1, max: 2000 }),
      step: fc.integer({ min: 1, max: 50 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record(
      {
        does: fc.constant('write' as const),
        first,
        count,
        bytes: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 20_000 })),
        ttl,
      },
      { requiredKeys: ['does', 'first', 'count', 'bytes'] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom('delete' as const, 'take' as const),
      first,
      count,
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('touch' as const), first, count, ttl }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 1500 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('deleteByPrefix' as const),
      digit: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('clear' as const) }) },
)

function keysOf(firstKey: number, howMany: number, step = 1): string[] {
  return Array.from({ length: howMany }, (_, index) => `${(firstKey + index * step) % KEYS}`)
}

function apply(cache: SharedCache<string>, clock: ManualClock, step: Batch): void {
  if (step.does === 'clear') cache.clear()
  else if (step.does === 'wait') clock.advance(step.ms)
  else if (step.does === 'deleteByPrefix') cache.deleteByPrefix(`${step.digit}`)
  else if (step.does === 'read') {
    for (const key of keysOf(step.first, step.count, step.step)) readThrough(cache, key)
  } else for (const key of keysOf(step.first, step.count)) change(cache, key, step)
}

function change(cache: SharedCache<string>, key: string, step: Change): void {
  if (step.does === 'delete') cache.delete(key)
  else if (step.does === 'take') cache.take(key)
  else if (step.does === 'touch') cache.touch(key, step.ttl)
  else cache.set(key, 'v'.repeat(step.bytes), step.ttl === undefined ? {} : { ttl: step.ttl })
}

function readThrough(cache: SharedCache<string>, key: string): void {
  if (cache.get(key) === undefined) cache.set(key, key)
}

beforeEach(() => seedHashes(1))

describe('miniatures', () => {
  it('are sound after any work', () => {
    const property = fc.property(fc.array(batch, { maxLength: MAX_BATCHES }), (batches) => {
      const clock = new ManualClock()
      const cache = createCache(clock)
      try {
        for (const step of batches) {
          apply(cache, clock, step)
          expect(cache.verify()).toEqual({ ok: true, problems: [] })
        }
      } finally {
        cache.close()
      }
    })
    checkProperty(property, RUNS)
  })

  const WAYS: Record<string, (cache: SharedCache<string>, clock: ManualClock) => void> = {
    'are deleted': (cache) => cache.deleteMany([...cache.keys()]),
    'are taken': (cache) => {
      for (const key of cache.keys()) cache.take(key)
    },
    expire: (cache, clock) => {
      clock.advance(TTL_MS + 64)
      cache.purgeExpired()
    },
    'are invalidated by a tag': (cache) => {
      cache.invalidateTags('red')
      cache.purgeExpired()
    },
  }

  it.each(Object.entries(WAYS))('forget keys that %s', (_, forget) => {
    const clock = new ManualClock()
    const cache = createCache(clock)
    onTestFinished(() => cache.close())
    for (let round = 0; round < ROUNDS; round++) {
      for (const key of keysOf(0, ENTRIES / 2)) cache.set(key, key, { ttl: TTL_MS, tags: ['red'] })
      forget(cache, clock)
      expect(cache.size).toBe(0)
    }
    const { candidates = [], hitRatio } = cache.stats().policy
    expect(candidates.map((candidate) => candidate.hitRatio)).toEqual([0, 0, 0, 0])
    expect(hitRatio).toEqual({ half: 0, same: 0, twice: 0 })
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
  })

  it('count a key that is written again as used again, as the cache does', () => {
    const cache = createCache()
    onTestFinished(() => cache.close())
    for (let round = 0; round < ROUNDS; round++) {
      for (const key of keysOf(0, ENTRIES / 4)) cache.set(key, key)
    }
    expect(cache.stats().policy.hitRatio?.same).toBe(1 - 1 / ROUNDS)
  })
})
