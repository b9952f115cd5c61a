/** hotset: one cache, to which every thread attaches. */
import assert from 'node:assert/strict'
import { SharedCache } from '../../harness/build.mjs'
import { HOTSET_NEAR_OFF } from '../../peers/caches.mjs'
import { SynchronousClient } from './synchronous-client.mjs'

/** By how much another cache's bound in entries may be off what these bytes hold. */
const TOLERANCE = 0.1

/** @param {object} context `shards`: instead of hotset's own choice */
export function open({ implementation, maxBytes, maxEntries, shards, workload }) {
  const near = implementation === HOTSET_NEAR_OFF ? { near: false } : {}
  const cache = new SharedCache({ maxBytes, ...near, ...(shards && { shards }) })
  for (const [key, value] of workload.entries()) cache.set(key, value)
  const expected = Math.min(maxEntries, workload.keys.length)
  assert.ok(Math.abs(cache.size / expected - 1) < TOLERANCE, `${cache.size} entries in the cache`)
  return {
    cache,
    equip: () => ({ data: { handle: cache.handle } }),
    close() {
      const { ok, problems } = cache.verify()
      if (!ok) throw new Error(`The cache is inconsistent: ${problems.join('; ')}`)
    },
  }
}

export function connect({ handle }, workload) {
  return new SynchronousClient(SharedCache.attach(handle), workload)
}
