/** What policies do with objects of different sizes, worked out by hand. */
import { describe, expect, it } from 'vitest'
import { create, NAMES, requestsOf, run } from './drive.js'

const hits = (name: string, capacity: number, keys: number[], sizes: number[]) => {
  const requests = requestsOf(
    keys,
    keys.map((key) => sizes[key]),
  )
  return run(name, capacity, requests).map(Number).join('')
}

describe('sizes', () => {
  it.each(NAMES)(
    '%s never takes in what is larger than the cache, and evicts nothing for it',
    (name) => {
      const requests = requestsOf([0, 1, 1, 0, 0], [5, 11, 11, 5, 5])
      const simulation = create(name, 10, requests)
      const found = [0, 1, 1, 0].map((key, index) =>
        simulation.access(key, key === 1 ? 11 : 5, index),
      )
      expect(found.slice(0, 3)).toEqual([false, false, false])
      expect(found[3]).toBe(true)
      expect(simulation.used).toBe(5)
    },
  )

  it.each(NAMES)('%s keeps an object at the size that it was taken in with', (name) => {
    const requests = requestsOf([0, 0, 0], [4, 9, 20])
    const simulation = create(name, 10, requests)
    expect([4, 9].map((bytes, index) => simulation.access(0, bytes, index))).toEqual([false, true])
    expect(simulation.used).toBe(4)
  })

  it.each(NAMES)('%s counts an object of no bytes as one of 1', (name) => {
    const simulation = create(name, 10, requestsOf([0, 0], [0, 0]))
    simulation.access(0, 0, 0)
    expect(simulation.used).toBe(1)
  })

  it('lru-sim evicts as many as it takes', () => {
    expect(hits('lru-sim', 10, [0, 1, 2, 3, 2, 3, 1], [3, 3, 3, 7])).toBe('0000110')
  })

  it('gdsf evicts the fewest uses a byte', () => {
    expect(hits('gdsf', 10, [1, 0, 2, 1, 2], [6, 4, 5])).toBe('00011')
    expect(hits('lru-sim', 10, [1, 0, 2, 1, 2], [6, 4, 5])).toBe('00001')
  })

  it('w-tinylfu lets in what is used more often than all together that would have to go', () => {
    const rounds = [0, 1, 2, 0, 1, 2, 0, 1, 2]
    const large = new Array(8).fill(3)
    // Two victims of three uses each: six uses are too few, the seventh lets it in.
    expect(hits('w-tinylfu', 100, [...rounds, ...large], [33, 33, 33, 66])).toBe(
      '00011111100000001',
    )
  })

  it('opt leaves outside what would drive out something that is used sooner, and evicts nothing for it', () => {
    expect(hits('opt', 10, [0, 1, 0, 1], [6, 6])).toBe('0010')
    expect(hits('opt', 10, [0, 1, 2, 0, 2, 1], [4, 4, 10])).toBe('000101')
  })

  it('arc moves its target by the size of what was missed', () => {
    // As with equal sizes in known-cases.test.ts, everything being three times as large.
    expect(hits('arc', 6, [0, 0, 1, 2, 1, 2, 0], [3, 3, 3])).toBe('0100010')
  })
})

describe('options', () => {
  it.each(NAMES)('%s wants a capacity of 1 at least, and a whole one', (name) => {
    for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => create(name, capacity, requestsOf([0]))).toThrow(
        new RangeError(
          `capacity must be a whole number of bytes or entries from 1 to 9007199254740991: ${capacity}`,
        ),
      )
    }
  })

  it.each(NAMES)('%s takes no requests at all, and a capacity above all there is', (name) => {
    expect(create(name, 1, requestsOf([])).used).toBe(0)
    expect(run(name, 2 ** 50, requestsOf([0, 1, 0, 1]))).toEqual([false, false, true, true])
  })
})
