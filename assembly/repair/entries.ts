// The entries of a shard under repair: which are whole, and back into the index with them.

import {
  FLAG_CHAINED,
  FLAG_TAGS,
  FLAG_WIDE_KEY,
  STAT_PAYLOAD_BYTES,
  TYPE_CONTINUATION,
  TYPE_FREE,
} from '../constants'
import { Policy } from '../policy/policy'
import { Chunks } from '../store/chunks'
import { Hash } from '../store/hash'
import { Slab } from '../store/slab'
import { Table } from '../store/table'
import { Control } from '../struct/control'
import { Entry, TagsPart } from '../struct/entry'
import { Fragment } from '../struct/fragment'
import { ClassTable, Page } from '../struct/page'
import { Shard } from '../struct/shard'
import { RepairPages } from './pages'

const MAX_FRAGMENTS: u32 = 1 << 18

export class RepairEntries {
  /** Puts every whole entry into the index and marks it; the chunks of others become free. */
  static index(shard: u32): void {
    Shard.setHeapCount(shard, 0)
    const shardIndex = Shard.index(shard)
    const end = Control.poolBump()
    for (let index: u32 = 0; index < end; index++) {
      const page = Page.at(index)
      if (!Page.isOwned(page, shardIndex) || !Slab.isMovable(Page.sizeClass(page))) continue
      const carved = Page.carved(page)
      const chunkBytes = ClassTable.chunkBytes(Page.sizeClass(page))
      let chunk = Page.memory(page)
      for (let count: u32 = 0; count < carved; count++) {
        if (Chunks.isEntryType(Entry.type(chunk))) RepairEntries.adopt(shard, chunk)
        chunk += chunkBytes
      }
    }
  }

  private static adopt(shard: u32, entry: u32): void {
    if (!RepairEntries.isWhole(shard, entry)) {
      Entry.markOther(entry, TYPE_FREE)
      return
    }
    const hash = Entry.hash(entry)
    const slot = Table.findSame(shard, entry)
    if (slot == 0) {
      if (RepairEntries.makeRoom(shard, hash, entry)) RepairEntries.enter(shard, hash, entry)
      else RepairEntries.discard(entry)
      return
    }
    const other = Table.entryAt(slot)
    if (i32(Entry.version(entry) - Entry.version(other)) <= 0) {
      RepairEntries.discard(entry)
      return
    }
    RepairEntries.count(shard, other, -1)
    RepairEntries.discard(other)
    Table.setEntryAt(slot, entry)
    Entry.mark(entry)
    RepairEntries.count(shard, entry, 1)
  }

  private static enter(shard: u32, hash: u32, entry: u32): void {
    Table.insert(shard, hash, entry)
    Entry.mark(entry)
    Shard.setEntries(shard, Shard.entries(shard) + 1)
    RepairEntries.count(shard, entry, 1)
  }

  /** The bytes of an entry, and its place in the heap that is going to be made. */
  private static count(shard: u32, entry: u32, sign: i32): void {
    const bytes = i64(Entry.keyBytes(entry) + Entry.valueBytes(entry))
    Shard.addCounter(shard, STAT_PAYLOAD_BYTES, i64(sign) * bytes)
    if (Policy.isInHeap(entry)) Shard.setHeapCount(shard, Shard.heapCount(shard) + sign)
  }

  /** Room in index and heap. What the policy may need beside, it had before. */
  private static makeRoom(shard: u32, hash: u32, entry: u32): bool {
    if (Policy.isInHeap(entry) && Shard.heapCount(shard) >= Policy.heapCapacity(shard)) return false
    if (Table.wantsSplit(shard, hash)) {
      const chunk = RepairPages.takeSegment(shard)
      if (chunk != 0) Table.split(shard, hash, chunk)
    }
    return Table.hasRoom(shard, hash)
  }

  /** Its chunks become free: the head by its type, the others by having no mark. */
  private static discard(entry: u32): void {
    let fragment = Entry.has(entry, FLAG_CHAINED) ? Entry.nextFragment(entry) : 0
    while (fragment != 0) {
      Entry.unmark(fragment)
      fragment = Fragment.next(fragment)
    }
    Entry.markOther(entry, TYPE_FREE)
  }

  /** Whether header, key and chunks agree with each other; the fragments of one that does are marked. */
  private static isWhole(shard: u32, entry: u32): bool {
    const hash = Entry.hash(entry)
    if (Shard.ofHash(hash) != shard) return false
    const tagsEnd = Entry.has(entry, FLAG_TAGS) ? Entry.tagsPart(entry) + 8 : entry
    if (Chunks.bytesTo(entry, tagsEnd) < 0) return false
    if (Entry.has(entry, FLAG_TAGS) && TagsPart.count(Entry.tagsPart(entry)) > 64) return false
    const room = Chunks.bytesTo(entry, Entry.contentPtr(entry))
    const bytes = Entry.keyBytes(entry) + Entry.valueBytes(entry)
    const here = Entry.has(entry, FLAG_CHAINED) ? Entry.headContentBytes(entry) : bytes
    if (room < 0 || here > u32(room)) return false
    if (Entry.keyBytes(entry) <= here && !RepairEntries.hasHash(entry, hash)) return false
    return !Entry.has(entry, FLAG_CHAINED) || RepairEntries.isChainWhole(shard, entry, bytes - here)
  }

  private static hasHash(entry: u32, hash: u32): bool {
    const wide = u32(Entry.has(entry, FLAG_WIDE_KEY))
    return u32(Hash.of(Entry.contentPtr(entry), Entry.keyBytes(entry), wide) >> 32) == hash
  }

  /** Marks as it goes, and takes the marks back where the chain turns out broken. */
  private static isChainWhole(shard: u32, entry: u32, bytes: u32): bool {
    let prev = entry
    let fragment = Entry.nextFragment(entry)
    let marked: u32 = 0
    for (; fragment != 0 && marked < MAX_FRAGMENTS; marked++) {
      if (!RepairEntries.isLoose(shard, fragment) || Fragment.bytes(fragment) > bytes) break
      bytes -= Fragment.bytes(fragment)
      Entry.mark(fragment)
      Fragment.setPrev(fragment, prev)
      prev = fragment
      fragment = Fragment.next(fragment)
    }
    if (fragment == 0 && bytes == 0) return true
    for (fragment = Entry.nextFragment(entry); marked > 0; marked--) {
      Entry.unmark(fragment)
      fragment = Fragment.next(fragment)
    }
    return false
  }

  /** Whether a fragment begins here that no other entry has. */
  private static isLoose(shard: u32, ptr: u32): bool {
    if (!Chunks.isMovable(shard, ptr) || Entry.type(ptr) != TYPE_CONTINUATION) return false
    return (
      !Entry.isMarked(ptr) &&
      Chunks.bytesTo(ptr, Fragment.contentPtr(ptr) + Fragment.bytes(ptr)) >= 0
    )
  }
}
