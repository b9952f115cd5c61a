// Reading without the lock: note the shard's sequence, probe, copy out, validate; again if a change came
// between, and after some tries under the lock. What comes back lies in the thread's area: nothing that
// another thread can change under the decoder.
//
// 1. The stamp is read before the value, so that a near cache never holds a value under a younger stamp.
// 2. Nothing read while unlocked is used as an address or a length without a bound.

import { Accesses } from './accesses'
import {
  FLAG_CHAINED,
  FLAG_EXPIRY,
  FLAG_LONG_EXPIRY,
  FLAG_SLIDING,
  FLAG_STALE,
  FLAG_TAGS,
  GET_PEEK,
  GET_STALE,
  GET_STAMPED,
  LARGE_VALUE,
  MAX_KEY_CHARS,
  STATUS_MISS,
  THREAD_BARRIER,
  THREAD_CREATED_AT,
  THREAD_ENTRY,
  THREAD_ENTRY_BYTES,
  THREAD_EXPIRES_AT,
  THREAD_FLAGS,
  THREAD_HASH,
  THREAD_HITS,
  THREAD_KEY_BYTES,
  THREAD_LIFETIME_MS,
  THREAD_PIECE_BYTES,
  THREAD_PIECE_NEXT,
  THREAD_PIECE_PTR,
  THREAD_PRIORITY,
  THREAD_SEQUENCE,
  THREAD_STALE_MS,
  THREAD_STAMP,
  THREAD_STAMP_INDEX,
  THREAD_TAG_COUNT,
  THREAD_TAG_EPOCH,
  THREAD_TAG_NAMES_BYTES,
  THREAD_VALUE_BYTES,
  THREAD_VERSION,
  VALUE_STAGING_BYTES,
} from './constants'
import { now, threadPtr, weaklyOrdered } from './env'
import { Expiry } from './expiry'
import { Policy } from './policy/policy'
import { ShardLock } from './shard-lock'
import { Bytes } from './store/bytes'
import { Chain } from './store/chain'
import { Hash } from './store/hash'
import { Table } from './store/table'
import { Control } from './struct/control'
import { Entry, TagsPart } from './struct/entry'
import { Fragment } from './struct/fragment'
import { ClassTable, Page } from './struct/page'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { Stamps } from './sync/stamps'
import { Wheel } from './time/wheel'

const TRIES: u32 = 8
/** Some microseconds: most changes are over by then. */
const SPINS: u32 = 400
const TORN: i32 = -1
/** What an entry has whose lifetime a hit renews. */
const RENEWED: u32 = FLAG_SLIDING | FLAG_LONG_EXPIRY

export class Read {
  /** The hash of the staged key. */
  static hashKey(keyChars: u32, wide: u32): u32 {
    return Read.hashOf(Thread.keyPtr(), keyChars << wide, wide)
  }

  /** The hash of a key that lies anywhere. */
  @inline
  static hashOf(keyPtr: u32, keyBytes: u32, wide: u32): u32 {
    return u32(Hash.of(keyPtr, keyBytes, wide) >> 32)
  }

  /** The value's type, with LARGE_VALUE if it is to be read in pieces; 0: a miss. */
  static get(keyChars: u32, wide: u32, mode: u32): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const keyBytes = keyChars << wide
    const room = VALUE_STAGING_BYTES
    const type = Read.find(hash, Thread.keyPtr(), keyBytes, wide, mode, Thread.valuePtr(), room)
    Read.account(hash, type, mode)
    return type
  }

  /** The value of a key to `valuePtr`, or, where it has not room enough there, its first piece. */
  @inline
  static find(
    hash: u32,
    keyPtr: u32,
    keyBytes: u32,
    wide: u32,
    mode: u32,
    valuePtr: u32,
    room: u32,
  ): i32 {
    const shard = Shard.ofHash(hash)
    let type = TORN
    for (let attempt: u32 = 0; attempt < TRIES && type == TORN; attempt++) {
      type = Read.tryGet(shard, hash, keyPtr, keyBytes, wide, mode, valuePtr, room)
    }
    if (type != TORN) return type
    return Read.getLocked(shard, hash, keyPtr, keyBytes, wide, mode, valuePtr, room)
  }

  /** Counts what find() found, and tells the policy. */
  @inline
  static account(hash: u32, type: i32, mode: u32): void {
    if (mode & GET_PEEK) return
    if (type == STATUS_MISS) {
      Thread.countMiss()
      return
    }
    if ((mode & GET_STALE) != 0 && Read.isExpired()) {
      Thread.countMiss()
      // Why: so that its expiry tells, to renew() and to whoever comes later, what its tags have ended.
      if ((Thread.get(THREAD_FLAGS) & (FLAG_TAGS | FLAG_STALE)) == FLAG_TAGS)
        Expiry.settleFound(Shard.ofHash(hash), hash, Thread.get(THREAD_ENTRY))
    } else Thread.countHit()
    if ((Thread.get(THREAD_FLAGS) & RENEWED) == RENEWED) Read.renew(Shard.ofHash(hash), hash)
    Accesses.note(Thread.get(THREAD_ENTRY), hash, Thread.get(THREAD_SEQUENCE))
  }

  /** Whether the value of the last get, read in pieces, was whole. */
  static isValid(): bool {
    return Read.isUnchanged(Shard.ofHash(Thread.get(THREAD_HASH)), Thread.get(THREAD_SEQUENCE))
  }

  /** Sets PIECE_PTR and PIECE_BYTES to the next piece of the value or pending entry; false: no more. */
  static nextPiece(): bool {
    const fragment = Thread.get(THREAD_PIECE_NEXT)
    if (fragment == 0 || !Table.isChunk(fragment)) return false
    const content = Fragment.contentPtr(fragment)
    Thread.set(THREAD_PIECE_PTR, content)
    Thread.set(THREAD_PIECE_BYTES, Page.within(content, Fragment.bytes(fragment)))
    Thread.set(THREAD_PIECE_NEXT, Fragment.next(fragment))
    return true
  }

  /** Sets the first piece of an entry's value: what lies behind `offset` in the first chunk that has any. */
  static firstPiece(entry: u32, offset: u32): void {
    let content = Entry.contentPtr(entry)
    const chained = Entry.has(entry, FLAG_CHAINED)
    let here = chained
      ? Entry.headContentBytes(entry)
      : Entry.keyBytes(entry) + Entry.valueBytes(entry)
    here = Page.within(content, here)
    let next = chained ? Entry.nextFragment(entry) : 0
    for (let bound: u32 = 0; here <= offset && bound < MAX_KEY_CHARS; bound++) {
      if (!Table.isChunk(next)) break
      offset -= here
      content = Fragment.contentPtr(next)
      here = Page.within(content, Fragment.bytes(next))
      next = Fragment.next(next)
    }
    offset = min<u32>(offset, here)
    Thread.set(THREAD_PIECE_PTR, content + offset)
    Thread.set(THREAD_PIECE_BYTES, here - offset)
    Thread.set(THREAD_PIECE_NEXT, next)
  }

  /**
   * As get() without counting, but leaves the shard locked where it returns a type, so that a large value can
   * be read undisturbed; letGo() ends it.
   */
  static hold(keyChars: u32, wide: u32, mode: u32): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Shard.ofHash(hash)
    if (!ShardLock.acquire(shard)) return STATUS_MISS
    const keyPtr = Thread.keyPtr()
    const valuePtr = Thread.valuePtr()
    const room = VALUE_STAGING_BYTES
    const type = Read.findLocked(shard, hash, keyPtr, keyChars << wide, wide, mode, valuePtr, room)
    if (type == STATUS_MISS) ShardLock.release(shard)
    return type
  }

  /** Fills in what info() tells of the staged key; the tag names go to the value staging. `mode`: 0 or GET_STALE. */
  static inspect(keyChars: u32, wide: u32, mode: u32): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Shard.ofHash(hash)
    if (!ShardLock.acquire(shard)) return STATUS_MISS
    Accesses.drainShard(shard)
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    const entry = slot == 0 ? 0 : Table.entryAt(slot)
    const found = entry != 0 && Expiry.isLive(entry, (mode & GET_STALE) != 0)
    if (found) Read.describe(entry)
    const type: i32 = found ? i32(Entry.type(entry)) : STATUS_MISS
    ShardLock.release(shard)
    return type
  }

  /** Copies the key of an entry found by scan() to the key staging; false if it has gone or moved. */
  static stageKey(entry: u32, hash: u32): bool {
    const shard = Shard.ofHash(hash)
    for (let attempt: u32 = 0; attempt < TRIES; attempt++) {
      const sequence = Shard.sequence(shard)
      if (sequence & 1) continue
      const found = Read.copyKey(shard, entry, hash)
      if (Read.isUnchanged(shard, sequence)) return found
    }
    if (!ShardLock.acquire(shard)) return false
    const found = Read.copyKey(shard, entry, hash)
    ShardLock.release(shard)
    return found
  }

  /** Sets the pieces of an entry's key, under the lock of its shard. */
  static locateKey(entry: u32): void {
    Thread.set(THREAD_KEY_BYTES, Entry.keyBytes(entry))
    Thread.set(THREAD_FLAGS, Entry.flags(entry))
    Read.firstPiece(entry, 0)
  }

  /**
   * Results of an entry that was found live into the thread's area, its value to `valuePtr`; where it has not room
   * enough there, its first piece. TORN if what was read contradicts itself.
   */
  static stage(entry: u32, valuePtr: u32, room: u32): i32 {
    const keyBytes = Entry.keyBytes(entry)
    const valueBytes = Entry.valueBytes(entry)
    const flags = Entry.flags(entry)
    Thread.set(THREAD_ENTRY, entry)
    Thread.set(THREAD_VALUE_BYTES, valueBytes)
    Thread.set(THREAD_VERSION, Entry.version(entry))
    Thread.set(THREAD_HITS, Entry.hits(entry))
    Thread.set(THREAD_FLAGS, flags)
    if (flags & FLAG_EXPIRY) Thread.setFloat(THREAD_CREATED_AT, Entry.createdAt(entry))
    const type = Entry.type(entry)
    if (valueBytes > room) {
      Read.firstPiece(entry, keyBytes)
      return type | LARGE_VALUE
    }
    return Chain.read(entry, keyBytes, valuePtr, valueBytes) ? i32(type) : TORN
  }

  @inline
  private static tryGet(
    shard: u32,
    hash: u32,
    keyPtr: u32,
    keyBytes: u32,
    wide: u32,
    mode: u32,
    valuePtr: u32,
    room: u32,
  ): i32 {
    const sequence = Read.settledSequence(shard)
    if (sequence & 1) return TORN
    Read.noteState(hash, sequence, mode)
    const slot = Table.find(shard, hash, keyPtr, keyBytes, wide)
    if (slot == 0) return Read.isUnchanged(shard, sequence) ? STATUS_MISS : TORN
    const entry = Table.entryAt(slot)
    if (!Table.isChunk(entry)) return TORN
    const live = Expiry.isLive(entry, (mode & GET_STALE) != 0)
    const type = live ? Read.stage(entry, valuePtr, room) : STATUS_MISS
    return Read.isUnchanged(shard, sequence) ? type : TORN
  }

  /** The sequence, once no change is under way, if that comes soon. */
  private static settledSequence(shard: u32): u32 {
    let sequence = Shard.sequence(shard)
    for (let spin: u32 = 0; spin < SPINS && (sequence & 1) != 0; spin++)
      sequence = Shard.sequence(shard)
    return sequence
  }

  private static getLocked(
    shard: u32,
    hash: u32,
    keyPtr: u32,
    keyBytes: u32,
    wide: u32,
    mode: u32,
    valuePtr: u32,
    room: u32,
  ): i32 {
    if (!ShardLock.acquire(shard)) return STATUS_MISS
    const type = Read.findLocked(shard, hash, keyPtr, keyBytes, wide, mode, valuePtr, room)
    ShardLock.release(shard)
    return type
  }

  private static findLocked(
    shard: u32,
    hash: u32,
    keyPtr: u32,
    keyBytes: u32,
    wide: u32,
    mode: u32,
    valuePtr: u32,
    room: u32,
  ): i32 {
    Read.noteState(hash, Shard.sequence(shard), mode)
    const slot = Table.find(shard, hash, keyPtr, keyBytes, wide)
    const entry = slot == 0 ? 0 : Table.entryAt(slot)
    return entry != 0 && Expiry.isLive(entry, (mode & GET_STALE) != 0)
      ? Read.stage(entry, valuePtr, room)
      : STATUS_MISS
  }

  private static copyKey(shard: u32, entry: u32, hash: u32): bool {
    if (Table.findEntry(shard, hash, entry) == 0) return false
    const bytes = Entry.keyBytes(entry)
    Thread.set(THREAD_KEY_BYTES, bytes)
    Thread.set(THREAD_FLAGS, Entry.flags(entry))
    return bytes <= MAX_KEY_CHARS * 2 && Chain.read(entry, 0, Thread.keyPtr(), bytes)
  }

  /** Whether no change came between: all loads before it are done, none after it has begun. */
  private static isUnchanged(shard: u32, sequence: u32): bool {
    if (weaklyOrdered) atomic.add<u32>(threadPtr + THREAD_BARRIER, 0)
    return Shard.sequence(shard) == sequence
  }

  /** What has to be noted before the value is read. Why stamps only on demand: each is a cache line. */
  private static noteState(hash: u32, sequence: u32, mode: u32): void {
    Thread.set(THREAD_HASH, hash)
    Thread.set(THREAD_SEQUENCE, sequence)
    if ((mode & GET_STAMPED) == 0) return
    const stampIndex = Stamps.index(hash)
    Thread.set(THREAD_STAMP_INDEX, stampIndex)
    Thread.set(THREAD_STAMP, Stamps.read(stampIndex))
    Thread.set(THREAD_TAG_EPOCH, Control.tagEpoch())
  }

  /** Whether the entry just read is in its stale period. */
  private static isExpired(): bool {
    return (
      (Thread.get(THREAD_FLAGS) & FLAG_EXPIRY) != 0 && now() >= Thread.getFloat(THREAD_EXPIRES_AT)
    )
  }

  /** A hit on a sliding entry gives it its whole lifetime again. */
  private static renew(shard: u32, hash: u32): void {
    if (!ShardLock.acquire(shard)) return
    const entry = Thread.get(THREAD_ENTRY)
    const timeMs = now()
    // Why the clock again: a get that reaches into the stale period must not bring the entry back to life.
    if (
      Table.findEntry(shard, hash, entry) != 0 &&
      (Entry.flags(entry) & RENEWED) == RENEWED &&
      !Entry.isStale(entry) &&
      timeMs < Entry.expiresAt(entry)
    ) {
      const reorder = Policy.ordersByExpiry()
      if (reorder) Policy.remove(shard, entry)
      Wheel.cancelIfScheduled(shard, entry)
      Expiry.schedule(shard, entry, timeMs + Entry.lifetimeMs(entry))
      if (reorder) Policy.insert(shard, entry)
      Thread.setFloat(THREAD_EXPIRES_AT, Entry.expiresAt(entry))
    }
    ShardLock.release(shard)
  }

  private static describe(entry: u32): void {
    const flags = Entry.flags(entry)
    Thread.set(THREAD_ENTRY, entry)
    Thread.set(THREAD_VALUE_BYTES, Entry.valueBytes(entry))
    Thread.set(THREAD_VERSION, Entry.version(entry))
    Thread.set(THREAD_HITS, Entry.hits(entry))
    Thread.set(THREAD_FLAGS, flags)
    Thread.set(THREAD_PRIORITY, Entry.priority(entry))
    Thread.setFloat(THREAD_CREATED_AT, Entry.createdAt(entry))
    Thread.setFloat(THREAD_EXPIRES_AT, Expiry.expiresAt(entry))
    Thread.setFloat(THREAD_LIFETIME_MS, flags & FLAG_LONG_EXPIRY ? Entry.lifetimeMs(entry) : 0)
    Thread.setFloat(THREAD_STALE_MS, flags & FLAG_LONG_EXPIRY ? Entry.staleMs(entry) : 0)
    Thread.set(THREAD_ENTRY_BYTES, Read.chunkBytes(entry))
    Thread.set(THREAD_TAG_COUNT, 0)
    Thread.set(THREAD_TAG_NAMES_BYTES, 0)
    if ((flags & FLAG_TAGS) == 0) return
    const part = Entry.tagsPart(entry)
    Thread.set(THREAD_TAG_COUNT, TagsPart.count(part))
    Thread.set(THREAD_TAG_NAMES_BYTES, TagsPart.namesBytes(part))
    Bytes.copy(Thread.valuePtr(), TagsPart.namesPtr(part), TagsPart.namesBytes(part))
  }

  private static chunkBytes(entry: u32): u32 {
    let bytes = ClassTable.chunkBytes(Page.sizeClass(Page.ofChunk(entry)))
    let fragment = Entry.has(entry, FLAG_CHAINED) ? Entry.nextFragment(entry) : 0
    while (fragment != 0) {
      bytes += ClassTable.chunkBytes(Page.sizeClass(Page.ofChunk(fragment)))
      fragment = Fragment.next(fragment)
    }
    return bytes
  }
}
