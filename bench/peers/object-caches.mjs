/**
 * The caches of objects on the V8 heap that answer at once. All have get, set and delete of their own, and
 * are used as they are. What has no lifetimes raises an error where they are asked for.
 */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { TTLCache } from '@isaacs/ttlcache'
import { createLRU } from 'lru.min'
import { LRUCache } from 'lru-cache'
import QuickLRU from 'quick-lru'
import { lru } from 'tiny-lru'
import { LRU_CACHE, LRU_MIN, MAP, MNEMONIST, QUICK_LRU, TINY_LRU, TTLCACHE } from './names.mjs'

// Why required: to import is to load all of mnemonist. Why with delete: its parent, LRUMap, has none.
const LRUMapWithDelete = createRequire(import.meta.url)('mnemonist/lru-map-with-delete.js')

/** Longer than any run. Why: full of entries that live for ever, TTLCache evicts none, and loops without end. */
const LONG_MS = 3_600_000
const WITHOUT_TTL = [LRU_MIN, MNEMONIST, MAP]

export function createObjectCache(implementation, { maxEntries, ttlMs }) {
  if (ttlMs !== undefined) assertTtl(implementation)
  switch (implementation) {
    case LRU_CACHE:
      return new LRUCache({ max: maxEntries, ...(ttlMs !== undefined && { ttl: ttlMs }) })
    case TINY_LRU:
      // Why resetTtl: with all others a set begins the lifetime anew.
      return lru(maxEntries, ttlMs ?? 0, true)
    case LRU_MIN:
      return createLRU({ max: maxEntries })
    case QUICK_LRU:
      return new QuickLRU({ maxSize: maxEntries, ...(ttlMs !== undefined && { maxAge: ttlMs }) })
    case MNEMONIST:
      return new LRUMapWithDelete(maxEntries)
    case TTLCACHE:
      return new TTLCache({ max: maxEntries, ttl: ttlMs ?? LONG_MS })
    case MAP:
      return new Map()
    default:
      throw new Error(`There is no implementation '${implementation}'`)
  }
}

function assertTtl(implementation) {
  assert.ok(!WITHOUT_TTL.includes(implementation), `${implementation} has no lifetimes`)
}
