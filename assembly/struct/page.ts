// The page table's record of one page, and the size classes' geometry.
//
//    0  class     u8    CLASS_*; CLASS_FREE_PAGE: in the pool
//    1  listed    u8    1: in its class's list of pages with room; 2: closed, being emptied
//    2  shard     u16   whose it is
//    4  used      u16   chunks in use
//    6  carved    u16   chunks ever handed out; those behind were never touched
//    8  free      u16   first free chunk, as offset / 8 + 1; 0: none
//   12  prev      u32   neighbours in the class's list (page number + 1; 0: none);
//   16  next      u32   in the pool, `next` alone
//
// All under the shard's lock, or under the pool's while in the pool.
// 1. used + (length of the free list) == carved <= chunks a page.
// 2. listed exactly when used < chunks a page, unless closed.

import {
  CLASS_FREE_PAGE,
  CLASS_TABLE_PTR,
  PAGE_BYTES,
  PAGE_ENTRY_BYTES,
  PAGE_SHIFT,
} from '../constants'
import { pagesPtr, pageTablePtr } from '../env'

export const UNLISTED: u32 = 0
export const LISTED: u32 = 1
export const CLOSED: u32 = 2

export class Page {
  /** The record of page number `index`. */
  static at(index: u32): u32 {
    return pageTablePtr + index * PAGE_ENTRY_BYTES
  }

  static indexOf(chunk: u32): u32 {
    return (chunk - pagesPtr) >>> PAGE_SHIFT
  }

  static ofChunk(chunk: u32): u32 {
    return Page.at(Page.indexOf(chunk))
  }

  /** How much of `bytes` at `ptr` lies in its page: what bounds a length that was read without the lock. */
  static within(ptr: u32, bytes: u32): u32 {
    return min<u32>(bytes, PAGE_BYTES - (ptr & (PAGE_BYTES - 1)))
  }

  static index(page: u32): u32 {
    return (page - pageTablePtr) / PAGE_ENTRY_BYTES
  }

  static memory(page: u32): u32 {
    return pagesPtr + (Page.index(page) << PAGE_SHIFT)
  }

  static sizeClass(page: u32): u32 {
    return load<u8>(page)
  }

  /** LISTED, CLOSED or neither. */
  static listing(page: u32): u32 {
    return load<u8>(page, 1)
  }

  static setListing(page: u32, listing: u32): void {
    store<u8>(page, u8(listing), 1)
  }

  static shardIndex(page: u32): u32 {
    return load<u16>(page, 2)
  }

  static used(page: u32): u32 {
    return load<u16>(page, 4)
  }

  static setUsed(page: u32, used: u32): void {
    store<u16>(page, u16(used), 4)
  }

  static carved(page: u32): u32 {
    return load<u16>(page, 6)
  }

  static setCarved(page: u32, carved: u32): void {
    store<u16>(page, u16(carved), 6)
  }

  static firstFree(page: u32): u32 {
    return load<u16>(page, 8)
  }

  static setFirstFree(page: u32, link: u32): void {
    store<u16>(page, u16(link), 8)
  }

  static prev(page: u32): u32 {
    return load<u32>(page, 12)
  }

  static setPrev(page: u32, link: u32): void {
    store<u32>(page, link, 12)
  }

  static next(page: u32): u32 {
    return load<u32>(page, 16)
  }

  static setNext(page: u32, link: u32): void {
    store<u32>(page, link, 16)
  }

  /** Out of the pool: an empty page of a class in a shard. */
  static lend(page: u32, sizeClass: u32, shardIndex: u32): void {
    store<u16>(page, u16(shardIndex), 2)
    Page.clear(page)
    // Order: who sees the class, without any lock, sees whose the page is.
    atomic.store<u8>(page, u8(sizeClass))
  }

  /** Into the pool. Why it keeps its shard: nobody may take it for another's while the class changes. */
  static reclaim(page: u32): void {
    atomic.store<u8>(page, u8(CLASS_FREE_PAGE))
  }

  /** No chunks, in no list. */
  static clear(page: u32): void {
    Page.reset(page, 0, 0, 0)
  }

  /** In no list, with these chunks. Order: the counts change at once, so that none is lost to a repair. */
  static reset(page: u32, used: u32, carved: u32, firstFree: u32): void {
    store<u8>(page, 0, 1)
    store<u64>(page, u64(used) | (u64(carved) << 16) | (u64(firstFree) << 32), 4)
    store<u32>(page, 0, 12)
    store<u32>(page, 0, 16)
  }

  /** Whether the page is one of the shard's; may be asked without a lock, of one's own shard. */
  static isOwned(page: u32, shardIndex: u32): bool {
    return atomic.load<u8>(page) != CLASS_FREE_PAGE && Page.shardIndex(page) == shardIndex
  }
}

/** Chunk bytes and chunks a page of each class: computed once, at format. */
export class ClassTable {
  static chunkBytes(sizeClass: u32): u32 {
    return load<u32>(CLASS_TABLE_PTR + (sizeClass << 3))
  }

  static perPage(sizeClass: u32): u32 {
    return load<u32>(CLASS_TABLE_PTR + (sizeClass << 3), 4)
  }

  static set(sizeClass: u32, chunkBytes: u32): void {
    const at = CLASS_TABLE_PTR + (sizeClass << 3)
    store<u32>(at, chunkBytes)
    store<u32>(at, PAGE_BYTES / chunkBytes, 4)
  }
}

/** A free chunk: the link to the next free one of its page where an entry has its hash. */
export class FreeChunk {
  static next(chunk: u32): u32 {
    return load<u32>(chunk)
  }

  static setNext(chunk: u32, link: u32): void {
    store<u32>(chunk, link)
  }
}
