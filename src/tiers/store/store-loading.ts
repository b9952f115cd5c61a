/** Loads from a store, one or many, with what the store offers; a store without `load` has nothing. */
import type { Store, StoreLoadContext } from './store.js'

export async function loadFrom<V>(
  store: Store<V>,
  key: string,
  context: StoreLoadContext,
): Promise<V | undefined> {
  if (store.load !== undefined) return store.load(key, context)
  return (await store.loadMany?.([key], context))?.[0]
}

/** In the order of the keys. */
export async function loadManyFrom<V>(
  store: Store<V>,
  keys: readonly string[],
  context: StoreLoadContext,
): Promise<(V | undefined)[]> {
  if (keys.length === 0) return []
  if (store.loadMany === undefined) {
    return Promise.all(keys.map((key) => loadFrom(store, key, context)))
  }
  const values = await store.loadMany(keys, context)
  return keys.map((_, index) => values[index])
}
