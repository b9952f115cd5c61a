/** What the users of a pool write and get: loaders, their context, their results. */
import type { SharedCache } from '../cache/shared-cache.js'

/** What a loader is called with besides its arguments. */
export interface PoolLoaderContext<V = unknown> {
  /** The key to be loaded; absent in `run`. */
  readonly key?: string
  /** Aborts when nobody waits for the result any more. Read it early: only then it is watched. */
  readonly signal: AbortSignal
  /** The same cache, as this thread is attached to it. */
  readonly cache: SharedCache<V>
  /** The pool's option of that name. */
  readonly workerData: unknown
}

/** A named export of the loaders' module. `undefined`: there is no value, and nothing is stored. */
// biome-ignore lint/suspicious/noExplicitAny: arguments are whatever the caller gives
export type PoolLoader<V = unknown, Args = any> = (
  args: Args,
  context: PoolLoaderContext<V>,
) => V | PromiseLike<V>

// biome-ignore lint/suspicious/noExplicitAny: any function of a module can be called
type AnyFunction = (...args: any[]) => unknown

/** The names of a module's functions. */
export type LoaderName<Loaders> = {
  [Name in keyof Loaders]: Loaders[Name] extends AnyFunction ? Name : never
}[keyof Loaders] &
  string

export type LoaderArgs<Loaders, Name extends keyof Loaders> = Loaders[Name] extends AnyFunction
  ? Parameters<Loaders[Name]>[0]
  : never

export type Loaded<Loaders, Name extends keyof Loaders> = Loaders[Name] extends AnyFunction
  ? Awaited<ReturnType<Loaders[Name]>>
  : never

export interface PoolRunOptions {
  /** Ends the wait with the signal's reason, and aborts the loader's signal. */
  signal?: AbortSignal
  /** Parts of `args` that are moved to the worker instead of copied. */
  transferList?: readonly object[]
}

/** Milliseconds. */
export interface PoolTimes {
  average: number
  min: number
  max: number
  [quantile: string]: number
}

/** As Piscina counts. */
export interface PoolStats {
  threads: number
  idleThreads: number
  /** Tasks that wait for a worker. */
  queueSize: number
  /** Tasks that have ended, the pool's own included. */
  completed: number
  /** 0..1: the share of the time of all threads that went into tasks. */
  utilization: number
  /** Undefined with `recordTiming: false`. */
  runTime: PoolTimes | undefined
  waitTime: PoolTimes | undefined
}
