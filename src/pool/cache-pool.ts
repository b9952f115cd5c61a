/**
 * CachePool: loaders that run in worker threads and write what they make into the cache themselves.
 *
 * 1. What a load means (who joins it, stale values, refreshing ahead, time limits, signals) is decided
 *    by `Loads`, as for SharedCache.getOrSet; its loader here is a task for a worker, and its store does
 *    nothing: the worker has stored the value.
 * 2. In the worker the same key goes through SharedCache.getOrSet, so that loads of other threads are
 *    joined there, and voided where the key is written or deleted meanwhile; and so that `favor: 'cost'` weighs
 *    what the loader took, without the wait for a worker.
 * 3. The caller gets the value whatever becomes of it in the cache: what the worker could not store it
 *    posts, and what was lost on the way is loaded once more and posted.
 *
 * Costs: a hit is that of SharedCache.getOrSet; a task some 50 microseconds and a copy out of the
 * cache, whatever the size of the value.
 */
import type { Worker } from 'node:worker_threads'
import { HotsetError } from '../cache/errors.js'
import { type GetOrSetOptions, Loads } from '../cache/loading.js'
import { type CacheInside, insideOf, type SharedCache } from '../cache/shared-cache.js'
import { type Duration, parseDurationMs } from '../cache/units.js'
import { Crew, type TransferList } from './crew.js'
import { unpackError } from './error-transport.js'
import { PoolClosedError } from './errors.js'
import { Maintenance } from './maintenance.js'
import { type CachePoolOptions, type ResolvedPoolOptions, resolvePoolOptions } from './options.js'
import { Outstanding } from './outstanding.js'
import {
  type LoadCause,
  REPLY_NOTHING,
  type WorkerLoadOptions,
  type WorkerReply,
} from './protocol.js'
import type { TaskOrder } from './task.js'
import type {
  Loaded,
  LoaderArgs,
  LoaderName,
  PoolLoader,
  PoolRunOptions,
  PoolStats,
} from './types.js'

/** How often a value that was lost on its way is loaded. The second time it is posted. */
const LOAD_ATTEMPTS = 2
const MAX_TIMER_MS = 2 ** 31 - 1

export class CachePool<V = unknown, Loaders extends object = Record<string, PoolLoader<V>>> {
  readonly cache: SharedCache<V>
  readonly #inside: CacheInside<V>
  readonly #options: ResolvedPoolOptions
  readonly #outstanding = new Outstanding()
  readonly #crew: Crew
  readonly #maintenance: Maintenance | undefined
  readonly #loads: Loads<V>
  #closedReason: string | undefined
  #closing: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  /** @throws InvalidOptionError, CacheClosedError */
  constructor(options: CachePoolOptions<V>) {
    this.#options = resolvePoolOptions(options)
    this.cache = options.cache
    this.#inside = insideOf(options.cache)
    const { filename, workerData, piscina, maintenanceIntervalMs } = this.#options
    const { terminateAfterMs, onError } = this.#options
    const poolData = { handle: this.cache.handle, filename, workerData }
    const onThreadEnded = (threadId: number): void => this.#declareThreadEnded(threadId)
    this.#crew = new Crew(
      { piscina, workerData: poolData, terminateAfterMs, onError, onThreadEnded },
      this.#outstanding,
    )
    this.#loads = this.#createLoads()
    this.#inside.loads.addFollower(this.#loads)
    if (maintenanceIntervalMs > 0) {
      this.#maintenance = new Maintenance(
        poolData,
        maintenanceIntervalMs,
        piscina,
        onError,
        onThreadEnded,
      )
    }
  }

  /**
   * The value of key: from the cache, or made by the named export of the loaders' module in a worker,
   * as `loader(args, { key, signal, cache, workerData })`. The worker stores it; callers of a key that
   * is being loaded share the load.
   *
   * `options` mean what they mean for SharedCache.getOrSet. When the last caller has left a load (by
   * its signal or timeout), the loader's signal aborts; one that does not heed it loses its worker
   * (see `terminateAfter`).
   *
   * @param args for the loader; has to be cloneable
   * @returns a promise. It rejects with what the loader threw, and with InvalidKeyError,
   * InvalidOptionError, LoaderTimeoutError, UnserializableValueError, UnknownLoaderError,
   * LoaderModuleError, WorkerEndedError, QueueFullError, PoolClosedError, CacheClosedError,
   * `signal.reason`.
   */
  getOrSet<Name extends LoaderName<Loaders>>(
    key: string,
    loader: Name,
    args?: LoaderArgs<Loaders, Name>,
    options?: GetOrSetOptions,
  ): Promise<Loaded<Loaders, Name>> {
    if (this.#closedReason !== undefined) return Promise.reject(this.#createClosedError())
    const load = ({ signal }: { signal: AbortSignal }): Promise<V | undefined> =>
      this.#load(key, loader, args, options, signal)
    return this.#loads.getOrSet(key, load, options) as Promise<Loaded<Loaders, Name>>
  }

  /**
   * Runs the named export in a worker, as `loader(args, { signal, cache, workerData })`, and posts what
   * it returns (Piscina's `move` holds). Nothing is cached.
   */
  async run<Name extends LoaderName<Loaders>>(
    loader: Name,
    args?: LoaderArgs<Loaders, Name>,
    { signal, transferList }: PoolRunOptions = {},
  ): Promise<Loaded<Loaders, Name>> {
    if (this.#closedReason !== undefined) throw this.#createClosedError()
    const list = transferList as TransferList
    const reply = await this.#ask({ kind: 'run', loader, args }, signal, list)
    return (reply as { value: Loaded<Loaders, Name> }).value
  }

  /** Resolves when no task waits or runs. */
  drain(): Promise<void> {
    return this.#outstanding.idle()
  }

  /**
   * Refuses new calls, waits for those that are under way (`closeTimeout`, 30 s by default, at most),
   * and ends the threads. The cache stays open.
   */
  close(): Promise<void> {
    this.#closedReason ??= 'close() was called'
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Ends the threads now; calls that are under way reject with PoolClosedError. The cache stays open. */
  destroy(): Promise<void> {
    this.#closedReason = 'destroy() was called'
    return this.#stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The workers' threads, as Piscina has them. */
  get threads(): Worker[] {
    return this.#crew.piscina.threads
  }

  /** Piscina's figures. */
  stats(): PoolStats {
    const { piscina } = this.#crew
    const { threads, idleThreads, queueSize, completed, utilization, histogram } = piscina
    const { runTime, waitTime } = histogram
    return {
      threads: threads.length,
      idleThreads,
      queueSize,
      completed,
      utilization,
      runTime,
      waitTime,
    }
  }

  async #load(
    key: string,
    loader: string,
    args: unknown,
    given: GetOrSetOptions | undefined,
    signal: AbortSignal,
  ): Promise<V | undefined> {
    this.#outstanding.enter()
    try {
      let cause = this.#causeOf(key, given)
      const options = workerOptions(given, cause)
      for (let attempt = 1; ; attempt++) {
        const mustPost = attempt === LOAD_ATTEMPTS
        const order = { kind: 'load', loader, args, key, cause, options, mustPost } as const
        const reply = await this.#ask(order, signal)
        if (reply === REPLY_NOTHING) return undefined
        if (typeof reply === 'object' && 'packed' in reply) return this.#inside.unpack(reply.packed)
        const found = this.#inside.target.lookup(key)
        if (found !== undefined) return found.value
        if (cause === 'due') return undefined
        cause = 'missing'
      }
    } finally {
      this.#outstanding.leave()
    }
  }

  /** Why a loader is called at all, though Loads does not say: what is fresh is loaded ahead of expiry. */
  #causeOf(key: string, options: GetOrSetOptions | undefined): LoadCause {
    if (options?.forceFresh) return 'forced'
    return options?.refreshAhead !== undefined && this.cache.has(key) ? 'due' : 'missing'
  }

  async #ask(
    order: TaskOrder,
    signal?: AbortSignal,
    transferList?: TransferList,
  ): Promise<WorkerReply> {
    const reply = await this.#crew.run(order, signal, transferList)
    if (typeof reply === 'object' && 'error' in reply) throw unpackError(reply.error)
    return reply
  }

  #createLoads(): Loads<V> {
    const { target } = this.#inside
    return new Loads<V>(
      {
        lookup: (key) => target.lookup(key),
        now: () => target.now(),
        onError: (error, key) => target.onError(error, key),
        // Why no claim here: the worker would wait for it.
        beginLoad: (key) => this.#inside.watch(key),
        store: () => true,
      },
      this.cache.name,
    )
  }

  async #close(): Promise<void> {
    const limitMs = Math.min(this.#options.closeTimeoutMs, MAX_TIMER_MS)
    // Why destroyed: what has not ended by then never may.
    const limit = setTimeout(() => void this.#stop(), limitMs).unref()
    await this.#outstanding.idle()
    clearTimeout(limit)
    if (this.#stopping === undefined) await this.#crew.retire()
    await this.#stop()
  }

  #stop(): Promise<void> {
    this.#stopping ??= this.#endThreads()
    return this.#stopping
  }

  async #endThreads(): Promise<void> {
    this.#inside.loads.removeFollower(this.#loads)
    await Promise.all([this.#crew.stop(this.#createClosedError()), this.#maintenance?.stop()])
  }

  /** The one place that tells the cache of a thread's end, for systems that cannot tell by themselves. */
  #declareThreadEnded(threadId: number): void {
    try {
      this.cache.declareThreadEnded(threadId)
    } catch (error) {
      // Why: the cache may be closed in this thread; the others find out by themselves.
      if (!(error instanceof HotsetError)) throw error
    }
  }

  #createClosedError(): PoolClosedError {
    return new PoolClosedError(this.cache.name, this.#closedReason)
  }
}

/** What the worker needs of a call's options; the rest is dealt with here. */
function workerOptions(options: GetOrSetOptions | undefined, cause: LoadCause): WorkerLoadOptions {
  if (options === undefined) return {}
  const { ttl, tags, priority, sliding, cost, staleWhileRevalidate, staleIfError } = options
  const staleMs = Math.max(durationMs(staleWhileRevalidate), durationMs(staleIfError))
  return {
    ttl,
    tags,
    priority,
    sliding,
    cost,
    ...(staleMs > 0 && { staleIfError: staleMs }),
    ...(cause === 'due' && { refreshAhead: options.refreshAhead }),
  }
}

/** Of an option that Loads has checked already. */
function durationMs(value: Duration | undefined): number {
  return value === undefined || value === 0 ? 0 : parseDurationMs(value, 'duration')
}
