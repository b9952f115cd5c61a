/**
 * bentocache with its two layers and, over Redis, its bus, as its documentation has it. It has no getMany and
 * no setMany. Over LMDB by a driver of one's own: it comes with none.
 */
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis'
import { TTL } from './tiered-caches.mjs'

export function open({ maxEntries, url, database }) {
  const { driver, memory } = watched(memoryDriver({ maxItems: maxEntries }))
  const tiers = storeOver(bentostore().useL1Layer(driver), url, database)
  const bento = new BentoCache({ default: 'tiers', stores: { tiers }, ttl: TTL })
  return {
    get: (key) => bento.get({ key }),
    getOrSet: (key, factory, options) => bento.getOrSet({ key, factory, ...options }),
    set: (key, value) => bento.set({ key, value }),
    forget: () => memory().clear(),
    close: () => bento.disconnectAll(),
  }
}

function storeOver(store, url, database) {
  if (database !== undefined) return store.useL2Layer(lmdbDriver(database))
  if (url === undefined) return store
  const { hostname: host, port } = new URL(url)
  const connection = { host, port: Number(port) }
  return store.useL2Layer(redisDriver({ connection })).useBus(redisBusDriver({ connection }))
}

/** The same driver, and what it has made: a cache is asked to empty its memory alone by nothing of its own. */
function watched({ options, factory }) {
  let made
  const driver = {
    options,
    factory(config) {
      made = factory(config)
      return made
    },
  }
  return { driver, memory: () => made }
}

function lmdbDriver(database) {
  return { options: {}, factory: () => new LmdbDriver(database) }
}

/** The interface of a second layer over lmdb: what bentocache gives it are strings. */
class LmdbDriver {
  type = 'l2'
  #database

  constructor(database) {
    this.#database = database
  }

  namespace() {
    return this
  }

  async get(key) {
    return this.#database.get(key)
  }

  set(key, value) {
    return this.#database.put(key, value)
  }

  delete(key) {
    return this.#database.remove(key)
  }

  disconnect() {}
}
