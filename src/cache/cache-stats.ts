/**
 * What stats() tells. Why apart from statistics.ts: these types are public, and must not draw the
 * engine's own declarations into those of the package.
 */
import type { Policy } from './options.js'

export interface ShardStats {
  entries: number
  /** Pages of 16 KiB. */
  pages: number
  sets: number
  evictions: number
  expirations: number
}

export interface SizeClassStats {
  /** The largest entry, header and key included, that a chunk of the class holds. */
  chunkBytes: number
  pages: number
  freeChunks: number
}

export interface CacheStats {
  name: string
  policy: Policy
  /** Gets that found a value, in the near cache or the engine. */
  hits: number
  misses: number
  /** Of the hits, those answered by a thread's near cache. */
  nearHits: number
  sets: number
  deletes: number
  /** Of the sets, those that overwrote a value. */
  replacements: number
  evictions: number
  expirations: number
  /** Entries found invalid by their tags and removed. */
  invalidations: number
  rejected: {
    /** Larger than maxEntryBytes, or no room could be made. */
    tooLarge: number
    /** The shard was not to be had within lockTimeout. */
    lockTimeout: number
  }
  /** Values that could not be decoded. */
  corrupt: number
  size: number
  /** Bytes in use: what is fixed, and the pages that hold something. */
  bytes: number
  maxBytes: number
  /** Bytes of keys and values. */
  payloadBytes: number
  /** The share (0..1) of the pages in use that no chunk in use covers. */
  fragmentation: number
  /** Entries that compaction moved to another page. */
  moves: number
  /** Shards rebuilt because a thread died with their lock in hand. */
  repairs: number
  banks: number
  /** Threads that are attached now. */
  threads: number
  perShard: ShardStats[]
  perClass: SizeClassStats[]
}
