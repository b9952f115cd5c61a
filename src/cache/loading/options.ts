/**
 * What `getOrSet` takes, and the plan that it becomes once a load is needed.
 *
 * 1. Options are checked when a load is planned, not on a hit.
 * 2. In a plan every duration is a number; 0 is "not at all", Infinity "no limit".
 */
import { InvalidOptionError } from '../errors.js'
import {
  resolveCost,
  resolvePriority,
  resolveSliding,
  resolveTags,
  resolveTtlMs,
  type SetOptions,
} from '../options.js'
import { type Duration, parseDurationMs } from '../units.js'

export interface LoaderContext {
  /** The key as the caller gave it. */
  readonly key: string
  /** Aborts when nobody waits for the value any more, and when the cache closes. */
  readonly signal: AbortSignal
}

/** Makes the value of a missing key. `undefined`: there is none, and nothing is stored. */
export type Loader<V> = (context: LoaderContext) => V | PromiseLike<V>

/** How a loaded value is stored. */
export interface StoreOptions extends SetOptions {
  /** How long after its expiry the entry is kept, in ms, for those who take a stale value. */
  staleMs?: number
}

export interface GetOrSetOptions extends SetOptions {
  /** Loads even where there is a value, and joins no load that has already begun. Default: false. */
  forceFresh?: boolean
  /** Ends the wait of this caller with the signal's reason. */
  signal?: AbortSignal
  /**
   * For this long after its expiry the old value is returned at once, while it is loaded anew in the
   * background. Default: not at all.
   */
  staleWhileRevalidate?: Duration
  /** For this long after its expiry the old value stands in for a failed or late load. Default: not at all. */
  staleIfError?: Duration
  /**
   * The share of its lifetime, 0 to 1, after which a hit loads the value anew in the background. 0:
   * on each hit. Default: never.
   */
  refreshAhead?: number
  /**
   * How long this caller, or the background, waits for a load. A pending timeout does not keep the
   * process alive. Default: without limit.
   */
  timeout?: Duration
}

export interface LoadPlan {
  readonly storeOptions: StoreOptions
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

const DEFAULT_PLAN: LoadPlan = {
  storeOptions: Object.freeze({}),
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  timeoutMs: Number.POSITIVE_INFINITY,
  signal: undefined,
}

/** @throws InvalidOptionError */
export function planLoad(options: GetOrSetOptions | undefined): LoadPlan {
  if (options === undefined) return DEFAULT_PLAN
  const { ttl, tags, priority, sliding, cost, signal, refreshAhead, timeout } = options
  checkSetOptions(options)
  if (refreshAhead !== undefined && !isShare(refreshAhead)) {
    throw new InvalidOptionError('refreshAhead', refreshAhead, 'a number from 0 to 1')
  }
  if (signal !== undefined && typeof signal.addEventListener !== 'function') {
    throw new InvalidOptionError('signal', signal, 'an AbortSignal')
  }
  const staleWhileRevalidateMs = parseStaleMs(options.staleWhileRevalidate, 'staleWhileRevalidate')
  const staleIfErrorMs = parseStaleMs(options.staleIfError, 'staleIfError')
  const staleMs = Math.max(staleWhileRevalidateMs, staleIfErrorMs)
  return {
    storeOptions: { ttl, tags, priority, sliding, cost, staleMs },
    staleWhileRevalidateMs,
    staleIfErrorMs,
    timeoutMs:
      timeout === undefined ? Number.POSITIVE_INFINITY : parseDurationMs(timeout, 'timeout'),
    signal,
  }
}

/** Why now, though storing checks them too: a load whose result cannot be stored should not begin. */
function checkSetOptions({ ttl, tags, priority, sliding, cost }: SetOptions): void {
  resolveCost(cost)
  resolveTtlMs(ttl, 0)
  resolveTags(tags)
  resolvePriority(priority)
  resolveSliding(sliding, false)
}

function parseStaleMs(value: Duration | undefined, option: string): number {
  return value === undefined || value === 0 ? 0 : parseDurationMs(value, option)
}

function isShare(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1
}
