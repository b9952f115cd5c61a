/**
 * Piscina's options that pass through the pool, as its documentation has them.
 *
 * Why not Piscina's own types: they do not compile in a project that checks its libraries with
 * exactOptionalPropertyTypes, and every user's project would have to.
 */
import type { ResourceLimits, WorkerOptions } from 'node:worker_threads'

/** Where tasks wait, as Piscina's FixedQueue and ArrayTaskQueue. */
export interface PoolTaskQueue {
  readonly size: number
  // biome-ignore lint/suspicious/noExplicitAny: tasks are Piscina's
  shift(): any
  // biome-ignore lint/suspicious/noExplicitAny: tasks are Piscina's
  remove(task: any): void
  // biome-ignore lint/suspicious/noExplicitAny: tasks are Piscina's
  push(task: any): void
}

/** Chooses a worker for a task; null: none for now. */
// biome-ignore lint/suspicious/noExplicitAny: tasks and workers are Piscina's
export type PoolLoadBalancer = (task: any, workers: any[]) => any

export interface PiscinaOptions {
  /** Threads that are always there. Default: half the cores. */
  minThreads?: number
  /** At most 126: the cache takes 128 threads. Default: one and a half times the cores. */
  maxThreads?: number
  /** How long a thread beyond minThreads waits for a task, in ms. Default 0. */
  idleTimeout?: number
  /** How many tasks may wait; 'auto': the square of maxThreads. Default: any number. */
  maxQueue?: number | 'auto'
  /** More than 1 is for loaders that wait a lot. Default 1. */
  concurrentTasksPerWorker?: number
  /** How idle threads wait. Default 'sync': quickest, but their event loops stand still. */
  atomics?: 'sync' | 'async' | 'disabled'
  resourceLimits?: ResourceLimits
  argv?: string[]
  execArgv?: string[]
  env?: WorkerOptions['env']
  workerData?: unknown
  taskQueue?: PoolTaskQueue
  /** Lowers the threads' priority (with the optional package @napi-rs/nice). Default 0. */
  niceIncrement?: number
  trackUnmanagedFds?: boolean
  /** How long close() waits for tasks, in ms. Default 30,000. */
  closeTimeout?: number
  /** Default true. */
  recordTiming?: boolean
  stricterFIFO?: boolean
  loadBalancer?: PoolLoadBalancer
  workerHistogram?: boolean
}
