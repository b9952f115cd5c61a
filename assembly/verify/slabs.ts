// Walks the page table, the pool, and the pages of a shard: their chunks, free lists and class lists.
// Invariants 201 to 224, and the shard's used bytes (606).
//
// Costs a load a page for each shard, and one for each chunk.

import {
  CLASS_COUNT,
  CLASS_FREE_PAGE,
  CLASS_INDEX,
  CLASS_RAW,
  FLAG_CHAINED,
  MAX_THREADS,
  PAGE_BYTES,
  POLICY_ADAPTIVE,
  STAT_USED_BYTES,
  TYPE_CONTINUATION,
  TYPE_FREE,
  TYPE_PENDING,
} from '../constants'
import { policyKind } from '../env'
import { Chunks } from '../store/chunks'
import { Pool } from '../store/pool'
import { Slab } from '../store/slab'
import { Table } from '../store/table'
import { AdaptiveState } from '../struct/adaptive-state'
import { Control } from '../struct/control'
import { Entry } from '../struct/entry'
import { Fragment } from '../struct/fragment'
import { ClassTable, FreeChunk, LISTED, Page, UNLISTED } from '../struct/page'
import { Scratch } from '../struct/scratch'
import { Shard } from '../struct/shard'
import { Thread } from '../struct/thread'
import { Lock } from '../sync/lock'
import { Problems } from './problems'
import { Tally } from './tally'

/** Scratch words: of each class its pages, its free chunks and its listed pages; then sums over chunks. */
const PAGES: u32 = 1024
const FREE_CHUNKS: u32 = PAGES + CLASS_COUNT
const LISTED_PAGES: u32 = FREE_CHUNKS + CLASS_COUNT
const HEADS: u32 = LISTED_PAGES + CLASS_COUNT
const FRAGMENTS: u32 = HEADS + 1
const PENDING: u32 = HEADS + 2
const WORDS: u32 = 3 * CLASS_COUNT + 3

export class VerifySlabs {
  /** The index of the shard was walked before. */
  static shard(shard: u32): void {
    Scratch.clear(PAGES, WORDS)
    const shardIndex = Shard.index(shard)
    const end = VerifySlabs.everUsed()
    let pages: u32 = 0
    let usedBytes: u64 = 0
    for (let index: u32 = 0; index < end; index++) {
      const page = Page.at(index)
      if (!Page.isOwned(page, shardIndex)) continue
      pages++
      if (!Problems.check(Page.sizeClass(page) < CLASS_COUNT, 201, page)) continue
      usedBytes += u64(Page.used(page)) * u64(ClassTable.chunkBytes(Page.sizeClass(page)))
      VerifySlabs.page(shard, page)
    }
    Problems.check(pages == Shard.pages(shard), 211, shard)
    Problems.check(usedBytes == Shard.counter(shard, STAT_USED_BYTES), 606, shard)
    for (let sizeClass: u32 = 0; sizeClass < CLASS_COUNT; sizeClass++)
      VerifySlabs.sizeClass(shard, sizeClass)
    VerifySlabs.chunks(shard)
  }

  /** The pool, and that every page is in it or some shard's. */
  static pool(): void {
    const lock = Control.poolLockPtr()
    if (!Problems.check(Pool.lock(), 1, lock)) return
    const pageCount = Control.pageCount()
    const end = VerifySlabs.everUsed()
    let free: u32 = 0
    for (let index: u32 = 0; index < end; index++) {
      const page = Page.at(index)
      if (Page.sizeClass(page) == CLASS_FREE_PAGE) free++
      else Problems.check(Page.shardIndex(page) < Shard.count(), 221, page)
    }
    let listed: u32 = 0
    let link = Control.poolFreeHead()
    while (link != 0 && listed <= free) {
      const isOfPool = link <= end && Page.sizeClass(Page.at(link - 1)) == CLASS_FREE_PAGE
      if (!Problems.check(isOfPool, 222, link)) break
      listed++
      link = Page.next(Page.at(link - 1))
    }
    Problems.check(listed == free, 223, lock)
    Problems.check(
      end == Control.poolBump() && Control.poolFreeCount() == free + (pageCount - end),
      224,
      lock,
    )
    Lock.release(lock)
  }

  /** Pages from this number on were never used. */
  private static everUsed(): u32 {
    return min<u32>(Control.poolBump(), Control.pageCount())
  }

  private static page(shard: u32, page: u32): void {
    const sizeClass = Page.sizeClass(page)
    const perPage = ClassTable.perPage(sizeClass)
    const used = Page.used(page)
    const carved = Page.carved(page)
    Scratch.add(PAGES + sizeClass, 1)
    Scratch.add(FREE_CHUNKS + sizeClass, perPage - used)
    if (Page.listing(page) == LISTED) Scratch.add(LISTED_PAGES + sizeClass, 1)
    if (!Problems.check(used > 0 && used <= carved && carved <= perPage, 202, page)) return
    Problems.check(Page.listing(page) == (used < perPage ? LISTED : UNLISTED), 203, page)
    const free = VerifySlabs.freeList(page)
    Problems.check(used + free == carved, 204, page)
    if (!Slab.isMovable(sizeClass)) return
    let freeTypes: u32 = 0
    for (let index: u32 = 0; index < carved; index++) {
      const chunk = Page.memory(page) + index * ClassTable.chunkBytes(sizeClass)
      const type = Entry.type(chunk)
      if (type == TYPE_FREE) freeTypes++
      else if (type == TYPE_PENDING) Scratch.add(PENDING, 1)
      else if (type == TYPE_CONTINUATION) Scratch.add(FRAGMENTS, 1)
      else {
        Scratch.add(HEADS, 1)
        Problems.check(Table.findEntry(shard, Entry.hash(chunk), chunk) != 0, 213, chunk)
      }
    }
    Problems.check(freeTypes == free, 206, page)
  }

  /** The length of a page's free list. */
  private static freeList(page: u32): u32 {
    const chunkBytes = ClassTable.chunkBytes(Page.sizeClass(page))
    const carved = Page.carved(page)
    let link = Page.firstFree(page)
    let length: u32 = 0
    while (link != 0 && length <= carved) {
      const offset = (link - 1) << 3
      const isChunk =
        offset < PAGE_BYTES && offset % chunkBytes == 0 && offset / chunkBytes < carved
      if (!Problems.check(isChunk, 205, page)) break
      const chunk = Page.memory(page) + offset
      if (!Problems.check(Entry.type(chunk) == TYPE_FREE, 205, chunk)) break
      length++
      link = FreeChunk.next(chunk)
    }
    return length
  }

  private static sizeClass(shard: u32, sizeClass: u32): void {
    const free = Scratch.get(FREE_CHUNKS + sizeClass)
    Problems.check(free == Shard.freeChunks(shard, sizeClass), 208, sizeClass)
    Problems.check(
      Scratch.get(PAGES + sizeClass) == Shard.classPages(shard, sizeClass),
      209,
      sizeClass,
    )
    const hasBit = ((Shard.surplus(shard) >> u64(sizeClass)) & 1) == 1
    const hasSurplus = Slab.isMovable(sizeClass) && free >= ClassTable.perPage(sizeClass)
    Problems.check(hasBit == hasSurplus, 210, sizeClass)
    const listed = Scratch.get(LISTED_PAGES + sizeClass)
    let prev: u32 = 0
    let link = Shard.firstPage(shard, sizeClass)
    let length: u32 = 0
    while (link != 0 && length <= listed) {
      if (!Problems.check(link <= VerifySlabs.everUsed(), 207, sizeClass)) return
      const page = Page.at(link - 1)
      const isHere = Page.isOwned(page, Shard.index(shard)) && Page.sizeClass(page) == sizeClass
      if (
        !Problems.check(
          isHere && Page.listing(page) == LISTED && Page.prev(page) == prev,
          207,
          page,
        )
      )
        return
      length++
      prev = link
      link = Page.next(page)
    }
    Problems.check(length == listed, 207, sizeClass)
  }

  /** Every chunk in use has somebody to refer to it. */
  private static chunks(shard: u32): void {
    Problems.check(Scratch.get(HEADS) == Tally.entries(), 213, shard)
    Problems.check(Scratch.get(FRAGMENTS) == Tally.fragments(), 214, shard)
    Problems.check(Scratch.get(PENDING) == VerifySlabs.pendingChunks(shard), 215, shard)
    Problems.check(VerifySlabs.usedChunks(shard, CLASS_INDEX) == Shard.segments(shard), 216, shard)
    const rawPages =
      policyKind == POLICY_ADAPTIVE ? AdaptiveState.pageCount(shard) : Shard.heapPages(shard)
    Problems.check(Scratch.get(PAGES + CLASS_RAW) == rawPages, 217, shard)
  }

  private static usedChunks(shard: u32, sizeClass: u32): u32 {
    return (
      Shard.classPages(shard, sizeClass) * ClassTable.perPage(sizeClass) -
      Shard.freeChunks(shard, sizeClass)
    )
  }

  /** Chunks of the entries that threads have reserved in this shard. */
  private static pendingChunks(shard: u32): u32 {
    const most = Shard.pages(shard) * (PAGE_BYTES / 40)
    let chunks: u32 = 0
    for (let slot: u32 = 0; slot < MAX_THREADS; slot++) {
      const head = Thread.pendingOf(slot)
      if (head == 0 || !Chunks.isMovable(shard, head)) continue
      chunks++
      let fragment = Entry.has(head, FLAG_CHAINED) ? Entry.nextFragment(head) : 0
      while (fragment != 0 && Chunks.isMovable(shard, fragment) && chunks < most) {
        chunks++
        fragment = Fragment.next(fragment)
      }
    }
    return chunks
  }
}
