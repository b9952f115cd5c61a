/**
 * Further runs of one of hotset's policies at one size, which count each key by itself, so that any part of
 * the keys can be compared between two runs.
 *
 * What two runs differ by is known better than either hit ratio: both have the same keys, and the error is
 * that of the differences between groups of them.
 */
import { readsByKey } from '../caches/trial-cache.js'
import { type CrewOptions, runJobs } from '../crew.js'
import { errorOf } from '../estimate.js'
import type { CurveData, Trial } from '../job.js'
import { KEY_GROUPS, type Sample } from '../sample.js'
import { sharedArray } from '../shared-array.js'
import type { ResolvedSize } from '../spec.js'
import type { Gain } from './spec.js'

export interface TrialCase {
  policy: string
  size: ResolvedSize
}

/** An ordinary run: the lifetimes that there are, and every key cached. */
export function plainTrial({ keys }: Sample): Trial {
  return {
    hits: sharedArray(Uint32Array, keys),
    timesHeld: sharedArray(Uint8Array, keys),
    lifetimeFactor: 1,
    leftOut: undefined,
  }
}

/** @returns those that were done, filled */
export async function runTrials(
  trials: readonly Trial[],
  { policy, size }: TrialCase,
  data: CurveData,
  options: CrewOptions,
): Promise<ReadonlySet<Trial>> {
  const jobs = trials.map((trial, index) => ({ index, policy, size, trial }))
  const answers = await runJobs(jobs, data, options)
  return new Set(
    trials.filter((_, index) => {
      const answer = answers.get(index)
      return answer !== undefined && !('failed' in answer)
    }),
  )
}

export interface LeftOut {
  /** By key: 1 where it is. */
  members: Uint8Array
  /** Of all reads. */
  readShare: number
}

/** Hit ratios over the keys that are not left out, from before to after. */
export function compareTrials(
  sample: Sample,
  before: Trial,
  after: Trial,
  leftOut?: LeftOut,
): { hitRatio: number } & Gain {
  const reads = readsByKey(sample)
  const misses = new Float64Array(KEY_GROUPS)
  const gained = new Float64Array(KEY_GROUPS)
  for (let key = 0; key < sample.keys; key++) {
    if (leftOut?.members[key] === 1) continue
    misses[sample.groups[key]] += reads[key] - before.hits[key]
    gained[sample.groups[key]] += after.hits[key] - before.hits[key]
  }
  const share = 1 - (leftOut?.readShare ?? 0)
  const expected = Math.max(1, sample.totals.reads * sample.rate * share)
  return {
    hitRatio: 1 - Math.min(1, total(misses) / expected),
    gain: total(gained) / expected,
    error: sample.rate === 1 ? 0 : errorOf(gained, expected, sample.rate),
  }
}

function total(sums: Float64Array): number {
  return sums.reduce((sum, group) => sum + group, 0)
}
