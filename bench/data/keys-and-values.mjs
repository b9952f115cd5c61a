/**
 * Keys and values that can be made afresh at any time, cheaply and in the same way for everybody.
 *
 * 1. Keys are 16 characters: `user:` and eleven digits, scattered, all different.
 * 2. A fresh key or value is a new, flat string, as one that came over the network: no two calls answer
 *    the same object, and nothing knows its hash yet.
 * 3. A value begins with its number, so that an answer can be checked.
 *
 * Costs about 35 ns a fresh key: a slice of a Buffer, off the V8 heap.
 */
import { mix, Random } from '../harness/build.mjs'

export const KEY_BYTES = 16
const DIGITS = 10
const KEY_TEMPLATE = 'user:00000000000'
const ZERO = 48
const FIRST_PRINTABLE = 33
const PRINTABLE_COUNT = 94

export class Keys {
  #bytes

  /** Keys number 0 to count - 1. */
  constructor(count, seed) {
    this.#bytes = Buffer.alloc(count * KEY_BYTES, KEY_TEMPLATE, 'latin1')
    for (let index = 0; index < count; index++) {
      // Why mix: it is one to one, so the keys differ, and neighbours have nothing in common.
      writeDigits(this.#bytes, (index + 1) * KEY_BYTES, mix((index + seed) >>> 0))
    }
  }

  /** @returns {string} */
  fresh(index) {
    const start = index * KEY_BYTES
    return this.#bytes.latin1Slice(start, start + KEY_BYTES)
  }

  /** Keys of `indices`, all fresh. @returns {string[]} */
  all(indices) {
    return Array.from(indices, (index) => this.fresh(index))
  }
}

/** The same keys, each computed when it is asked for: nothing is kept, and it takes about twice as long. */
export class ComputedKeys {
  #bytes = Buffer.alloc(KEY_BYTES)
  #seed

  constructor(seed) {
    this.#seed = seed
  }

  /** @returns {string} */
  fresh(index) {
    this.#bytes.latin1Write(KEY_TEMPLATE)
    writeDigits(this.#bytes, KEY_BYTES, mix((index + this.#seed) >>> 0))
    return this.#bytes.latin1Slice(0, KEY_BYTES)
  }
}

export class Values {
  #bytes

  /** @param bytes at least 10 */
  constructor(bytes, seed) {
    const random = new Random(seed)
    const text = Buffer.alloc(bytes)
    for (let at = 0; at < bytes; at++) {
      text[at] = FIRST_PRINTABLE + (random.next() % PRINTABLE_COUNT)
    }
    this.#bytes = text
  }

  /** @returns {string} */
  fresh(number) {
    this.#bytes.fill(ZERO, 0, DIGITS)
    writeDigits(this.#bytes, DIGITS, number)
    return this.#bytes.latin1Slice(0, this.#bytes.length)
  }
}

/** @param {string} value one that Values made */
export function numberOf(value) {
  return Number(value.slice(0, DIGITS))
}

/** Decimal digits that end before `end`. */
function writeDigits(bytes, end, number) {
  let left = number
  for (let at = end - 1; left > 0; at--) {
    bytes[at] = ZERO + (left % 10)
    left = Math.floor(left / 10)
  }
}
