/**
 * Seeded random numbers for traces of any length: xoshiro128** (D. Blackman, S. Vigna, Scrambled linear
 * pseudorandom number generators, ACM TOMS 47, 2021), period 2^128 - 1, with fractions of 53 bits.
 */
import { mix } from '../random.js'

export class FineRandom {
  private a: number
  private b: number
  private c: number
  private d: number

  constructor(seed: number) {
    this.a = mix(seed ^ 0x9e3779b9)
    this.b = mix(seed ^ 0x7f4a7c15)
    this.c = mix(seed ^ 0x2545f491)
    // Why odd: all four must not be 0.
    this.d = mix(seed) | 1
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const fivefold = Math.imul(this.b, 5)
    const result = Math.imul((fivefold << 7) | (fivefold >>> 25), 9)
    const shifted = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= shifted
    this.d = (this.d << 11) | (this.d >>> 21)
    return result >>> 0
  }

  /** From 0 to below 1. */
  nextFraction(): number {
    return ((this.next() >>> 5) * 2 ** 26 + (this.next() >>> 6)) / 2 ** 53
  }
}
