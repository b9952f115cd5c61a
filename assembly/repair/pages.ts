// The pages of a shard under repair: their records, counts and free lists.

import {
  CLASS_INDEX,
  CLASS_RAW,
  FLAG_EXPIRY,
  STAT_PAYLOAD_BYTES,
  STAT_USED_BYTES,
  TYPE_CONTINUATION,
  TYPE_FREE,
  TYPE_PENDING,
} from '../constants'
import { Policy } from '../policy/policy'
import { Slab } from '../store/slab'
import { Control } from '../struct/control'
import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { ClassTable, FreeChunk, Page } from '../struct/page'
import { Shard } from '../struct/shard'
import { Wheel } from '../time/wheel'

export class RepairPages {
  /** All counts to 0; pages of the index are counted as empty, so that it can be built anew in them. */
  static reset(shard: u32): void {
    Shard.resetCounts(shard)
    Shard.resetCounter(shard, STAT_USED_BYTES)
    Shard.resetCounter(shard, STAT_PAYLOAD_BYTES)
    const shardIndex = Shard.index(shard)
    const end = Control.poolBump()
    for (let index: u32 = 0; index < end; index++) {
      const page = Page.at(index)
      if (!Page.isOwned(page, shardIndex)) continue
      const sizeClass = Page.sizeClass(page)
      if (sizeClass == CLASS_INDEX) {
        Page.clear(page)
        Slab.adoptPage(shard, sizeClass, page)
      } else if (Slab.isMovable(sizeClass)) RepairPages.dropMarks(page, sizeClass)
    }
  }

  /** A segment for the index. The shard had one at least, and so has a page for it. */
  static takeSegment(shard: u32): u32 {
    const chunk = Slab.take(shard, CLASS_INDEX)
    if (chunk != 0) return chunk
    return Slab.addPage(shard, CLASS_INDEX) ? Slab.take(shard, CLASS_INDEX) : 0
  }

  /** Entries and pages into their last state; pages with nothing in them go back to the pool. */
  static settle(shard: u32): void {
    const shardIndex = Shard.index(shard)
    const end = Control.poolBump()
    for (let index: u32 = 0; index < end; index++) {
      const page = Page.at(index)
      if (!Page.isOwned(page, shardIndex)) continue
      const sizeClass = Page.sizeClass(page)
      if (sizeClass == CLASS_INDEX) {
        if (Page.used(page) == 0) Slab.dropPage(shard, page)
      } else if (sizeClass == CLASS_RAW) RepairPages.settleRaw(shard, page)
      else RepairPages.settleChunks(shard, page, sizeClass)
    }
    for (;;) {
      const spare = Policy.sparePage(shard)
      if (spare == 0) break
      Slab.give(shard, spare)
    }
  }

  private static dropMarks(page: u32, sizeClass: u32): void {
    const carved = Page.carved(page)
    const chunkBytes = ClassTable.chunkBytes(sizeClass)
    let chunk = Page.memory(page)
    for (let index: u32 = 0; index < carved; index++) {
      Entry.unmark(chunk)
      chunk += chunkBytes
    }
  }

  private static settleRaw(shard: u32, page: u32): void {
    const isHeld = Policy.holdsPage(shard, Page.memory(page))
    Page.reset(page, u32(isHeld), u32(isHeld), 0)
    Slab.adoptPage(shard, CLASS_RAW, page)
    if (!isHeld) Slab.dropPage(shard, page)
  }

  private static settleChunks(shard: u32, page: u32, sizeClass: u32): void {
    const carved = Page.carved(page)
    const chunkBytes = ClassTable.chunkBytes(sizeClass)
    const first = Page.memory(page)
    let used: u32 = 0
    let free: u32 = 0
    // Why backward: the free list then begins with the chunk at the lowest address.
    for (let index = carved; index > 0; index--) {
      const chunk = first + (index - 1) * chunkBytes
      if (RepairPages.settleChunk(shard, chunk)) used++
      else {
        Entry.markOther(chunk, TYPE_FREE)
        FreeChunk.setNext(chunk, free)
        free = (((index - 1) * chunkBytes) >>> 3) + 1
      }
    }
    Page.reset(page, used, carved, free)
    Slab.adoptPage(shard, sizeClass, page)
    if (used == 0) Slab.dropPage(shard, page)
  }

  /** Whether the chunk is in use. */
  private static settleChunk(shard: u32, chunk: u32): bool {
    const type = Entry.type(chunk)
    if (type == TYPE_FREE) return false
    const marked = Entry.isMarked(chunk)
    Entry.unmark(chunk)
    if (type == TYPE_PENDING || type == TYPE_CONTINUATION) return marked
    if (marked) Policy.restore(shard, chunk)
    if (Entry.has(chunk, FLAG_EXPIRY)) RepairPages.schedule(shard, chunk)
    return true
  }

  private static schedule(shard: u32, entry: u32): void {
    Links.set(Entry.wheelLinks(entry), 0, 0)
    if (Entry.isStale(entry)) Shard.setStaleEntries(shard, Shard.staleEntries(shard) + 1)
    if (isFinite(Entry.expiresAt(entry))) Wheel.schedule(shard, entry, Wheel.dueAt(entry))
  }
}
