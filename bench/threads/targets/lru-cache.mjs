/** lru-cache: one for each thread, with its share of the entries that hotset holds in the same bytes. */
import { LRUCache } from 'lru-cache'
import { SynchronousClient } from './synchronous-client.mjs'

export function open({ maxEntries, threads }) {
  return {
    equip: () => ({ data: { maxEntries: Math.floor(maxEntries / threads) } }),
    close() {},
  }
}

export function connect({ maxEntries }, workload) {
  const cache = new LRUCache({ max: maxEntries })
  for (const [key, value] of workload.entries()) cache.set(key, value)
  return new SynchronousClient(cache, workload)
}
