// Writing a value too large for the staging: reserve() builds a pending entry, the host fills in its value
// piece by piece without a lock, commit() puts it into the index.
//
// 1. A thread has at most one pending entry; it is known from its area, should the thread die.

import { BuildEntry } from './build-entry'
import { Change } from './change'
import {
  SET_IF_ABSENT,
  SET_MODE_MASK,
  SET_SLIDING,
  STATUS_BUSY,
  STATUS_FULL,
  STATUS_STORED,
  STATUS_TOO_LARGE,
  STATUS_UNCHANGED,
  THREAD_PENDING,
} from './constants'
import { now } from './env'
import { Expiry } from './expiry'
import { Link } from './link'
import { Read } from './read'
import { Chain } from './store/chain'
import { Table } from './store/table'
import { Entry } from './struct/entry'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { Write } from './write'

export class Reserve {
  /**
   * Builds a pending entry for the staged key and a value too large for the staging; the host then fills in
   * the value piece by piece and calls commit(). STATUS_STORED, or why not.
   */
  static reserve(
    keyChars: u32,
    wide: u32,
    valueBytes: u32,
    mode: u32,
    ttlMs: f64,
    priority: u32,
  ): i32 {
    const hash = Read.hashKey(keyChars, wide)
    if (!Reserve.dropPending()) return STATUS_BUSY
    const shard = Change.open(hash)
    if (shard == 0) return STATUS_BUSY
    const nowMs = Expiry.catchUp(shard)
    const keyBytes = keyChars << wide
    const flags = BuildEntry.flags(wide, ttlMs, (mode & SET_SLIDING) != 0)
    const bytes = BuildEntry.bytes(flags, keyBytes, valueBytes)
    let status: i32 = STATUS_STORED
    if (Reserve.isTaken(shard, hash, keyBytes, wide, mode)) status = STATUS_UNCHANGED
    else if (Write.isTooLarge(keyBytes + valueBytes, bytes)) {
      status = Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_TOO_LARGE)
    } else {
      const entry = BuildEntry.allocate(shard, bytes, nowMs)
      if (entry == 0) status = Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_FULL)
      else {
        BuildEntry.fill(entry, hash, keyChars, keyBytes, flags, valueBytes, ttlMs, priority, nowMs)
        Thread.set(THREAD_PENDING, entry)
        Read.firstPiece(entry, keyBytes)
      }
    }
    Change.end(shard)
    return status
  }

  /** Puts the entry of the last reserve() into the index, with its true type, or gives it back. */
  static commit(keyChars: u32, wide: u32, type: u32, mode: u32, version: u32): i32 {
    const entry = Thread.get(THREAD_PENDING)
    const hash = Entry.hash(entry)
    const shard = Shard.ofHash(hash)
    if (!Change.begin(shard)) return STATUS_BUSY
    Thread.set(THREAD_PENDING, 0)
    const nowMs = now()
    const ready = Link.prepareHeap(shard, nowMs)
    const keyBytes = keyChars << wide
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide)
    let status: i32 = STATUS_UNCHANGED
    if (ready && Write.isAllowed(shard, hash, slot, mode & SET_MODE_MASK, version)) {
      Write.settleLease(shard, hash, mode & SET_MODE_MASK)
      status = Link.link(shard, hash, entry, type, slot, nowMs)
    } else Chain.give(shard, entry)
    if (!ready) status = Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_FULL)
    Change.end(shard)
    return status
  }

  /** Gives an entry back that was reserved and then not committed, for want of its shard's lock. */
  private static dropPending(): bool {
    const entry = Thread.get(THREAD_PENDING)
    if (entry == 0) return true
    const shard = Shard.ofHash(Entry.hash(entry))
    if (!Change.begin(shard)) return false
    Thread.set(THREAD_PENDING, 0)
    Chain.give(shard, entry)
    Change.end(shard)
    return true
  }

  /** Whether it is clear before any room is made that the mode forbids the set. commit() looks again. */
  private static isTaken(shard: u32, hash: u32, keyBytes: u32, wide: u32, mode: u32): bool {
    if ((mode & SET_MODE_MASK) != SET_IF_ABSENT) return false
    return !Write.isAllowed(
      shard,
      hash,
      Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide),
      SET_IF_ABSENT,
      0,
    )
  }
}
