/**
 * What follows from a curve, as figures: the sentences are made of them in cli/curve-advice.ts.
 *
 * Ratios and gains are from 0 to 1, sizes in the unit of the curve. Errors are standard errors over
 * samples, 0 where every request was used.
 */
export type Advice = SizeAdvice | LifetimeAdvice | UncachedAdvice

/** A difference between two hit ratios. */
export interface Gain {
  gain: number
  error: number
}

export interface SizeAdvice {
  kind: 'size'
  /** Whose curve it is. */
  policy: string
  /**
   * knee: from `size` on a doubling adds less than 2 points. rising: the last doubling added more, and
   * `size` is the largest. flat: no size adds 2 points to the smallest, which is `size`. single: there are
   * no two sizes to compare.
   */
  shape: 'knee' | 'rising' | 'flat' | 'single'
  size: number
  /** Of the working set. */
  share: number
  hitRatio: number
  hitRatioError: number
  /** What twice the size adds; absent where the curve does not go as far. */
  doubled: Gain | undefined
  /** What half the size costs, as a gain below 0. */
  halved: Gain | undefined
  /** Largest size of the curve, and what it hits. */
  largest: { size: number; hitRatio: number }
  /** Of the reads: those that are first requests for their keys, which no cache of any size can hit. */
  firstRequests: { share: number; error: number }
}

export interface LifetimeAdvice {
  kind: 'lifetime'
  policy: string
  size: number
  hitRatio: number
  /** Every lifetime twice as long. */
  doubled: Gain
  /** No lifetimes at all: what longer ones can bring at most. */
  unlimited: Gain
}

export interface UncachedGroup {
  /** All keys that begin with it; absent where it is one key. */
  prefix: string | undefined
  key: string | undefined
  /** Of all reads. */
  readShare: number
  readShareError: number
  /** Of what the cache held, in the unit of the curve, on the mean of some moments. */
  heldShare: number
  hitRatio: number
  hitRatioError: number
}

export interface UncachedAdvice {
  kind: 'uncached'
  policy: string
  size: number
  groups: UncachedGroup[]
  /** The hit ratio of all others, and what they gain where those are not cached; absent where not run. */
  rest: ({ hitRatio: number } & Gain) | undefined
}
