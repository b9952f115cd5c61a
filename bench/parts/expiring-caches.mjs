/**
 * Caches that take a lifetime with every set, each with what it does by itself about entries whose time has
 * come: nothing, a step with every call, or something by a timer.
 */
import { TTLCache } from '@isaacs/ttlcache'
import { CacheableMemory } from 'cacheable'
import { LRUCache } from 'lru-cache'
import QuickLRU from 'quick-lru'
import { SharedCache } from '../harness/build.mjs'
import { HOTSET, LRU_CACHE, QUICK_LRU, TTLCACHE } from '../peers/names.mjs'

export const HOTSET_MAINTAINED = 'hotset, maintain()'
export const LRU_CACHE_AUTOPURGE = 'lru-cache, ttlAutopurge'
export const CACHEABLE_MEMORY = 'cacheable, its memory'

export const MAINTAIN_EVERY_MS = 10
/** A step is bounded, so it takes several; and as many as this has time for. */
export const MAINTAIN_FOR_MS = 2
/** Of cacheable's memory, which by default does not look by itself. */
export const CHECK_EVERY_MS = 1000

const OPENERS = new Map([
  [HOTSET, openHotset],
  [HOTSET_MAINTAINED, openMaintained],
  [LRU_CACHE, (maxEntries) => openLruCache({ max: maxEntries })],
  [LRU_CACHE_AUTOPURGE, (maxEntries) => openLruCache({ max: maxEntries, ttlAutopurge: true })],
  [TTLCACHE, openTtlCache],
  [QUICK_LRU, openQuickLru],
  [CACHEABLE_MEMORY, openCacheableMemory],
])

/** How much longer than for the others it takes to set entries: a timer for each is dear, or many objects. */
export const FILL_FACTORS = new Map([
  [LRU_CACHE_AUTOPURGE, 3],
  [CACHEABLE_MEMORY, 3],
])

export const IMPLEMENTATIONS = [...OPENERS.keys()]

/**
 * @typedef {object} ExpiringCache
 * @property {(key: string) => any} get
 * @property {(key: string, value: string, ttlMs: number) => void} set
 * @property {() => number} held entries that take memory, expired or not
 * @property {() => number} offHeapBytes in use, 0 for caches on the heap
 * @property {() => void} close
 *
 * @returns {ExpiringCache}
 */
export function openExpiring(implementation, maxEntries) {
  return OPENERS.get(implementation)(maxEntries)
}

function openHotset(maxEntries) {
  const cache = new SharedCache({ maxBytes: 2 ** 24 + maxEntries * 240 })
  return {
    get: (key) => cache.get(key),
    set: (key, value, ttlMs) => cache.set(key, value, { ttl: ttlMs }),
    // Why not size: to ask for it takes some of the expired away.
    held: () => cache.stats().size,
    offHeapBytes: () => cache.bytes,
    maintain: () => cache.maintain(),
    close: () => cache.close(),
  }
}

function openMaintained(maxEntries) {
  const opened = openHotset(maxEntries)
  const timer = setInterval(() => {
    const endMs = performance.now() + MAINTAIN_FOR_MS
    while (opened.maintain() && performance.now() < endMs) {}
  }, MAINTAIN_EVERY_MS)
  return {
    ...opened,
    close() {
      clearInterval(timer)
      opened.close()
    },
  }
}

function openLruCache(options) {
  const cache = new LRUCache(options)
  const set = (key, value, ttlMs) => cache.set(key, value, { ttl: ttlMs })
  return onHeap(cache, set, () => cache.clear())
}

function openTtlCache(maxEntries) {
  const cache = new TTLCache({ max: maxEntries })
  const set = (key, value, ttlMs) => cache.set(key, value, { ttl: ttlMs })
  return onHeap(cache, set, () => cache.clear())
}

function openQuickLru(maxEntries) {
  const cache = new QuickLRU({ maxSize: maxEntries })
  return onHeap(cache, (key, value, ttlMs) => cache.set(key, value, { maxAge: ttlMs }))
}

function openCacheableMemory(maxEntries) {
  const cache = new CacheableMemory({ lruSize: maxEntries, checkInterval: CHECK_EVERY_MS })
  const set = (key, value, ttlMs) => cache.set(key, value, ttlMs)
  return onHeap(cache, set, () => cache.stopIntervalCheck())
}

function onHeap(cache, set, close = () => {}) {
  return {
    get: (key) => cache.get(key),
    set,
    held: () => cache.size,
    offHeapBytes: () => 0,
    close,
  }
}
