// Giving an entry a new lifetime, or ending it. One that has no expiry part yet is built anew, with its value,
// tags, version and place in the policy.

import { BuildEntry } from './build-entry'
import { Change } from './change'
import {
  FLAG_CHAINED,
  FLAG_EXPIRY,
  FLAG_LONG_EXPIRY,
  FLAG_SLIDING,
  FLAG_STALE,
  FLAG_TAGS,
  STATUS_BUSY,
  STATUS_FULL,
  STATUS_MISS,
  STATUS_STORED,
  THREAD_SET_STALE_MS,
  THREAD_SET_TAG_COUNT,
  THREAD_SET_TAG_EPOCH,
  THREAD_SET_TAG_NAMES_BYTES,
} from './constants'
import { now } from './env'
import { Expiry } from './expiry'
import { Link } from './link'
import { Policy } from './policy/policy'
import { Read } from './read'
import { Removal } from './removal'
import { Bytes } from './store/bytes'
import { Chain } from './store/chain'
import { Table } from './store/table'
import { Entry, TagsPart } from './struct/entry'
import { Thread } from './struct/thread'
import { Leases } from './sync/leases'
import { Stamps } from './sync/stamps'

export class Touch {
  /** Gives a key a new lifetime (0: for ever). STATUS_STORED if it was there. */
  static touch(keyChars: u32, wide: u32, ttlMs: f64): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Change.open(hash)
    if (shard == 0) return STATUS_BUSY
    const nowMs = Expiry.catchUp(shard)
    const ready = Link.prepareHeap(shard, nowMs)
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    let status: i32 = STATUS_MISS
    if (slot != 0 && Expiry.isLive(Table.entryAt(slot), false)) {
      status = ready ? Touch.relive(shard, hash, keyChars, wide, slot, ttlMs, nowMs) : STATUS_FULL
    }
    Change.end(shard)
    return status
  }

  /**
   * Ends a key's lifetime, so long ago: its entry is stale, or gone if it has no stale period. STATUS_STORED if it
   * was there.
   */
  static expire(keyChars: u32, wide: u32, sinceMs: f64): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Change.open(hash)
    if (shard == 0) return STATUS_BUSY
    const nowMs = Expiry.catchUp(shard)
    Link.prepareHeap(shard, nowMs)
    // Why also where there is nothing: what is being loaded may be older than this.
    Leases.void(shard, hash)
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    const found = slot != 0 && Touch.canEnd(Table.entryAt(slot), nowMs - sinceMs)
    if (found) Expiry.end(shard, slot, nowMs - sinceMs)
    else Stamps.raise(hash)
    Change.end(shard)
    return found ? STATUS_STORED : STATUS_MISS
  }

  /**
   * Does what the key's expiry has not done yet. Why: it raises the stamp, by which who loads without a lease
   * tells whether somebody has written.
   */
  static settle(keyChars: u32, wide: u32): bool {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Change.open(hash)
    if (shard == 0) return false
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    if (slot != 0) Expiry.settle(shard, Table.entryAt(slot), now())
    Change.end(shard)
    return true
  }

  /** Whether an entry is live, or has been stale for less than it should. */
  private static canEnd(entry: u32, endedAtMs: f64): bool {
    if (Expiry.isLive(entry, false)) return true
    return Expiry.isLive(entry, true) && endedAtMs < Expiry.expiresAt(entry)
  }

  /** touch() on a live entry. One without an expiry part is built anew to get one. */
  private static relive(
    shard: u32,
    hash: u32,
    keyChars: u32,
    wide: u32,
    slot: u32,
    ttlMs: f64,
    nowMs: f64,
  ): i32 {
    let entry = Table.entryAt(slot)
    const lifetimeMs = ttlMs > 0 ? ttlMs : Infinity
    const expiresAt = nowMs + lifetimeMs
    if (!Entry.has(entry, FLAG_EXPIRY)) {
      if (ttlMs == 0) return STATUS_STORED
      return Touch.rebuild(shard, hash, keyChars, wide, entry, ttlMs, nowMs)
    }
    Stamps.raise(hash)
    const reorder = Policy.ordersByExpiry()
    if (reorder) Policy.remove(shard, entry)
    Removal.unschedule(shard, entry)
    Entry.dropFlag(entry, FLAG_STALE)
    // Why not ttlMs: a sliding entry that is to live for ever would be renewed for 0 ms.
    if (Entry.has(entry, FLAG_LONG_EXPIRY))
      Entry.setLongExpiry(entry, lifetimeMs, Entry.staleMs(entry))
    Expiry.schedule(shard, entry, expiresAt)
    if (reorder) Policy.insert(shard, entry)
    return STATUS_STORED
  }

  private static rebuild(
    shard: u32,
    hash: u32,
    keyChars: u32,
    wide: u32,
    old: u32,
    ttlMs: f64,
    nowMs: f64,
  ): i32 {
    let flags = (Entry.flags(old) & ~FLAG_CHAINED) | FLAG_EXPIRY
    if (flags & FLAG_SLIDING) flags |= FLAG_LONG_EXPIRY
    Touch.stageTagsOf(old)
    const keyBytes = keyChars << wide
    const bytes = BuildEntry.bytes(flags, keyBytes, Entry.valueBytes(old))
    const entry = BuildEntry.allocate(shard, bytes, nowMs)
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide)
    // Making room may have evicted the very entry: then there is nothing left to touch.
    if (slot == 0) {
      if (entry != 0) BuildEntry.giveUnfilled(shard, entry, bytes)
      return STATUS_MISS
    }
    if (entry == 0) return STATUS_FULL
    old = Table.entryAt(slot)
    const version = Entry.version(old)
    const createdAt = Entry.createdAt(old)
    const valueBytes = Entry.valueBytes(old)
    const type = Entry.type(old)
    BuildEntry.fill(
      entry,
      hash,
      keyChars,
      keyBytes,
      flags,
      valueBytes,
      ttlMs,
      Entry.priority(old),
      createdAt,
    )
    Entry.setExpiresAt(entry, nowMs + ttlMs)
    Chain.copyContent(old, entry, keyBytes + valueBytes)
    Entry.setVersion(entry, version)
    Entry.setHits(entry, Entry.hits(old))
    Policy.succeed(shard, old, entry, Policy.ordersByExpiry())
    BuildEntry.seal(entry, type)
    Table.setEntryAt(slot, entry)
    Stamps.raise(hash)
    Chain.give(shard, old)
    Expiry.schedule(shard, entry, Entry.expiresAt(entry))
    return STATUS_STORED
  }

  /** An entry's tags become those that the next fill() writes. */
  private static stageTagsOf(entry: u32): void {
    Thread.setFloat(THREAD_SET_STALE_MS, 0)
    Thread.set(THREAD_SET_TAG_COUNT, 0)
    Thread.set(THREAD_SET_TAG_NAMES_BYTES, 0)
    if (!Entry.has(entry, FLAG_TAGS)) return
    const part = Entry.tagsPart(entry)
    const count = TagsPart.count(part)
    const namesBytes = TagsPart.namesBytes(part)
    Thread.set(THREAD_SET_TAG_COUNT, count)
    Thread.set(THREAD_SET_TAG_NAMES_BYTES, namesBytes)
    Thread.set(THREAD_SET_TAG_EPOCH, TagsPart.birthEpoch(part))
    Bytes.copy(Thread.tagsPtr(), TagsPart.hashesPtr(part), (count << 3) + namesBytes)
  }
}
