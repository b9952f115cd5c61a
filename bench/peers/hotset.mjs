/** hotset in its variants: with the near cache, without it, and with another policy. */
import { SharedCache } from '../harness/build.mjs'
import { HOTSET_LRU, HOTSET_NEAR_OFF } from './names.mjs'

export function createHotset(implementation, { hotset, ttlMs }) {
  return new SharedCache({
    ...hotset,
    ...(implementation === HOTSET_NEAR_OFF && { near: false }),
    ...(implementation === HOTSET_LRU && { policy: 'lru' }),
    ...(ttlMs !== undefined && { ttl: ttlMs }),
  })
}
