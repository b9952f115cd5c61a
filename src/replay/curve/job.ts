/** One point of a curve: what a thread is told to work out, what it answers, and how it does it. */

import { MAX_DURATION_MS } from '../../cache/units.js'
import type { Policy } from '../policies.js'
import type { CacheRequest, CurveCache } from './caches/curve-cache.js'
import { createEngineCache } from './caches/engine-cache.js'
import { createCache } from './caches/index.js'
import { TrialCache } from './caches/trial-cache.js'
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
  /** Only of the runs that advice asks for, of hotset's own policies. */
  trial?: Trial
}

/** What a run counts by key, and what it does otherwise. Arrays are shared, and have a place a key. */
export interface Trial {
  hits: Uint32Array
  /** At how many of the moments the object was there (trial-cache.ts). */
  timesHeld: Uint8Array
  /** Lifetimes are so many times as long; Infinity: there are none. */
  lifetimeFactor: number
  /** 1: the key is not cached. */
  leftOut: Uint8Array | undefined
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
  job: CurveJob,
  data: CurveData,
  onProgress?: (requests: number) => void,
): JobResult {
  const { sample, valueBytes } = data
  const began = performance.now()
  const cache = createJobCache(job, data)
  try {
    const tally = simulate(cache, sample, valueBytes, onProgress)
    const seconds = (performance.now() - began) / MS_PER_SECOND
    const ratios = estimate(tally, { ...sample.totals, rate: sample.rate })
    return { ...ratios, requestsPerSecond: seconds > 0 ? sample.requests / seconds : 0 }
  } finally {
    cache.close()
  }
}

function createJobCache({ policy, size, trial }: CurveJob, data: CurveData): CurveCache {
  const request = cacheRequest(size, data)
  if (trial === undefined) return createCache(policy, request)
  const { lifetimeFactor } = trial
  const cache = createEngineCache(policy as Policy, withLifetimes(request, lifetimeFactor))
  return new TrialCache(cache, trial, data.sample)
}

function withLifetimes(request: CacheRequest, factor: number): CacheRequest {
  const { sample, defaultTtlMs } = request
  if (factor === 1) return request
  const longer = (ttlMs: number) =>
    ttlMs === 0 || factor === Number.POSITIVE_INFINITY
      ? 0
      : Math.min(ttlMs * factor, MAX_DURATION_MS)
  const ttlMs = sample.ttlMs?.map(longer)
  return { ...request, sample: { ...sample, ttlMs }, defaultTtlMs: longer(defaultTtlMs) }
}

function cacheRequest(
  { capacity, size }: ResolvedSize,
  { sample, unit, costs, ttlMs }: CurveData,
): CacheRequest {
  return { sample, unit, costs, capacity, fullSize: size, defaultTtlMs: ttlMs }
}
