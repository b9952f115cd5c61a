/** The batches of a hundred: their groups are their keys in order, and a wrong answer is found out. */
import { expect, it } from 'vitest'

interface HundredKeyCalls {
  keys: string[]
  values: string[]
  keyGroups: string[][]
  entryGroups: unknown[][]
  draw(keyAt: (index: number) => string): void
  drawEntries(): void
  check(groups: unknown[]): void
}

const { BATCH, KEYS_A_CALL, HundredKeyCalls } = (await import(
  new URL('../../bench/parts/hundred-keys.mjs', import.meta.url).href
)) as {
  BATCH: number
  KEYS_A_CALL: number
  HundredKeyCalls: new (opened: object, options: object) => HundredKeyCalls
}

const keyAt = (index: number) => `key ${index}`
const valueAt = (index: number) => `value ${index}`
const valueOfKey = (key: string) => key.replace('key', 'value')

function workOf(implementation: string, entries = 5000): HundredKeyCalls {
  return new HundredKeyCalls({}, { implementation, entries, keyAt, valueAt, seed: 1 })
}

it('takes the right answers, as arrays and as objects by key', () => {
  const work = workOf('hotset')
  work.draw(keyAt)
  expect(work.keyGroups.flat()).toEqual(work.keys)
  expect(work.keyGroups[0]).toHaveLength(KEYS_A_CALL)
  work.check(work.keyGroups.map((keys) => keys.map(valueOfKey)))
  work.check(
    work.keyGroups.map((keys) => Object.fromEntries(keys.map((key) => [key, valueOfKey(key)]))),
  )
})

it('finds out a single wrong answer', () => {
  const work = workOf('hotset')
  work.draw(keyAt)
  const groups = work.keyGroups.map((keys) => keys.map(valueOfKey))
  groups[9][99] = 'another'
  expect(() => work.check(groups)).toThrow()
})

it('draws different keys to set, each with its value, in the form that the library takes', () => {
  const work = workOf('hotset')
  work.drawEntries()
  expect(new Set(work.keys).size).toBe(BATCH)
  expect(work.values).toEqual(work.keys.map(valueOfKey))
  expect(work.entryGroups[0][0]).toEqual([work.keys[0], work.values[0]])
  const ofObjects = workOf('keyv')
  ofObjects.drawEntries()
  expect(ofObjects.entryGroups[0][0]).toEqual({ key: work.keys[0], value: work.values[0] })
})
