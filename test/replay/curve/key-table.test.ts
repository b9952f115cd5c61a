/** Numbers for keys: against a Map, while the table grows and after keys were dropped. */
import { describe, expect, it } from 'vitest'
import { KeyTable } from '../../../src/replay/curve/key-table.js'
import { mix } from '../../../src/replay/random.js'

const KEYS = 200_000

describe('a table of keys', () => {
  it('numbers keys in the order of first sight, while it grows', () => {
    const table = new KeyTable()
    const keys = Array.from({ length: KEYS }, (_, key) => key)
    expect(keys.filter((key) => table.numberOf(key, mix(key)) !== key)).toEqual([])
    expect(keys.filter((key) => table.numberOf(key, mix(key)) !== key)).toEqual([])
    expect(table.count).toBe(KEYS)
  })

  it('tells keys apart that share one word of the hash', () => {
    const table = new KeyTable()
    expect([table.numberOf(1, 5), table.numberOf(2, 5), table.numberOf(1, 6)]).toEqual([0, 1, 2])
    expect([table.numberOf(2, 5), table.numberOf(1, 6), table.numberOf(1, 5)]).toEqual([1, 2, 0])
  })

  it('keeps the keys that are given new numbers, and has forgotten the others', () => {
    const table = new KeyTable()
    for (let key = 0; key < 1000; key++) table.numberOf(key, mix(key))
    table.renumber(Int32Array.from({ length: 1000 }, (_, key) => (key % 2 === 0 ? key / 2 : -1)))
    expect(table.count).toBe(500)
    for (let key = 0; key < 1000; key += 2) expect(table.numberOf(key, mix(key))).toBe(key / 2)
    expect(table.numberOf(1, mix(1))).toBe(500)
  })
})
