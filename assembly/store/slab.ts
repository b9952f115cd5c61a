// Slabs: pages of 16 KiB cut into chunks of one size class, for one shard. Under the shard's lock.
//
// Classes come from how many chunks fit a page: 8 to 128 of them in eight steps an octave (2048 down to
// 128 bytes), then every 8 bytes down to 40. So a chunk wastes under 12% of itself at worst and about 4%
// at random, and the end of a page under 1%. Three large classes (4, 8, 16 KiB) serve chains, one the
// index's segments, one whatever else needs a whole page.
//
// 1. A page with room is in its class's list, a full one is not, an empty one goes back to the pool.
// 2. free chunks of a class == sum over its pages of (chunks a page - used).
// 3. A class's surplus bit says: its free chunks would fill a page, so that one can be emptied.
// Costs a few loads a chunk; a new page is not touched but where chunks are handed out.

import {
  CLASS_4K,
  CLASS_8K,
  CLASS_16K,
  CLASS_INDEX,
  CLASS_RAW,
  MAX_CHUNK_BYTES,
  PAGE_BYTES,
  SEGMENT_BYTES,
  STAT_USED_BYTES,
  TYPE_FREE,
} from '../constants'
import { Entry } from '../struct/entry'
import { CLOSED, ClassTable, FreeChunk, LISTED, Page, UNLISTED } from '../struct/page'
import { Shard } from '../struct/shard'
import { Pool } from './pool'

/** Classes 0 to 31 have 8 to 127 chunks a page; from here on sizes are multiples of 8. */
const SMALL_CLASS: u32 = 32
const SMALL_CHUNK_BYTES: u32 = 128

export class Slab {
  /** The class whose chunks hold `bytes`, at most MAX_CHUNK_BYTES. */
  static classOf(bytes: u32): u32 {
    const rounded = (bytes + 7) & ~7
    if (rounded <= SMALL_CHUNK_BYTES)
      return SMALL_CLASS + ((SMALL_CHUNK_BYTES - max<u32>(rounded, 40)) >>> 3)
    const perPage: u32 = PAGE_BYTES / rounded
    const octave = 31 - clz(perPage) - 3
    return (octave << 3) + (perPage >>> octave) - 8
  }

  /** The class for the next piece of a chain that has `bytes` to go, its header included. */
  static chainClassOf(bytes: u32): u32 {
    if (bytes <= MAX_CHUNK_BYTES) return Slab.classOf(bytes)
    if (bytes >= PAGE_BYTES) return CLASS_16K
    if (bytes >= PAGE_BYTES / 2) return CLASS_8K
    return bytes >= PAGE_BYTES / 4 ? CLASS_4K : Slab.classOf(MAX_CHUNK_BYTES)
  }

  static formatClasses(): void {
    for (let sizeClass: u32 = 0; sizeClass < SMALL_CLASS; sizeClass++) {
      const octave = sizeClass >>> 3
      const perPage: u32 = (8 + (sizeClass & 7)) << octave
      ClassTable.set(sizeClass, (PAGE_BYTES / perPage) & ~7)
    }
    for (let bytes: u32 = SMALL_CHUNK_BYTES; bytes >= 40; bytes -= 8)
      ClassTable.set(Slab.classOf(bytes), bytes)
    ClassTable.set(CLASS_4K, PAGE_BYTES / 4)
    ClassTable.set(CLASS_8K, PAGE_BYTES / 2)
    ClassTable.set(CLASS_16K, PAGE_BYTES)
    ClassTable.set(CLASS_INDEX, SEGMENT_BYTES)
    ClassTable.set(CLASS_RAW, PAGE_BYTES)
  }

  /** A chunk from a page that the shard has, or 0. */
  static take(shard: u32, sizeClass: u32): u32 {
    const link = Shard.firstPage(shard, sizeClass)
    return link == 0 ? 0 : Slab.takeFrom(shard, sizeClass, Page.at(link - 1))
  }

  /** A fresh page from the pool for the class; false if there is none. */
  static addPage(shard: u32, sizeClass: u32): bool {
    const page = Pool.take(sizeClass, Shard.index(shard))
    if (page == 0) return false
    Slab.adoptPage(shard, sizeClass, page)
    return true
  }

  /** Counts a page whose record is right but for its list, and lists it if it has room (repair.ts). */
  static adoptPage(shard: u32, sizeClass: u32, page: u32): void {
    const room = ClassTable.perPage(sizeClass) - Page.used(page)
    Shard.setPages(shard, Shard.pages(shard) + 1)
    Shard.setClassPages(shard, sizeClass, Shard.classPages(shard, sizeClass) + 1)
    Slab.setFreeChunks(shard, sizeClass, Shard.freeChunks(shard, sizeClass) + room)
    Shard.addCounter(shard, STAT_USED_BYTES, Page.used(page) * ClassTable.chunkBytes(sizeClass))
    if (room > 0) Slab.list(shard, sizeClass, page)
  }

  /** Gives a chunk back, and its page to the pool if that was the last one in it. */
  static give(shard: u32, chunk: u32): void {
    const page = Page.ofChunk(chunk)
    const sizeClass = Page.sizeClass(page)
    Entry.markOther(chunk, TYPE_FREE)
    FreeChunk.setNext(chunk, Page.firstFree(page))
    Page.setFirstFree(page, ((chunk & (PAGE_BYTES - 1)) >>> 3) + 1)
    assert(Page.used(page) > 0)
    const used = Page.used(page) - 1
    Page.setUsed(page, used)
    Shard.addCounter(shard, STAT_USED_BYTES, -i64(ClassTable.chunkBytes(sizeClass)))
    Slab.setFreeChunks(shard, sizeClass, Shard.freeChunks(shard, sizeClass) + 1)
    if (used == 0) Slab.dropPage(shard, page)
    else if (Page.listing(page) == UNLISTED) Slab.list(shard, sizeClass, page)
  }

  /** A chunk of a certain page that has room: for moving entries. */
  static takeFrom(shard: u32, sizeClass: u32, page: u32): u32 {
    assert(Page.sizeClass(page) == sizeClass)
    assert(Page.used(page) < ClassTable.perPage(sizeClass))
    const chunkBytes = ClassTable.chunkBytes(sizeClass)
    const free = Page.firstFree(page)
    let chunk: u32
    if (free != 0) {
      chunk = Page.memory(page) + ((free - 1) << 3)
      Page.setFirstFree(page, FreeChunk.next(chunk))
    } else {
      const carved = Page.carved(page)
      chunk = Page.memory(page) + carved * chunkBytes
      // Order: what was here before must not be taken for an entry, should this thread die now.
      Entry.markOther(chunk, TYPE_FREE)
      Page.setCarved(page, carved + 1)
    }
    const used = Page.used(page) + 1
    Page.setUsed(page, used)
    Shard.addCounter(shard, STAT_USED_BYTES, chunkBytes)
    Slab.setFreeChunks(shard, sizeClass, Shard.freeChunks(shard, sizeClass) - 1)
    if (used == ClassTable.perPage(sizeClass)) Slab.unlist(shard, sizeClass, page)
    return chunk
  }

  /** From now on nothing new is put into this page, which has room; its last chunk gives it back. */
  static close(shard: u32, sizeClass: u32, page: u32): void {
    Slab.unlist(shard, sizeClass, page)
    Page.setListing(page, CLOSED)
  }

  static reopen(shard: u32, sizeClass: u32, page: u32): void {
    Slab.list(shard, sizeClass, page)
  }

  private static unlist(shard: u32, sizeClass: u32, page: u32): void {
    const prev = Page.prev(page)
    const next = Page.next(page)
    if (prev != 0) Page.setNext(Page.at(prev - 1), next)
    else Shard.setFirstPage(shard, sizeClass, next)
    if (next != 0) Page.setPrev(Page.at(next - 1), prev)
    Page.setPrev(page, 0)
    Page.setNext(page, 0)
    Page.setListing(page, UNLISTED)
  }

  private static list(shard: u32, sizeClass: u32, page: u32): void {
    const head = Shard.firstPage(shard, sizeClass)
    const link = Page.index(page) + 1
    Page.setNext(page, head)
    Page.setPrev(page, 0)
    if (head != 0) Page.setPrev(Page.at(head - 1), link)
    Shard.setFirstPage(shard, sizeClass, link)
    Page.setListing(page, LISTED)
  }

  static chunkBytes(sizeClass: u32): u32 {
    return ClassTable.chunkBytes(sizeClass)
  }

  /** Gives a page back with all that is in it, when nothing refers to it any more. */
  static dropPage(shard: u32, page: u32): void {
    const sizeClass = Page.sizeClass(page)
    const unused = ClassTable.perPage(sizeClass) - Page.used(page)
    if (Page.listing(page) == LISTED) Slab.unlist(shard, sizeClass, page)
    Shard.setPages(shard, Shard.pages(shard) - 1)
    Shard.setClassPages(shard, sizeClass, Shard.classPages(shard, sizeClass) - 1)
    Slab.setFreeChunks(shard, sizeClass, Shard.freeChunks(shard, sizeClass) - unused)
    Pool.give(page)
  }

  /** Only entries and their fragments may move: segments and raw pages stay. */
  static isMovable(sizeClass: u32): bool {
    return sizeClass < CLASS_INDEX
  }

  private static setFreeChunks(shard: u32, sizeClass: u32, count: u32): void {
    Shard.setFreeChunks(shard, sizeClass, count)
    if (!Slab.isMovable(sizeClass)) return
    const bit = u64(1) << u64(sizeClass)
    const bits = Shard.surplus(shard)
    Shard.setSurplus(shard, count >= ClassTable.perPage(sizeClass) ? bits | bit : bits & ~bit)
  }
}
