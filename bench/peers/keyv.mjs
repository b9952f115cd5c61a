/** keyv with its own store, a Map of JSON text: it has no bound. */
import { Keyv } from 'keyv'
import { AWAITED } from './calls.mjs'

export function open({ ttlMs }) {
  const cache = new Keyv({ ttl: ttlMs })
  return { cache, gets: AWAITED, sets: AWAITED, close: () => cache.disconnect() }
}
