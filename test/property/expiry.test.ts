/** Lifetimes of all lengths under a clock that jumps, and what expiry costs a single call. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WHEEL_STEPS_PER_WRITE, WHEEL_STEPS_WHEN_FULL } from '../../assembly/constants.js'
import { type CacheOptions, SharedCache } from '../../src/index.js'
import { checkProperty } from '../support/check-property.js'
import { BUILDS, type Build, withBuild } from '../support/engine-builds.js'
import { ManualClock } from '../support/manual-clock.js'
import { Random } from '../support/random.js'

const RUNS: Record<Build, number> = { release: 30, debug: 10 }
const DAY_MS = 86_400_000
const YEARS_100_MS = 36_525 * DAY_MS

describe.each(BUILDS)('%s build', (build) => {
  test('of lifetimes from 1 ms to 100 years each ends when it should, however the clock jumps', () => {
    const run = (seed: number, longestMs: number): void => {
      withBuild(build, () => runLifetimes(new Random(seed), longestMs))
    }
    const longestMs = fc.constantFrom(100, 5000, DAY_MS, 30 * DAY_MS, YEARS_100_MS)
    checkProperty(fc.property(fc.integer(), longestMs, run), RUNS[build])
  })
})

function runLifetimes(random: Random, longestMs: number): void {
  const clock = new ManualClock(random.below(2) * 1_000_000)
  const cache = new SharedCache<number>({ maxBytes: '8mb', near: false, shards: 2, clock })
  const ends = new Map<string, number>()
  for (let round = 0; round < 25; round++) {
    for (let done = 0; done < 60; done++) {
      const key = `${random.below(500)}`
      const ttl = random.logBetween(1, longestMs)
      if (random.chance(0.1)) assert.equal(cache.delete(key), isLive(ends, key, clock.time))
      else if (random.chance(0.2))
        assert.equal(cache.touch(key, ttl), isLive(ends, key, clock.time))
      else cache.set(key, done, { ttl })
      if (cache.has(key)) ends.set(key, clock.time + ttl)
      else ends.delete(key)
    }
    clock.advance(random.logBetween(1, longestMs) - 1)
    for (const key of ends.keys()) assert.equal(cache.has(key), isLive(ends, key, clock.time))
    const live = [...ends.keys()].filter((key) => isLive(ends, key, clock.time))
    if (random.chance(0.5)) {
      cache.purgeExpired()
      assert.equal(cache.size, live.length)
    }
    assert.deepEqual(cache.verify(), { ok: true, problems: [] })
  }
  clock.advance(longestMs)
  cache.purgeExpired()
  assert.equal(cache.size, 0)
}

function isLive(ends: Map<string, number>, key: string, timeMs: number): boolean {
  return timeMs < (ends.get(key) ?? 0)
}

test('a lifetime of 100 years lasts until its last millisecond', () => {
  const clock = new ManualClock()
  const cache = new SharedCache<string>({ maxBytes: '1mb', clock })
  cache.set('key', 'value', { ttl: YEARS_100_MS })
  for (let year = 0; year < 99; year++) {
    clock.advance(YEARS_100_MS / 100)
    cache.set(`year ${year}`, '')
  }
  clock.advance(YEARS_100_MS / 100 - 1)
  expect(cache.get('key')).toBe('value')
  clock.advance(1)
  expect(cache.get('key')).toBeUndefined()
  cache.purgeExpired()
  expect(cache.size).toBe(99)
})

test.each<CacheOptions['policy']>(['adaptive', 'lru', 'fifo', 'lfu', 'priority'])(
  'the memory of what has expired is used again, and nothing that lives is evicted (%s)',
  (policy) => {
    const clock = new ManualClock()
    const cache = new SharedCache<string>({
      maxBytes: '4mb',
      policy,
      shards: 1,
      near: false,
      clock,
    })
    cache.set('old', 'stays')
    let filled = 0
    while (cache.bytes < 3_800_000) cache.set(`short ${filled++}`, 'v'.repeat(300), { ttl: 1000 })
    expect(cache.stats().evictions).toBe(0)
    clock.advance(1000)
    // Three times as much again, each third expired by the time that the next one comes.
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < filled; index++) {
        cache.set(`round ${round} ${index}`, 'v'.repeat(290), { ttl: 1000 })
      }
      clock.advance(1000)
    }
    expect(cache.stats().evictions).toBe(0)
    expect(cache.get('old')).toBe('stays')
  },
)

test('of 200,000 entries that expire at once no call takes away more than its share', () => {
  const clock = new ManualClock()
  const count = 200_000
  const cache = new SharedCache<number>({ maxBytes: '64mb', shards: 1, near: false, clock })
  for (let index = 0; index < count; index++)
    cache.set(`${index}`, index, { ttl: 5000 + (index % 1000) })
  clock.advance(6000)
  let gone = 0
  const calls = [
    (turn: number) => cache.get(`${turn}`),
    (turn: number) => cache.set(`new ${turn}`, turn),
    (turn: number) => cache.delete(`${turn}`),
    (turn: number) => cache.has(`${turn}`),
    (turn: number) => cache.touch(`${turn}`, 10),
  ]
  let most = 0
  for (let turn = 0; gone < count; turn++) {
    calls[turn % calls.length](turn)
    const { expirations } = cache.stats()
    most = Math.max(most, expirations - gone)
    if (turn % calls.length === 0) assert.equal(expirations, gone, 'a get took something away')
    gone = expirations
    assert.ok(turn < count, 'they are not taken away')
  }
  // A delete may find one expired beside those.
  expect(most).toBeLessThanOrEqual(WHEEL_STEPS_PER_WRITE + 1)
})

test('a full cache whose entries expire at once takes a bounded number away in one write', () => {
  const clock = new ManualClock()
  const cache = new SharedCache<number>({
    maxBytes: '8mb',
    shards: 1,
    near: false,
    policy: 'lru',
    clock,
  })
  for (let index = 0; cache.stats().evictions === 0; index++)
    cache.set(`${index}`, index, { ttl: 1000 })
  clock.advance(1000)
  let gone = cache.stats().expirations
  for (let turn = 0; cache.stats().size > turn; turn++) {
    cache.set(`new ${turn}`, turn)
    const { expirations } = cache.stats()
    assert.ok(
      expirations - gone <= WHEEL_STEPS_PER_WRITE + 2 * WHEEL_STEPS_WHEN_FULL,
      `${expirations - gone} went`,
    )
    gone = expirations
  }
})
