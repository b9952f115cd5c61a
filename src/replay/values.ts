/**
 * The objects of a replay: strings made from the key, so that a hit can be checked.
 *
 *   0           4           8                       length - 1
 *   +-----------+-----------+-----------------------+------+
 *   | key hash  | length    | filler                | hash |
 *   +-----------+-----------+-----------------------+------+
 *
 * 1. Each character holds 7 bits, so that a string is one byte a character everywhere.
 * 2. Shorter strings are the same, cut off: 9 characters are needed to hold it all.
 * 3. Making one costs a copy of its bytes, checking one about 10 ns whatever its length.
 */
import { latin1 } from './latin1.js'

const CHARACTER_BITS = 7
const CHARACTER_MASK = 0x7f
const HASH_CHARACTERS = 4
const HEAD_CHARACTERS = 8
const FULL_CHARACTERS = HEAD_CHARACTERS + 1
const LAST_SHIFT = 25
const FILLER = 'x'.charCodeAt(0)
const FIRST_CAPACITY_BYTES = 4096

/** A 32-bit hash of the key. */
export function hashKey(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

export class ValueMaker {
  private scratch = Buffer.alloc(FIRST_CAPACITY_BYTES, FILLER)

  make(hash: number, lengthBytes: number): string {
    if (lengthBytes > this.scratch.length) {
      this.scratch = Buffer.alloc(2 ** Math.ceil(Math.log2(lengthBytes)), FILLER)
    }
    const { scratch } = this
    const last = Math.max(lengthBytes, FULL_CHARACTERS) - 1
    for (let at = 0; at < HEAD_CHARACTERS; at++) scratch[at] = headCharacter(at, hash, lengthBytes)
    scratch[last] = hash >>> LAST_SHIFT
    const value = latin1(scratch, 0, lengthBytes)
    scratch[last] = FILLER
    return value
  }
}

/** Whether the value is one that was made for this key, whole. */
export function isValueOf(hash: number, value: string): boolean {
  const { length } = value
  const headLength = Math.min(length, HEAD_CHARACTERS)
  for (let at = 0; at < headLength; at++) {
    if (value.charCodeAt(at) !== headCharacter(at, hash, length)) return false
  }
  return length < FULL_CHARACTERS || value.charCodeAt(length - 1) === hash >>> LAST_SHIFT
}

function headCharacter(at: number, hash: number, length: number): number {
  const word = at < HASH_CHARACTERS ? hash : length
  return (word >>> (CHARACTER_BITS * (at % HASH_CHARACTERS))) & CHARACTER_MASK
}
