/** The built-in workload: the same for the same seed, and of the shape it claims. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../src/replay/random.js'
import { Workload } from '../../src/replay/workload.js'
import { Zipf } from '../../src/replay/zipf.js'
import { type Row, take } from './parse-helpers.js'

function rowsOf(seed: number, accesses: number): Row[] {
  const rows: Row[] = []
  for (const block of new Workload(seed, accesses).blocks()) take(block, rows)
  return rows
}

describe('the workload', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(rowsOf(7, 20_000)).toEqual(rowsOf(7, 20_000))
    expect(rowsOf(7, 20_000)).not.toEqual(rowsOf(8, 20_000))
  })

  it('has sessions that expire, scans that never repeat, and time that never goes back', () => {
    const rows = rowsOf(1, 160_000)
    expect(rows).toHaveLength(160_000)
    const scans = rows.filter(([key]) => key.startsWith('report:'))
    expect(scans).toHaveLength(20_000)
    expect(new Set(scans.map(([key]) => key)).size).toBe(20_000)
    const sessions = rows.filter(([key]) => key.startsWith('session:'))
    expect(sessions.length / (160_000 - 20_000)).toBeCloseTo(0.15, 2)
    expect(sessions.every(([, , , ttlMs]) => ttlMs === 60_000)).toBe(true)
    expect(rows.every(([, , timeMs], index) => index === 0 || timeMs >= rows[index - 1][2])).toBe(
      true,
    )
  })

  it('gives an object the same size each time', () => {
    const sizes = new Map<string, number>()
    for (const [key, sizeBytes] of rowsOf(3, 50_000)) {
      expect(sizes.get(key) ?? sizeBytes).toBe(sizeBytes)
      sizes.set(key, sizeBytes)
    }
    expect(Math.min(...sizes.values())).toBeGreaterThanOrEqual(32)
    expect(Math.max(...sizes.values())).toBeLessThanOrEqual(1024)
  })
})

describe('Zipf', () => {
  it.each([0.7, 0.9, 1.2])('draws ranks by their weights at exponent %d', (exponent) => {
    const count = 1000
    const draws = 200_000
    const zipf = new Zipf(count, exponent)
    const random = new Random(42)
    const drawn = new Float64Array(count + 1)
    for (let draw = 0; draw < draws; draw++) drawn[zipf.next(random)]++
    const weights = Array.from({ length: count }, (_, index) => (index + 1) ** -exponent)
    const total = weights.reduce((sum, weight) => sum + weight)
    for (const rank of [1, 2, 3, 10]) {
      const expected = (draws * weights[rank - 1]) / total
      expect(Math.abs(drawn[rank] - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
    expect(drawn[0]).toBe(0)
    expect(drawn.slice(501).reduce((sum, value) => sum + value) / draws).toBeCloseTo(
      weights.slice(500).reduce((sum, weight) => sum + weight) / total,
      2,
    )
  })
})
