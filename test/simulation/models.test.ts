/** Policies beside naive models of them (naive-policies.ts), with objects of one size. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProperty } from '../support/check-property.js'
import { countHits, NAMES, requestsOf, run } from './drive.js'
import { lirs } from './naive-lirs.js'
import { mostHits, NAIVE } from './naive-policies.js'

const MODELS = { ...NAIVE, lirs }

// Why `size`: fast-check keeps lists short otherwise, however long they may be.
const scattered = fc.array(fc.nat(23), { maxLength: 200, size: 'max' })
/** Runs over neighbouring keys, some of them again and again: loops, scans, returns. */
const inRuns = fc
  .array(fc.record({ first: fc.nat(30), count: fc.nat(12), rounds: fc.nat(3) }), {
    maxLength: 20,
    size: 'max',
  })
  .map((runs) =>
    runs.flatMap(({ first, count, rounds }) =>
      Array.from({ length: count * rounds }, (_, index) => first + (index % count)),
    ),
  )
const keys = fc.oneof(scattered, inRuns)
const fewKeys = fc.array(fc.nat(5), { maxLength: 14, size: 'max' })

describe('with objects of one size', () => {
  it.each(Object.entries(MODELS))('%s hits where its model does', (name, createModel) => {
    checkProperty(
      fc.property(keys, fc.integer({ min: 1, max: 24 }), (list, capacity) => {
        const model = createModel(capacity)
        expect(run(name, capacity, requestsOf(list))).toEqual(list.map((key) => model(key)))
      }),
      300,
    )
  })

  it('opt hits as often as is possible at all', () => {
    checkProperty(
      fc.property(fewKeys, fc.integer({ min: 1, max: 4 }), (list, capacity) => {
        expect(countHits('opt', capacity, requestsOf(list))).toBe(mostHits(list, capacity))
      }),
      300,
    )
  })

  it('opt hits at least as often as every other policy', () => {
    checkProperty(
      fc.property(keys, fc.integer({ min: 1, max: 24 }), (list, capacity) => {
        const most = countHits('opt', capacity, requestsOf(list))
        for (const name of NAMES) {
          expect(countHits(name, capacity, requestsOf(list)), name).toBeLessThanOrEqual(most)
        }
      }),
      150,
    )
  })
})
