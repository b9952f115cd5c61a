/**
 * bentocache with its memory driver, which keeps entries as JSON text. Entries live for ever where nothing
 * is said; its own default is half an hour.
 */
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { AWAITED } from './calls.mjs'

export function open({ maxEntries, ttlMs }) {
  const memory = bentostore().useL1Layer(memoryDriver({ maxItems: maxEntries }))
  const bento = new BentoCache({ default: 'memory', stores: { memory }, ttl: ttlMs ?? null })
  const cache = {
    get: (key) => bento.get({ key }),
    set: (key, value) => bento.set({ key, value }),
    delete: (key) => bento.delete({ key }),
  }
  return { cache, gets: AWAITED, sets: AWAITED, close: () => bento.disconnectAll() }
}
