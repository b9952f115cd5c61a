/**
 * cacheable with its memory and nothing behind it, by its own defaults but for the bound: the least recently
 * used are evicted, and objects cloned when they are asked for.
 */
import { Cacheable, createKeyv } from 'cacheable'
import { AWAITED } from './calls.mjs'

export function open({ maxEntries, ttlMs }) {
  const cache = new Cacheable({ primary: createKeyv({ lruSize: maxEntries }), ttl: ttlMs })
  return { cache, gets: AWAITED, sets: AWAITED, close: () => cache.disconnect() }
}
