/**
 * cacheable with its memory as primary store and, as secondary, @keyv/redis as its documentation has it, or
 * lmdb by the interface of keyv: there is no adapter for it that is kept.
 */
import KeyvRedis from '@keyv/redis'
import { Cacheable, createKeyv } from 'cacheable'
import { Keyv } from 'keyv'
import { TTL } from './tiered-caches.mjs'

export function open({ maxEntries, url, database }) {
  const primary = createKeyv({ lruSize: maxEntries })
  const cache = new Cacheable({ primary, secondary: secondaryOf(url, database), ttl: TTL })
  return {
    get: (key) => cache.get(key),
    getOrSet: (key, loader, options) => cache.getOrSet(key, loader, options),
    getMany: (keys) => cache.getMany(keys),
    set: (key, value) => cache.set(key, value),
    setMany: (entries) => cache.setMany(entries.map(([key, value]) => ({ key, value }))),
    forget: () => cache.primary.clear(),
    close: () => cache.disconnect(),
  }
}

function secondaryOf(url, database) {
  if (database !== undefined) return new Keyv({ store: new LmdbStore(database) })
  return url === undefined ? undefined : new KeyvRedis(url)
}

/** The interface of a keyv store over lmdb: what keyv gives it are strings. */
class LmdbStore {
  opts = {}
  #database

  constructor(database) {
    this.#database = database
  }

  get(key) {
    return this.#database.get(key)
  }

  getMany(keys) {
    return this.#database.getMany(keys)
  }

  set(key, value) {
    return this.#database.put(key, value)
  }

  delete(key) {
    return this.#database.remove(key)
  }

  clear() {
    return this.#database.clearAsync()
  }

  disconnect() {}
}
