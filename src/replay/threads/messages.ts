/**
 * What a pass and its threads post to each other. A thread answers each message with one of its own:
 *
 *   (its workerData)  -> attached
 *   round             -> prepared, then, once the gate is open, done
 *   finish            -> finished
 *
 * or with a failure, after which it answers nothing.
 */
import type { CacheHandle } from '../../index.js'
import type { Accesses } from '../access.js'
import type { Budget } from '../budget.js'
import type { RecordedLatency } from '../latency.js'
import type { RunCounts } from '../run-counts.js'
import type { Implementation, ReplaySpec } from '../spec.js'
import type { TargetSummary } from '../targets/target.js'

/** The workerData of a thread. */
export interface ThreadRequest {
  implementation: Implementation
  spec: ReplaySpec
  /** Of the one hotset; absent where the thread has a cache of its own. */
  handle?: CacheHandle
  /** Of a cache of its own. */
  ownBudget: Budget
  gate: SharedArrayBuffer
  /** Absent where the trace has no time. */
  clock?: SharedArrayBuffer
  /** How long a share of a round can be. */
  shareAccesses: number
}

export type ToThread = { type: 'round'; accesses: Accesses } | { type: 'finish' }

export type Answer =
  | { type: 'attached' }
  | { type: 'prepared' }
  | { type: 'done'; endMs: number }
  | { type: 'finished'; part: ThreadPart }

export type FromThread = Answer | { type: 'failure'; name: string; message: string }

/** What came of a pass in one thread. */
export interface ThreadPart {
  counts: RunCounts
  latency: RecordedLatency
  /** What this thread's heap grew by, after a collection. */
  heapBytes: number
  /** Of the cache that it used, which may be that of all. */
  summary: TargetSummary
}
