/** What loading needs of a cache, and what it sees of an entry. */
import type { ClaimMode, LoadClaim } from './claim.js'
import type { StoreOptions } from './options.js'

/** An entry as `getOrSet` sees it. */
export interface LoadedEntry<V> {
  value: V
  /** 'stale': expired, but within the stale period that it was stored with. */
  state: 'fresh' | 'stale'
  createdAt: number
  /** Infinity: never. */
  expiresAt: number
}

/** The cache, as far as loading needs it. */
export interface LoadTarget<V> {
  /**
   * The live or stale entry of key; counts as an access. What is returned is read before anything
   * else is called and then dropped, so it may be one object that is used again.
   */
  lookup(key: string): LoadedEntry<V> | undefined
  /** Claims the load of key: any set, delete, tag invalidation or clear until `store` voids the result. */
  beginLoad(key: string, mode: ClaimMode): LoadClaim
  /** Ends the claim. False where the result is void, or was refused. */
  store(key: string, value: V, options: StoreOptions, claim: LoadClaim): boolean
  /** Milliseconds, on the clock of `createdAt` and `expiresAt`. */
  now(): number
  /** Failures that no caller is told of. What it throws is dropped. */
  onError(error: unknown, key: string): void
}
