/** Lifetimes: how long an entry lives in each tier. */
import { describe, expect, it } from 'vitest'
import { Lifetimes } from '../../../src/tiers/entry/lifetimes.js'
import { type EntryOptions, resolveEntryOptions } from '../../../src/tiers/entry/options.js'

const MEMORY = { name: 'memory', defaultTtlMs: Number.POSITIVE_INFINITY }
const REDIS = { name: 'redis', defaultTtlMs: 5000 }
const FACTS = { tags: [] }

function lifetimesOf(options: EntryOptions, random = () => 0): Lifetimes {
  return new Lifetimes(resolveEntryOptions(options), FACTS, 1000, random)
}

describe('a lifetime', () => {
  it('is what the options say for the tier, or else for all, or else the default of the tier', () => {
    const byTier = lifetimesOf({ ttl: { memory: '1m' } })
    expect(byTier.ttlMs(MEMORY)).toBe(60_000)
    expect(byTier.ttlMs(REDIS)).toBe(5000)
    expect(lifetimesOf({ ttl: '1h' }).ttlMs(REDIS)).toBe(3_600_000)
    expect(lifetimesOf({}).ttlMs(MEMORY)).toBe(Number.POSITIVE_INFINITY)
  })

  it('is for ever where nobody says otherwise, jitter or not', () => {
    const options = { ttlJitter: 1 }
    expect(lifetimesOf(options, () => 0.5).ttlMs(MEMORY)).toBe(Number.POSITIVE_INFINITY)
  })

  it('is shortened by one share in all tiers, up to what jitter says, and never to nothing', () => {
    const half = lifetimesOf({ ttl: { memory: 1000, redis: 2000 }, ttlJitter: 0.2 }, () => 0.5)
    expect(half.ttlMs(MEMORY)).toBe(900)
    expect(half.ttlMs(REDIS)).toBe(1800)
    expect(lifetimesOf({ ttl: 1, ttlJitter: 1 }, () => 0.999_999).ttlMs(MEMORY)).toBe(1)
  })

  it('of a key without a value is negativeTtl, without grace', () => {
    const options = resolveEntryOptions({ ttl: '1h', grace: '1h', negativeTtl: '10s' })
    const absent = new Lifetimes(options, { tags: [], absent: true }, 1000)
    const entry = absent.inTier(REDIS, MEMORY, new Uint8Array(0))
    expect([entry.expiresAt, entry.keepUntil]).toEqual([11_000, 11_000])
    expect(absent.inMemory(MEMORY).staleMs).toBe(0)
  })
})

it('an entry tells the tier above how long it may keep it, where that is less', () => {
  const lifetimes = lifetimesOf({ ttl: { memory: '1m', redis: '1h' }, grace: '1h' })
  const entry = lifetimes.inTier(REDIS, MEMORY, new Uint8Array(0))
  expect(entry.aboveTtlMs).toBe(60_000)
  expect(entry.expiresAt).toBe(1000 + 3_600_000)
  expect(entry.keepUntil).toBe(1000 + 7_200_000)
  expect(lifetimesOf({ ttl: '1h' }).inTier(REDIS, MEMORY, new Uint8Array(0)).aboveTtlMs).toBe(
    undefined,
  )
})
