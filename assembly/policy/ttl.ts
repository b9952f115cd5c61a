// Soonest to expire first: a 4-ary heap of the entries that have an expiry, by its time (of equal times
// the one written first); entries without one go after all others, least recently used first.
//
// The heap is an array over raw pages, found through a directory; an entry knows its place in it (where
// other policies have a link).
//
// 1. heap[entry.heapIndex] == entry, and no entry is due before its parent.
// 2. An entry is in the heap (policy state 1) exactly when it ever expires, else in list 0 (state 0).
// Costs O(log4 n) an insertion or removal; 4 bytes an entry.

import { FLAG_EXPIRY, PAGE_BYTES } from '../constants'
import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { Shard } from '../struct/shard'

const PAGE_SLOTS_SHIFT: u32 = 12
const PAGE_SLOTS: u32 = PAGE_BYTES / 4
const IN_LIST: u32 = 0
const IN_HEAP: u32 = 1

export class Ttl {
  /** Whether the heap needs another page before an entry can be inserted. */
  static wantsPage(shard: u32): bool {
    return Shard.heapCount(shard) == Ttl.capacity(shard)
  }

  static addPage(shard: u32, page: u32): void {
    store<u32>(Shard.heapDirectory(shard) + (Shard.heapPages(shard) << 2), page)
    Shard.setHeapPages(shard, Shard.heapPages(shard) + 1)
  }

  static insert(shard: u32, entry: u32): void {
    if (!Ttl.isTimed(entry)) {
      Entry.setPolicyState(entry, IN_LIST)
      Links.pushBack(Shard.list(shard, 0), Entry.links(entry))
      return
    }
    Entry.setPolicyState(entry, IN_HEAP)
    const index = Shard.heapCount(shard)
    Shard.setHeapCount(shard, index + 1)
    Ttl.siftUp(shard, index, entry)
  }

  /** Whether the entry ever expires; one with the part for it may have been touched to live for ever. */
  static isTimed(entry: u32): bool {
    return Entry.has(entry, FLAG_EXPIRY) && isFinite(Entry.expiresAt(entry))
  }

  static access(shard: u32, entry: u32): void {
    if (Entry.policyState(entry) == IN_LIST)
      Links.moveToBack(Shard.list(shard, 0), Entry.links(entry))
  }

  static remove(shard: u32, entry: u32): void {
    if (Entry.policyState(entry) == IN_LIST) {
      Links.unlink(Entry.links(entry))
      return
    }
    const last = Shard.heapCount(shard) - 1
    const index = Entry.heapIndex(entry)
    const moved = Ttl.at(shard, last)
    Shard.setHeapCount(shard, last)
    if (index == last) return
    if (index > 0 && Ttl.isBefore(moved, Ttl.at(shard, (index - 1) >>> 2)))
      Ttl.siftUp(shard, index, moved)
    else Ttl.siftDown(shard, index, moved)
  }

  static victim(shard: u32): u32 {
    if (Shard.heapCount(shard) > 0) return Ttl.at(shard, 0)
    const list = Shard.list(shard, 0)
    return Links.isEmpty(list) ? 0 : Entry.ofLinks(Links.next(list))
  }

  static relocate(shard: u32, from: u32, to: u32): void {
    if (Entry.policyState(to) == IN_LIST) Links.replace(Entry.links(from), Entry.links(to))
    else Ttl.put(shard, Entry.heapIndex(to), to)
  }

  /** A page of which the heap has no more need (one is kept in hand), 0 if there is none. */
  static sparePage(shard: u32): u32 {
    const pages = Shard.heapPages(shard)
    const needed = (Shard.heapCount(shard) + PAGE_SLOTS - 1) >>> PAGE_SLOTS_SHIFT
    if (pages <= needed + 1) return 0
    Shard.setHeapPages(shard, pages - 1)
    return load<u32>(Shard.heapDirectory(shard) + ((pages - 1) << 2))
  }

  static holdsPage(shard: u32, page: u32): bool {
    const pages = Shard.heapPages(shard)
    for (let index: u32 = 0; index < pages; index++) {
      if (Ttl.pageAt(shard, index) == page) return true
    }
    return false
  }

  static capacity(shard: u32): u32 {
    return Shard.heapPages(shard) << PAGE_SLOTS_SHIFT
  }

  static at(shard: u32, index: u32): u32 {
    return load<u32>(Ttl.slot(shard, index))
  }

  static pageAt(shard: u32, index: u32): u32 {
    return load<u32>(Shard.heapDirectory(shard) + (index << 2))
  }

  static isBefore(a: u32, b: u32): bool {
    const aTime = Entry.expiresAt(a)
    const bTime = Entry.expiresAt(b)
    if (aTime != bTime) return aTime < bTime
    return i32(Entry.version(a) - Entry.version(b)) < 0
  }

  private static put(shard: u32, index: u32, entry: u32): void {
    store<u32>(Ttl.slot(shard, index), entry)
    Entry.setHeapIndex(entry, index)
  }

  private static slot(shard: u32, index: u32): u32 {
    const page = load<u32>(Shard.heapDirectory(shard) + ((index >>> PAGE_SLOTS_SHIFT) << 2))
    return page + ((index & (PAGE_SLOTS - 1)) << 2)
  }

  private static siftUp(shard: u32, index: u32, entry: u32): void {
    while (index > 0) {
      const parentIndex = (index - 1) >>> 2
      const parent = Ttl.at(shard, parentIndex)
      if (!Ttl.isBefore(entry, parent)) break
      Ttl.put(shard, index, parent)
      index = parentIndex
    }
    Ttl.put(shard, index, entry)
  }

  private static siftDown(shard: u32, index: u32, entry: u32): void {
    const count = Shard.heapCount(shard)
    for (;;) {
      const firstChild = (index << 2) + 1
      if (firstChild >= count) break
      let bestIndex = firstChild
      let best = Ttl.at(shard, firstChild)
      const end = min<u32>(firstChild + 4, count)
      for (let child = firstChild + 1; child < end; child++) {
        const candidate = Ttl.at(shard, child)
        if (!Ttl.isBefore(candidate, best)) continue
        best = candidate
        bestIndex = child
      }
      if (!Ttl.isBefore(best, entry)) break
      Ttl.put(shard, index, best)
      index = bestIndex
    }
    Ttl.put(shard, index, entry)
  }
}
