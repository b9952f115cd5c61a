// The index of a shard: extendible hashing (Fagin et al. 1979) over segments, each an open-addressing
// table in groups of one cache line whose tags are compared at once (as in SwissTable), with overflow
// counts instead of tombstones (as in F14). Growth splits one segment of at most 768 entries at a time
// (as in Dash, Lu et al., VLDB 2020).
//
// Bits of a key's 32-bit hash: the top `depth` pick the segment, bits 6 to 11 the home group, the lowest
// the shard; a tag is a mix of all.
//
// 1. Every entry is in the segment of its hash, in its home group or behind full groups after it.
// 2. A group's overflow count is the number of entries whose probe passed it, or 255.
// 3. A segment of depth d stands 2^(depth - d) times in the directory, aligned.
// 4. A segment's count is the number of its used slots.
// Costs two cache misses for a hit, one for most misses; a split about 30 microseconds.

import { FLAG_CHAINED, FLAG_WIDE_KEY, GROUP_COUNT, SEGMENT_SPLIT_COUNT } from '../constants'
import { pagesBytes, pagesPtr } from '../env'
import { Entry } from '../struct/entry'
import { Fragment } from '../struct/fragment'
import { Page } from '../struct/page'
import { Group, Segment } from '../struct/segment'
import { Shard } from '../struct/shard'
import { Bytes } from './bytes'
import { Slab } from './slab'

const TAG_MULTIPLIER: u32 = 0x9e37_79b1
const MAX_FRAGMENTS: u32 = 1 << 18

export class Table {
  /** The slot of the entry with this key, or 0. Safe without the lock, but then to be validated. */
  static find(shard: u32, hash: u32, keyPtr: u32, keyBytes: u32, wide: u32): u32 {
    const segment = Table.segmentOf(shard, hash)
    const tag = Table.tagOf(hash)
    let home = Table.homeOf(hash)
    for (let probe: u32 = 0; probe < GROUP_COUNT; probe++) {
      const group = Segment.group(segment, home + probe)
      let matches = Group.match(group, tag)
      while (matches != 0) {
        const slot = Group.slotAt(group, ctz(matches))
        if (Table.hasKey(Group.slotEntry(slot), hash, keyPtr, keyBytes, wide)) return slot
        matches &= matches - 1
      }
      if (Group.overflow(group) == 0) return 0
    }
    return 0
  }

  /** The slot of another entry with the same key, or 0. Under the lock. */
  static findSame(shard: u32, entry: u32): u32 {
    const hash = Entry.hash(entry)
    const segment = Table.segmentOf(shard, hash)
    const tag = Table.tagOf(hash)
    let home = Table.homeOf(hash)
    for (let probe: u32 = 0; probe < GROUP_COUNT; probe++) {
      const group = Segment.group(segment, home + probe)
      let matches = Group.match(group, tag)
      while (matches != 0) {
        const slot = Group.slotAt(group, ctz(matches))
        if (Table.haveSameKey(Group.slotEntry(slot), entry)) return slot
        matches &= matches - 1
      }
      if (Group.overflow(group) == 0) return 0
    }
    return 0
  }

  /** The slot that refers to `entry`, or 0 if none does (any more). */
  static findEntry(shard: u32, hash: u32, entry: u32): u32 {
    const segment = Table.segmentOf(shard, hash)
    const tag = Table.tagOf(hash)
    let home = Table.homeOf(hash)
    for (let probe: u32 = 0; probe < GROUP_COUNT; probe++) {
      const group = Segment.group(segment, home + probe)
      let matches = Group.match(group, tag)
      while (matches != 0) {
        const slot = Group.slotAt(group, ctz(matches))
        if (Group.slotEntry(slot) == entry) return slot
        matches &= matches - 1
      }
      if (Group.overflow(group) == 0) return 0
    }
    return 0
  }

  /** Reads what a change of the home group of a hash touches, so that it is at hand soon; what it returns means nothing. */
  static foresee(shard: u32, hash: u32): u32 {
    const segment = Table.segmentOf(shard, hash)
    return Group.overflow(Segment.group(segment, Table.homeOf(hash))) + Segment.count(segment)
  }

  /** The first entry of the home group that may be that of a hash, 0 if there is none; without the lock a mere guess. */
  static candidate(shard: u32, hash: u32): u32 {
    const group = Segment.group(Table.segmentOf(shard, hash), Table.homeOf(hash))
    const matches = Group.match(group, Table.tagOf(hash))
    const entry = matches == 0 ? 0 : Group.slotEntry(Group.slotAt(group, ctz(matches)))
    return Table.isChunk(entry) ? entry : 0
  }

  static entryAt(slot: u32): u32 {
    return Group.slotEntry(slot)
  }

  static setEntryAt(slot: u32, entry: u32): void {
    Group.setSlotEntry(slot, entry)
  }

  /** Whether an insertion of this hash should split its segment first. */
  static wantsSplit(shard: u32, hash: u32): bool {
    const segment = Table.segmentOf(shard, hash)
    if (Segment.count(segment) < SEGMENT_SPLIT_COUNT) return false
    return Segment.depth(segment) < Shard.maxDepth(shard)
  }

  /** Whether there is a slot left for this hash. */
  static hasRoom(shard: u32, hash: u32): bool {
    return Segment.count(Table.segmentOf(shard, hash)) < GROUP_COUNT * 12
  }

  /** Some slot in use of a segment without room. */
  static anySlot(shard: u32, hash: u32): u32 {
    return Group.slotAt(Segment.group(Table.segmentOf(shard, hash), Table.homeOf(hash)), 0)
  }

  /** Puts in an entry whose key is not there; hasRoom() is true. */
  static insert(shard: u32, hash: u32, entry: u32): void {
    assert(Table.hasRoom(shard, hash))
    assert(Entry.hash(entry) == hash)
    Table.insertInto(Table.segmentOf(shard, hash), hash, entry)
  }

  static remove(shard: u32, hash: u32, slot: u32): void {
    const segment = Table.segmentOf(shard, hash)
    const target = Group.ofSlot(slot)
    Group.drop(target, Group.indexOfSlot(slot))
    let home = Table.homeOf(hash)
    for (let probe: u32 = 0; probe < GROUP_COUNT; probe++) {
      const group = Segment.group(segment, home + probe)
      if (group == target) break
      Group.uncountOverflow(group)
    }
    Segment.setCount(segment, Segment.count(segment) - 1)
  }

  /** Splits the segment of `hash`; `chunk` becomes the new one. wantsSplit() is true. */
  static split(shard: u32, hash: u32, chunk: u32): void {
    assert(Table.wantsSplit(shard, hash))
    const old = Table.segmentOf(shard, hash)
    const depth = Segment.depth(old) + 1
    if (depth > Shard.depth(shard)) Table.doubleDirectory(shard)
    Segment.setDepth(old, depth)
    Segment.clear(chunk, depth)
    Table.moveUpperHalf(old, chunk, depth)
    const span: u32 = 1 << (Shard.depth(shard) - depth)
    // The upper half of the directory range that the old segment had.
    const first = (Table.directoryIndex(shard, hash) & ~(2 * span - 1)) + span
    for (let index = first; index < first + span; index++) Table.setSegmentAt(shard, index, chunk)
    Shard.setSegments(shard, Shard.segments(shard) + 1)
  }

  /** An index of one segment. */
  static init(shard: u32, chunk: u32): void {
    Segment.clear(chunk, 0)
    Shard.setDepth(shard, 0)
    Shard.setSegments(shard, 1)
    Table.setSegmentAt(shard, 0, chunk)
  }

  /** Gives all segments back but one, which is emptied. No entry is referred to afterwards. */
  static reset(shard: u32): void {
    const first = Table.segmentAt(shard, 0)
    const end: u32 = 1 << Shard.depth(shard)
    let index: u32 = 1 << (Shard.depth(shard) - Segment.depth(first))
    while (index < end) {
      const segment = Table.segmentAt(shard, index)
      index += 1 << (Shard.depth(shard) - Segment.depth(segment))
      Slab.give(shard, segment)
    }
    Table.init(shard, first)
  }

  @inline
  static segmentAt(shard: u32, index: u32): u32 {
    return load<u32>(Shard.directory(shard) + (index << 2))
  }

  @inline
  static segmentOf(shard: u32, hash: u32): u32 {
    return Table.segmentAt(shard, Table.directoryIndex(shard, hash))
  }

  static directoryIndex(shard: u32, hash: u32): u32 {
    // Why in two steps: a shift by 32 is a shift by 0.
    return (hash >>> 1) >>> (31 - Shard.depth(shard))
  }

  static tagOf(hash: u32): u32 {
    return ((hash * TAG_MULTIPLIER) >>> 25) | 0x80
  }

  static homeOf(hash: u32): u32 {
    return (hash >>> 6) & (GROUP_COUNT - 1)
  }

  /** Whether an address read without the lock can be that of a chunk. */
  static isChunk(ptr: u32): bool {
    return ptr - pagesPtr < pagesBytes
  }

  @inline
  private static hasKey(entry: u32, hash: u32, keyPtr: u32, keyBytes: u32, wide: u32): bool {
    if (!Table.isChunk(entry)) return false
    if (Entry.hash(entry) != hash) return false
    const meta = Entry.meta(entry)
    if (Entry.keyBytesOf(meta) != keyBytes) return false
    if (u32((meta & FLAG_WIDE_KEY) != 0) != wide) return false
    if (keyBytes == 0) return true
    const content = Entry.contentPtr(entry)
    if (meta & FLAG_CHAINED) return Table.hasChainedKey(entry, content, keyPtr, keyBytes)
    // Why: read without the lock, the parts may be of different entries; stay inside the page.
    if (!Table.isChunk(content) || Page.within(content, keyBytes) != keyBytes) return false
    return Bytes.equal(content, keyPtr, keyBytes)
  }

  /** Both keys may lie in several chunks, cut at different places. */
  private static haveSameKey(a: u32, b: u32): bool {
    let left = Entry.keyBytes(a)
    if (Entry.hash(a) != Entry.hash(b) || left != Entry.keyBytes(b)) return false
    if (Entry.has(a, FLAG_WIDE_KEY) != Entry.has(b, FLAG_WIDE_KEY)) return false
    let aPtr = Entry.contentPtr(a)
    let bPtr = Entry.contentPtr(b)
    let aHere = Entry.has(a, FLAG_CHAINED) ? Entry.headContentBytes(a) : left
    let bHere = Entry.has(b, FLAG_CHAINED) ? Entry.headContentBytes(b) : left
    let aNext = Entry.has(a, FLAG_CHAINED) ? Entry.nextFragment(a) : 0
    let bNext = Entry.has(b, FLAG_CHAINED) ? Entry.nextFragment(b) : 0
    while (left > 0) {
      const bytes = min<u32>(left, min<u32>(aHere, bHere))
      if (!Bytes.equal(aPtr, bPtr, bytes)) return false
      left -= bytes
      aPtr += bytes
      bPtr += bytes
      aHere -= bytes
      bHere -= bytes
      if (left > 0 && aHere == 0) {
        aPtr = Fragment.contentPtr(aNext)
        aHere = Fragment.bytes(aNext)
        aNext = Fragment.next(aNext)
      }
      if (left > 0 && bHere == 0) {
        bPtr = Fragment.contentPtr(bNext)
        bHere = Fragment.bytes(bNext)
        bNext = Fragment.next(bNext)
      }
    }
    return true
  }

  private static hasChainedKey(entry: u32, content: u32, keyPtr: u32, keyBytes: u32): bool {
    let left = keyBytes
    let here = Page.within(content, Entry.headContentBytes(entry))
    let next = Entry.nextFragment(entry)
    for (let bound: u32 = 0; bound < MAX_FRAGMENTS; bound++) {
      const bytes = min<u32>(left, here)
      if (!Table.isChunk(content) || !Bytes.equal(content, keyPtr, bytes)) return false
      left -= bytes
      if (left == 0) return true
      if (!Table.isChunk(next)) return false
      keyPtr += bytes
      content = Fragment.contentPtr(next)
      here = Page.within(content, Fragment.bytes(next))
      next = Fragment.next(next)
    }
    return false
  }

  private static insertInto(segment: u32, hash: u32, entry: u32): void {
    let home = Table.homeOf(hash)
    for (let probe: u32 = 0; probe < GROUP_COUNT; probe++) {
      const group = Segment.group(segment, home + probe)
      const empty = Group.matchEmpty(group)
      if (empty != 0) {
        Group.put(group, ctz(empty), Table.tagOf(hash), entry)
        break
      }
      Group.countOverflow(group)
    }
    Segment.setCount(segment, Segment.count(segment) + 1)
  }

  private static moveUpperHalf(old: u32, fresh: u32, depth: u32): void {
    const bit: u32 = 1 << (32 - depth)
    for (let index: u32 = 0; index < GROUP_COUNT; index++) {
      const group = Segment.group(old, index)
      let used = Group.matchUsed(group)
      while (used != 0) {
        const slot = ctz(used)
        used &= used - 1
        const entry = Group.slotEntry(Group.slotAt(group, slot))
        const hash = Entry.hash(entry)
        if ((hash & bit) == 0) continue
        Group.drop(group, slot)
        let home = Table.homeOf(hash)
        for (let probe: u32 = 0; Segment.group(old, home + probe) != group; probe++) {
          Group.uncountOverflow(Segment.group(old, home + probe))
        }
        Segment.setCount(old, Segment.count(old) - 1)
        Table.insertInto(fresh, hash, entry)
      }
    }
  }

  private static doubleDirectory(shard: u32): void {
    const count: u32 = 1 << Shard.depth(shard)
    for (let index = count; index > 0; index--) {
      const segment = Table.segmentAt(shard, index - 1)
      Table.setSegmentAt(shard, 2 * index - 1, segment)
      Table.setSegmentAt(shard, 2 * index - 2, segment)
    }
    Shard.setDepth(shard, Shard.depth(shard) + 1)
  }

  private static setSegmentAt(shard: u32, index: u32, segment: u32): void {
    store<u32>(Shard.directory(shard) + (index << 2), segment)
  }
}
