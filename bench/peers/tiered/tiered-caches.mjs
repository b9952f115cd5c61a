/**
 * Caches of several tiers by name, as their users would make them: memory, and below it nothing, Redis or LMDB.
 * All have get(key), getOrSet(key, loader), set(key, value) and, where the library has one, getMany(keys) and
 * setMany(entries), so the same code drives each.
 *
 * 1. Every entry lives for ten minutes, by each library's own option; none expires in a run.
 * 2. The Redis server is one's own, on loopback. `forget()` empties the tier in memory and leaves the one below
 *    as it is; `hitsBelow()` tells how often Redis was asked for a key and had it.
 */

import { startRedisServer } from '../../../test/support/redis-server.mjs'
import { openIn, temporaryFolder } from '../lmdb.mjs'
import { BENTOCACHE, CACHEABLE } from '../names.mjs'
import { connectTo } from '../redis.mjs'

export const HOTSET_TIERS = 'hotset/tiers'
export const TIERED = [HOTSET_TIERS, BENTOCACHE, CACHEABLE]
export const TTL = '10m'

const MODULES = new Map([
  [HOTSET_TIERS, () => import('./hotset.mjs')],
  [BENTOCACHE, () => import('./bentocache.mjs')],
  [CACHEABLE, () => import('./cacheable.mjs')],
])

/**
 * @typedef {object} Below what is below memory: one of them, or none
 * @property {string} [url] of a Redis server
 * @property {string} [folder] for an LMDB file of the cache's own
 * @property {any} [database] an open LMDB, where the library is given one
 *
 * @param {string} implementation
 * @param {{ below?: 'redis' | 'lmdb', maxEntries: number, maxBytes: string }} bounds of the tier in memory
 */
export async function openTiered(implementation, { below, maxEntries, maxBytes }) {
  const { open } = await MODULES.get(implementation)()
  const ground = await openGround(below, implementation)
  const opened = await open({ ...ground.below, maxEntries, maxBytes })
  return {
    ...opened,
    hitsBelow: ground.hits,
    async close() {
      await opened.close()
      await ground.close()
    },
  }
}

async function openGround(below, implementation) {
  if (below === 'redis') return openRedis()
  if (below === 'lmdb') return openLmdb(implementation)
  return { below: {}, hits: async () => 0, close() {} }
}

async function openRedis() {
  const server = await startRedisServer()
  const client = await connectTo(server.port)
  return {
    below: { url: `redis://127.0.0.1:${server.port}` },
    hits: async () => Number(/keyspace_hits:(\d+)/.exec(await client.info('stats'))[1]),
    async close() {
      client.destroy()
      await server.stop()
    },
  }
}

function openLmdb(implementation) {
  const { path, remove } = temporaryFolder()
  if (implementation === HOTSET_TIERS) return { below: { folder: path }, close: remove }
  const database = openIn(path, { encoding: 'string' })
  return {
    below: { database },
    async close() {
      await database.close()
      remove()
    },
  }
}
