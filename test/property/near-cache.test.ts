/** The near cache is exact: no value outlives a change of its key, whatever changed it and on which path. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SharedCache } from '../../src/index.js'
import { checkProperty } from '../support/check-property.js'
import { CheckedCache, type CheckedOptions } from '../support/checked-cache.js'
import { BUILDS, type Build, withBuild } from '../support/engine-builds.js'
import { ManualClock } from '../support/manual-clock.js'
import { type Operation, operations } from '../support/operations.js'
import { Random } from '../support/random.js'

const MIB = 1024 * 1024
const RUNS: Record<Build, number> = { release: 80, debug: 25 }
const KEYS = ['a', 'b', 'user:1', 'жж', '\ud800', `long ${'k'.repeat(3000)}`]

const options = fc.record({
  maxBytes: fc.constant(MIB),
  maxEntries: fc.constantFrom(undefined, 3, 40),
  near: fc.constantFrom({ maxEntries: 2 }, { maxEntries: 4 }, undefined),
  policy: fc.constantFrom('adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority'),
  shards: fc.constantFrom(1, 2),
  ttl: fc.constantFrom(undefined, 40),
  sliding: fc.boolean(),
  told: fc.constant(true),
  roomy: fc.constant(false),
  verifyEvery: fc.constant(10),
})

describe.each(BUILDS)('%s build', (build) => {
  test('answers from it are what a Map would answer, on few keys that are read again and again', () => {
    let nearHits = 0
    const list = operations({ maxLength: 300, keys: KEYS, valueBytes: fc.nat(200) })
    const run = (chosen: object, steps: Operation[]): void => {
      const checked = withBuild(build, () => new CheckedCache(chosen as CheckedOptions))
      checked.run(steps)
      nearHits += checked.cache.stats().nearHits
    }
    checkProperty(fc.property(options, list, run), RUNS[build])
    expect(nearHits).toBeGreaterThan(0)
  })
})

/** A value in the near cache; what is returned tells whether it still is. */
function warm(cache: SharedCache<object>, key: string): () => boolean {
  cache.get(key)
  // A hit is counted when the access log is drained, by the next write.
  cache.set('another key', {})
  cache.get(key)
  const { nearHits } = cache.stats()
  const value = cache.get(key)
  expect(cache.stats().nearHits).toBe(nearHits + 1)
  return () => cache.get(key) === value
}

const clock = new ManualClock()
const changes: [string, (cache: SharedCache<object>) => void, number?][] = [
  ['is set', (cache) => cache.set('key', { changed: true })],
  [
    'is set by compareAndSet',
    (cache) => cache.compareAndSet('key', cache.info('key')?.version ?? 0, {}),
  ],
  ['is deleted', (cache) => cache.delete('key')],
  ['is taken', (cache) => cache.take('key')],
  ['has its tag invalidated', (cache) => cache.invalidateTags('tag')],
  ['is deleted by its tag', (cache) => cache.deleteByTag('tag')],
  ['is deleted by its prefix', (cache) => cache.deleteByPrefix('k')],
  ['is cleared', (cache) => cache.clear()],
  ['expires', () => clock.advance(100)],
  [
    'expires after a touch',
    (cache) => {
      cache.touch('key', 10)
      clock.advance(10)
    },
  ],
  [
    'is evicted',
    (cache) => {
      for (let index = 0; index < 9; index++) cache.set(`${index}`, {})
    },
  ],
]

test.each(changes)('a value is forgotten when its key %s', (_, change) => {
  const cache = new SharedCache<object>({
    maxBytes: '1mb',
    maxEntries: 8,
    policy: 'fifo',
    shards: 1,
    clock,
  })
  cache.set('key', { changed: false }, { ttl: 100, tags: ['tag'] })
  const isTheSame = warm(cache, 'key')
  expect(isTheSame()).toBe(true)
  change(cache)
  expect(isTheSame()).toBe(false)
})

test('a value that was touched to live longer is served after its first expiry', () => {
  const cache = new SharedCache<object>({ maxBytes: '1mb', clock })
  cache.set('key', {}, { ttl: 100 })
  warm(cache, 'key')
  cache.touch('key', 1000)
  clock.advance(500)
  expect(cache.get('key')).toEqual({})
})

test('it holds no more values than it may, and serves those read again', () => {
  const cache = new SharedCache<object>({ maxBytes: '4mb', near: { maxEntries: 4 } })
  for (let index = 0; index < 100; index++) cache.set(`${index}`, { index })
  const random = new Random(3)
  for (let done = 0; done < 2000; done++) {
    const index = random.below(100)
    assert.deepEqual(cache.get(`${index}`), { index })
  }
  // Of keys drawn evenly it can serve at most 4 in 100.
  const share = cache.stats().nearHits / 2000
  expect(share).toBeGreaterThan(0)
  expect(share).toBeLessThan(0.06)
})

test('without it every get returns a copy of its own', () => {
  const cache = new SharedCache<object>({ maxBytes: '1mb', near: false })
  cache.set('key', {})
  for (let time = 0; time < 3; time++) {
    cache.set('another key', {})
    expect(cache.get('key')).not.toBe(cache.get('key'))
  }
  expect(cache.stats().nearHits).toBe(0)
})
