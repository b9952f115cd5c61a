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
import type { PackedValue } from '../packed-value.js'
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
  /** The value as the cache encodes it, where somebody has that: it is not encoded again. */
  packed?: PackedValue
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

/** What the layers above ask for beside. */
export interface LayeredLoadOptions extends GetOrSetOptions {
  /** After so long a caller gets the stale value, if there is one; else it goes on waiting. */
  softTimeout?: Duration
}

/** What a loader of a layer above may do with the load that it is run for. */
export interface LoadControl {
  /** How the result is to be stored: of the caller that began the load, until the loader says otherwise. */
  storeOptions: StoreOptions
  /** Whether the result is to be stored. */
  isStored: boolean
  /** A stale value from elsewhere, for callers who take one: until `keepUntil`, on the target's clock. */
  stale: { readonly value: unknown; readonly keepUntil: number } | undefined
  /** Whether nothing has been written or deleted since that the result would have to give way to. */
  readonly isCurrent: boolean
}

/** A loader of a layer above. */
export type ControlledLoader<V> = (
  context: LoaderContext,
  control: LoadControl,
) => V | undefined | PromiseLike<V | undefined>

export interface LoadPlan {
  readonly storeOptions: StoreOptions
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly timeoutMs: number
  readonly softTimeoutMs: number
  readonly signal: AbortSignal | undefined
}

const DEFAULT_PLAN: LoadPlan = {
  storeOptions: Object.freeze({}),
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
  timeoutMs: Number.POSITIVE_INFINITY,
  softTimeoutMs: Number.POSITIVE_INFINITY,
  signal: undefined,
}

/** @throws InvalidOptionError */
export function planLoad(options: LayeredLoadOptions | undefined): LoadPlan {
  if (options === undefined) return DEFAULT_PLAN
  const { ttl, tags, priority, sliding, cost, signal, refreshAhead } = options
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
    timeoutMs: parseTimeoutMs(options.timeout, 'timeout'),
    softTimeoutMs: parseTimeoutMs(options.softTimeout, 'softTimeout'),
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

function parseTimeoutMs(value: Duration | undefined, option: string): number {
  return value === undefined ? Number.POSITIVE_INFINITY : parseDurationMs(value, option)
}

function isShare(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1
}
