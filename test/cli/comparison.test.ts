/** The sentences below the table: they say what the figures say, whichever way those point. */
import { describe, expect, it } from 'vitest'
import { compareThreads } from '../../src/cli/comparison.js'
import type { PassResult } from '../../src/replay/spec.js'

function passOf(loads: number, operationsPerSecond: number, totalBytes: number, writes = 0) {
  return {
    loads,
    operationsPerSecond,
    memory: { totalBytes },
    accesses: 10_000,
    reads: 10_000 - writes,
    writes,
    deletes: 0,
  } as PassResult
}

describe('what separate caches cost', () => {
  it('is said in loads, operations and memory', () => {
    expect(compareThreads(4, 4, passOf(3000, 1500, 80), passOf(4000, 1000, 100))).toEqual([
      'One hotset for 4 threads loaded 3,000 objects from the origin, 4 lru-caches 4,000: ' +
        '25.0% fewer loads, 50.0% more operations a second, 20.0% less memory.',
    ])
  })

  it('is said as well where hotset is the worse', () => {
    const [sentence] = compareThreads(2, 2, passOf(5000, 500, 250), passOf(4000, 1000, 100))
    expect(sentence).toContain(
      'loaded 5,000 objects from the origin, 2 lru-caches 4,000: 25.0% more',
    )
    expect(sentence).toContain('50.0% fewer operations a second, 2.5 times the memory.')
  })

  it('is not made of less than half a percent', () => {
    const [sentence] = compareThreads(2, 2, passOf(4001, 1001, 100), passOf(4000, 1000, 100))
    expect(sentence).toContain('the same loads, the same operations a second, the same memory.')
  })
})

describe('what else is to be known', () => {
  it('is that writes reach one of separate caches', () => {
    const pass = passOf(1, 1, 1, 50)
    expect(compareThreads(2, 2, pass, pass)[1]).toMatch(/^A write or delete reaches one lru-cache/)
    expect(compareThreads(2, 2, passOf(1, 1, 1), passOf(1, 1, 1))).toHaveLength(1)
  })

  it('is that there were fewer cores than threads', () => {
    const [, note] = compareThreads(4, 2, passOf(1, 1, 1), passOf(1, 1, 1))
    expect(note).toMatch(/^4 threads took turns on 2 cores/)
  })

  it('is nothing about loads where nothing was read', () => {
    const pass = passOf(0, 1, 1, 10_000)
    expect(compareThreads(2, 2, pass, pass)).toHaveLength(1)
  })
})
