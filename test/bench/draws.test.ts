/** What the benchmarks draw at random: within its limits, spread as it should be, and the same for a seed. */
import { expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript
import { drawIndices, shuffled, zipfBelow } from '../../bench/data/draws.mjs'

const COUNT = 20_000

function countsOf(indices: Iterable<number>, limit: number): number[] {
  const counts: number[] = Array(limit).fill(0)
  for (const index of indices) counts[index]++
  return counts
}

it('draws uniformly, all below the limit', () => {
  const counts = countsOf(drawIndices(COUNT, 10, 1), 10)
  expect(counts).toHaveLength(10)
  for (const count of counts) expect(Math.abs(count / (COUNT / 10) - 1)).toBeLessThan(0.1)
})

it('draws the first the most often after Zipf, and all below the limit', () => {
  const counts = countsOf(drawIndices(COUNT, 10, 1, zipfBelow(10, 0.99)), 10)
  expect(counts).toHaveLength(10)
  expect(counts).toEqual(counts.toSorted((a, b) => b - a))
  expect(counts[0] / counts[9]).toBeGreaterThan(8)
})

it('shuffles all, each once', () => {
  const order = shuffled(1000, 1)
  expect(new Set(order).size).toBe(1000)
  expect(order).not.toEqual(order.toSorted())
})

it('draws the same for a seed, and something else for another', () => {
  expect(drawIndices(100, 1e6, 7)).toEqual(drawIndices(100, 1e6, 7))
  expect(drawIndices(100, 1e6, 7)).not.toEqual(drawIndices(100, 1e6, 8))
  expect(shuffled(100, 7)).toEqual(shuffled(100, 7))
  expect(shuffled(100, 7)).not.toEqual(shuffled(100, 8))
})
