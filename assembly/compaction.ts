// Emptying a page: its entries move to other pages of the class, which have free chunks enough, and the page
// goes back to the pool for another class. This is what keeps slabs from calcifying. Under the shard's lock,
// within a change.
//
// Costs a copy and some five cache misses for each entry moved; one page at a time, at most 409 entries.

import {
  FLAG_CHAINED,
  FLAG_EXPIRY,
  STAT_MOVES,
  TYPE_CONTINUATION,
  TYPE_FREE,
  TYPE_PENDING,
} from './constants'
import { Policy } from './policy/policy'
import { Bytes } from './store/bytes'
import { Slab } from './store/slab'
import { Table } from './store/table'
import { Entry } from './struct/entry'
import { Fragment } from './struct/fragment'
import { Links } from './struct/links'
import { ClassTable, Page } from './struct/page'
import { Shard } from './struct/shard'
import { Stamps } from './sync/stamps'
import { Wheel } from './time/wheel'

/** How many of a class's pages are looked at to find the emptiest. */
const CANDIDATES: u32 = 16
/** The first bytes of a chunk, of which the type is a part: one store. */
const TYPED_BYTES: u32 = 8

export class Compaction {
  /** Gives a page of some class with a surplus of free chunks back to the pool; false if none could be. */
  static releasePage(shard: u32): bool {
    let surplus = Shard.surplus(shard)
    while (surplus != 0) {
      const sizeClass = u32(ctz(surplus))
      surplus &= surplus - 1
      if (Compaction.empty(shard, sizeClass)) return true
    }
    return false
  }

  /** Why twice: the emptiest may hold what is being built just now, and would stay the emptiest. */
  private static empty(shard: u32, sizeClass: u32): bool {
    const first = Compaction.emptiest(shard, sizeClass, 0)
    if (first == 0) return false
    if (Compaction.emptyPage(shard, sizeClass, first)) return true
    const second = Compaction.emptiest(shard, sizeClass, first)
    return second != 0 && Compaction.emptyPage(shard, sizeClass, second)
  }

  private static emptyPage(shard: u32, sizeClass: u32, page: u32): bool {
    Slab.close(shard, sizeClass, page)
    const chunkBytes = ClassTable.chunkBytes(sizeClass)
    const carved = Page.carved(page)
    let chunk = Page.memory(page)
    for (let index: u32 = 0; index < carved; index++) {
      if (!Compaction.moveOut(shard, sizeClass, chunk, chunkBytes)) {
        Slab.reopen(shard, sizeClass, page)
        return false
      }
      if (Page.sizeClass(page) != sizeClass) return true
      chunk += chunkBytes
    }
    return true
  }

  private static emptiest(shard: u32, sizeClass: u32, except: u32): u32 {
    let best: u32 = 0
    let bestUsed: u32 = u32.MAX_VALUE
    let link = Shard.firstPage(shard, sizeClass)
    for (let index: u32 = 0; index < CANDIDATES && link != 0; index++) {
      const page = Page.at(link - 1)
      if (page != except && Page.used(page) < bestUsed) {
        best = page
        bestUsed = Page.used(page)
      }
      link = Page.next(page)
    }
    return best
  }

  /** False if the chunk cannot be moved now. */
  private static moveOut(shard: u32, sizeClass: u32, chunk: u32, chunkBytes: u32): bool {
    const type = Entry.type(chunk)
    if (type == TYPE_FREE) return true
    if (type == TYPE_PENDING) return false
    const target = Slab.take(shard, sizeClass)
    if (target == 0) return false
    if (type == TYPE_CONTINUATION) Compaction.moveFragment(chunk, target, chunkBytes)
    else Compaction.moveEntry(shard, chunk, target, chunkBytes)
    Slab.give(shard, chunk)
    Shard.addCounter(shard, STAT_MOVES, 1)
    return true
  }

  private static moveEntry(shard: u32, from: u32, to: u32, chunkBytes: u32): void {
    const hash = Entry.hash(from)
    Compaction.copyChunk(from, to, chunkBytes)
    Table.setEntryAt(Table.findEntry(shard, hash, from), to)
    Policy.relocate(shard, from, to)
    if (Entry.has(to, FLAG_EXPIRY) && Links.isLinked(Entry.wheelLinks(from)))
      Wheel.relocate(from, to)
    if (Entry.has(to, FLAG_CHAINED) && Entry.nextFragment(to) != 0)
      Fragment.setPrev(Entry.nextFragment(to), to)
    // Why: a near cache records its hits by address.
    Stamps.raise(hash)
  }

  private static moveFragment(from: u32, to: u32, chunkBytes: u32): void {
    Compaction.copyChunk(from, to, chunkBytes)
    const prev = Fragment.prev(to)
    if (Entry.type(prev) == TYPE_CONTINUATION) Fragment.setNext(prev, to)
    else Entry.setChain(prev, to, Entry.headContentBytes(prev))
    if (Fragment.next(to) != 0) Fragment.setPrev(Fragment.next(to), to)
  }

  /** Order: the word with the type comes last, so that a copy cut short is no entry. */
  private static copyChunk(from: u32, to: u32, bytes: u32): void {
    Bytes.copy(to + TYPED_BYTES, from + TYPED_BYTES, bytes - TYPED_BYTES)
    Bytes.copy(to, from, TYPED_BYTES)
  }
}
