/** Objects made from keys: the right one is told from all others. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hashKey, isValueOf, ValueMaker } from '../../src/replay/values.js'

const sizes = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 41, max: 20_000 }))

it('a value has the size asked for and is recognised by its key', () => {
  const maker = new ValueMaker()
  fc.assert(
    fc.property(fc.string(), sizes, (key, sizeBytes) => {
      const value = maker.make(hashKey(key), sizeBytes)
      expect(value).toHaveLength(sizeBytes)
      expect(isValueOf(hashKey(key), value)).toBe(true)
    }),
  )
})

it('a value of another key, cut off or changed at an end, is found out', () => {
  const maker = new ValueMaker()
  const value = maker.make(hashKey('a'), 500)
  expect(isValueOf(hashKey('b'), value)).toBe(false)
  expect(isValueOf(hashKey('a'), value.slice(0, 499))).toBe(false)
  expect(isValueOf(hashKey('a'), `${value.slice(0, 499)}y`)).toBe(false)
  expect(isValueOf(hashKey('a'), `y${value.slice(1)}`)).toBe(false)
})
