/**
 * What it takes to start each implementation: the packages to import, as its users write them (hotset's by
 * the file that its name stands for), and what to make of their exports. Nothing is imported here, so that whoever asks
 * can time it.
 */
import { builtEntry } from '../../harness/built-files.mjs'
import {
  BENTOCACHE,
  CACHEABLE,
  HOTSET,
  KEYV,
  LMDB,
  LRU_CACHE,
  LRU_MIN,
  MNEMONIST,
  QUICK_LRU,
  TINY_LRU,
  TTLCACHE,
} from '../../peers/names.mjs'

/** An import of nothing: what the loader itself takes. */
export const EMPTY_MODULE = 'an empty module'

const STARTS = new Map([
  [HOTSET, { specifiers: [builtEntry().href], create: startHotset }],
  [LRU_CACHE, { specifiers: ['lru-cache'], create: startLruCache }],
  [TINY_LRU, { specifiers: ['tiny-lru'], create: ({ lru }, { max }) => lru(max) }],
  [LRU_MIN, { specifiers: ['lru.min'], create: ({ createLRU }, { max }) => createLRU({ max }) }],
  [QUICK_LRU, { specifiers: ['quick-lru'], create: startQuickLru }],
  [
    MNEMONIST,
    // Why required: to import is to load all of the package.
    { specifiers: ['mnemonist/lru-map-with-delete.js'], isRequired: true, create: startMnemonist },
  ],
  [TTLCACHE, { specifiers: ['@isaacs/ttlcache'], create: startTtlCache }],
  [CACHEABLE, { specifiers: ['cacheable'], create: startCacheable }],
  [
    BENTOCACHE,
    { specifiers: ['bentocache', 'bentocache/drivers/memory'], create: startBentocache },
  ],
  [KEYV, { specifiers: ['keyv'], create: ({ Keyv }) => new Keyv() }],
  [LMDB, { specifiers: ['lmdb'], create: startLmdb }],
  [EMPTY_MODULE, { specifiers: ['data:text/javascript,'], create: () => new Map() }],
])

export const IMPLEMENTATIONS = [...STARTS.keys()]

/**
 * @returns {{ specifiers: string[], isRequired?: boolean, create(exports: any, bounds: StartBounds): any }}
 *   `create` makes a cache with get(key) and set(key, value), which may answer promises
 * @typedef {{ maxBytes: number, max: number, path: string }} StartBounds `max`: entries; `path`: of a folder
 *   that is empty
 */
export function startOf(implementation) {
  const start = STARTS.get(implementation)
  if (start === undefined) throw new Error(`There is no start of '${implementation}'`)
  return start
}

function startHotset({ SharedCache }, { maxBytes }) {
  return new SharedCache({ maxBytes })
}

function startLruCache({ LRUCache }, { max }) {
  return new LRUCache({ max })
}

function startQuickLru({ default: QuickLRU }, { max }) {
  return new QuickLRU({ maxSize: max })
}

function startMnemonist({ default: LRUMap }, { max }) {
  return new LRUMap(max)
}

function startTtlCache({ TTLCache }, { max }) {
  return new TTLCache({ max, ttl: 3_600_000 })
}

function startCacheable({ Cacheable, createKeyv }, { max }) {
  return new Cacheable({ primary: createKeyv({ lruSize: max }) })
}

function startBentocache({ BentoCache, bentostore, memoryDriver }, { max }) {
  const memory = bentostore().useL1Layer(memoryDriver({ maxItems: max }))
  const cache = new BentoCache({ default: 'memory', stores: { memory } })
  return { set: (key, value) => cache.set({ key, value }), get: (key) => cache.get({ key }) }
}

function startLmdb({ open }, { path }) {
  const database = open({ path, encoding: 'string', noSync: true })
  return { set: (key, value) => database.put(key, value), get: (key) => database.get(key) }
}
