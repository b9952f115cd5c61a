/**
 * What a pass is asked for and what it answers: plain objects, which can be posted to another thread.
 */
import type { Budget } from './budget.js'
import type { Policy } from './policies.js'
import type { Problem } from './problems.js'
import type { RunResult } from './run-counts.js'
import type { TraceFile } from './trace.js'

export const IMPLEMENTATIONS = ['hotset', 'lru-cache'] as const
export type Implementation = (typeof IMPLEMENTATIONS)[number]

export const MAX_THREADS = 64

export interface ReplaySpec {
  /** Empty: the built-in workload. */
  files: TraceFile[]
  seed: number
  /** Of all threads together. */
  budget: Budget
  policy: Policy
  /** 0 for none. */
  ttlMs: number
  valueBytes: number
  /** Whether hotset has its near cache, one in each thread. */
  near: boolean
  /** 1 to MAX_THREADS: they share one hotset, and have an lru-cache each. */
  threads: number
  /** Absent: all accesses. */
  limit?: number
}

/**
 * @param share of the pass that is done, 0 to 1
 * @param accesses that have been replayed
 */
export type OnProgress = (share: number, accesses: number) => void

/** Of all threads together. */
export interface PassMemory {
  /** As the cache counts it; 0 for a cache that lives on the heap. */
  offHeapBytes: number
  /** What the V8 heaps grew by, after a collection. */
  heapBytes: number
  totalBytes: number
  /** What the cache itself takes its size to be. */
  countedBytes: number
}

export interface PassResult extends RunResult {
  implementation: Implementation
  entries: number
  evictions: number
  memory: PassMemory
  brokenLines: number
  skippedLines: number
  firstProblems: Problem[]
}
