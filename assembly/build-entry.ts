// Building an entry: its chunk or chain, header, optional parts and key. What is built is pending: neither
// moved nor evicted, nor kept should its thread die, until seal(). Under the shard's lock, within a change.
//
// 1. From seal() on an entry is whole, and changes by single stores only, or under another pending mark: what a
// thread that dies leaves sealed can be trusted (repair.ts).

import {
  CLASS_16K,
  ENTRY_HEADER_BYTES,
  FLAG_CHAINED,
  FLAG_EXPIRY,
  FLAG_LONG_EXPIRY,
  FLAG_SLIDING,
  FLAG_TAGS,
  FLAG_WIDE_KEY,
  MAX_CHUNK_BYTES,
  THREAD_SET_STALE_MS,
  THREAD_SET_TAG_COUNT,
  THREAD_SET_TAG_EPOCH,
  THREAD_SET_TAG_NAMES_BYTES,
  TYPE_CONTINUATION,
  TYPE_PENDING,
} from './constants'
import { Room } from './room'
import { Bytes } from './store/bytes'
import { Chain } from './store/chain'
import { Slab } from './store/slab'
import { Entry, TagsPart } from './struct/entry'
import { FRAGMENT_HEADER_BYTES, Fragment } from './struct/fragment'
import { Links } from './struct/links'
import { ClassTable } from './struct/page'
import { Thread } from './struct/thread'

const CHAIN_PART_BYTES: u32 = 8

export class BuildEntry {
  /** The flags of an entry set with these parameters (and those in the thread's area). */
  static flags(wide: u32, ttlMs: f64, sliding: bool): u32 {
    let flags: u32 = wide ? FLAG_WIDE_KEY : 0
    if (ttlMs > 0) flags |= FLAG_EXPIRY
    if (ttlMs > 0 && (sliding || Thread.getFloat(THREAD_SET_STALE_MS) > 0))
      flags |= FLAG_LONG_EXPIRY
    // Also without a lifetime: touch() may give it one, which hits then renew.
    if (sliding) flags |= FLAG_SLIDING
    if (Thread.get(THREAD_SET_TAG_COUNT) > 0) flags |= FLAG_TAGS
    return flags
  }

  /** Bytes of an entry in one chunk. */
  static bytes(flags: u32, keyBytes: u32, valueBytes: u32): u32 {
    const header = Entry.headerBytes(
      flags,
      Thread.get(THREAD_SET_TAG_COUNT),
      Thread.get(THREAD_SET_TAG_NAMES_BYTES),
    )
    return header + keyBytes + valueBytes
  }

  /** Chunks for an entry of `bytes` (as of bytes()); 0 if there is no room for it. */
  static allocate(shard: u32, bytes: u32, nowMs: f64): u32 {
    assert(bytes >= ENTRY_HEADER_BYTES)
    if (bytes <= MAX_CHUNK_BYTES) return Room.take(shard, Slab.classOf(bytes), nowMs)
    let left = bytes + CHAIN_PART_BYTES
    let sizeClass = Slab.chainClassOf(left)
    const head = Room.take(shard, sizeClass, nowMs)
    if (head == 0) return 0
    // Why: until the header is written, the chain hangs on the head as on a fragment.
    Fragment.init(head, 0, min<u32>(left, ClassTable.chunkBytes(sizeClass)))
    Entry.markOther(head, TYPE_PENDING)
    left -= Fragment.bytes(head)
    let last = head
    while (left > 0) {
      sizeClass = Slab.chainClassOf(left + FRAGMENT_HEADER_BYTES)
      const fragment = Room.take(shard, sizeClass, nowMs)
      if (fragment == 0) {
        BuildEntry.abandon(shard, head)
        return 0
      }
      Fragment.init(
        fragment,
        last,
        min<u32>(left, ClassTable.chunkBytes(sizeClass) - FRAGMENT_HEADER_BYTES),
      )
      Entry.markOther(fragment, TYPE_PENDING)
      Fragment.setNext(last, fragment)
      left -= Fragment.bytes(fragment)
      last = fragment
    }
    return head
  }

  /** Gives back what allocate() gave for `bytes` and fill() has not touched. */
  static giveUnfilled(shard: u32, entry: u32, bytes: u32): void {
    if (bytes > MAX_CHUNK_BYTES) BuildEntry.abandon(shard, entry)
    else Slab.give(shard, entry)
  }

  private static abandon(shard: u32, head: u32): void {
    let chunk = head
    while (chunk != 0) {
      const next = Fragment.next(chunk)
      Slab.give(shard, chunk)
      chunk = next
    }
  }

  /** Writes header, parts and key into chunks from allocate(), as a pending entry. */
  static fill(
    entry: u32,
    hash: u32,
    keyChars: u32,
    keyBytes: u32,
    flags: u32,
    valueBytes: u32,
    ttlMs: f64,
    priority: u32,
    nowMs: f64,
  ): void {
    const bytes = BuildEntry.bytes(flags, keyBytes, valueBytes)
    const chained = bytes > MAX_CHUNK_BYTES
    const next = chained ? Fragment.next(entry) : 0
    const headBytes = chained ? Fragment.bytes(entry) : 0
    if (chained) flags |= FLAG_CHAINED
    Entry.init(entry, hash, keyChars, TYPE_PENDING, flags, valueBytes, priority, nowMs)
    if (flags & FLAG_EXPIRY) {
      Entry.setExpiresAt(entry, nowMs + ttlMs)
      Links.set(Entry.wheelLinks(entry), 0, 0)
    }
    if (flags & FLAG_LONG_EXPIRY)
      Entry.setLongExpiry(entry, ttlMs, Thread.getFloat(THREAD_SET_STALE_MS))
    const header = bytes - keyBytes - valueBytes
    if (chained) Entry.setChain(entry, next, headBytes - header - CHAIN_PART_BYTES)
    if (flags & FLAG_TAGS) BuildEntry.writeTags(entry)
    Chain.write(entry, 0, Thread.keyPtr(), keyBytes)
  }

  /** The entry is whole. Order: its own type comes last. */
  static seal(entry: u32, type: u32): void {
    Chain.markFragments(entry, TYPE_CONTINUATION)
    Entry.setType(entry, type)
  }

  /** Whether `bytes` can ever be stored by a shard of so many pages. */
  static fits(bytes: u32, pages: u32): bool {
    return bytes <= MAX_CHUNK_BYTES || bytes / ClassTable.chunkBytes(CLASS_16K) + 4 < pages
  }

  private static writeTags(entry: u32): void {
    const part = Entry.tagsPart(entry)
    const count = Thread.get(THREAD_SET_TAG_COUNT)
    const namesBytes = Thread.get(THREAD_SET_TAG_NAMES_BYTES)
    TagsPart.init(part, Thread.get(THREAD_SET_TAG_EPOCH), count, namesBytes)
    Bytes.copy(TagsPart.hashesPtr(part), Thread.tagsPtr(), (count << 3) + namesBytes)
  }
}
