/** Reference policies in a curve: simulations that know lifetimes, writes and deletes. */
import { describe, expect, it } from 'vitest'
import { DELETE, READ, WRITE } from '../../../src/replay/access.js'
import { SimulatedCache } from '../../../src/replay/curve/caches/simulated-cache.js'
import { simulate } from '../../../src/replay/curve/simulate.js'
import { objectCost } from '../../../src/replay/curve/sizes.js'
import { Random } from '../../../src/replay/random.js'
import { REFERENCE_POLICIES } from '../../../src/simulation/policies.js'
import { type Request, readsOf, sampleOf, skewedKeys } from './curve-helpers.js'

interface Setting {
  capacity: number
  policy?: string
  inBytes?: boolean
  ttlMs?: number
  hasTime?: boolean
}

function run(requests: Request[], { capacity, policy, inBytes, ttlMs, hasTime }: Setting) {
  const sample = sampleOf(requests, { hasTime: hasTime === true })
  const costs = Uint32Array.from({ length: sample.requests }, (_, index) =>
    objectCost(sample.objectBytes?.[index] ?? 100, sample.keyLengths[sample.keyOf[index]]),
  )
  const cache = new SimulatedCache(policy ?? 'clock', {
    sample,
    unit: inBytes === true ? 'bytes' : 'entries',
    costs: inBytes === true ? costs : undefined,
    capacity,
    fullSize: capacity,
    defaultTtlMs: ttlMs ?? 0,
  })
  return simulate(cache, sample, 100)
}

const names = Object.keys(REFERENCE_POLICIES)

describe.each(names)('%s in a curve', (policy) => {
  it('misses each key once where all fit, in entries and in bytes', () => {
    const random = new Random(3)
    const keys = skewedKeys(3000, 500, () => random.nextFraction())
    for (const inBytes of [false, true]) {
      const tally = run(readsOf(keys), { capacity: 10_000_000, policy, inBytes })
      expect(tally.reads - tally.hits).toBe(new Set(keys).size)
    }
  })

  it('lets an object live for its lifetime and no longer', () => {
    const times = [1, 1000, 1001, 2000, 2001]
    const own = times.map((timeMs) => ({ key: 'k', timeMs, ttlMs: 1000 }))
    expect(run(own, { capacity: 10, policy, hasTime: true }).hits).toBe(2)
    const all = times.map((timeMs) => ({ key: 'k', timeMs }))
    expect(run(all, { capacity: 10, policy, hasTime: true, ttlMs: 1000 }).hits).toBe(2)
    expect(run(all, { capacity: 10, policy, hasTime: true }).hits).toBe(4)
  })
})

describe('writes and deletes in a simulation', () => {
  it('store and remove, and count for no ratio', () => {
    const operations = [WRITE, READ, DELETE, READ, READ]
    const tally = run(
      operations.map((operation) => ({ key: 'k', operation })),
      { capacity: 10 },
    )
    expect([tally.reads, tally.hits]).toEqual([3, 2])
  })

  it('begin a new lifetime, in the place of one that is over', () => {
    const operations = [WRITE, WRITE, READ, READ]
    const times = [1, 900, 1500, 1900]
    const requests = times.map((timeMs, index) => {
      return { key: 'k', timeMs, ttlMs: 1000, operation: operations[index] }
    })
    expect(run(requests, { capacity: 10, hasTime: true }).hits).toBe(1)
  })

  it('change what an object counts', () => {
    const write = (key: string, bytes: number) => ({ key, bytes, operation: WRITE })
    const read = (key: string, bytes: number) => ({ key, bytes, operation: READ })
    const capacity = 1000
    const both = [write('a', 300), write('b', 300), read('a', 300), read('b', 300)]
    expect(run(both, { capacity, inBytes: true }).hits).toBe(2)
    const grown = [write('a', 300), write('b', 300), write('a', 900), read('a', 900)]
    const tally = run([...grown, read('b', 300)], { capacity, inBytes: true })
    expect(tally.hits).toBe(1)
  })
})

describe('what a simulation counts', () => {
  it('is hits and misses, by the bytes that the trace gives, the misses by group of keys', () => {
    const requests = [5, 10, 5, 10].map((bytes) => ({ key: bytes, bytes }))
    const tally = run(requests, { capacity: 10 })
    expect([tally.reads, tally.hits, tally.readBytes, tally.hitBytes]).toEqual([4, 2, 30, 15])
    expect(tally.misses.reduce((sum, count) => sum + count, 0)).toBe(2)
    expect(tally.missBytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(15)
  })
})
