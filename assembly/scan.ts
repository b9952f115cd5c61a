// Walking over all entries, a segment at a time in the order of hashes: a split on the way only refines what
// is still to come, so that a key which stays is met exactly once. Also what concerns all of a shard: clear,
// purge, statistics.

import { Accesses } from './accesses'
import { Change } from './change'
import {
  FLAG_TAGS,
  GROUP_COUNT,
  MAX_THREADS,
  REMOVED_CLEAR,
  STAT_DELETES,
  STAT_ENTRIES,
  STAT_PAGES,
  STAT_PAYLOAD_BYTES,
  STAT_SEGMENTS,
  STAT_STALE_ENTRIES,
  STAT_USED_BYTES,
  THREAD_CURSOR,
  THREAD_NOTIFY,
  TYPE_FREE,
  TYPE_PENDING,
} from './constants'
import { now } from './env'
import { Expiry } from './expiry'
import { Policy } from './policy/policy'
import { Removal } from './removal'
import { ShardLock } from './shard-lock'
import { Slab } from './store/slab'
import { Table } from './store/table'
import { Control } from './struct/control'
import { Entry, TagHash, TagsPart } from './struct/entry'
import { Page } from './struct/page'
import { Group, Segment } from './struct/segment'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { Leases } from './sync/leases'
import { Stamps } from './sync/stamps'
import { Wheel } from './time/wheel'

/** Firings under one hold of the lock while purging. */
const PURGE_STEPS: u32 = 256

export class Scan {
  /**
   * Lists (entry, hash) of the live entries of the segment at `cursor` in the value staging, and sets CURSOR
   * to the next one (0: the shard is through). With `filter`, only those with the tag staged first in the
   * tag staging. Returns how many, or -1 if the shard could not be locked in time.
   */
  static segment(shardIndex: u32, cursor: u32, filter: bool): i32 {
    const shard = Shard.at(shardIndex)
    if (!ShardLock.acquire(shard)) return -1
    const segment = Table.segmentOf(shard, cursor)
    let count: u32 = 0
    for (let index: u32 = 0; index < GROUP_COUNT; index++) {
      const group = Segment.group(segment, index)
      let used = Group.matchUsed(group)
      while (used != 0) {
        const entry = Group.slotEntry(Group.slotAt(group, ctz(used)))
        used &= used - 1
        if (filter && !Scan.hasStagedTag(entry)) continue
        if (!Expiry.isLive(entry, false)) continue
        store<u32>(Thread.valuePtr() + (count << 3), entry)
        store<u32>(Thread.valuePtr() + (count << 3), Entry.hash(entry), 4)
        count++
      }
    }
    Thread.set(THREAD_CURSOR, Scan.after(cursor, Segment.depth(segment)))
    ShardLock.release(shard)
    return count
  }

  /** Fires what is due in a shard, a bounded piece; -1: the lock was not to be had, else how many went. */
  static purge(shardIndex: u32): i32 {
    const shard = Shard.at(shardIndex)
    if (!ShardLock.acquire(shard)) return -1
    Accesses.drainShard(shard)
    Shard.beginChange(shard)
    const gone = Expiry.advance(shard, now(), PURGE_STEPS)
    Change.end(shard)
    return gone
  }

  /** Whether the wheel has caught up with the clock. */
  static isPurged(shardIndex: u32): bool {
    const shard = Shard.at(shardIndex)
    return (
      Shard.wheelCount(shard) == 0 || Shard.wheelTick(shard) > u64(max<f64>(0, Math.floor(now())))
    )
  }

  /**
   * Removes the entries of a segment that tags have invalidated, or made stale for too long, and moves the cursor on;
   * as segment(). The wheel takes those that are stale still.
   */
  static sweep(shardIndex: u32, cursor: u32): i32 {
    const shard = Shard.at(shardIndex)
    if (!ShardLock.acquire(shard)) return -1
    Accesses.drainShard(shard)
    Shard.beginChange(shard)
    const nowMs = now()
    const segment = Table.segmentOf(shard, cursor)
    let gone: i32 = 0
    for (let index: u32 = 0; index < GROUP_COUNT; index++) {
      const group = Segment.group(segment, index)
      let used = Group.matchUsed(group)
      while (used != 0) {
        const slot = Group.slotAt(group, ctz(used))
        used &= used - 1
        if (Expiry.endByTags(shard, slot, nowMs)) gone++
      }
    }
    Thread.set(THREAD_CURSOR, Scan.after(cursor, Segment.depth(segment)))
    Change.end(shard)
    return gone
  }

  /** Empties all shards at once; false if some lock was not to be had in time. */
  static clear(): bool {
    Accesses.drain()
    const count = Shard.count()
    for (let index: u32 = 0; index < count; index++) {
      if (ShardLock.acquire(Shard.at(index))) continue
      Shard.countLockTimeout(Shard.at(index))
      for (let held: u32 = 0; held < index; held++) ShardLock.release(Shard.at(held))
      return false
    }
    for (let index: u32 = 0; index < count; index++) {
      Shard.beginChange(Shard.at(index))
      Scan.announceAll(Shard.at(index))
      Scan.empty(Shard.at(index))
      Leases.voidAll(Shard.at(index))
    }
    for (let index: u32 = 0; index < count; index++) {
      Stamps.raiseOfShard(index)
      Change.end(Shard.at(index))
    }
    return true
  }

  /** Makes all loads void that are under way in other threads; false if some lock was not to be had in time. */
  static voidOtherLeases(): bool {
    let done = true
    for (let index: u32 = 0; index < Shard.count(); index++) {
      const shard = Shard.at(index)
      if (Shard.leases(shard) == 0) continue
      if (ShardLock.acquire(shard)) {
        Leases.voidOthers(shard)
        ShardLock.release(shard)
      } else done = false
    }
    // Why: for those without a lease.
    Stamps.raiseAll()
    return done
  }

  /** One of STAT_*, of a shard. */
  static stat(shardIndex: u32, stat: u32): f64 {
    const shard = Shard.at(shardIndex)
    if (stat == STAT_ENTRIES) return Shard.entries(shard)
    if (stat == STAT_STALE_ENTRIES) return Shard.staleEntries(shard)
    if (stat == STAT_PAGES) return Shard.pages(shard)
    if (stat == STAT_SEGMENTS) return Shard.segments(shard)
    return f64(Shard.counter(shard, stat))
  }

  private static announceAll(shard: u32): void {
    if (Thread.get(THREAD_NOTIFY) == 0) return
    let cursor: u32 = 0
    do {
      const segment = Table.segmentOf(shard, cursor)
      for (let index: u32 = 0; index < GROUP_COUNT; index++) {
        const group = Segment.group(segment, index)
        let used = Group.matchUsed(group)
        while (used != 0) {
          Removal.announce(Group.slotEntry(Group.slotAt(group, ctz(used))), REMOVED_CLEAR)
          used &= used - 1
        }
      }
      cursor = Scan.after(cursor, Segment.depth(segment))
    } while (cursor != 0)
  }

  /**
   * Gives all pages back but one with the index's first segment, and those with chunks of entries that some
   * thread has reserved and is writing to without the lock.
   */
  private static empty(shard: u32): void {
    Shard.addCounter(shard, STAT_DELETES, Shard.entries(shard))
    // Order: the policy lets its pages go before they are anybody else's.
    Policy.init(shard)
    Table.reset(shard)
    const kept = Page.ofChunk(Table.segmentAt(shard, 0))
    const shardIndex = Shard.index(shard)
    const end = Control.poolBump()
    const anyPending = Scan.isAnyPending()
    for (let index: u32 = 0; index < end && Shard.pages(shard) > 1; index++) {
      const page = Page.at(index)
      if (!Page.isOwned(page, shardIndex) || page == kept) continue
      if (
        anyPending &&
        Slab.isMovable(Page.sizeClass(page)) &&
        Scan.emptyAroundPending(shard, page)
      )
        continue
      const usedBytes = Page.used(page) * Slab.chunkBytes(Page.sizeClass(page))
      Shard.addCounter(shard, STAT_USED_BYTES, -i64(usedBytes))
      Slab.dropPage(shard, page)
    }
    Shard.setEntries(shard, 0)
    Shard.setStaleEntries(shard, 0)
    Shard.resetCounter(shard, STAT_PAYLOAD_BYTES)
    Wheel.init(shard)
  }

  private static isAnyPending(): bool {
    for (let slot: u32 = 0; slot < MAX_THREADS; slot++) {
      if (Thread.pendingOf(slot) != 0) return true
    }
    return false
  }

  /** Gives back what is not pending in a page; false if nothing is, and the page as it was. */
  private static emptyAroundPending(shard: u32, page: u32): bool {
    const chunkBytes = Slab.chunkBytes(Page.sizeClass(page))
    const carved = Page.carved(page)
    const first = Page.memory(page)
    let pending: u32 = 0
    for (let index: u32 = 0; index < carved; index++) {
      if (Entry.type(first + index * chunkBytes) == TYPE_PENDING) pending++
    }
    if (pending == 0) return false
    for (let index: u32 = 0; index < carved; index++) {
      const chunk = first + index * chunkBytes
      const type = Entry.type(chunk)
      if (type != TYPE_PENDING && type != TYPE_FREE) Slab.give(shard, chunk)
    }
    return true
  }

  private static after(cursor: u32, depth: u32): u32 {
    // Why in two steps: a shift by 32 is a shift by 0.
    if (depth == 0) return 0
    return ((cursor >>> (32 - depth)) + 1) << (32 - depth)
  }

  private static hasStagedTag(entry: u32): bool {
    if (!Entry.has(entry, FLAG_TAGS)) return false
    const part = Entry.tagsPart(entry)
    const wanted = Thread.tagsPtr()
    for (let tag: u32 = 0; tag < TagsPart.count(part); tag++) {
      const hash = TagsPart.hashesPtr(part) + (tag << 3)
      if (
        TagHash.bucket(hash) == TagHash.bucket(wanted) &&
        TagHash.identity(hash) == TagHash.identity(wanted)
      ) {
        return true
      }
    }
    return false
  }
}
