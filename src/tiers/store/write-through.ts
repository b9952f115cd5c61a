/** writeThrough and writeAround: the store is written to first, and the caller waits for it. */
import { DirectWriter } from './direct-writer.js'
import type { Store } from './store.js'
import type { StoreWriter } from './store-writer.js'

/**
 * The store first, then the tiers: a save that the store rejects reaches the caller, and no tier is changed.
 *
 * For what is read soon after it was written, and must not be lost.
 * @throws InvalidOptionError
 */
export function writeThrough<V>(store: Store<V>): StoreWriter<V> {
  return new DirectWriter('write-through', store)
}

/**
 * The store first, then the tiers' copies are deleted: the next read loads the value anew.
 *
 * For what is written often and seldom read.
 * @throws InvalidOptionError
 */
export function writeAround<V>(store: Store<V>): StoreWriter<V> {
  return new DirectWriter('write-around', store)
}
