/** The histogram of the thread benchmarks, against the times themselves. */
import { expect, it } from 'vitest'

interface Histogram {
  count: number
  worstMs: number
  ownWorstMs: number
  look(): void
  add(timeMs: number): void
  quantile(share: number): number
  ownQuantile(share: number): number
  toPlain(): object
}

const { Histogram } = (await import(
  new URL('../../bench/measuring/histogram.mjs', import.meta.url).href
)) as { Histogram: { new (): Histogram; merge(parts: object[]): Histogram } }

/** One time of each microsecond from `first` to `last`, in a merged histogram of two parts. */
function histogramOf(first: number, last: number): Histogram {
  const parts = [new Histogram(), new Histogram()]
  for (const part of parts) part.look()
  for (let us = first; us <= last; us++) parts[us % 2].add(us / 1000)
  return Histogram.merge(parts.map((part) => part.toPlain()))
}

it('tells quantiles of all parts together, at most 1.1% too high and never too low', () => {
  const times = histogramOf(1, 20_000)
  expect(times.count).toBe(20_000)
  for (const share of [0, 0.01, 0.5, 0.99, 0.999, 0.9999]) {
    const exactUs = Math.floor(share * 20_000) + 1
    expect(times.quantile(share)).toBeGreaterThanOrEqual(exactUs - 1e-6)
    expect(times.quantile(share)).toBeLessThanOrEqual(exactUs * 1.011)
  }
  expect(times.quantile(1)).toBe(20_000)
  expect(times.worstMs).toBe(20)
})

it('never tells more of own times than of times', () => {
  const times = histogramOf(1, 5000)
  expect(times.ownQuantile(0.5)).toBeLessThanOrEqual(times.quantile(0.5))
  expect(times.ownWorstMs).toBeLessThanOrEqual(times.worstMs)
})

it('refuses to tell a quantile of nothing', () => {
  expect(() => Histogram.merge([]).quantile(0.5)).toThrow('nothing was timed')
})
