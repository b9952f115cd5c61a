/** Which requests are kept: all, or all those of a share of the keys, in bounded room. */
import { describe, expect, it } from 'vitest'
import { DELETE, READ, WRITE } from '../../../src/replay/access.js'
import { KEY_GROUPS } from '../../../src/replay/curve/sample.js'
import { Random } from '../../../src/replay/random.js'
import { type Request, readsOf, sampleOf, skewedKeys } from './curve-helpers.js'

const REQUESTS = 60_000

function skewedTrace(seed: number): Request[] {
  const random = new Random(seed)
  return readsOf(skewedKeys(REQUESTS, 20_000, () => random.nextFraction()))
}

describe('a sample of a trace that fits', () => {
  it('is the trace: every request, each key by its number in order of first sight', () => {
    const trace = [7, 3, 7, 9, 3, 3]
    const sample = sampleOf(readsOf(trace))
    expect([...sample.keyOf.subarray(0, sample.requests)]).toEqual([0, 1, 0, 2, 1, 1])
    expect(sample).toMatchObject({ requests: 6, keys: 3, rate: 1 })
    expect(sample.totals).toEqual({ requests: 6, reads: 6, writes: 0, deletes: 0, readBytes: 600 })
  })

  it('has no columns that the trace has nothing for', () => {
    const sample = sampleOf(readsOf([1, 2, 3]))
    const { objectBytes, timeMs, ttlMs, operations } = sample
    expect([objectBytes, timeMs, ttlMs, operations]).toEqual(new Array(4).fill(undefined))
  })

  it('has columns from the start where what they hold comes late', () => {
    const sample = sampleOf(
      [
        { key: 'a', timeMs: 1 },
        { key: 'b', timeMs: 2, bytes: 50 },
        { key: 'b', timeMs: 3, ttlMs: 1000, operation: WRITE },
        { key: 'c', timeMs: 4, operation: DELETE },
      ],
      { hasTime: true },
    )
    const column = (values: ArrayLike<number> | undefined) => Array.from(values ?? []).slice(0, 4)
    expect(column(sample.objectBytes)).toEqual([100, 50, 50, 100])
    expect(column(sample.timeMs)).toEqual([1, 2, 3, 4])
    expect(column(sample.ttlMs)).toEqual([0, 0, 1000, 0])
    expect(column(sample.operations)).toEqual([READ, READ, WRITE, DELETE])
    expect(sample.totals).toEqual({ requests: 4, reads: 2, writes: 1, deletes: 1, readBytes: 150 })
  })

  it('takes the size a key had last where a request has none', () => {
    const sizes: (number | undefined)[] = [undefined, 10, undefined, 30, undefined]
    const sample = sampleOf(sizes.map((bytes) => ({ key: 'k', bytes })))
    expect([...(sample.objectBytes ?? [])].slice(0, 5)).toEqual([100, 10, 10, 30, 30])
    expect(sample.lastBytes[0]).toBe(30)
    expect(sample.keyLengths[0]).toBe(1)
  })
})

describe('a sample of a trace that does not fit', () => {
  const trace = skewedTrace(1)

  it.each([
    ['requests', 'maxRequests', 5000],
    ['keys', 'maxKeys', 1000],
  ] as const)('is bounded by %s, and is not much less than the bound', (counted, bound, most) => {
    const sample = sampleOf(trace, { [bound]: most })
    const count = sample[counted]
    expect(count).toBeLessThanOrEqual(most)
    expect(count).toBeGreaterThan(most * 0.6)
    expect(sample.totals.requests).toBe(REQUESTS)
  })

  it('has all requests of a key or none, in the order of the trace', () => {
    const chosen = new Map<number, string>()
    const renumber = (newNumbers: Int32Array) => {
      const before = [...chosen]
      chosen.clear()
      for (const [number, key] of before) {
        if (newNumbers[number] >= 0) chosen.set(newNumbers[number], key)
      }
    }
    const sample = sampleOf(trace, {
      maxRequests: 5000,
      listener: {
        onKey: (from, index, number) => chosen.set(number, from.keyAt(index)),
        onRenumber: renumber,
      },
    })
    expect(chosen.size).toBe(sample.keys)
    const kept = new Set(chosen.values())
    const wanted = trace.map(({ key }) => String(key)).filter((key) => kept.has(key))
    const found = Array.from(sample.keyOf.subarray(0, sample.requests), (key) => chosen.get(key))
    expect(found).toEqual(wanted)
  })

  it('has about its rate of the keys', () => {
    const distinct = new Set(trace.map(({ key }) => key)).size
    const sample = sampleOf(trace, { maxKeys: 1500 })
    expect(sample.keys / sample.rate / distinct).toBeCloseTo(1, 1)
  })

  it('keeps what belongs to a request and a key with it', () => {
    const sized = trace.map(({ key }, index) => ({
      key,
      bytes: 1000 + Number(key),
      timeMs: index + 1,
      ttlMs: 1 + Number(key),
      operation: index % 3,
    }))
    const sample = sampleOf(sized, { maxRequests: 5000, hasTime: true })
    const { keyOf, objectBytes = [], timeMs = [], ttlMs = [], operations = [], lastBytes } = sample
    for (let at = 0; at < sample.requests; at++) {
      const index = timeMs[at] - 1
      expect(objectBytes[at]).toBe(sized[index].bytes)
      expect(ttlMs[at]).toBe(sized[index].ttlMs)
      expect(operations[at]).toBe(sized[index].operation)
      expect(lastBytes[keyOf[at]]).toBe(sized[index].bytes)
    }
  })

  it('has groups of about the same number of keys', () => {
    const { groups, keys } = sampleOf(trace, { maxKeys: 2000 })
    const counts = new Float64Array(KEY_GROUPS)
    for (const group of groups) counts[group]++
    expect(groups.length).toBe(keys)
    expect(Math.min(...counts)).toBeGreaterThan(keys / KEY_GROUPS / 2)
  })
})
