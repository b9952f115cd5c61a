/**
 * Hit ratios from the counts of a simulation, and how far off they may be.
 *
 * Of a sample, what is known best is its misses: whether the few keys with most requests are in it or not
 * makes a great difference to the requests, and none to speak of to the misses, as those keys nearly
 * always hit. So the misses are set against the requests that a share of the keys should have, which is
 * that share of the trace's, and not against those that it has: the correction that is known as SHARDS-adj.
 *
 * The error is the standard error of that figure over samples, as the keys of this one show it: they fall
 * into groups by hash, and what the groups' misses vary by tells what the whole's would. It cannot show
 * what all groups have in common: that the simulated caches are small.
 *
 * 1. With all keys in the sample the ratios are exact, and the errors 0.
 * 2. Ratios lie from 0 to 1.
 */
import { KEY_GROUPS } from './sample.js'

/** What a simulation counts; of reads only. */
export class Tally {
  reads = 0
  hits = 0
  readBytes = 0
  hitBytes = 0
  /** By key group. */
  readonly misses = new Float64Array(KEY_GROUPS)
  readonly missBytes = new Float64Array(KEY_GROUPS)
}

/** Of the whole trace. */
export interface Expected {
  reads: number
  readBytes: number
  rate: number
}

export interface Ratios {
  hitRatio: number
  hitRatioError: number
  byteHitRatio: number
  byteHitRatioError: number
}

export function estimate(tally: Tally, { reads, readBytes, rate }: Expected): Ratios {
  if (rate === 1) {
    return {
      hitRatio: ratio(tally.hits, tally.reads),
      hitRatioError: 0,
      byteHitRatio: ratio(tally.hitBytes, tally.readBytes),
      byteHitRatioError: 0,
    }
  }
  return {
    hitRatio: hitRatio(tally.misses, reads * rate),
    hitRatioError: errorOf(tally.misses, reads * rate, rate),
    byteHitRatio: hitRatio(tally.missBytes, readBytes * rate),
    byteHitRatioError: errorOf(tally.missBytes, readBytes * rate, rate),
  }
}

function hitRatio(misses: Float64Array, expected: number): number {
  const missRatio = ratio(sum(misses), expected)
  return expected === 0 ? 0 : 1 - Math.min(1, missRatio)
}

/** Of a sum over the keys, against what is expected; @param misses the sum, by key group */
export function errorOf(misses: Float64Array, expected: number, rate: number): number {
  const mean = sum(misses) / KEY_GROUPS
  const squares = misses.reduce((total, group) => total + (group - mean) ** 2, 0)
  // Why the last factor: what is in the sample is known, only the rest is guessed.
  const deviation = Math.sqrt(((squares * KEY_GROUPS) / (KEY_GROUPS - 1)) * (1 - rate))
  return Math.min(1, ratio(deviation, expected))
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
