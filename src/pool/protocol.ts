/**
 * What a pool and its workers say to each other.
 *
 * 1. Of a value that went into the cache nothing is posted but the number STORED.
 * 2. A task's state word is shared memory: the pool cancels in it, and learns from it which thread
 *    runs the task; so both work while the other side's event loop is busy.
 *
 *      WAITING --worker--> RUNNING --worker--> ENDED
 *         +------pool------> CANCELLED <--pool--+ (from RUNNING)
 */
import type { CacheHandle } from '../cache/cache-handle.js'
import type { SetOptions } from '../cache/options.js'
import type { PackedValue } from '../cache/packed-value.js'
import type { PackedError } from './error-transport.js'

/** The workerData of a pool's threads. */
export interface PoolWorkerData {
  handle: CacheHandle
  /** URL of the module of loaders. */
  filename: string
  /** The user's own. */
  workerData: unknown
}

export const STATE_INDEX = 0
export const THREAD_INDEX = 1
export const STATE_WORDS = 2

export const STATE_WAITING = 0
export const STATE_RUNNING = 1
export const STATE_CANCELLED = 2
export const STATE_ENDED = 3

/** Why the pool asks: `missing` for a key without a fresh value, `due` to refresh one ahead of its expiry. */
export type LoadCause = 'missing' | 'due' | 'forced'

/** How a worker stores what it has loaded. Everything in it can be cloned. */
export interface WorkerLoadOptions extends SetOptions {
  /** Of staleWhileRevalidate and staleIfError the longer: how long the entry outlives its expiry. */
  staleIfError?: number
  refreshAhead?: number
}

export interface LoadRequest {
  kind: 'load'
  state: Int32Array
  loader: string
  args: unknown
  key: string
  cause: LoadCause
  options: WorkerLoadOptions
  /** Post the value even where it was stored: it was lost before the caller could read it. */
  mustPost: boolean
}

export interface RunRequest {
  kind: 'run'
  state: Int32Array
  loader: string
  args: unknown
}

/** Ends the worker's part in the cache, then waits until `count` workers are that far. */
export interface RetireRequest {
  kind: 'retire'
  arrivals: Int32Array
  count: number
}

/** For the pool to have a worker started. */
export interface NudgeRequest {
  kind: 'nudge'
}

export type TaskRequest = LoadRequest | RunRequest
export type WorkerRequest = TaskRequest | RetireRequest | NudgeRequest

/** The task was cancelled before it began. */
export const REPLY_CANCELLED = 0
/** The value is in the cache. */
export const REPLY_STORED = 1
/** The loader returned undefined: there is no value. */
export const REPLY_NOTHING = 2

export type WorkerReply =
  | typeof REPLY_CANCELLED
  | typeof REPLY_STORED
  | typeof REPLY_NOTHING
  | { packed: PackedValue }
  | { value: unknown }
  | { error: PackedError }
