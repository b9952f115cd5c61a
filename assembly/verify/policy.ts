// Walks the policy's lists or heap: every entry of the index is in them once and nothing else is. Invariants
// 401 to 412, and 421 on for what the adaptive policy says of itself.
//
// Why that is "once": every member is an entry of the index, there are as many of them as entries, and since
// all links agree with their neighbours no entry can stand in two places.

import {
  CLASS_RAW,
  PAGE_BYTES,
  POLICY_ADAPTIVE,
  POLICY_FIFO,
  POLICY_LFU,
  POLICY_LRU,
  POLICY_PRIORITY,
  POLICY_TTL,
} from '../constants'
import { policyKind } from '../env'
import { Adaptive } from '../policy/adaptive'
import { Lfu } from '../policy/lfu'
import { Ttl } from '../policy/ttl'
import { Chunks } from '../store/chunks'
import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { POLICY_LISTS, Shard } from '../struct/shard'
import { Problems } from './problems'

const ADAPTIVE_BASE: u32 = 420
const MAX_ADAPTIVE_LIST: u32 = 3
const MAX_PRIORITY_LIST: u32 = 255
const MAX_LFU_DISTANCE: u32 = 255
const HEAP_PAGE_SLOTS: u32 = PAGE_BYTES / 4
const IN_HEAP: u32 = 1

export class VerifyPolicy {
  static shard(shard: u32): void {
    const before = Problems.count()
    let members: u32 = 0
    for (let list: u32 = 0; list < POLICY_LISTS; list++) {
      const sentinel = Shard.list(shard, list)
      if (Links.isEmpty(sentinel)) {
        Problems.check(Links.prev(sentinel) == sentinel, 401, list)
        continue
      }
      Problems.check(VerifyPolicy.mayHoldEntries(shard, list), 404, list)
      if (VerifyPolicy.usesBitmap()) {
        const bits = Shard.listBits(shard, list >>> 6)
        Problems.check(((bits >> u64(list & 63)) & 1) == 1, 405, list)
      }
      members += VerifyPolicy.list(shard, list, sentinel)
    }
    if (policyKind == POLICY_TTL) members += VerifyPolicy.heap(shard)
    Problems.check(members == Shard.entries(shard), 403, shard)
    // Why only then: it follows the links, which were found sound.
    if (policyKind != POLICY_ADAPTIVE || Problems.count() != before) return
    const broken = Adaptive.verify(shard)
    if (broken != 0) Problems.report(ADAPTIVE_BASE + broken, shard)
  }

  /** The length of a list. */
  private static list(shard: u32, list: u32, sentinel: u32): u32 {
    const most = Shard.entries(shard)
    let length: u32 = 0
    let pair = sentinel
    for (;;) {
      const next = Links.next(pair)
      if (next == sentinel) break
      const entry = Entry.ofLinks(next)
      if (!Problems.check(Chunks.isIndexed(shard, entry), 402, entry)) return length
      if (!Problems.check(Links.prev(next) == pair && length < most, 401, entry)) return length
      Problems.check(VerifyPolicy.belongs(list, entry), 406, entry)
      length++
      pair = next
    }
    Problems.check(Links.prev(sentinel) == pair, 401, list)
    return length
  }

  private static mayHoldEntries(shard: u32, list: u32): bool {
    if (policyKind == POLICY_ADAPTIVE) return list >= 1 && list <= MAX_ADAPTIVE_LIST
    if (policyKind == POLICY_PRIORITY) return list <= MAX_PRIORITY_LIST
    if (policyKind == POLICY_LFU)
      return ((list - Lfu.age(shard)) & (POLICY_LISTS - 1)) <= MAX_LFU_DISTANCE
    return list == 0
  }

  private static usesBitmap(): bool {
    return policyKind == POLICY_LFU || policyKind == POLICY_PRIORITY
  }

  /** Whether an entry says itself that this is its list. */
  private static belongs(list: u32, entry: u32): bool {
    if (policyKind == POLICY_LFU) return Entry.policyState(entry) == list
    if (policyKind == POLICY_PRIORITY) return Entry.priority(entry) == list
    if (policyKind == POLICY_TTL) return Entry.policyState(entry) == 0 && !Ttl.isTimed(entry)
    if (policyKind == POLICY_LRU || policyKind == POLICY_FIFO) return list == 0
    return true
  }

  /** How many entries the heap of policy `ttl` holds. */
  private static heap(shard: u32): u32 {
    const count = Shard.heapCount(shard)
    const pages = Shard.heapPages(shard)
    if (!Problems.check(count <= pages * HEAP_PAGE_SLOTS, 407, shard)) return 0
    if (
      !Problems.check(Chunks.isDirectory(Shard.heapDirectory(shard), u64(pages) << 2), 412, shard)
    )
      return 0
    for (let index: u32 = 0; index < pages; index++) {
      const page = Ttl.pageAt(shard, index)
      if (!Problems.check(Chunks.isOfClass(shard, page, CLASS_RAW), 408, page)) return 0
    }
    for (let index: u32 = 0; index < count; index++) {
      const entry = Ttl.at(shard, index)
      if (!Problems.check(Chunks.isIndexed(shard, entry), 402, entry)) return index
      Problems.check(Entry.heapIndex(entry) == index, 409, entry)
      Problems.check(Ttl.isTimed(entry) && Entry.policyState(entry) == IN_HEAP, 410, entry)
      if (index == 0) continue
      Problems.check(!Ttl.isBefore(entry, Ttl.at(shard, (index - 1) >>> 2)), 411, entry)
    }
    return count
  }
}
