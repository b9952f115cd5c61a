/**
 * What the thread scenarios compare. Each is a file of targets/ with two functions: open(), in the main
 * thread, fills it and says what each thread is to be equipped with; connect(), in a thread, makes of that
 * the client that this thread works with.
 */
import { HOTSET, HOTSET_NEAR_OFF, LMDB, REDIS } from '../peers/names.mjs'

export { HOTSET, HOTSET_NEAR_OFF, LMDB, REDIS }
export const LRU_PER_THREAD = 'lru-cache per thread'
export const MAIN_THREAD = 'lru-cache, main thread'
export const IMPLEMENTATIONS = [HOTSET, HOTSET_NEAR_OFF, LRU_PER_THREAD, LMDB, REDIS, MAIN_THREAD]

const FILES = new Map([
  [HOTSET, 'shared-cache'],
  [HOTSET_NEAR_OFF, 'shared-cache'],
  [LRU_PER_THREAD, 'lru-cache'],
  [LMDB, 'lmdb'],
  [REDIS, 'redis'],
  [MAIN_THREAD, 'main-thread'],
])

/** Why loaded when needed: a run has one of them in its process, and no other. */
export function loadTarget(implementation) {
  return import(new URL(`targets/${FILES.get(implementation)}.mjs`, import.meta.url).href)
}
