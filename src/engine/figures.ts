/** Figures of a bank that no call of the engine tells: read where they stand. */
import * as layout from '../../assembly/constants.js'
import type { Engine } from './engine.js'

export interface ThreadCounts {
  /** Of the engine itself. */
  hits: number
  misses: number
  /** Of the near caches, as far as the threads have told. */
  nearHits: number
  /** Values that could not be decoded. */
  corrupt: number
}

/** Of all threads that there ever were: counts of those that have gone stay in their areas. */
export function countsOverThreads({ words, floats }: Engine): ThreadCounts {
  const used = words[(layout.CONTROL_PTR + layout.CONTROL_SLOTS_USED) >>> 2]
  const sum = (field: number): number => {
    let total = 0
    for (let slot = 0; slot < used; slot++) {
      total += floats[(layout.THREADS_PTR + slot * layout.THREAD_BYTES + field) >>> 3]
    }
    return total
  }
  return {
    hits: sum(layout.THREAD_HIT_COUNT),
    misses: sum(layout.THREAD_MISS_COUNT),
    nearHits: sum(layout.THREAD_NEAR_HIT_COUNT),
    corrupt: sum(layout.THREAD_CORRUPT_COUNT),
  }
}

export interface SizeClassFigures {
  chunkBytes: number
  pages: number
  freeChunks: number
}

/** Of every size class that has pages, over all shards. */
export function sizeClasses({ words, shardCount }: Engine): SizeClassFigures[] {
  const shards = words[(layout.CONTROL_PTR + layout.CONTROL_SHARDS_PTR) >>> 2]
  const sums: SizeClassFigures[] = []
  for (let sizeClass = 0; sizeClass < layout.CLASS_COUNT; sizeClass++) {
    const chunkBytes = words[(layout.CLASS_TABLE_PTR + sizeClass * 8) >>> 2]
    const sum = { chunkBytes, pages: 0, freeChunks: 0 }
    for (let shard = 0; shard < shardCount; shard++) {
      const at = shards + shard * layout.SHARD_BYTES + layout.SHARD_CLASSES_OFFSET + sizeClass * 16
      sum.freeChunks += words[(at + 4) >>> 2]
      sum.pages += words[(at + 8) >>> 2]
    }
    if (sum.pages > 0) sums.push(sum)
  }
  return sums
}
