/** Lifetimes: how long an entry lives in each tier. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  isDueToRenew,
  Lifetimes,
  promotedEntry,
  promotedLifetime,
  renewedEntry,
  type ValueFacts,
} from '../../../src/tiers/entry/lifetimes.js'
import { type EntryOptions, resolveEntryOptions } from '../../../src/tiers/entry/options.js'
import type { TierEntry } from '../../../src/tiers/tier.js'

const MEMORY = { name: 'memory', defaultTtlMs: Number.POSITIVE_INFINITY }
const DISK = { name: 'disk', defaultTtlMs: Number.POSITIVE_INFINITY }
const REDIS = { name: 'redis', defaultTtlMs: 5000 }
const TIERS = [MEMORY, DISK, REDIS]
const [DISK_PLACE, REDIS_PLACE] = [1, 2]
const FACTS = { tags: [] }
const NO_BYTES = new Uint8Array(0)

/** @param usually what the cache says */
function lifetimesOf(
  options: EntryOptions,
  random = () => 0,
  usually: EntryOptions = {},
  facts: ValueFacts = FACTS,
): Lifetimes {
  const usual = resolveEntryOptions(usually)
  const terms = { options: resolveEntryOptions(options, usual), usual, tiers: TIERS }
  return new Lifetimes(terms, facts, 1000, random)
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
    const options = { ttl: { memory: '1h' }, grace: '1h', negativeTtl: '10s' } as const
    const absent = lifetimesOf(options, () => 0, {}, { tags: [], absent: true })
    const entry = absent.inTier(REDIS_PLACE, NO_BYTES)
    expect([entry.expiresAt, entry.keepUntil]).toEqual([11_000, 11_000])
    expect(entry.ttlMsAbove).toBeUndefined()
    expect(absent.inMemory().staleMs).toBe(0)
  })
})

describe('an entry below', () => {
  it('has the lifetime of its tier, and its grace after that', () => {
    const entry = lifetimesOf({ ttl: { redis: '1h' }, grace: '1h' }).inTier(REDIS_PLACE, NO_BYTES)
    expect(entry.expiresAt).toBe(1000 + 3_600_000)
    expect(entry.keepUntil).toBe(1000 + 7_200_000)
  })

  it('takes along what its call said of each tier above, jitter and all', () => {
    const ttl = { memory: '1m', disk: '10m', redis: '1h' } as const
    const lifetimes = lifetimesOf({ ttl, ttlJitter: 0.5 }, () => 0.5)
    expect(lifetimes.inTier(REDIS_PLACE, NO_BYTES).ttlMsAbove).toEqual({
      memory: 45_000,
      disk: 450_000,
    })
    expect(lifetimes.inTier(DISK_PLACE, NO_BYTES).ttlMsAbove).toEqual({ memory: 45_000 })
  })

  it('takes along a lifetime above that is longer than what holds for the key', () => {
    const usually = { ttl: { memory: '1m', redis: '1h' } } as const
    const above = (memory: EntryOptions['ttl']) =>
      lifetimesOf({ ttl: memory }, () => 0, usually).inTier(REDIS_PLACE, NO_BYTES).ttlMsAbove
    expect(above({ memory: '10m' })).toEqual({ memory: 600_000 })
    expect(above('10m')).toEqual({ memory: 600_000 })
  })

  it('takes nothing along that holds for the key anyway, or that its own lifetime says', () => {
    const usually = { ttl: { memory: '1m', redis: '1h' } } as const
    const above = (options: EntryOptions, usual: EntryOptions) =>
      lifetimesOf(options, () => 0, usual).inTier(REDIS_PLACE, NO_BYTES).ttlMsAbove
    expect(above({}, usually)).toBeUndefined()
    expect(above({ ttl: { memory: '1m', redis: '2h' } }, usually)).toBeUndefined()
    expect(above({ ttl: '1h' }, {})).toBeUndefined()
    expect(above({ ttl: { memory: '2h', redis: '1h' } }, {})).toBeUndefined()
  })
})

describe('what comes up from below', () => {
  const NOW = 2000
  const entryOf = (more: Partial<TierEntry> = {}): TierEntry => ({
    payload: NO_BYTES,
    createdAt: 1000,
    expiresAt: NOW + 60_000,
    keepUntil: NOW + 90_000,
    tags: [],
    ...more,
  })
  const inMemory = (entry: TierEntry, options: EntryOptions = {}) =>
    promotedLifetime(entry, MEMORY, resolveEntryOptions(options), NOW).ttlMs
  const onDisk = (entry: TierEntry, options: EntryOptions = {}) =>
    promotedEntry(entry, DISK, resolveEntryOptions(options), NOW).expiresAt - NOW

  it('lives as long as the entry says of the tier, else as the options do, else as it would below', () => {
    const entry = entryOf({ ttlMsAbove: { memory: 5000 } })
    const options = { ttl: { memory: '1s', disk: '10s' } } as const
    expect([inMemory(entry, options), onDisk(entry, options)]).toEqual([5000, 10_000])
    expect([inMemory(entry), onDisk(entry)]).toEqual([5000, 60_000])
    expect([inMemory(entryOf(), options), onDisk(entryOf())]).toEqual([1000, 60_000])
  })

  it('is shortened by ttlJitter where it lives as long as the options say', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5)
    onTestFinished(() => void random.mockRestore())
    const options = { ttl: { memory: '10s' }, ttlJitter: 0.2 } as const
    expect(inMemory(entryOf(), options)).toBe(9000)
    expect(inMemory(entryOf({ ttlMsAbove: { memory: 5000 } }), options)).toBe(5000)
  })

  it('lives no longer than it would have below, whatever the entry says', () => {
    const entry = entryOf({ ttlMsAbove: { memory: 120_000, disk: Number.POSITIVE_INFINITY } })
    expect([inMemory(entry), onDisk(entry)]).toEqual([60_000, 60_000])
  })

  it('takes what it says of the tiers further up along', () => {
    const entry = entryOf({ ttlMsAbove: { memory: 5000, disk: 7000 } })
    const onTheWay = promotedEntry(entry, DISK, resolveEntryOptions({}), NOW)
    expect(onTheWay.expiresAt).toBe(NOW + 7000)
    expect(inMemory(onTheWay)).toBe(5000)
  })

  it('takes no lifetime from what every object has', () => {
    const tier = { name: 'constructor', defaultTtlMs: 3000 }
    const entry = entryOf({ ttlMsAbove: { memory: 5000 } })
    expect(promotedEntry(entry, tier, resolveEntryOptions({}), NOW).expiresAt).toBe(NOW + 3000)
  })
})

describe('a sliding entry', () => {
  const ttl = { memory: '1h', disk: '16m', redis: '8m' } as const

  it('is in memory for an eighth of its lifetime below, which memory does not renew by itself', () => {
    const lifetimes = lifetimesOf({ ttl, sliding: true })
    expect(lifetimes.inMemory()).toMatchObject({ ttlMs: 60_000, sliding: false })
    const short = lifetimesOf({ ttl: { ...ttl, memory: '1s' }, sliding: true })
    expect(short.inMemory()).toMatchObject({ ttlMs: 1000, sliding: false })
  })

  it('lives in no tier below memory longer than further down', () => {
    const lifetimes = lifetimesOf({ ttl, sliding: true })
    const [onDisk, inRedis] = [DISK_PLACE, REDIS_PLACE].map((place) => {
      const { expiresAt, slidingTtlMs } = lifetimes.inTier(place, NO_BYTES)
      return [expiresAt, slidingTtlMs]
    })
    expect([onDisk, inRedis]).toEqual([
      [481_000, 480_000],
      [481_000, 480_000],
    ])
    const onlyRedisEnds = lifetimesOf({ ttl: { redis: '1h' }, sliding: true })
    expect(onlyRedisEnds.inTier(DISK_PLACE, NO_BYTES).slidingTtlMs).toBe(3_600_000)
    const diskEndsFirst = lifetimesOf({ ttl: { disk: '8m', redis: '1h' }, sliding: true })
    expect(diskEndsFirst.inTier(DISK_PLACE, NO_BYTES).slidingTtlMs).toBe(480_000)
    expect(diskEndsFirst.inTier(REDIS_PLACE, NO_BYTES).slidingTtlMs).toBe(3_600_000)
  })

  it('is renewed by memory where nothing below ends, and where there is nothing below', () => {
    const options = resolveEntryOptions({ ttl: { memory: '1m' }, sliding: true })
    for (const tiers of [[MEMORY], [MEMORY, DISK]]) {
      const lifetimes = new Lifetimes({ options, usual: options, tiers }, FACTS, 1000)
      expect(lifetimes.inMemory()).toMatchObject({ ttlMs: 60_000, sliding: true })
    }
    const entry = new Lifetimes(
      { options, usual: options, tiers: [MEMORY, DISK] },
      FACTS,
      1000,
    ).inTier(DISK_PLACE, NO_BYTES)
    const promoted = promotedLifetime(entry, MEMORY, options, 2000)
    expect(promoted).toMatchObject({ ttlMs: 60_000, sliding: true })
    expect(isDueToRenew(entry, 1e15)).toBe(false)
  })

  it('does not slide where it says that there is no value', () => {
    const facts = { tags: [], absent: true }
    const absent = lifetimesOf({ ttl, sliding: true, negativeTtl: '8s' }, () => 0, {}, facts)
    expect(absent.inMemory()).toMatchObject({ ttlMs: 8000, sliding: false })
    expect(absent.inTier(REDIS_PLACE, NO_BYTES)).toMatchObject({
      expiresAt: 9000,
      slidingTtlMs: undefined,
    })
  })

  describe('with a lifetime of 80 s that comes up from below', () => {
    const entry = lifetimesOf({ ttl: '80s', sliding: true, grace: '5s' }).inTier(
      REDIS_PLACE,
      NO_BYTES,
    )
    const heldAt = (now: number, options: EntryOptions = {}) =>
      promotedLifetime(entry, MEMORY, resolveEntryOptions(options), now)

    it('is in memory until it is to be renewed, and for an eighth where it is renewed now', () => {
      expect(heldAt(1000)).toMatchObject({ ttlMs: 10_000, sliding: false })
      expect(heldAt(8000).ttlMs).toBe(3000)
      expect(heldAt(11_000).ttlMs).toBe(10_000)
      expect(heldAt(70_000).ttlMs).toBe(10_000)
      expect(heldAt(79_000).ttlMs).toBe(2000)
      expect(heldAt(70_000, { ttl: { memory: '1s' } }).ttlMs).toBe(1000)
    })

    it('is in memory no longer where the clock of its writer is ahead', () => {
      expect(heldAt(-1_000_000).ttlMs).toBe(10_000)
    })

    it('is to be renewed after an eighth, and then has its whole lifetime and its grace', () => {
      expect([isDueToRenew(entry, 10_999), isDueToRenew(entry, 11_000)]).toEqual([false, true])
      expect(renewedEntry(entry, 51_000)).toEqual({
        ...entry,
        expiresAt: 131_000,
        keepUntil: 136_000,
      })
    })

    it('slides on the way too, by the lifetime there', () => {
      const onDisk = (ttl_: EntryOptions['ttl']) =>
        promotedEntry(entry, DISK, resolveEntryOptions({ ttl: ttl_ }), 41_000)
      expect(onDisk('1h')).toMatchObject({ expiresAt: 81_000, slidingTtlMs: 80_000 })
      expect(onDisk('8s')).toMatchObject({ expiresAt: 49_000, slidingTtlMs: 8000 })
      const forEver = {
        ...entry,
        expiresAt: Number.POSITIVE_INFINITY,
        slidingTtlMs: Number.POSITIVE_INFINITY,
      }
      expect(
        promotedEntry(forEver, DISK, resolveEntryOptions({ ttl: '8s' }), 41_000),
      ).toMatchObject({
        expiresAt: 49_000,
        slidingTtlMs: 8000,
      })
    })
  })

  it('is what the entry says, not what the options of the process do that reads it', () => {
    const options = resolveEntryOptions({ sliding: true })
    const entry = lifetimesOf({ ttl: '8s' }).inTier(REDIS_PLACE, NO_BYTES)
    expect(promotedLifetime(entry, MEMORY, options, 1000)).toMatchObject({
      ttlMs: 8000,
      sliding: false,
    })
    expect(isDueToRenew(entry, 8000)).toBe(false)
  })
})
