/** hotset's own policies in a curve: the engine, and what it is scaled to. */
import { LRUCache } from 'lru-cache'
import { afterEach, describe, expect, it } from 'vitest'
import { DELETE, READ, WRITE } from '../../../src/replay/access.js'
import type { CurveCache } from '../../../src/replay/curve/caches/curve-cache.js'
import { createEngineCache } from '../../../src/replay/curve/caches/engine-cache.js'
import {
  engineScale,
  MINIATURE_BYTES,
  valueLength,
} from '../../../src/replay/curve/caches/engine-scale.js'
import { simulate } from '../../../src/replay/curve/simulate.js'
import { objectCost } from '../../../src/replay/curve/sizes.js'
import { POLICIES, type Policy } from '../../../src/replay/policies.js'
import { Random } from '../../../src/replay/random.js'
import { type Request, readsOf, sampleOf, skewedKeys } from './curve-helpers.js'

const open: CurveCache[] = []

afterEach(() => {
  for (const cache of open.splice(0)) cache.close()
})

interface Setting {
  capacity: number
  inBytes?: boolean
  policy?: Policy
  ttlMs?: number
  hasTime?: boolean
}

function run(requests: Request[], { capacity, inBytes, policy, ttlMs, hasTime }: Setting) {
  const sample = sampleOf(requests, { hasTime: hasTime === true })
  const costs = Uint32Array.from({ length: sample.requests }, (_, index) =>
    objectCost(sample.objectBytes?.[index] ?? 100, sample.keyLengths[sample.keyOf[index]]),
  )
  const cache = createEngineCache(policy ?? 'lru', {
    sample,
    unit: inBytes === true ? 'bytes' : 'entries',
    costs: inBytes === true ? costs : undefined,
    capacity,
    fullSize: capacity,
    defaultTtlMs: ttlMs ?? 0,
  })
  open.push(cache)
  return { tally: simulate(cache, sample, 100), sample, costs }
}

const random = new Random(7)
const trace = skewedKeys(8000, 3000, () => random.nextFraction())

describe('the engine in a curve, bounded by entries', () => {
  it.each([1, 10, 300, 1500])('with lru hits where lru-cache does, with %i entries', (max) => {
    const model = new LRUCache<number, true>({ max })
    let hits = 0
    for (const key of trace) {
      if (model.get(key) === true) hits++
      else model.set(key, true)
    }
    expect(run(readsOf(trace), { capacity: max }).tally.hits).toBe(hits)
  })

  it.each(POLICIES)('with %s misses each key once where all fit', (policy) => {
    const { tally } = run(readsOf(trace), { capacity: 2 ** 32 - 1, policy })
    expect(tally.reads - tally.hits).toBe(new Set(trace).size)
  })
})

describe('the engine in a curve, bounded by bytes', () => {
  it.each([0.05, 0.5])(
    'with lru is within 1.5 points of lru-cache at %d of all, large objects or small',
    (share) => {
      for (const largest of [100, 100_000]) {
        const sized = trace.map((key) => ({ key, bytes: 10 + ((key * 7919) % largest) }))
        const total = [...new Map(sized.map((one) => [one.key, one.bytes])).values()]
        const capacity = Math.round(total.reduce((sum, bytes) => sum + bytes + 52, 0) * share)
        const { tally, sample, costs } = run(sized, { capacity, inBytes: true })
        const model = new LRUCache<number, number>({
          maxSize: capacity,
          sizeCalculation: (cost) => cost,
        })
        let hits = 0
        for (let index = 0; index < sample.requests; index++) {
          const key = sample.keyOf[index]
          if (model.get(key) !== undefined) hits++
          else model.set(key, costs[index])
        }
        expect(Math.abs(tally.hits - hits) / sample.requests).toBeLessThan(0.015)
      }
    },
  )

  it('refuses what is above a tenth of the full size', () => {
    const reads = (bytes: number) => new Array(3).fill({ key: 'k', bytes })
    expect(run(reads(90_000), { capacity: 1_000_000, inBytes: true }).tally.hits).toBe(2)
    expect(run(reads(101_000), { capacity: 1_000_000, inBytes: true }).tally.hits).toBe(0)
  })
})

describe('time, writes and deletes', () => {
  it('let an object live for its lifetime, given by the trace or for all', () => {
    const at = (timeMs: number, ttlMs: number): Request => ({ key: 'k', timeMs, ttlMs })
    const own = [at(1, 1000), at(1000, 1000), at(1001, 1000), at(2000, 1000), at(2001, 1000)]
    expect(run(own, { capacity: 10, hasTime: true }).tally.hits).toBe(2)
    const all = own.map(({ timeMs = 0 }) => at(timeMs, 0))
    expect(run(all, { capacity: 10, hasTime: true, ttlMs: 1000 }).tally.hits).toBe(2)
    expect(run(all, { capacity: 10, hasTime: true }).tally.hits).toBe(4)
  })

  it('store and remove, and count for no ratio', () => {
    const operations = [WRITE, READ, DELETE, READ, READ]
    const { tally } = run(
      operations.map((operation) => ({ key: 'k', operation })),
      { capacity: 10 },
    )
    expect([tally.reads, tally.hits]).toEqual([3, 2])
  })
})

describe('the scale of cache and objects', () => {
  const costs = (cost: number) => new Uint32Array(1000).fill(cost)

  it('makes a small cache one of the size that the engine is at its best with', () => {
    expect(engineScale(costs(10_000), MINIATURE_BYTES / 8)).toBe(8)
  })

  it('makes a large cache smaller, as long as its objects can be smaller', () => {
    expect(engineScale(costs(1_000_000), MINIATURE_BYTES * 4)).toBe(0.25)
    expect(engineScale(costs(100), MINIATURE_BYTES * 4)).toBeGreaterThan(0.5)
  })

  it('leaves no bytes for the value where key and header take them all', () => {
    expect(valueLength(1000, 0.5)).toBe(500 - 56)
    expect(valueLength(100, 0.1)).toBe(0)
  })
})
