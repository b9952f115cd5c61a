/** Counting, halving, and how far off estimates are. */
import { describe, expect, it } from 'vitest'
import { FrequencySketch } from '../../src/simulation/frequency-sketch.js'
import { Random } from '../support/random.js'

describe('FrequencySketch', () => {
  it('counts a key up to 15', () => {
    const sketch = new FrequencySketch(100)
    sketch.cover(100)
    for (let count = 1; count <= 20; count++) {
      sketch.add(7)
      expect(sketch.estimate(7)).toBe(Math.min(15, count))
    }
    expect(sketch.estimate(8)).toBe(0)
  })

  it('halves all counts after ten additions for each entry, not counting those beyond 15', () => {
    const sketch = new FrequencySketch(100)
    sketch.cover(2)
    expect(sketch.period).toBe(20)
    for (let count = 0; count < 30; count++) sketch.add(1)
    for (let count = 0; count < 4; count++) sketch.add(2)
    expect([sketch.estimate(1), sketch.estimate(2)]).toEqual([15, 4])
    sketch.add(2)
    expect([sketch.estimate(1), sketch.estimate(2)]).toEqual([7, 2])
  })

  it('counts on from the half of what it had added, without what was lost in halving odd counts', () => {
    const sketch = new FrequencySketch(100)
    sketch.cover(2)
    for (let count = 0; count < 15; count++) sketch.add(1)
    for (let count = 0; count < 5; count++) sketch.add(2)
    // Of 20 additions 15 and 5 are odd: 9 are left.
    for (let count = 0; count < 10; count++) sketch.add(3)
    expect(sketch.estimate(3)).toBe(10)
    sketch.add(3)
    expect(sketch.estimate(3)).toBe(5)
  })

  it('never estimates too low, and seldom too high, while nothing is halved', () => {
    const sketch = new FrequencySketch(1000)
    sketch.cover(1000)
    const truth = new Uint8Array(4000)
    const random = new Random(5)
    for (let count = 0; count < 9000; count++) {
      const key = Math.floor(4000 * random.next() ** 3)
      truth[key]++
      sketch.add(key)
    }
    const over = Array.from(truth, (count, key) => sketch.estimate(key) - Math.min(15, count))
    expect(Math.min(...over)).toBe(0)
    expect(over.filter((by) => by > 1).length).toBeLessThan(4000 * 0.05)
  })
})
