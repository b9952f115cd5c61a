/**
 * The keyed hash of 64 bits by which a trace names keys, and by which it is sampled.
 *
 * Two lanes of 32 bits, each a MurmurHash3 (A. Appleby, 2008) of the key's words with a multiplier of its own.
 * A word is four characters, or two where one of the key's does not fit a byte. Secret words start both lanes
 * and stand before their ends.
 *
 * 1. Equal keys have equal hashes in all threads that know the same secret.
 * 2. Without the secret a hash does not tell the key, not even to those who guess at it. It is no
 *    cryptographic function: who knows some keys with their hashes may work the secret out.
 * 3. Whether a key is recorded, a simpler hash decides (the words multiplied by odd secret numbers, added up):
 *    for most keys of a sample that is all.
 */
import { KeyStaging } from '../../engine/key-staging.js'
import type { RawBuffer } from '../../engine/raw-buffer.js'
import { MAX_KEY_BYTES } from './layout.js'

export const SECRET_WORDS = 5

const HIGH_MULTIPLIER = 0x9e3779b1
const LOW_MULTIPLIER = 0xab0e9789
const SECOND_MULTIPLIER = 0x38b34ae5
const STEP = 0x561ccd1b
/** Even: the multipliers stay odd. */
const CHOICE_STEP = 0x3c6ef372

/** A key as it lies in the engine's staging: see KeyStaging. */
export interface StagedKey {
  readonly words: Int32Array
  readonly wordIndex: number
  readonly wide: number
}

export class KeyHash {
  /** Of a key that is to be recorded. */
  low = 0
  high = 0
  /** Keys whose choice is below this are recorded; 0: none is. */
  limit: number
  readonly #staging = new KeyStaging(Buffer.alloc(MAX_KEY_BYTES) as RawBuffer, 0)
  readonly #highStart: number
  readonly #highEnd: number
  readonly #lowStart: number
  readonly #lowEnd: number
  readonly #choice: number

  constructor(secret: Int32Array, limit: number) {
    ;[this.#highStart, this.#highEnd, this.#lowStart, this.#lowEnd] = secret
    this.#choice = secret[4] | 1
    this.limit = limit
  }

  /** Finds the key's hash. @returns whether it is to be recorded */
  take(key: string): boolean {
    this.#staging.write(key)
    return this.takeStaged(this.#staging, key.length)
  }

  /** As take(), of the key that is staged. */
  takeStaged({ words, wordIndex, wide }: StagedKey, chars: number): boolean {
    const bytes = chars << wide
    const end = wordIndex + (bytes >>> 2)
    const restBits = (bytes & 3) << 3
    const rest = restBits === 0 ? 0 : words[end] & ((1 << restBits) - 1)
    let multiplier = this.#choice
    let sum = Math.imul(rest ^ bytes, multiplier)
    // Why added up: so the multiplications need not wait for one another.
    for (let index = wordIndex; index < end; index++) {
      multiplier = (multiplier + CHOICE_STEP) | 0
      sum = (sum + Math.imul(words[index], multiplier)) | 0
    }
    if (Math.imul(sum ^ (sum >>> 15), CHOICE_STEP | 1) >>> 0 >= this.limit) return false

    const shape = (bytes << 1) | wide
    let low = this.#lowStart
    let high = this.#highStart
    for (let index = wordIndex; index < end; index++) {
      low = step(low ^ scatter(words[index], LOW_MULTIPLIER))
      high = step(high ^ scatter(words[index], HIGH_MULTIPLIER))
    }
    this.low = mix(step(low ^ scatter(rest, LOW_MULTIPLIER)) ^ shape ^ this.#lowEnd)
    this.high = mix(step(high ^ scatter(rest, HIGH_MULTIPLIER)) ^ shape ^ this.#highEnd)
    return true
  }

  /** The hash is known from before, and is to be recorded. @returns whether it is still to be */
  put(low: number, high: number): boolean {
    this.low = low
    this.high = high
    return this.limit > 0
  }
}

/** Why: a word's differences, often in one byte only, are to reach all bits of the lane. */
function scatter(word: number, multiplier: number): number {
  const scattered = Math.imul(word, multiplier)
  return Math.imul((scattered << 15) | (scattered >>> 17), SECOND_MULTIPLIER)
}

function step(lane: number): number {
  return (Math.imul((lane << 13) | (lane >>> 19), 5) + STEP) | 0
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
