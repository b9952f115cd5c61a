/**
 * The implementations by name, as their users would make them. All have get(key), set(key, value) and
 * delete(key), so the same code drives each: in its own process, where it is the only one.
 */
import { AT_ONCE } from './calls.mjs'
import { createHotset } from './hotset.mjs'
import { BENTOCACHE, CACHEABLE, KEYV, LMDB, REDIS } from './names.mjs'
import { createObjectCache } from './object-caches.mjs'

export * from './calls.mjs'
export * from './names.mjs'

/** Why loaded when needed: they are large, and a run has one of them at most. */
const ASYNCHRONOUS = new Map([
  [CACHEABLE, () => import('./cacheable.mjs')],
  [BENTOCACHE, () => import('./bentocache.mjs')],
  [KEYV, () => import('./keyv.mjs')],
  [LMDB, () => import('./lmdb.mjs')],
  [REDIS, () => import('./redis.mjs')],
])

/**
 * @typedef {object} Bounds
 * @property {number} [maxEntries] for all that count entries, but hotset, which has it among its options
 * @property {object} [hotset] options of SharedCache
 * @property {object} [lmdb] options of lmdb; without them values are MessagePack
 * @property {{ maxBytes?: number, buffers?: boolean }} [redis]
 * @property {number} [ttlMs] the lifetime of every entry, by each library's own option
 */

/**
 * One that answers at once.
 *
 * @param {string} implementation
 * @param {Bounds} bounds
 */
export function createCache(implementation, bounds) {
  const create = implementation.startsWith('hotset') ? createHotset : createObjectCache
  return create(implementation, bounds)
}

/**
 * Any of them: `gets` and `sets` say how its answers are waited for, deletes are like sets.
 *
 * @param {string} implementation
 * @param {Bounds} bounds
 * @returns {Promise<{ cache: any, gets: string, sets: string, isAsynchronous: boolean,
 *   close(): Promise<void> | void }>}
 */
export async function openCache(implementation, bounds) {
  const load = ASYNCHRONOUS.get(implementation)
  if (load !== undefined) {
    const { open } = await load()
    return { ...(await open(bounds)), isAsynchronous: true }
  }
  const cache = createCache(implementation, bounds)
  const close = () => cache.close?.()
  return { cache, gets: AT_ONCE, sets: AT_ONCE, isAsynchronous: false, close }
}
