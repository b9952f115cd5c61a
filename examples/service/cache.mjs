/**
 * The cache of the service: `user:<id>`, which the store loads and saves, and `feed:<id>`, which is computed.
 *
 * 1. Who changes something emits an event; what has to go for it stands here, in one place.
 */
import { join } from 'node:path'
import { diskTier, memoryTier, redisTier, TieredCache, writeAround } from 'hotset/tiers'

/** How old a user in memory may be where nobody tells of changes. */
const UNTOLD_TTL = '2s'

export function createCache(database, { redisUrl, folder, instance }) {
  // Why one file each beside Redis: its news makes each process delete in its own. Without news, a shared
  // file is how one process finds what the other has written.
  const path = join(folder, redisUrl ? `cache-${instance}.lmdb` : 'cache.lmdb')
  const cache = new TieredCache({
    name: 'service',
    tiers: [
      memoryTier({ maxBytes: '64mb', ttl: redisUrl ? undefined : UNTOLD_TTL }),
      diskTier({ path, maxBytes: '256mb' }),
      ...(redisUrl ? [redisTier({ url: redisUrl })] : []),
    ],
    // Why not the default of 1 s: a load from this database takes less than that.
    guards: redisUrl ? { redis: { timeout: '200ms' } } : {},
    // Why around: both processes may save a user at once, and the older of two values must not be what is
    // left in Redis. Where a key has one writer, writeThrough spares the next read its load.
    store: writeAround(userStore(database)),
    profiles: {
      'user:*': {
        extends: 'frequent',
        negativeTtl: '5s',
        ...(redisUrl ? {} : { ttl: { memory: UNTOLD_TTL, disk: '10m' } }),
      },
      'feed:*': { ttl: '1m', grace: '10m', staleWhileRevalidate: '30s' },
    },
  })
  cache.on('user.updated', [{ tag: 'author:{id}' }, 'feed:{id}'])
  cache.on('post.created', 'feed:{followers}')
  for (const event of ['tier-down', 'tier-up', 'write-failed', 'corrupt', 'load-error']) {
    cache.events.on(event, (told) => log(event, told))
  }
  return cache
}

function userStore(database) {
  const idOf = (key) => key.slice('user:'.length)
  return {
    load: (key) => (key.startsWith('user:') ? database.user(idOf(key)) : undefined),
    save: (key, user) => database.saveUser(idOf(key), user),
    remove: (key) => database.removeUser(idOf(key)),
  }
}

function log(event, { tier, key, error }) {
  const about = [tier, key, error?.message].filter(Boolean).join(', ')
  console.log(`${new Date().toISOString()} ${process.pid} ${event}: ${about}`)
}
