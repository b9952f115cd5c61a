/** What a curve is asked for and what it answers: plain objects, which can be posted to another thread. */

import type { TraceFile } from '../trace.js'
import type { Advice } from './advice/spec.js'
import type { TraceTotals } from './sample.js'
import type { SizeRequest } from './sizes.js'

export type CurveUnit = 'bytes' | 'entries'

export interface CurveSpec {
  /** Empty: the built-in workload. */
  files: TraceFile[]
  seed: number
  /** Names of hotset's policies and of reference policies. */
  policies: string[]
  sizes: SizeRequest[]
  /** For objects whose lifetime the trace does not give; 0 for none. */
  ttlMs: number
  /** For objects whose size the trace does not give. */
  valueBytes: number
  /** Requests kept at most, a quarter of it in keys; Infinity: all. */
  maxSample: number
  limit: number | undefined
  /** Also say what follows from the curves; default false. */
  advice?: boolean
}

/** What one policy makes of one size. */
export interface CurvePoint {
  /** Bytes or entries, of the whole trace. */
  size: number
  /** Of the working set. */
  share: number
  hitRatio: number
  /** Standard error of the hit ratio, estimated from the sample; 0 where all requests were used. */
  hitRatioError: number
  byteHitRatio: number
  byteHitRatioError: number
  requestsPerSecond: number
}

/** A point that could not be worked out. */
export interface FailedPoint {
  size: number
  share: number
  failed: string
}

export interface Curve {
  policy: string
  title: string
  /** Where a reference policy was published; of hotset's own, that it was the engine that ran. */
  source: string
  /** By size, smallest first; fewer than asked for where the run was broken off. */
  points: (CurvePoint | FailedPoint)[]
}

export interface SampleFigures {
  /** 1: every key. */
  rate: number
  requests: number
  keys: number
}

export interface CurveResult {
  unit: CurveUnit
  totals: TraceTotals
  hasSizes: boolean
  /** The trace gives lifetimes, but no times to measure them in. */
  ignoresLifetimes: boolean
  sample: SampleFigures
  /** Estimates where keys were sampled. */
  workingSet: { objects: number; bytes: number }
  sizes: ResolvedSize[]
  curves: Curve[]
  /** Empty where none is asked for, or the evidence is thin. */
  advice: Advice[]
  /** It was broken off while the trace was read, or before all points were there. */
  interrupted: boolean
}

export interface ResolvedSize {
  /** As it was asked for. */
  label: string
  /** Bytes or entries, of the whole trace. */
  size: number
  share: number
  /** Of the caches that are simulated: in proportion to the sample, in bytes or entries. */
  capacity: number
}
