// Writing: set in its modes, increment, touch, delete and take. Each takes the shard's lock once; a lock not
// had in time refuses the call and is counted. What a call needs to know of time it asks for once.
//
// 1. A refused set leaves no older value behind: who was told that it did not fit must not read a stale
//    one. A refused add or compare-and-set leaves all as it was.
// 2. Between beginChange and endChange readers retry; everything that they can see changes in between.

import {
  CLASS_INDEX,
  CLASS_RAW,
  FLAG_CHAINED,
  FLAG_EXPIRY,
  FLAG_LONG_EXPIRY,
  FLAG_SLIDING,
  FLAG_STALE,
  FLAG_TAGS,
  MAX_CHUNK_BYTES,
  REMOVED_DELETE,
  REMOVED_EVICT,
  REMOVED_REPLACE,
  SET_ALWAYS,
  SET_IF_ABSENT,
  SET_IF_VERSION,
  SET_SLIDING,
  STATUS_BUSY,
  STATUS_FULL,
  STATUS_MISS,
  STATUS_STORED,
  STATUS_TOO_LARGE,
  STATUS_UNCHANGED,
  STATUS_WRONG_TYPE,
  STAT_PAYLOAD_BYTES,
  STAT_REPLACEMENTS,
  STAT_SETS,
  STAT_TOO_LARGE,
  THREAD_PENDING,
  THREAD_SET_STALE_MS,
  THREAD_SET_TAG_COUNT,
  THREAD_SET_TAG_EPOCH,
  THREAD_SET_TAG_NAMES_BYTES,
  TYPE_CONTINUATION,
  TYPE_NUMBER,
  TYPE_PENDING,
  WHEEL_STEPS_PER_WRITE,
} from './constants'
import { Accesses } from './accesses'
import { BuildEntry } from './build-entry'
import { now } from './env'
import { Expiry } from './expiry'
import { Policy } from './policy/policy'
import { Read } from './read'
import { Removal } from './removal'
import { Room } from './room'
import { Bytes } from './store/bytes'
import { Chain } from './store/chain'
import { Slab } from './store/slab'
import { Table } from './store/table'
import { Control } from './struct/control'
import { Entry, TagsPart } from './struct/entry'
import { Page } from './struct/page'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { Lock } from './sync/lock'
import { Stamps } from './sync/stamps'
import { Wheel } from './time/wheel'

const MODE_MASK: u32 = 0xff
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
    const shard = Shard.ofHash(hash)
    Accesses.drain()
    if (!Write.begin(shard)) return STATUS_BUSY
    const nowMs = now()
    Expiry.advance(shard, nowMs, WHEEL_STEPS_PER_WRITE)
    const status = Write.store(shard, hash, keyChars, wide, valueBytes, type, mode, ttlMs, priority, version, nowMs)
    Write.end(shard)
    return status
  }

  /**
   * Builds a pending entry for the staged key and a value too large for the staging; the host then fills in
   * the value piece by piece and calls commit(). STATUS_STORED, or why not.
   */
  static reserve(
    keyChars: u32,
    wide: u32,
    valueBytes: u32,
    type: u32,
    mode: u32,
    ttlMs: f64,
    priority: u32,
  ): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Shard.ofHash(hash)
    Accesses.drain()
    if (!Write.dropPending() || !Write.begin(shard)) return STATUS_BUSY
    const nowMs = now()
    Expiry.advance(shard, nowMs, WHEEL_STEPS_PER_WRITE)
    const keyBytes = keyChars << wide
    const flags = BuildEntry.flags(wide, ttlMs, (mode & SET_SLIDING) != 0)
    const bytes = BuildEntry.bytes(flags, keyBytes, valueBytes)
    let status: i32 = STATUS_STORED
    if (Write.isTaken(shard, hash, keyBytes, wide, mode)) status = STATUS_UNCHANGED
    else if (Write.isTooLarge(keyBytes + valueBytes, bytes)) {
      status = Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_TOO_LARGE)
    } else {
      const entry = BuildEntry.allocate(shard, bytes, nowMs)
      if (entry == 0) status = Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_FULL)
      else {
        BuildEntry.fill(entry, hash, keyChars, keyBytes, type, flags, valueBytes, ttlMs, priority, nowMs)
        Chain.markFragments(entry, TYPE_PENDING)
        // Why: compaction leaves pending heads alone, and knows them by their type.
        Entry.setType(entry, TYPE_PENDING)
        Thread.set(THREAD_PENDING, entry)
        Read.firstPiece(entry, keyBytes)
      }
    }
    Write.end(shard)
    return status
  }

  /** Puts the entry of the last reserve() into the index, with its true type, or gives it back. */
  static commit(keyChars: u32, wide: u32, type: u32, mode: u32, version: u32): i32 {
    const entry = Thread.get(THREAD_PENDING)
    const hash = Entry.hash(entry)
    const shard = Shard.ofHash(hash)
    if (!Write.begin(shard)) return STATUS_BUSY
    Thread.set(THREAD_PENDING, 0)
    const nowMs = now()
    const ready = Write.prepareHeap(shard, nowMs)
    const keyBytes = keyChars << wide
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide)
    let status: i32 = STATUS_UNCHANGED
    Entry.setType(entry, type)
    if (ready && Write.isAllowed(slot, mode & MODE_MASK, version)) {
      Chain.markFragments(entry, TYPE_CONTINUATION)
      status = Write.link(shard, hash, entry, slot, nowMs)
    } else Chain.give(shard, entry)
    if (!ready) status = Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_FULL)
    Write.end(shard)
    return status
  }

  /** Adds to a number, or stores `by` where there is none; the new number goes to the value staging. */
  static increment(keyChars: u32, wide: u32, by: f64, mode: u32, ttlMs: f64, priority: u32): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Shard.ofHash(hash)
    Accesses.drain()
    if (!Write.begin(shard)) return STATUS_BUSY
    const nowMs = now()
    Expiry.advance(shard, nowMs, WHEEL_STEPS_PER_WRITE)
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    let status: i32 = STATUS_STORED
    if (slot != 0 && Expiry.isLive(Table.entryAt(slot), false)) {
      const entry = Table.entryAt(slot)
      if (Entry.type(entry) != TYPE_NUMBER || Entry.valueBytes(entry) != NUMBER_BYTES) status = STATUS_WRONG_TYPE
      else Write.addTo(shard, entry, by)
    } else {
      store<f64>(Thread.valuePtr(), by)
      status = Write.store(shard, hash, keyChars, wide, NUMBER_BYTES, TYPE_NUMBER, mode, ttlMs, priority, 0, nowMs)
    }
    Write.end(shard)
    return status
  }

  /** Gives a key a new lifetime (0: for ever). STATUS_STORED if it was there. */
  static touch(keyChars: u32, wide: u32, ttlMs: f64): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Shard.ofHash(hash)
    Accesses.drain()
    if (!Write.begin(shard)) return STATUS_BUSY
    const nowMs = now()
    Expiry.advance(shard, nowMs, WHEEL_STEPS_PER_WRITE)
    const ready = Write.prepareHeap(shard, nowMs)
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    let status: i32 = STATUS_MISS
    if (slot != 0 && Expiry.isLive(Table.entryAt(slot), false)) {
      status = ready ? Write.relive(shard, hash, keyChars, wide, slot, ttlMs, nowMs) : STATUS_FULL
    }
    Write.end(shard)
    return status
  }

  /** Removes the staged key if it is there (and, with `mode` SET_IF_VERSION, of that version). */
  static remove(keyChars: u32, wide: u32, mode: u32, version: u32, reason: u32): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Shard.ofHash(hash)
    Accesses.drain()
    if (!Write.begin(shard)) return STATUS_BUSY
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    let status: i32 = STATUS_MISS
    if (slot != 0) {
      const entry = Table.entryAt(slot)
      const live = Expiry.isLive(entry, false)
      if (mode != SET_IF_VERSION || Entry.version(entry) == version) {
        Removal.remove(shard, slot, live ? reason : Expiry.causeOfRemoval(entry, now(), reason))
        if (live) status = STATUS_STORED
      }
    }
    Write.end(shard)
    return status
  }

  /** get and remove in one step, for values that fit the staging; larger ones stay, to be read first. */
  static take(keyChars: u32, wide: u32): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Shard.ofHash(hash)
    Accesses.drain()
    if (!Write.begin(shard)) return STATUS_MISS
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    let type: i32 = STATUS_MISS
    if (slot != 0 && Expiry.isLive(Table.entryAt(slot), false)) {
      type = Read.stage(Table.entryAt(slot))
      if (type < 256) Removal.remove(shard, slot, REMOVED_DELETE)
    }
    Write.end(shard)
    if (type == STATUS_MISS) Thread.countMiss()
    else if (type < 256) Thread.countHit()
    return type
  }

  /** Gives an entry back that was reserved and then not committed, for want of its shard's lock. */
  private static dropPending(): bool {
    const entry = Thread.get(THREAD_PENDING)
    if (entry == 0) return true
    const shard = Shard.ofHash(Entry.hash(entry))
    if (!Write.begin(shard)) return false
    Thread.set(THREAD_PENDING, 0)
    Chain.give(shard, entry)
    Write.end(shard)
    return true
  }

  private static begin(shard: u32): bool {
    if (!Lock.acquire(shard)) {
      Shard.countLockTimeout(shard)
      return false
    }
    Shard.beginChange(shard)
    return true
  }

  private static end(shard: u32): void {
    Shard.endChange(shard)
    Lock.release(shard)
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
    const ready = Write.prepareHeap(shard, nowMs)
    let slot = Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide)
    if (!Write.isAllowed(slot, mode & MODE_MASK, version)) return STATUS_UNCHANGED
    const flags = BuildEntry.flags(wide, ttlMs, (mode & SET_SLIDING) != 0)
    const bytes = BuildEntry.bytes(flags, keyBytes, valueBytes)
    if (Write.isTooLarge(keyBytes + valueBytes, bytes)) {
      return Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_TOO_LARGE)
    }
    if (!ready) return Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_FULL)
    if (slot != 0 && Write.fitsInPlace(Table.entryAt(slot), bytes)) {
      const entry = Table.entryAt(slot)
      Write.overwrite(shard, hash, entry, keyChars, keyBytes, type, flags, valueBytes, ttlMs, priority, nowMs)
      return STATUS_STORED
    }
    const entry = BuildEntry.allocate(shard, bytes, nowMs)
    if (entry == 0) return Write.refuse(shard, hash, keyBytes, wide, mode, STATUS_FULL)
    BuildEntry.fill(entry, hash, keyChars, keyBytes, type, flags, valueBytes, ttlMs, priority, nowMs)
    Chain.markFragments(entry, TYPE_CONTINUATION)
    Chain.write(entry, keyBytes, Thread.valuePtr(), valueBytes)
    // Why again: making room may have evicted the old entry or moved it.
    if (slot != 0) slot = Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide)
    return Write.link(shard, hash, entry, slot, nowMs)
  }

  /** Whether the mode lets a set go on, given what stands in the index (0: nothing). */
  private static isAllowed(slot: u32, mode: u32, version: u32): bool {
    if (mode == SET_ALWAYS) return true
    const live = slot != 0 && Expiry.isLive(Table.entryAt(slot), false)
    if (mode == SET_IF_ABSENT) return !live
    return live && Entry.version(Table.entryAt(slot)) == version
  }

  /** Whether it is clear before any room is made that the mode forbids the set. commit() looks again. */
  private static isTaken(shard: u32, hash: u32, keyBytes: u32, wide: u32, mode: u32): bool {
    if ((mode & MODE_MASK) != SET_IF_ABSENT) return false
    return !Write.isAllowed(Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide), SET_IF_ABSENT, 0)
  }

  private static isTooLarge(contentBytes: u32, bytes: u32): bool {
    return contentBytes > Control.maxEntryBytes() || !BuildEntry.fits(bytes, Control.pageCount())
  }

  /** Counts a refusal. A plain set takes the older value away, a conditional one leaves it. */
  private static refuse(shard: u32, hash: u32, keyBytes: u32, wide: u32, mode: u32, status: i32): i32 {
    Shard.addCounter(shard, STAT_TOO_LARGE, 1)
    if ((mode & MODE_MASK) != SET_ALWAYS) return status
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyBytes, wide)
    if (slot != 0) {
      Removal.remove(shard, slot, Expiry.causeOfRemoval(Table.entryAt(slot), now(), REMOVED_REPLACE))
    }
    return status
  }

  private static fitsInPlace(entry: u32, bytes: u32): bool {
    if (bytes > MAX_CHUNK_BYTES || Entry.has(entry, FLAG_CHAINED)) return false
    return Page.sizeClass(Page.ofChunk(entry)) == Slab.classOf(bytes)
  }

  private static overwrite(
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
    Write.retire(shard, hash, entry, nowMs)
    const reorder = Policy.ordersByContent()
    if (reorder) Policy.remove(shard, entry)
    const links = load<u64>(Entry.links(entry))
    const hits = Entry.hits(entry)
    const state = Entry.policyState(entry)
    BuildEntry.fill(entry, hash, keyChars, keyBytes, type, flags, valueBytes, ttlMs, priority, nowMs)
    Bytes.copy(Entry.contentPtr(entry) + keyBytes, Thread.valuePtr(), valueBytes)
    Entry.setVersion(entry, Shard.nextVersion(shard))
    Entry.setHits(entry, hits)
    if (reorder) Policy.insert(shard, entry)
    else {
      store<u64>(Entry.links(entry), links)
      Entry.setPolicyState(entry, state)
      Policy.refresh(shard, entry)
    }
    Write.enter(shard, entry)
  }

  /** An old entry's value is about to go: whoever asks is told, and nothing stays scheduled or counted. */
  private static retire(shard: u32, hash: u32, entry: u32, nowMs: f64): void {
    const reason = Expiry.causeOfRemoval(entry, nowMs, REMOVED_REPLACE)
    Removal.announce(entry, reason)
    if (reason == REMOVED_REPLACE) Shard.addCounter(shard, STAT_REPLACEMENTS, 1)
    else Removal.count(shard, reason)
    Removal.unschedule(shard, entry)
    Stamps.raise(hash)
    Shard.addCounter(shard, STAT_PAYLOAD_BYTES, -i64(Entry.keyBytes(entry) + Entry.valueBytes(entry)))
  }

  /** A new value is in place: schedule and count it. */
  private static enter(shard: u32, entry: u32): void {
    if (Entry.has(entry, FLAG_EXPIRY)) Expiry.schedule(shard, entry, Entry.expiresAt(entry))
    Shard.addCounter(shard, STAT_SETS, 1)
    Shard.addCounter(shard, STAT_PAYLOAD_BYTES, Entry.keyBytes(entry) + Entry.valueBytes(entry))
  }

  /** Puts a built entry into the index, in the place of the one at `slot` (0: none). */
  private static link(shard: u32, hash: u32, entry: u32, slot: u32, nowMs: f64): i32 {
    if (slot == 0) return Write.linkNew(shard, hash, entry, nowMs)
    const old = Table.entryAt(slot)
    Write.retire(shard, hash, old, nowMs)
    Entry.setVersion(entry, Shard.nextVersion(shard))
    Entry.setHits(entry, Entry.hits(old))
    if (Policy.ordersByContent()) {
      Policy.remove(shard, old)
      Policy.insert(shard, entry)
    } else {
      Entry.setPolicyState(entry, Entry.policyState(old))
      Policy.relocate(shard, old, entry)
      Policy.refresh(shard, entry)
    }
    Table.setEntryAt(slot, entry)
    Chain.give(shard, old)
    Write.enter(shard, entry)
    return STATUS_STORED
  }

  private static linkNew(shard: u32, hash: u32, entry: u32, nowMs: f64): i32 {
    // Why pending: what makes room for the index must leave this entry alone.
    const type = Entry.type(entry)
    Entry.setType(entry, TYPE_PENDING)
    Chain.markFragments(entry, TYPE_PENDING)
    const ready = Write.prepare(shard, hash, nowMs)
    Entry.setType(entry, type)
    if (!ready) {
      Chain.give(shard, entry)
      Shard.addCounter(shard, STAT_TOO_LARGE, 1)
      return STATUS_FULL
    }
    Chain.markFragments(entry, TYPE_CONTINUATION)
    Entry.setVersion(entry, Shard.nextVersion(shard))
    Table.insert(shard, hash, entry)
    Policy.insert(shard, entry)
    Shard.setEntries(shard, Shard.entries(shard) + 1)
    Stamps.raise(hash)
    Write.enter(shard, entry)
    return STATUS_STORED
  }

  /**
   * Under policy `ttl`, room in the heap for one more, so that an entry which had no expiry can get one in its
   * place. Before anything is looked up, since making room may evict or move what was found.
   */
  private static prepareHeap(shard: u32, nowMs: f64): bool {
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
        if (Expiry.advance(shard, nowMs, WHEEL_STEPS_PER_WRITE) == 0 && !Removal.evictOne(shard)) break
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
    if (!Table.hasRoom(shard, hash)) Removal.remove(shard, Table.anySlot(shard, hash), REMOVED_EVICT)
    return true
  }

  private static addTo(shard: u32, entry: u32, by: f64): void {
    const at = Entry.contentPtr(entry) + Entry.keyBytes(entry)
    if (Entry.has(entry, FLAG_CHAINED)) {
      Chain.read(entry, Entry.keyBytes(entry), Thread.valuePtr(), NUMBER_BYTES)
      store<f64>(Thread.valuePtr(), load<f64>(Thread.valuePtr()) + by)
      Chain.write(entry, Entry.keyBytes(entry), Thread.valuePtr(), NUMBER_BYTES)
    } else {
      store<f64>(at, load<f64>(at) + by)
      store<f64>(Thread.valuePtr(), load<f64>(at))
    }
    // Why: of equal times policy `ttl` lets the one written first go first.
    const reorder = Policy.ordersByContent()
    if (reorder) Policy.remove(shard, entry)
    Entry.setVersion(entry, Shard.nextVersion(shard))
    if (reorder) Policy.insert(shard, entry)
    else Policy.refresh(shard, entry)
    Stamps.raise(Entry.hash(entry))
    Shard.addCounter(shard, STAT_SETS, 1)
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
      return Write.rebuild(shard, hash, keyChars, wide, entry, ttlMs, nowMs)
    }
    Stamps.raise(hash)
    const reorder = Policy.ordersByExpiry()
    if (reorder) Policy.remove(shard, entry)
    Removal.unschedule(shard, entry)
    Entry.dropFlag(entry, FLAG_STALE)
    // Why not ttlMs: a sliding entry that is to live for ever would be renewed for 0 ms.
    if (Entry.has(entry, FLAG_LONG_EXPIRY)) Entry.setLongExpiry(entry, lifetimeMs, Entry.staleMs(entry))
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
    Write.stageTagsOf(old)
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
    BuildEntry.fill(entry, hash, keyChars, keyBytes, type, flags, valueBytes, ttlMs, Entry.priority(old), createdAt)
    Chain.markFragments(entry, TYPE_CONTINUATION)
    Entry.setExpiresAt(entry, nowMs + ttlMs)
    Chain.copyContent(old, entry, keyBytes + valueBytes)
    Entry.setVersion(entry, version)
    Entry.setHits(entry, Entry.hits(old))
    if (Policy.ordersByExpiry()) {
      Policy.remove(shard, old)
      Policy.insert(shard, entry)
    } else {
      Entry.setPolicyState(entry, Entry.policyState(old))
      Policy.relocate(shard, old, entry)
    }
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
