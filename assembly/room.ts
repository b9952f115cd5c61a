// Finding memory for a chunk: a free one, a page from the pool, a page that compaction can empty, expired
// entries, and then eviction, in that order. A shard that holds less than its share when the pool is empty
// takes a page from the one that holds most. Under the shard's lock, within a change.
//
// 1. Pending chunks are neither moved nor evicted.
// Bounded: at most MAX_STEPS evictions a chunk, which is more than fill any page.

import { Accesses } from './accesses'
import { Change } from './change'
import { Compaction } from './compaction'
import { WHEEL_STEPS_WHEN_FULL } from './constants'
import { Expiry } from './expiry'
import { Removal } from './removal'
import { Pool } from './store/pool'
import { Slab } from './store/slab'
import { Control } from './struct/control'
import { Shard } from './struct/shard'
import { Lock } from './sync/lock'

const MAX_STEPS: u32 = 8192

export class Room {
  /** Whether a new entry is going to need an eviction. */
  static isShort(shard: u32): bool {
    const most = Shard.maxEntries(shard)
    return Pool.isDry() || (most != 0 && Shard.entries(shard) >= most)
  }

  /** A chunk of the class, or 0 if none can be had. */
  static take(shard: u32, sizeClass: u32, nowMs: f64): u32 {
    const chunk = Slab.take(shard, sizeClass)
    return chunk != 0 ? chunk : Room.make(shard, sizeClass, nowMs)
  }

  /**
   * Keeps pages back for the areas of the threads that are attached, less those leaving, and evicts what is in
   * them. False if they are more than there are, or cannot be had for want of a lock: then writes go on to
   * free them.
   */
  static reserveThreads(leaving: u32, nowMs: f64): bool {
    if (!Pool.updateReserve(leaving)) return false
    if (Control.poolReserve() + Control.leastPages() > Control.pageCount()) return false
    while (Pool.isOverdrawn()) {
      const donor = Room.richest(0)
      if (donor == 0 || !Change.begin(donor)) return false
      const released = Room.squeeze(donor, nowMs)
      Change.end(donor)
      if (!released) return false
    }
    return true
  }

  /** Empties a page of each shard that has chunks to spare, if the pool has no page a shard left. */
  static compact(): bool {
    let released = false
    for (let index: u32 = 0; index < Shard.count(); index++) {
      const shard = Shard.at(index)
      if (!Pool.isLow(Shard.count()) || Shard.surplus(shard) == 0 || !Change.begin(shard)) continue
      if (Compaction.releasePage(shard)) released = true
      Change.end(shard)
    }
    return released
  }

  private static make(shard: u32, sizeClass: u32, nowMs: f64): u32 {
    for (let step: u32 = 0; step < MAX_STEPS; step++) {
      const chunk = Slab.take(shard, sizeClass)
      if (chunk != 0) return chunk
      if (Slab.addPage(shard, sizeClass)) continue
      if (Compaction.releasePage(shard)) continue
      if (Expiry.advance(shard, nowMs, WHEEL_STEPS_WHEN_FULL) != 0) continue
      if (Room.isPoor(shard) && Room.rob(shard, nowMs)) continue
      if (!Removal.evictOne(shard) && !Room.rob(shard, nowMs)) return 0
    }
    return 0
  }

  private static isPoor(shard: u32): bool {
    return Shard.pages(shard) + 1 < Control.pageCount() / Shard.count()
  }

  /** Makes the shard with the most pages give one back to the pool; false if that cannot be done now. */
  private static rob(shard: u32, nowMs: f64): bool {
    const donor = Room.richest(shard)
    if (donor == 0 || !Lock.tryAcquire(donor)) return false
    Accesses.drainShard(donor)
    Shard.beginChange(donor)
    const released = Room.squeeze(donor, nowMs)
    Change.end(donor)
    return released
  }

  private static richest(shard: u32): u32 {
    let best: u32 = 0
    let bestPages: u32 = 1
    for (let index: u32 = 0; index < Shard.count(); index++) {
      const other = Shard.at(index)
      if (other != shard && Shard.pages(other) > bestPages) {
        best = other
        bestPages = Shard.pages(other)
      }
    }
    return best
  }

  private static squeeze(donor: u32, nowMs: f64): bool {
    const pages = Shard.pages(donor)
    for (let step: u32 = 0; step < MAX_STEPS; step++) {
      if (Shard.pages(donor) < pages || Compaction.releasePage(donor)) return true
      if (Expiry.advance(donor, nowMs, WHEEL_STEPS_WHEN_FULL) == 0 && !Removal.evictOne(donor))
        return false
    }
    return false
  }
}
