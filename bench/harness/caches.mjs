/**
 * The implementations by name, as their users would make them. All have get(key) and set(key, value),
 * so the same code drives each: in its own process, where it is the only one.
 */
import { LRUCache } from 'lru-cache'
import { SharedCache } from './hotset.mjs'

export const HOTSET = 'hotset'
export const HOTSET_NEAR_OFF = 'hotset, near off'
export const HOTSET_LRU = 'hotset, lru'
export const LRU_CACHE = 'lru-cache'
export const MAP = 'Map'
export const NO_CACHE = 'no cache'

/**
 * @param {string} implementation
 * @param {{ maxEntries?: number, hotset: object }} bounds `hotset`: options of SharedCache; `maxEntries`
 *   is for lru-cache only
 */
export function createCache(implementation, { maxEntries, hotset }) {
  switch (implementation) {
    case HOTSET:
      return new SharedCache(hotset)
    case HOTSET_NEAR_OFF:
      return new SharedCache({ ...hotset, near: false })
    case HOTSET_LRU:
      return new SharedCache({ ...hotset, policy: 'lru' })
    case LRU_CACHE:
      return new LRUCache({ max: maxEntries })
    case MAP:
      return new Map()
    default:
      throw new Error(`There is no implementation '${implementation}'`)
  }
}
