/** The keys that the benchmarks use: kept and computed ones are the same. */
import { expect, it } from 'vitest'

interface KeySource {
  fresh(index: number): string
}

const { ComputedKeys, Keys } = (await import(
  new URL('../../bench/data/keys-and-values.mjs', import.meta.url).href
)) as {
  Keys: new (count: number, seed: number) => KeySource
  ComputedKeys: new (seed: number) => KeySource
}

it('computes the very keys that are otherwise kept, in whatever order', () => {
  const kept = new Keys(1000, 7)
  const computed = new ComputedKeys(7)
  for (let index = 999; index >= 0; index--) expect(computed.fresh(index)).toBe(kept.fresh(index))
})

it('makes keys of 16 characters, all different', () => {
  const keys = new ComputedKeys(1)
  const made = Array.from({ length: 10_000 }, (_, index) => keys.fresh(index))
  for (const key of made) expect(key).toMatch(/^user:\d{11}$/)
  expect(new Set(made).size).toBe(made.length)
})
