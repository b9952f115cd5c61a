// Writing: set in its modes, increment, delete and take; touch.ts and reserve.ts have the rest. Each takes
// the shard's lock once; a lock not had in time refuses the call and is counted. What a call needs to know
// of time it asks for once.
//
// 1. A refused set leaves no older value behind: who was told that it did not fit must not read a stale
//    one. A refused add or compare-and-set leaves all as it was.
// 2. Between beginChange and endChange readers retry; everything that they can see changes in between.

import { BuildEntry } from './build-entry'
import { Change } from './change'
import {
  FLAG_CHAINED,
  MAX_CHUNK_BYTES,
  REMOVED_DELETE,
  REMOVED_REPLACE,
  SET_ALWAYS,
  SET_IF_ABSENT,
  SET_IF_LEASED,
  SET_IF_STAMPED,
  SET_IF_VERSION,
  SET_MODE_MASK,
  SET_SLIDING,
  STAT_SETS,
  STAT_TOO_LARGE,
  STATUS_BUSY,
  STATUS_FULL,
  STATUS_MISS,
  STATUS_STORED,
  STATUS_TOO_LARGE,
  STATUS_UNCHANGED,
  STATUS_WRONG_TYPE,
  THREAD_ENTRY,
  THREAD_HASH,
  TYPE_NUMBER,
  TYPE_PENDING,
  VALUE_STAGING_BYTES,
} from './constants'
import { now } from './env'
import { Expiry } from './expiry'
import { Foresight } from './foresight'
import { Link } from './link'
import { Policy } from './policy/policy'
import { Read } from './read'
import { Removal } from './removal'
import { ShardLock } from './shard-lock'
import { Chain } from './store/chain'
import { Slab } from './store/slab'
import { Table } from './store/table'
import { Control } from './struct/control'
import { Entry } from './struct/entry'
import { Page } from './struct/page'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { Leases } from './sync/leases'
import { Stamps } from './sync/stamps'

const NUMBER_BYTES: u32 = 8

export class Write {
  /** Stores the staged key and value (STATUS_*). `version` is looked at by SET_IF_VERSION only. */
  static set(
    keyChars: u32,
    wide: u32,
    valueBytes: u32,
    type: u32,
    mode: u32,
    ttlMs: f64,
    priority: u32,
    version: u32,
  ): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Change.open(hash)
    if (shard == 0) return STATUS_BUSY
    const nowMs = Expiry.catchUp(shard)
    const status = Write.store(
      shard,
      hash,
      keyChars,
      wide,
      valueBytes,
      type,
      mode,
      ttlMs,
      priority,
      version,
      nowMs,
    )
    Change.end(shard)
    return status
  }

  /** Adds to a number, or stores `by` where there is none; the new number goes to the value staging. */
  static increment(keyChars: u32, wide: u32, by: f64, mode: u32, ttlMs: f64, priority: u32): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Change.open(hash)
    if (shard == 0) return STATUS_BUSY
    const nowMs = Expiry.catchUp(shard)
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    let status: i32 = STATUS_STORED
    if (slot != 0 && Expiry.isLive(Table.entryAt(slot), false)) {
      const entry = Table.entryAt(slot)
      if (Entry.type(entry) != TYPE_NUMBER || Entry.valueBytes(entry) != NUMBER_BYTES)
        status = STATUS_WRONG_TYPE
      else {
        Leases.void(shard, hash)
        Write.addTo(shard, entry, by)
      }
    } else {
      store<f64>(Thread.valuePtr(), by)
      status = Write.store(
        shard,
        hash,
        keyChars,
        wide,
        NUMBER_BYTES,
        TYPE_NUMBER,
        mode,
        ttlMs,
        priority,
        0,
        nowMs,
      )
    }
    Change.end(shard)
    return status
  }

  /** Removes the staged key if it is there (and, with `mode` SET_IF_VERSION, of that version). */
  static remove(keyChars: u32, wide: u32, mode: u32, version: u32, reason: u32): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Change.open(hash)
    if (shard == 0) return STATUS_BUSY
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    let status: i32 = STATUS_MISS
    if (mode != SET_IF_VERSION) {
      Leases.void(shard, hash)
      // Why: a load without a lease has nothing else to tell that it is void.
      if (slot == 0) Stamps.raise(hash)
    }
    if (slot != 0) {
      const entry = Table.entryAt(slot)
      const live = Expiry.isLive(entry, false)
      if (mode != SET_IF_VERSION || Entry.version(entry) == version) {
        Removal.remove(shard, slot, live ? reason : Expiry.causeOfRemoval(entry, now(), reason))
        if (live) status = STATUS_STORED
      }
    }
    Change.end(shard)
    return status
  }

  /** get and remove in one step, for values that fit the staging; larger ones stay, to be read first. */
  static take(keyChars: u32, wide: u32): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Change.open(hash)
    if (shard == 0) return STATUS_MISS
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    let type: i32 = STATUS_MISS
    Leases.void(shard, hash)
    if (slot == 0) Stamps.raise(hash)
    else if (Expiry.isLive(Table.entryAt(slot), false)) {
      type = Read.stage(Table.entryAt(slot), Thread.valuePtr(), VALUE_STAGING_BYTES)
      if (type < 256) Removal.remove(shard, slot, REMOVED_DELETE)
    }
    Change.end(shard)
    if (type == STATUS_MISS) Thread.countMiss()
    else if (type < 256) Thread.countHit()
    return type
  }

  /** Ends what Read.hold() began; with `isTaken` the entry goes. */
  static letGo(isTaken: bool): void {
    const hash = Thread.get(THREAD_HASH)
    const shard = Shard.ofHash(hash)
    if (isTaken) {
      Shard.beginChange(shard)
      const slot = Table.findEntry(shard, hash, Thread.get(THREAD_ENTRY))
      if (slot != 0) Removal.remove(shard, slot, REMOVED_DELETE)
      Change.end(shard)
      Thread.countHit()
    } else ShardLock.release(shard)
  }

  private static store(
    shard: u32,
    hash: u32,
    keyChars: u32,
    wide: u32,
    valueBytes: u32,
    type: u32,
    mode: u32,
    ttlMs: f64,
    priority: u32,
    version: u32,
    nowMs: f64,
  ): i32 {
    const keyBytes = keyChars << wide
    const ready = Link.prepareHeap(shard, nowMs)
    const guess = Foresight.guess(shard, hash)
    let slot = Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide)
    Foresight.learn(shard, hash, slot == 0, guess)
    if (!Write.isAllowed(shard, hash, slot, mode & SET_MODE_MASK, version)) return STATUS_UNCHANGED
    Write.settleLease(shard, hash, mode & SET_MODE_MASK)
    const flags = BuildEntry.flags(wide, ttlMs, (mode & SET_SLIDING) != 0)
    const bytes = BuildEntry.bytes(flags, keyBytes, valueBytes)
    if (Write.isTooLarge(keyBytes + valueBytes, bytes)) {
      return Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_TOO_LARGE)
    }
    if (!ready) return Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_FULL)
    if (slot != 0 && Write.fitsInPlace(Table.entryAt(slot), bytes)) {
      const entry = Table.entryAt(slot)
      Link.overwrite(
        shard,
        hash,
        entry,
        keyChars,
        keyBytes,
        type,
        flags,
        valueBytes,
        ttlMs,
        priority,
        nowMs,
      )
      return STATUS_STORED
    }
    const entry = BuildEntry.allocate(shard, bytes, nowMs)
    if (entry == 0) return Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_FULL)
    BuildEntry.fill(entry, hash, keyChars, keyBytes, flags, valueBytes, ttlMs, priority, nowMs)
    Chain.write(entry, keyBytes, Thread.valuePtr(), valueBytes)
    // Why again: making room may have evicted the old entry or moved it.
    if (slot != 0) slot = Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide)
    return Link.link(shard, hash, entry, type, slot, nowMs)
  }

  /** Whether the mode lets a set go on, given what stands in the index (0: nothing). */
  static isAllowed(shard: u32, hash: u32, slot: u32, mode: u32, version: u32): bool {
    if (mode == SET_ALWAYS) return true
    if (mode == SET_IF_LEASED) return Leases.isOwn(Leases.find(shard, hash), version)
    if (mode == SET_IF_STAMPED) return Stamps.read(Stamps.index(hash)) == version
    const live = slot != 0 && Expiry.isLive(Table.entryAt(slot), false)
    if (mode == SET_IF_ABSENT) return !live
    return live && Entry.version(Table.entryAt(slot)) == version
  }

  /** A load that stores its value is over; any other write makes what is being loaded void. */
  static settleLease(shard: u32, hash: u32, mode: u32): void {
    if (Shard.leases(shard) == 0) return
    if (mode == SET_IF_LEASED) Leases.end(shard, Leases.find(shard, hash))
    else Leases.void(shard, hash)
  }

  static isTooLarge(contentBytes: u32, bytes: u32): bool {
    return contentBytes > Control.maxEntryBytes() || !BuildEntry.fits(bytes, Control.pageCount())
  }

  /** Counts a refusal. A plain set or a load takes the older value away, add and compare-and-set leave it. */
  static refuse(shard: u32, hash: u32, keyBytes: u32, wide: u32, mode: u32, status: i32): i32 {
    Shard.addCounter(shard, STAT_TOO_LARGE, 1)
    const kind = mode & SET_MODE_MASK
    if (kind == SET_IF_ABSENT || kind == SET_IF_VERSION) return status
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide)
    if (slot != 0) {
      Removal.remove(
        shard,
        slot,
        Expiry.causeOfRemoval(Table.entryAt(slot), now(), REMOVED_REPLACE),
      )
    }
    return status
  }

  private static fitsInPlace(entry: u32, bytes: u32): bool {
    if (bytes > MAX_CHUNK_BYTES || Entry.has(entry, FLAG_CHAINED)) return false
    return Page.sizeClass(Page.ofChunk(entry)) == Slab.classOf(bytes)
  }

  private static addTo(shard: u32, entry: u32, by: f64): void {
    // Why: of equal times policy `ttl` lets the one written first go first.
    const reorder = Policy.ordersByContent()
    if (reorder) Policy.remove(shard, entry)
    // Order: a thread that dies in between leaves the old number under a new version, never the reverse.
    Entry.setVersion(entry, Shard.nextVersion(shard))
    const keyBytes = Entry.keyBytes(entry)
    const at = Entry.contentPtr(entry) + keyBytes
    if (Entry.has(entry, FLAG_CHAINED)) {
      Chain.read(entry, keyBytes, Thread.valuePtr(), NUMBER_BYTES)
      store<f64>(Thread.valuePtr(), load<f64>(Thread.valuePtr()) + by)
      // Why pending: the number may lie across two chunks.
      Entry.setType(entry, TYPE_PENDING)
      Chain.write(entry, keyBytes, Thread.valuePtr(), NUMBER_BYTES)
      Entry.setType(entry, TYPE_NUMBER)
    } else {
      store<f64>(at, load<f64>(at) + by)
      store<f64>(Thread.valuePtr(), load<f64>(at))
    }
    if (reorder) Policy.insert(shard, entry)
    else Policy.refresh(shard, entry)
    Stamps.raise(Entry.hash(entry))
    Shard.addCounter(shard, STAT_SETS, 1)
  }
}
