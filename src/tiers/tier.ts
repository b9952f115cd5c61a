/**
 * What a tier below memory is: a store of entries by key, with lifetimes, tags, and news of what others
 * changed. diskTier and redisTier are two; any object with this interface can be one.
 *
 * 1. A value reaches a tier as opaque bytes (`payload`): encoded, and where that is asked for compressed
 *    and encrypted. All that a tier has to understand stands beside them.
 * 2. Times are milliseconds since the epoch by the wall clock, as several processes share a tier.
 * 3. A method that fails rejects; nothing is half-done then, or it is done as if it had not failed. Timeouts,
 *    retries and the circuit breaker stand around the tier (guard/), not in it.
 * 4. A tier never answers with an entry whose `keepUntil` is over, or one of whose tags was invalidated
 *    after the entry was read for the first time from its origin (after `seen`, or `set` without it).
 * 5. `set` with `ifUnchanged` stores only if nobody has set, deleted or invalidated the key since it was
 *    looked at: what was loaded meanwhile may be older than what they did.
 */

import type { DependencyGraph } from './rules/dependencies.js'

/** An entry on its way to a tier, or from it. */
export interface TierEntry {
  /** The value, opaque. Empty where `absent`. */
  readonly payload: Uint8Array
  /** There is no value: a loader found that out (negative caching). */
  readonly absent?: boolean
  /** When the value was made. */
  readonly createdAt: number
  /** Fresh until then; Infinity: for ever. */
  readonly expiresAt: number
  /** Kept until then, stale; at least `expiresAt`. */
  readonly keepUntil: number
  /** Of a sliding entry: for how long each renewal makes it fresh, in ms; Infinity: for ever. Absent: it does not slide. */
  readonly slidingTtlMs?: number
  /** Lifetimes in the tiers above that are not the usual ones there, in ms, by the names of the tiers. */
  readonly ttlMsAbove?: Readonly<Record<string, number>>
  readonly tags: readonly string[]
  /** What the origin calls this state of the value: an etag, or a version. */
  readonly validator?: string
}

/** What a tier has under a key. */
export interface TierFinding {
  /** Undefined: a miss. One that `expireTags` or `expire` made stale has an `expiresAt` that is over. */
  readonly entry: TierEntry | undefined
  /** The state of the key as it was looked at, for `ifUnchanged`. Only the tier knows what is in it. */
  readonly seen: unknown
}

export interface TierSetOptions {
  /** Store only if the key is still as it was when this was read. Absent: in any case. */
  readonly ifUnchanged?: { readonly seen: unknown }
  /** Where the load of the value was under a lease of this tier: store only if it still holds. */
  readonly lease?: TierLease
  /**
   * With `ifUnchanged`: the entry is the one that was seen, with later times. So `ifUnchanged` of others who have seen
   * it had better hold on; where a tier cannot do that, their loads are not stored.
   */
  readonly renews?: boolean
}

export interface TierItem {
  readonly key: string
  readonly entry: TierEntry
  readonly options?: TierSetOptions
}

/** What the tiers above this one have to hear of, because somebody else did it. */
export type TierNews =
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  /** `soft`: the entries with these tags are stale from now on, not gone. */
  | { readonly kind: 'tags'; readonly tags: readonly string[]; readonly soft: boolean }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'pattern'; readonly pattern: string }
  | { readonly kind: 'all' }
  /** From now on news may be missed: the connection is lost. */
  | { readonly kind: 'lost'; readonly error?: unknown }
  /** News arrives again; what was missed in between has not been told, so all of it may be outdated. */
  | { readonly kind: 'back' }

/** Failures that lose nothing but an entry, and are only told. */
export interface TierProblem {
  /** 'corrupt': bytes that are no entry; 'set-aside': a damaged file, a new one begun; 'full': no room. */
  readonly kind: 'corrupt' | 'set-aside' | 'full' | 'connection'
  readonly key?: string
  readonly error: unknown
}

/** The cache, as a tier sees it. */
export interface TierHost {
  /** In the cache's name, for files, prefixes and errors. */
  readonly cacheName: string
  /** Milliseconds since the epoch. */
  now(): number
  news(news: TierNews): void
  problem(problem: TierProblem): void
}

/** A right to load a key that at most one process has at a time. */
export interface TierLease {
  readonly key: string
  /** Grows with each lease of the key: what comes with a smaller one than was seen is refused. */
  readonly fencingToken: number
  /** Gives it back; does not reject. */
  release(): Promise<void>
}

export interface Tier {
  /** What it is called in `ttl: { disk: '1d' }`, results, events and statistics; one of its kind a cache. */
  readonly name: string
  /** It tells of what others do: 'back' when that begins to arrive. Until then nothing above it is relied on. */
  readonly hasNews?: boolean
  /** Called once, before anything else. Rejects where the options are wrong, not where a server is away. */
  open(host: TierHost): Promise<void>
  get(key: string): Promise<TierFinding>
  /** For a tier that waits for nobody: what `get` resolves to, without a promise; throws where `get` rejects. */
  getAtOnce?(key: string): TierFinding
  /** In the order of the keys; one round trip, or one a node. */
  getMany(keys: readonly string[]): Promise<TierFinding[]>
  /** Whether it was stored; false: the key had changed, or the tier is full. */
  set(key: string, entry: TierEntry, options?: TierSetOptions): Promise<boolean>
  setMany(items: readonly TierItem[]): Promise<boolean[]>
  /** Which of the keys were there. What is being loaded of them meanwhile is not stored (5). */
  delete(keys: readonly string[]): Promise<boolean[]>
  /** Gets and deletes in one step. */
  take(key: string): Promise<TierEntry | undefined>
  /** Makes the entries stale now, to be kept for their grace; which of the keys were there. */
  expire(keys: readonly string[]): Promise<boolean[]>
  /** O(1) in the number of entries. `soft`: they become stale, and are kept until their `keepUntil`. */
  invalidateTags(tags: readonly string[], soft: boolean): Promise<void>
  /** How many went, or would have been found no more. */
  deleteByPrefix(prefix: string): Promise<number>
  /** A glob as SharedCache.deleteByPattern has it. */
  deleteByPattern(pattern: string): Promise<number>
  /** The keys of live and stale entries, in no order that means anything; a key may come twice. */
  keys(prefix?: string): AsyncIterable<string>
  clear(): Promise<void>
  /** Undefined: another process has it. Absent: this tier has no leases. */
  lease?(key: string, ttlMs: number): Promise<TierLease | undefined>
  /** Resolves when the lease that another process has of the key may be over, at the latest after `timeoutMs`. */
  leaseEnd?(key: string, timeoutMs: number): Promise<void>
  /** The dependencies of keys, where the tier can keep them for all who share it. Asked for once it is open. */
  dependencies?(): DependencyGraph
  /** Ends everything; what is under way may reject. */
  close(): Promise<void>
  /** Figures of its own, for `stats()`: plain data. */
  stats?(): Record<string, unknown>
}
