/**
 * The kinds of values that caches are asked to hold, each made afresh by its number, and told apart by it:
 * strings, Buffers, objects and numbers.
 */

import { Random } from '../harness/build.mjs'
import { numberOf, Values } from './keys-and-values.mjs'

const KIB = 1024
const PRINTABLE = 'abcdefghijklmnopqrstuvwxyz'
/** Needs two bytes a character in memory, and in UTF-8. */
const WIDE = '\u0416'
const ITEM_COUNT = 40

/**
 * @typedef {object} ValueKind
 * @property {number} [bytes] of one value, where that is what costs
 * @property {(number: number) => any} make a new value
 * @property {(value: any) => number} numberOf which one it is, with a look at its end too
 */

/** @returns {ValueKind} one-byte characters */
export function strings(bytes, seed) {
  const values = new Values(bytes, seed)
  return { bytes, make: (number) => values.fresh(number), numberOf }
}

/** @returns {ValueKind} the numbers in digits, the rest two-byte characters */
export function wideStrings(bytes) {
  const tail = Buffer.from(WIDE.repeat(bytes / 2 - 10), 'utf16le')
  return {
    bytes,
    make(number) {
      const digits = Buffer.from(String(number).padStart(10, '0'), 'utf16le')
      // Why decoded as one: a string put together from parts is not flat.
      return Buffer.concat([digits, tail]).toString('utf16le')
    },
    numberOf: (value) =>
      value.length === bytes / 2 && value.endsWith(WIDE) ? numberOf(value) : -1,
  }
}

/** @returns {ValueKind} */
export function buffers(bytes, seed) {
  const random = new Random(seed)
  const filling = Buffer.from(Uint8Array.from({ length: bytes }, () => random.next()))
  return {
    bytes,
    make(number) {
      const buffer = Buffer.from(filling)
      buffer.writeUInt32LE(number, 0)
      buffer.writeUInt32LE(number, bytes - 4)
      return buffer
    },
    numberOf(value) {
      const number = value.readUInt32LE(0)
      return value.length === bytes && value.readUInt32LE(bytes - 4) === number ? number : -1
    },
  }
}

/** @returns {ValueKind} five fields, as of a user or a session */
export function smallObjects() {
  return {
    make: (number) => ({
      id: number,
      name: `user ${number}`,
      email: `user${number}@example.com`,
      isActive: number % 2 === 0,
      score: number / 7,
    }),
    numberOf: ({ id, name, score }) => (name === `user ${id}` && score === id / 7 ? id : -1),
  }
}

/** @returns {ValueKind} 200 fields in nested objects, some 10 KB of JSON: a page of search results, say */
export function largeObjects(seed) {
  const random = new Random(seed)
  const word = (length) =>
    Array.from({ length }, () => PRINTABLE[random.next() % PRINTABLE.length]).join('')
  const texts = Array.from({ length: ITEM_COUNT }, () => word(150))
  return {
    make: (number) => ({
      id: number,
      total: ITEM_COUNT,
      items: texts.map((text, at) => ({
        id: number * ITEM_COUNT + at,
        title: `item ${at}`,
        text,
        price: { amount: at + 0.5, currency: 'EUR' },
      })),
    }),
    numberOf({ id, items }) {
      const last = items[ITEM_COUNT - 1]
      return last.id === id * ITEM_COUNT + ITEM_COUNT - 1 && last.price.currency === 'EUR' ? id : -1
    },
  }
}

/** @returns {ValueKind} with a fraction: more than a small integer */
export function numbers() {
  return { make: (number) => number + 0.5, numberOf: (value) => value - 0.5 }
}

export { KIB }
