/** Lifetimes with their jitter, and when a hit loads anew before an entry's end. */
import { describe, expect, it } from 'vitest'
import { type EntryOptions, resolveEntryOptions } from '../../src/tiers/entry-options.js'
import { isDueEarly, lifetimeMs } from '../../src/tiers/entry-times.js'
import { Random } from '../support/random.js'

const neverAsked = () => expect.unreachable('chance has no part in this')

describe('lifetimeMs', () => {
  it('is that of the tier, or else that of all tiers', () => {
    const options = resolveEntryOptions(
      { ttl: { memory: '1m' } },
      resolveEntryOptions({ ttl: '1h' }),
    )
    expect(lifetimeMs(options, 'memory', neverAsked)).toBe(60_000)
    expect(lifetimeMs(options, 'redis', neverAsked)).toBe(3_600_000)
  })

  it('is for ever where nobody says otherwise, jitter or not', () => {
    const options = resolveEntryOptions({ ttlJitter: 1 })
    expect(lifetimeMs(options, 'memory', () => 0.5)).toBe(Number.POSITIVE_INFINITY)
  })

  it('is shortened by up to the share that jitter is, and never to nothing', () => {
    const options = resolveEntryOptions({ ttl: 1000, ttlJitter: 0.2 })
    expect(lifetimeMs(options, 'memory', () => 0)).toBe(1000)
    expect(lifetimeMs(options, 'memory', () => 0.5)).toBe(900)
    expect(lifetimeMs(options, 'memory', () => 0.999_999)).toBe(800)
    const all = resolveEntryOptions({ ttl: 1, ttlJitter: 1 })
    expect(lifetimeMs(all, 'memory', () => 0.999_999)).toBe(1)
  })
})

function isDue(given: EntryOptions, now: number, loadMs = 0, random = neverAsked as () => number) {
  return isDueEarly(now, 1000, 2000, resolveEntryOptions(given), loadMs, random)
}

describe('isDueEarly', () => {
  it('is false where neither option is given', () => {
    expect(isDue({}, 1999, 100)).toBe(false)
    expect(isDue({ refreshAhead: 1 }, 1999, 100)).toBe(false)
  })

  it('is true from the share of the lifetime on that refreshAhead is', () => {
    expect(isDue({ refreshAhead: 0.8 }, 1799)).toBe(false)
    expect(isDue({ refreshAhead: 0.8 }, 1800)).toBe(true)
    expect(isDue({ refreshAhead: 0 }, 1000)).toBe(true)
  })

  it('is never true of an entry for ever', () => {
    const options = resolveEntryOptions({ refreshAhead: 0, earlyRefresh: 100 })
    expect(isDueEarly(5, 0, Number.POSITIVE_INFINITY, options, 100, () => 0.9)).toBe(false)
  })

  it('is XFetch with earlyRefresh: true where the time and load * beta * -ln(1 - random) reach the end', () => {
    const half = () => 1 - Math.exp(-0.5)
    expect(isDue({ earlyRefresh: 1 }, 1949, 100, half)).toBe(false)
    expect(isDue({ earlyRefresh: 1 }, 1951, 100, half)).toBe(true)
    expect(isDue({ earlyRefresh: 2 }, 1901, 100, half)).toBe(true)
    expect(isDue({ earlyRefresh: 1 }, 1999, 100, () => 0)).toBe(false)
    expect(isDue({ earlyRefresh: 1 }, 1999, 0)).toBe(false)
  })

  it('is due the more often the nearer the end: by the exponential distribution', () => {
    const random = new Random(6)
    const share = (remainingMs: number) => {
      let due = 0
      for (let count = 0; count < 20_000; count++) {
        if (isDue({ earlyRefresh: 1 }, 2000 - remainingMs, 100, () => random.next())) due++
      }
      return due / 20_000
    }
    for (const remainingMs of [25, 100, 300]) {
      expect(share(remainingMs)).toBeCloseTo(Math.exp(-remainingMs / 100), 1.5)
    }
  })
})
