/**
 * How a cache writes to a store, as the cache sees it: writeThrough, writeBehind and writeAround make one each.
 *
 * 1. The cache calls the writer first, and touches its tiers only when that has resolved.
 * 2. Writes of one key reach the store in the order of the calls, one at a time.
 * 3. After a write was acknowledged, `load` of its key answers with it or with a newer one.
 */
import type { TellEvent } from '../events.js'
import type { StoreItem, StoreLoadContext } from './store.js'

/** The cache, as a writer sees it. */
export interface StoreWriterHost {
  /** In the cache's name, for errors. */
  readonly cacheName: string
  /** Milliseconds since the epoch. */
  now(): number
  readonly tell: TellEvent
}

export interface SaveContext {
  /** Ends the waiting for room in the journal, or for the key's turn; a write that has begun goes on. */
  readonly signal?: AbortSignal
}

/** What is acknowledged of a key and not in the store yet. */
export type PendingValue<V> =
  | { readonly kind: 'save'; readonly value: V }
  | { readonly kind: 'remove' }

/** What became of one of many writes. */
export type SaveOutcome =
  | { readonly saved: true }
  | { readonly saved: false; readonly error: unknown }

export interface FlushOptions {
  readonly signal?: AbortSignal
  /** Milliseconds, or '5s'. Default: as long as it takes. */
  readonly timeout?: number | string
}

export interface FlushResult {
  /** All that was pending at the call is saved, overtaken, or in the dead-letter list. */
  readonly complete: boolean
  /** How many writes are pending now, those that came since included. */
  readonly pending: number
  /** How many writes are in the dead-letter list. */
  readonly dead: number
}

export interface StoreWriter<V> {
  readonly kind: 'write-through' | 'write-behind' | 'write-around'
  /** What becomes of the tiers' copies once a save has resolved: the new value, or nothing. */
  readonly afterSave: 'write' | 'delete'
  /** Called once, before anything else. Rejects where the journal cannot be used. */
  open(host: StoreWriterHost): Promise<void>
  save(key: string, value: V, context?: SaveContext): Promise<void>
  remove(key: string, context?: SaveContext): Promise<void>
  /** In the order of the items; rejects for what is no failure of a single item only. */
  saveMany(items: readonly StoreItem<V>[], context?: SaveContext): Promise<SaveOutcome[]>
  removeMany(keys: readonly string[], context?: SaveContext): Promise<SaveOutcome[]>
  /** From what is pending, else from the store; undefined where there is none, or no way to load. */
  load(key: string, context: StoreLoadContext): Promise<V | undefined>
  loadMany(keys: readonly string[], context: StoreLoadContext): Promise<(V | undefined)[]>
  pendingValue(key: string): PendingValue<V> | undefined
  flush(options?: FlushOptions): Promise<FlushResult>
  /** Takes bounded time; what is not in the store then is in the journal. Does not reject. */
  close(): Promise<void>
  /** Plain data. */
  stats(): Record<string, unknown>
}
