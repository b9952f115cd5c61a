/** TieredCache by its own defaults: over Redis, news of other processes' writes comes by client tracking. */
import { join } from 'node:path'
import { importBuilt } from '../../harness/build.mjs'
import { TTL } from './tiered-caches.mjs'

const { diskTier, memoryTier, redisTier, TieredCache } = await importBuilt('src/tiers/index.js')

export async function open({ maxBytes, url, folder }) {
  const lower = []
  if (folder !== undefined) lower.push(diskTier({ path: join(folder, 'cache.lmdb') }))
  if (url !== undefined) lower.push(redisTier({ url }))
  const cache = new TieredCache({ tiers: [memoryTier({ maxBytes }), ...lower], ttl: TTL })
  await cache.ready()
  return {
    get: (key) => cache.get(key),
    getLocal: (key) => cache.getLocal(key),
    getShared: (key) => cache.memory.get(key),
    getOrSet: (key, loader, options) => cache.getOrSet(key, loader, options),
    getMany: (keys) => cache.getMany(keys),
    set: (key, value) => cache.set(key, value),
    setMany: (entries) => cache.setMany(entries),
    forget: () => cache.memory.clear(),
    drain: () => cache.drain(),
    close: () => cache.close(),
  }
}
