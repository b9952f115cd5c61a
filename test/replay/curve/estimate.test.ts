/** Hit ratios from counts: exact ones, corrected ones, and how far off they may be. */
import { describe, expect, it } from 'vitest'
import { estimate, Tally } from '../../../src/replay/curve/estimate.js'
import { KEY_GROUPS } from '../../../src/replay/curve/sample.js'

function tallyOf(missesByGroup: number[], hits: number): Tally {
  const tally = new Tally()
  tally.misses.set(missesByGroup)
  tally.missBytes.set(missesByGroup.map((misses) => misses * 10))
  const misses = missesByGroup.reduce((sum, count) => sum + count, 0)
  tally.hits = hits
  tally.reads = hits + misses
  tally.hitBytes = hits * 10
  tally.readBytes = tally.reads * 10
  return tally
}

const even = new Array<number>(KEY_GROUPS).fill(5)
const misses = 5 * KEY_GROUPS

describe('hit ratios', () => {
  it('are hits by reads, without error, where all keys were used', () => {
    const expected = { reads: 640, readBytes: 6400, rate: 1 }
    expect(estimate(tallyOf(even, 480), expected)).toEqual({
      hitRatio: 0.75,
      hitRatioError: 0,
      byteHitRatio: 0.75,
      byteHitRatioError: 0,
    })
  })

  it('are the misses by the reads that the sample should have, whether it has them or not', () => {
    const expected = { reads: misses * 8, readBytes: misses * 80, rate: 0.5 }
    for (const hits of [0, 480, 10_000]) {
      const { hitRatio, byteHitRatio } = estimate(tallyOf(even, hits), expected)
      expect([hitRatio, byteHitRatio]).toEqual([0.75, 0.75])
    }
  })

  it('are never below 0, though a sample may have more misses than it should have reads', () => {
    const { hitRatio } = estimate(tallyOf(even, 0), { reads: misses, readBytes: 1, rate: 0.5 })
    expect(hitRatio).toBe(0)
  })

  it('are 0 where nothing was read', () => {
    for (const rate of [0.5, 1]) {
      const none = estimate(new Tally(), { reads: 0, readBytes: 0, rate })
      expect(Object.values(none)).toEqual([0, 0, 0, 0])
    }
  })
})

describe('the error of a hit ratio', () => {
  const expected = { reads: misses * 8, readBytes: misses * 80, rate: 0.5 }

  it('is 0 where all groups of keys have the same misses', () => {
    expect(estimate(tallyOf(even, 480), expected).hitRatioError).toBe(0)
  })

  it('is the standard error of their sum, less what is known for certain', () => {
    const uneven = even.map((count, group) => count + (group % 2 === 0 ? 2 : -2))
    const sumOfSquares = 4 * KEY_GROUPS
    const deviation = Math.sqrt((sumOfSquares * KEY_GROUPS) / (KEY_GROUPS - 1))
    const { hitRatioError, byteHitRatioError } = estimate(tallyOf(uneven, 480), expected)
    expect(hitRatioError).toBeCloseTo((deviation * Math.sqrt(0.5)) / (misses * 4), 10)
    expect(byteHitRatioError).toBeCloseTo(hitRatioError, 10)
  })
})
