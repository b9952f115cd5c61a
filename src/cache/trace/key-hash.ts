/**
 * The keyed hash of 64 bits by which a trace names keys.
 *
 * Two lanes of 32 bits, each a MurmurHash3 (A. Appleby, 2008) of the key's words with a multiplier of its own.
 * A word is four characters, or two where one of the key's does not fit a byte. Secret words start both lanes
 * and stand before their ends.
 *
 * 1. Equal keys have equal hashes in all threads that know the same secret.
 * 2. Without the secret a hash does not tell the key, not even to those who guess at it. It is no
 *    cryptographic function: who knows some keys with their hashes may work the secret out.
 */
import type { StagedKey } from './staged-key.js'

export const SECRET_WORDS = 4

const HIGH_MULTIPLIER = 0x9e3779b1
const LOW_MULTIPLIER = 0xab0e9789
const SECOND_MULTIPLIER = 0x38b34ae5
const STEP = 0x561ccd1b

export class KeyHash {
  /** Of the last key. */
  low = 0
  high = 0
  readonly #highStart: number
  readonly #highEnd: number
  readonly #lowStart: number
  readonly #lowEnd: number

  constructor(secret: Int32Array) {
    ;[this.#highStart, this.#highEnd, this.#lowStart, this.#lowEnd] = secret
  }

  take({ words, wordIndex, chars, wide }: StagedKey): void {
    const bytes = chars << wide
    const end = wordIndex + (bytes >>> 2)
    const restBits = (bytes & 3) << 3
    const rest = restBits === 0 ? 0 : words[end] & ((1 << restBits) - 1)
    const shape = (bytes << 1) | wide
    let low = this.#lowStart
    let high = this.#highStart
    for (let index = wordIndex; index < end; index++) {
      low = step(low ^ scatter(words[index], LOW_MULTIPLIER))
      high = step(high ^ scatter(words[index], HIGH_MULTIPLIER))
    }
    this.low = mix(step(low ^ scatter(rest, LOW_MULTIPLIER)) ^ shape ^ this.#lowEnd)
    this.high = mix(step(high ^ scatter(rest, HIGH_MULTIPLIER)) ^ shape ^ this.#highEnd)
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
