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

/**
 * The sets of rules that policy `adaptive` chooses among. `repeated`: into the main queue comes what is used
 * again, but not in a burst (S3-FIFO). `recent`: least recently used goes first. `frequent`: what is in stays
 * unless a newcomer is asked for clearly more often (TinyLFU). `frequent-wide`: the same with a fifth of the
 * entries for newcomers.
 */
export type AdaptiveConfiguration = 'repeated' | 'recent' | 'frequent' | 'frequent-wide'

export interface CandidateStats {
  name: AdaptiveConfiguration
  /** In which it is in force. */
  shards: number
  /**
   * What it would hit (0..1), estimated by miniature simulation over the last 64 to 128 times as many accesses
   * as there are entries; undefined: nothing was simulated yet.
   */
  hitRatio: number | undefined
}

export interface ConfigurationChangeStats {
  /** On the cache's clock: milliseconds since 1970 by default. */
  at: number
  /** Counted over all banks. */
  shard: number
  configuration: AdaptiveConfiguration
  /** In the shard then. */
  entries: number
}

export interface PolicyStats {
  /** As the constructor was told. The rest is there with `adaptive`, in shards of 672 KiB and 127 entries or more. */
  name: Policy
  /** In force in the most shards. */
  configuration?: AdaptiveConfiguration
  candidates?: CandidateStats[]
  /** Estimated, with the configurations in force: at half the size, at this one, and at twice the size. */
  hitRatio?: { half: number | undefined; same: number | undefined; twice: number | undefined }
  /** Of configurations, ever. */
  changes?: number
  /** The last eight of each shard, oldest first. */
  history?: ConfigurationChangeStats[]
}

export interface CacheStats {
  name: string
  policy: PolicyStats
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
