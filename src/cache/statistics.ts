/** What stats() tells: counters of the engine, summed over shards, banks and threads. */
import {
  STAT_DELETES,
  STAT_ENTRIES,
  STAT_EVICTIONS,
  STAT_EXPIRATIONS,
  STAT_INVALIDATIONS,
  STAT_LOCK_TIMEOUTS,
  STAT_MOVES,
  STAT_PAGES,
  STAT_PAYLOAD_BYTES,
  STAT_REPAIRS,
  STAT_REPLACEMENTS,
  STAT_SETS,
  STAT_STALE_ENTRIES,
  STAT_TOO_LARGE,
  STAT_USED_BYTES,
} from '../../assembly/constants.js'
import type { Engine } from '../engine/engine.js'
import { countsOverThreads, sizeClasses, type ThreadCounts } from '../engine/figures.js'
import type { CacheStats, ShardStats, SizeClassStats } from './cache-stats.js'
import type { Policy } from './options.js'
import { policyStats } from './policy-stats.js'

export function sumOver(engines: readonly Engine[], stat: number): number {
  return engines.reduce((sum, engine) => sum + engine.stat(stat), 0)
}

export function liveEntries(engines: readonly Engine[]): number {
  return sumOver(engines, STAT_ENTRIES) - sumOver(engines, STAT_STALE_ENTRIES)
}

export function bytesInUse(engines: readonly Engine[]): number {
  return engines.reduce((sum, engine) => sum + engine.overheadBytes + engine.pageBytesInUse, 0)
}

/** How many entries like those in the cache would fill it. */
export function estimateCapacity(engines: readonly Engine[]): number {
  return engines.reduce((sum, engine) => {
    const pages = Math.max(1, engine.stat(STAT_PAGES))
    return sum + (engine.stat(STAT_ENTRIES) * engine.pageCount) / pages
  }, 0)
}

export function collectStats(
  engines: readonly Engine[],
  about: { name: string; policy: Policy; maxBytes: number; startMs: number },
): CacheStats {
  const sum = (stat: number): number => sumOver(engines, stat)
  const pageBytes = engines.reduce((total, engine) => total + engine.pageBytesInUse, 0)
  const counts = engines.map(countsOverThreads)
  const count = (name: keyof ThreadCounts): number => {
    return counts.reduce((total, one) => total + one[name], 0)
  }
  const nearHits = count('nearHits')
  return {
    name: about.name,
    policy: policyStats(engines, about.policy, about.startMs),
    hits: count('hits') + nearHits,
    misses: count('misses'),
    nearHits,
    sets: sum(STAT_SETS),
    deletes: sum(STAT_DELETES),
    replacements: sum(STAT_REPLACEMENTS),
    evictions: sum(STAT_EVICTIONS),
    expirations: sum(STAT_EXPIRATIONS),
    invalidations: sum(STAT_INVALIDATIONS),
    rejected: { tooLarge: sum(STAT_TOO_LARGE), lockTimeout: sum(STAT_LOCK_TIMEOUTS) },
    corrupt: count('corrupt'),
    size: liveEntries(engines),
    bytes: bytesInUse(engines),
    maxBytes: about.maxBytes,
    payloadBytes: sum(STAT_PAYLOAD_BYTES),
    fragmentation: pageBytes === 0 ? 0 : 1 - sum(STAT_USED_BYTES) / pageBytes,
    moves: sum(STAT_MOVES),
    repairs: sum(STAT_REPAIRS),
    banks: engines.length,
    threads: Math.max(...engines.map(({ threadCount }) => threadCount)),
    perShard: engines.flatMap((engine) => shardStats(engine)),
    perClass: classStats(engines),
  }
}

function shardStats(engine: Engine): ShardStats[] {
  return Array.from({ length: engine.shardCount }, (_, shard) => ({
    entries: engine.exports.stat(shard, STAT_ENTRIES),
    pages: engine.exports.stat(shard, STAT_PAGES),
    sets: engine.exports.stat(shard, STAT_SETS),
    evictions: engine.exports.stat(shard, STAT_EVICTIONS),
    expirations: engine.exports.stat(shard, STAT_EXPIRATIONS),
  }))
}

function classStats(engines: readonly Engine[]): SizeClassStats[] {
  const classes = new Map<number, SizeClassStats>()
  for (const engine of engines) {
    for (const { chunkBytes, pages, freeChunks } of sizeClasses(engine)) {
      const sums = classes.get(chunkBytes) ?? { chunkBytes, pages: 0, freeChunks: 0 }
      sums.pages += pages
      sums.freeChunks += freeChunks
      classes.set(chunkBytes, sums)
    }
  }
  return [...classes.values()].sort((a, b) => a.chunkBytes - b.chunkBytes)
}
