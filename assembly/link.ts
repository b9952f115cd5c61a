// Putting a built entry in its place: in a new slot, in that of an older one, or over an older one's bytes.
// Also what has to be ready for it in index, policy and count. Under the shard's lock, within a change.
//
// 1. Between making room and linking nothing else is looked up: making room may evict or move what was found.

import { BuildEntry } from './build-entry'
import {
  CLASS_INDEX,
  CLASS_RAW,
  FLAG_EXPIRY,
  REMOVED_EVICT,
  REMOVED_REPLACE,
  STAT_PAYLOAD_BYTES,
  STAT_REPLACEMENTS,
  STAT_SETS,
  STAT_TOO_LARGE,
  STATUS_FULL,
  STATUS_STORED,
  TYPE_PENDING,
  WHEEL_STEPS_PER_WRITE,
} from './constants'
import { Expiry } from './expiry'
import { Policy } from './policy/policy'
import { Removal } from './removal'
import { Room } from './room'
import { Bytes } from './store/bytes'
import { Chain } from './store/chain'
import { Slab } from './store/slab'
import { Table } from './store/table'
import { Entry } from './struct/entry'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { Stamps } from './sync/stamps'

export class Link {
  /** Puts a built entry into the index as one of `type`, in the place of the one at `slot` (0: none). */
  static link(shard: u32, hash: u32, entry: u32, type: u32, slot: u32, nowMs: f64): i32 {
    if (slot == 0) return Link.linkNew(shard, hash, entry, type, nowMs)
    const old = Table.entryAt(slot)
    Link.retire(shard, hash, old, nowMs)
    Entry.setVersion(entry, Shard.nextVersion(shard))
    Entry.setHits(entry, Entry.hits(old))
    const reorder = Policy.ordersByContent()
    Policy.succeed(shard, old, entry, reorder)
    if (!reorder) Policy.refresh(shard, entry)
    BuildEntry.seal(entry, type)
    Table.setEntryAt(slot, entry)
    Chain.give(shard, old)
    Link.enter(shard, entry)
    return STATUS_STORED
  }

  private static linkNew(shard: u32, hash: u32, entry: u32, type: u32, nowMs: f64): i32 {
    if (!Link.prepare(shard, hash, nowMs)) {
      Chain.give(shard, entry)
      Shard.addCounter(shard, STAT_TOO_LARGE, 1)
      return STATUS_FULL
    }
    Entry.setVersion(entry, Shard.nextVersion(shard))
    BuildEntry.seal(entry, type)
    Table.insert(shard, hash, entry)
    Policy.insert(shard, entry)
    Shard.setEntries(shard, Shard.entries(shard) + 1)
    Stamps.raise(hash)
    Link.enter(shard, entry)
    return STATUS_STORED
  }

  static overwrite(
    shard: u32,
    hash: u32,
    entry: u32,
    keyChars: u32,
    keyBytes: u32,
    type: u32,
    flags: u32,
    valueBytes: u32,
    ttlMs: f64,
    priority: u32,
    nowMs: f64,
  ): void {
    Link.retire(shard, hash, entry, nowMs)
    const reorder = Policy.ordersByContent()
    if (reorder) Policy.remove(shard, entry)
    const links = Entry.linkWords(entry)
    const hits = Entry.hits(entry)
    const state = Entry.policyState(entry)
    Entry.setType(entry, TYPE_PENDING)
    BuildEntry.fill(entry, hash, keyChars, keyBytes, flags, valueBytes, ttlMs, priority, nowMs)
    Bytes.copy(Entry.contentPtr(entry) + keyBytes, Thread.valuePtr(), valueBytes)
    Entry.setVersion(entry, Shard.nextVersion(shard))
    Entry.setHits(entry, hits)
    BuildEntry.seal(entry, type)
    if (reorder) Policy.insert(shard, entry)
    else {
      Entry.setLinkWords(entry, links)
      Entry.setPolicyState(entry, state)
      Policy.refresh(shard, entry)
    }
    Link.enter(shard, entry)
  }

  /** An old entry's value is about to go: whoever asks is told, and nothing stays scheduled or counted. */
  private static retire(shard: u32, hash: u32, entry: u32, nowMs: f64): void {
    const reason = Expiry.causeOfRemoval(entry, nowMs, REMOVED_REPLACE)
    Removal.announce(entry, reason)
    if (reason == REMOVED_REPLACE) Shard.addCounter(shard, STAT_REPLACEMENTS, 1)
    else Removal.count(shard, reason)
    Removal.unschedule(shard, entry)
    Stamps.raise(hash)
    Shard.addCounter(
      shard,
      STAT_PAYLOAD_BYTES,
      -i64(Entry.keyBytes(entry) + Entry.valueBytes(entry)),
    )
  }

  /** A new value is in place: schedule and count it. */
  private static enter(shard: u32, entry: u32): void {
    if (Entry.has(entry, FLAG_EXPIRY)) Expiry.schedule(shard, entry, Entry.expiresAt(entry))
    Shard.addCounter(shard, STAT_SETS, 1)
    Shard.addCounter(shard, STAT_PAYLOAD_BYTES, Entry.keyBytes(entry) + Entry.valueBytes(entry))
  }

  /**
   * Under policy `ttl`, room in the heap for one more, so that an entry which had no expiry can get one in its
   * place. Before anything is looked up, since making room may evict or move what was found.
   */
  static prepareHeap(shard: u32, nowMs: f64): bool {
    if (!Policy.ordersByExpiry() || !Policy.wantsPage(shard)) return true
    const page = Room.take(shard, CLASS_RAW, nowMs)
    if (page != 0) Policy.addPage(shard, page)
    return page != 0
  }

  /** Room in index, policy and count for one more entry. */
  private static prepare(shard: u32, hash: u32, nowMs: f64): bool {
    const most = Shard.maxEntries(shard)
    if (most != 0) {
      while (Shard.entries(shard) >= most) {
        if (Expiry.advance(shard, nowMs, WHEEL_STEPS_PER_WRITE) == 0 && !Removal.evictOne(shard))
          break
      }
    }
    if (Policy.wantsPage(shard)) {
      const page = Room.take(shard, CLASS_RAW, nowMs)
      if (page != 0) Policy.addPage(shard, page)
      else if (Policy.ordersByExpiry()) return false
    }
    if (Table.wantsSplit(shard, hash)) {
      const chunk = Room.take(shard, CLASS_INDEX, nowMs)
      if (chunk != 0) {
        if (Table.wantsSplit(shard, hash)) Table.split(shard, hash, chunk)
        else Slab.give(shard, chunk)
      }
    }
    // Why not the policy's victim: it may be in any segment, and this one cannot split any more.
    if (!Table.hasRoom(shard, hash))
      Removal.remove(shard, Table.anySlot(shard, hash), REMOVED_EVICT)
    return true
  }
}
