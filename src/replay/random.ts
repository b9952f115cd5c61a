/**
 * Seeded random numbers: the same seed gives the same workload on every machine.
 *
 * A 32-bit counter with a constant step, mixed by two multiplications (as in SplitMix; G. Steele,
 * D. Lea, C. Flood, OOPSLA 2014). Period 2^32, which is more accesses than a workload has.
 */

const GOLDEN_STEP = 0x9e3779b9

export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    this.state = (this.state + GOLDEN_STEP) >>> 0
    return mix(this.state)
  }

  /** From 0 to below 1. */
  nextFraction(): number {
    return this.next() / 2 ** 32
  }
}

/** Scatters a 32-bit number: equal in, equal out; neighbours come out far apart. */
export function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
