/** What the implementations are called, in tables and in the scenarios. */
export const HOTSET = 'hotset'
export const HOTSET_NEAR_OFF = 'hotset, near off'
export const HOTSET_LRU = 'hotset, lru'
export const LRU_CACHE = 'lru-cache'
export const TINY_LRU = 'tiny-lru'
export const LRU_MIN = 'lru.min'
export const QUICK_LRU = 'quick-lru'
export const MNEMONIST = 'mnemonist'
export const TTLCACHE = '@isaacs/ttlcache'
export const MAP = 'Map'
export const CACHEABLE = 'cacheable'
export const BENTOCACHE = 'bentocache'
export const KEYV = 'keyv'
export const LMDB = 'lmdb'
export const REDIS = 'Redis'
export const NO_CACHE = 'no cache'

/** In this process and answering at once; Map is the floor, and has no bound. */
export const SYNCHRONOUS_PEERS = [LRU_CACHE, TINY_LRU, LRU_MIN, QUICK_LRU, MNEMONIST, TTLCACHE, MAP]

/** Those whose answers are promises: of gets, of sets, or of both. */
export const ASYNCHRONOUS_PEERS = [CACHEABLE, BENTOCACHE, KEYV, LMDB, REDIS]
