/** The judge of histories itself: it finds what was planted, and nothing else. */
import { describe, expect, it } from 'vitest'
import { findOutdated, type Read, type Write } from './history-check.js'

function write(version: number, began: number, acknowledged: number, more?: Partial<Write>): Write {
  return { process: 0, key: 1, version, began, acknowledged, effective: acknowledged, ...more }
}

function read(version: number, began: number, more?: Partial<Read>): Read {
  return { process: 1, key: 1, version, began, how: 'get', ...more }
}

const TWO = [write(1, 0, 10), write(2, 20, 30)]

describe('findOutdated', () => {
  it('finds a planted old value, and how old it is', () => {
    const [worst, ...rest] = findOutdated(TWO, [read(1, 100), read(2, 100)])
    expect(worst).toMatchObject({ version: 1, ageMs: 70, missed: { version: 2 } })
    expect(rest).toEqual([])
  })

  it('finds one planted among a hundred thousand good ones', () => {
    const writes = Array.from({ length: 50_000 }, (_, nth) =>
      write(nth + 1, nth * 10, nth * 10 + 5, { key: nth % 300 }),
    )
    const reads = writes.map(({ key, version, acknowledged }) =>
      read(version, acknowledged + 1, { key }),
    )
    expect(findOutdated(writes, reads)).toEqual([])
    const planted = read(7, writes[6 + 300 * 50].began, { key: 6 })
    expect(findOutdated(writes, [...reads, planted])).toMatchObject([
      { version: 7, missed: { version: 307 }, ageMs: 300 * 49 * 10 - 5 },
    ])
  })

  it('puts the worst first', () => {
    const ages = findOutdated(TWO, [read(1, 40), read(1, 90), read(1, 60)]).map(
      ({ ageMs }) => ageMs,
    )
    expect(ages).toEqual([60, 30, 10])
  })

  it('counts from the first write that should have been seen, not the last', () => {
    const writes = [...TWO, write(3, 50, 60)]
    expect(findOutdated(writes, [read(1, 100)])).toMatchObject([{ ageMs: 70 }])
  })

  it('finds the value of before the first write outdated too', () => {
    expect(findOutdated(TWO, [read(0, 15)])).toMatchObject([{ ageMs: 5, missed: { version: 1 } }])
  })

  it('allows what was written while the other write went on', () => {
    const overlapping = [write(1, 0, 25), write(2, 20, 30)]
    expect(findOutdated(overlapping, [read(1, 100), read(2, 100)])).toEqual([])
  })

  it('allows a read that began before the newer write was acknowledged', () => {
    expect(findOutdated(TWO, [read(1, 29)])).toEqual([])
  })

  it('allows what had failed for as long as it was not made good', () => {
    const writes = [write(1, 0, 10, { effective: 80 }), write(2, 20, 30), write(3, 90, 95)]
    expect(findOutdated(writes, [read(1, 85)])).toEqual([])
    expect(findOutdated(writes, [read(1, 100)])).toMatchObject([
      { ageMs: 5, missed: { version: 3 } },
    ])
  })

  it('counts a write that had failed from its repair on', () => {
    const writes = [write(1, 0, 10), write(2, 20, 30, { effective: 80 })]
    expect(findOutdated(writes, [read(1, 70)])).toEqual([])
    expect(findOutdated(writes, [read(1, 100)])).toMatchObject([{ ageMs: 20 }])
  })

  it('holds the keys apart', () => {
    const writes = [write(1, 0, 10), write(2, 20, 30, { key: 2 })]
    expect(findOutdated(writes, [read(1, 100)])).toEqual([])
  })

  it('throws for a version that nobody wrote, or that another key has', () => {
    expect(() => findOutdated(TWO, [read(9, 100)])).toThrow('nobody wrote version 9 of key 1')
    expect(() => findOutdated(TWO, [read(1, 100, { key: 2 })])).toThrow('version 1 of key 2')
  })
})
