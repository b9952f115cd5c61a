/** One point of a curve: what a thread is told to work out, what it answers, and how it does it. */

import type { CacheRequest } from './caches/curve-cache.js'
import { createCache } from './caches/index.js'
import { estimate, type Ratios } from './estimate.js'
import type { Sample } from './sample.js'
import { simulate } from './simulate.js'
import type { CurveUnit, ResolvedSize } from './spec.js'

const MS_PER_SECOND = 1000

/** The same for all points; its arrays are shared, not copied. */
export interface CurveData {
  sample: Sample
  unit: CurveUnit
  /** What the object counts, a request; absent where the unit is entries. */
  costs: Uint32Array | undefined
  ttlMs: number
  valueBytes: number
}

export interface CurveJob {
  /** Of the job, among all. */
  index: number
  policy: string
  size: ResolvedSize
}

export interface JobResult extends Ratios {
  requestsPerSecond: number
}

export type JobMessage =
  | { type: 'ready' }
  | { type: 'progress'; index: number; requests: number }
  | { type: 'result'; index: number; result: JobResult }
  | { type: 'failure'; index: number; name: string; message: string }

export function runJob(
  { policy, size }: CurveJob,
  data: CurveData,
  onProgress?: (requests: number) => void,
): JobResult {
  const { sample, valueBytes } = data
  const began = performance.now()
  const cache = createCache(policy, cacheRequest(size, data))
  try {
    const tally = simulate(cache, sample, valueBytes, onProgress)
    const seconds = (performance.now() - began) / MS_PER_SECOND
    const ratios = estimate(tally, { ...sample.totals, rate: sample.rate })
    return { ...ratios, requestsPerSecond: seconds > 0 ? sample.requests / seconds : 0 }
  } finally {
    cache.close()
  }
}

function cacheRequest(
  { capacity, size }: ResolvedSize,
  { sample, unit, costs, ttlMs }: CurveData,
): CacheRequest {
  return { sample, unit, costs, capacity, fullSize: size, defaultTtlMs: ttlMs }
}
