/** When a hit loads anew before an entry's end. */
import { describe, expect, it } from 'vitest'
import { type EntryOptions, resolveEntryOptions } from '../../../src/tiers/entry/options.js'
import { isDueEarly } from '../../../src/tiers/entry/refresh.js'
import { Random } from '../../support/random.js'

const neverAsked = () => expect.unreachable('chance has no part in this')

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
