/**
 * What the user's own storage looks like to a cache: a database, a service, a file.
 *
 * 1. A call that fails rejects; what it was to do may have happened all the same.
 * 2. `save` of a key puts a new value over the old one: write-behind may call it again with a value that
 *    is saved already, where the process ended before it could note that.
 */

export interface StoreItem<V> {
  readonly key: string
  readonly value: V
}

export interface StoreLoadContext {
  /** Aborts when nobody waits for the value any more. */
  readonly signal: AbortSignal
}

export interface Store<V> {
  /** The value, or undefined where there is none. Absent: the store is written to only. */
  load?(key: string, context: StoreLoadContext): Promise<V | undefined> | V | undefined
  /** In the order of the keys. Absent: each is loaded on its own. */
  loadMany?(
    keys: readonly string[],
    context: StoreLoadContext,
  ): Promise<readonly (V | undefined)[]> | readonly (V | undefined)[]
  save(key: string, value: V): Promise<void> | void
  /** All of them, or it rejects; no key comes twice. Absent: each is saved on its own. */
  saveMany?(items: readonly StoreItem<V>[]): Promise<void> | void
  /** Resolves too where there was nothing under the key. */
  remove(key: string): Promise<void> | void
  /** Absent: each is removed on its own. */
  removeMany?(keys: readonly string[]): Promise<void> | void
}
