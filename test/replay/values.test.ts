/** Objects made from keys: the right one is told from all others. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isValueOf, looksLikeValueOf, ValueMaker } from '../../src/replay/values.js'

const sizes = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 41, max: 20_000 }))

it('a value has the size asked for and is recognised by its key', () => {
  const maker = new ValueMaker()
  fc.assert(
    fc.property(fc.string(), sizes, (key, sizeBytes) => {
      const value = maker.make(key, sizeBytes)
      expect(value).toHaveLength(sizeBytes)
      expect(isValueOf(key, value)).toBe(true)
      expect(looksLikeValueOf(key, value)).toBe(true)
    }),
  )
})

it('a value of another key, cut off or changed at an end, is found out', () => {
  const maker = new ValueMaker()
  const value = maker.make('a', 500)
  expect(isValueOf('b', value)).toBe(false)
  expect(isValueOf('a', value.slice(0, 499))).toBe(false)
  expect(isValueOf('a', `${value.slice(0, 499)}y`)).toBe(false)
  expect(isValueOf('a', `y${value.slice(1)}`)).toBe(false)
})

it('a look finds a value of a key with another end, cut short or run together with another', () => {
  const value = new ValueMaker().make('key:1', 500)
  expect(looksLikeValueOf('key:2', value)).toBe(false)
  expect(looksLikeValueOf('key:1', value.slice(0, 499))).toBe(false)
  expect(looksLikeValueOf('key:1', value + value)).toBe(false)
})

it('only a check in full tells keys with the same end', () => {
  const value = new ValueMaker().make('a:1', 500)
  expect(looksLikeValueOf('b:1', value)).toBe(true)
  expect(isValueOf('b:1', value)).toBe(false)
})
