/** The heap beside an array that is sorted anew each time. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyHeap } from '../../src/simulation/key-heap.js'
import { checkProperty } from '../support/check-property.js'

const steps = fc.array(fc.record({ key: fc.nat(15), rank: fc.nat(9), removes: fc.boolean() }), {
  maxLength: 200,
  size: 'max',
})

describe('KeyHeap', () => {
  it('has the lowest rank first, of equal ones the one ranked longest ago, and knows its bytes', () => {
    checkProperty(
      fc.property(steps, (list) => {
        const heap = new KeyHeap(16)
        let model: { key: number; rank: number }[] = []
        for (const { key, rank, removes } of list) {
          expect(heap.has(key)).toBe(model.some((entry) => entry.key === key))
          if (!heap.has(key)) heap.add(key, key + 1, rank)
          else if (removes) heap.remove(key)
          else heap.rank(key, rank)
          model = model.filter((entry) => entry.key !== key)
          // The sort is stable, and whoever was ranked last lies behind its equals.
          if (heap.has(key)) model = [...model, { key, rank }].sort((a, b) => a.rank - b.rank)
          expect(heap.bytes).toBe(model.reduce((sum, entry) => sum + entry.key + 1, 0))
          expect(heap.lowestRank()).toBe(model[0]?.rank ?? Number.POSITIVE_INFINITY)
          if (model.length > 0) expect(heap.first()).toBe(model[0].key)
        }
      }),
      40,
    )
  })
})
