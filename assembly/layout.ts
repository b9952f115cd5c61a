// The one map of memory.
//
//   0          null page: offset 0 is never an entry
//   1 KiB      CONTROL      1 KiB   struct/control.ts
//   2 KiB      CLASS TABLE  1 KiB   struct/page.ts
//   4 KiB      REGISTRY     8 KiB   128 thread slots of 64 bytes
//   16 KiB     THREADS      128 x 152 KiB, touched only by threads that attach (struct/thread.ts)
//   19 MiB     STAMPS       4 bytes each (sync/stamps.ts)
//              TAGS         128 bytes a bucket (sync/tags.ts), then 256 (sync/soft-tags.ts)
//              SHARDS       8 KiB each (struct/shard.ts)
//              DIRECTORIES  of each shard: index, heap (policy ttl), sketch and ghost (policy adaptive); and what
//                           chooses the configuration (struct/selector-state.ts)
//              LEASES       16 bytes each (struct/lease.ts)
//              PAGE TABLE   20 bytes a page (struct/page.ts)
//              PAGES        16 KiB each, aligned to that
//              guard        1 KiB
//
// maxBytes covers all of it but the areas of threads that are not attached, which are never touched.
// Everything is sized from maxBytes, so that stamps, tags and leases take at most some 3% of it.

import {
  CONTROL_LAYOUT_VERSION,
  CONTROL_LEASES_PER_SHARD,
  CONTROL_LEASES_PTR,
  CONTROL_LEAST_PAGES,
  CONTROL_LOCK_TIMEOUT_MS,
  CONTROL_MAGIC,
  CONTROL_MAX_ENTRY_BYTES,
  CONTROL_OVERHEAD_BYTES,
  CONTROL_PAGE_COUNT,
  CONTROL_PAGE_TABLE_PTR,
  CONTROL_PAGES_PTR,
  CONTROL_POLICY,
  CONTROL_PTR,
  CONTROL_SHARD_COUNT,
  CONTROL_SHARDS_PTR,
  CONTROL_STAMP_COUNT,
  CONTROL_STAMPS_PTR,
  CONTROL_TAG_BUCKETS,
  CONTROL_TAGS_PTR,
  DYNAMIC_PTR,
  GUARD_BYTES,
  LAYOUT_VERSION,
  MAGIC,
  PAGE_BYTES,
  PAGE_ENTRY_BYTES,
  POLICY_ADAPTIVE,
  POLICY_TTL,
  SHARD_BYTES,
  THREAD_BYTES,
  THREADS_PTR,
} from './constants'
import { LEASE_BYTES_SHIFT } from './struct/lease'
import { SELECTOR_BYTES } from './struct/selector-state'
import { Shard } from './struct/shard'
import { SoftTags } from './sync/soft-tags'
import { Tags } from './sync/tags'

/** Of a shard: one for its index, one for entries. */
const MIN_SHARD_PAGES: u32 = 2
/** Up to five for its index and its policy, one for entries. */
const USUAL_SHARD_PAGES: u32 = 6
const MAX_STAMPS: u32 = 65536
const MIN_STAMPS: u32 = 1024
const MAX_LEASES: u32 = 65536
const MIN_LEASES: u32 = 2048
const MAX_TAG_BUCKETS: u32 = 2048
const MIN_TAG_BUCKETS: u32 = 8
/** The least that an entry takes, with its index slot: what bounds how many there can be. */
const MIN_ENTRY_BYTES: u32 = 48
/** Entries a segment holds at least after a split, on the mean, with some room for bad luck. */
const SEGMENT_MIN_MEAN: u32 = 256
const HEAP_PAGE_SLOTS: u32 = PAGE_BYTES / 4
/** struct/adaptive-state.ts */
const ADAPTIVE_PAGE_ENTRIES: u64 = 2720
const SELECTOR_SHARE: u64 = 100
const LEAST_SELECTOR_ENTRIES: u64 = 128
/** A shard may come to hold this many times its share of memory. */
const SHARE_FACTOR: u64 = 4

export class Layout {
  /**
   * Sizes everything for `maxBytes` and writes the geometry into the control block (the seed is the host's).
   * Returns the bytes that the memory has to have, 0 if maxBytes cannot hold even one page a shard.
   */
  static plan(
    maxBytes: f64,
    shardCount: u32,
    maxEntries: f64,
    policy: u32,
    maxEntryBytes: u32,
    lockTimeoutMs: u32,
  ): f64 {
    const budget = u64(maxBytes)
    const stamps = Layout.powerOfTwo(u32(budget >> 8), MIN_STAMPS, MAX_STAMPS)
    const tagBuckets = Layout.powerOfTwo(u32(budget >> 16), MIN_TAG_BUCKETS, MAX_TAG_BUCKETS)
    const stampsPtr = u32(DYNAMIC_PTR)
    const tagsPtr = stampsPtr + (stamps << 2)
    const shardsPtr = tagsPtr + tagBuckets * (Tags.bucketBytes() + SoftTags.bucketBytes())
    const directoriesPtr = shardsPtr + shardCount * SHARD_BYTES
    const directoryBytes = Layout.directoryBytes(budget, shardCount, maxEntries, policy)
    const leases = Layout.powerOfTwo(u32(budget >> 11), MIN_LEASES, MAX_LEASES)
    const leasesPtr = (directoriesPtr + shardCount * directoryBytes + 15) & ~15
    const pageTablePtr = leasesPtr + (leases << LEASE_BYTES_SHIFT)
    const fixed =
      u64(THREADS_PTR + THREAD_BYTES + GUARD_BYTES) + u64(pageTablePtr - stampsPtr) + PAGE_BYTES
    if (budget < fixed + u64(shardCount) * MIN_SHARD_PAGES * (PAGE_BYTES + PAGE_ENTRY_BYTES))
      return 0
    const pageCount = u32((budget - fixed) / (PAGE_BYTES + PAGE_ENTRY_BYTES))
    const pagesPtr =
      (pageTablePtr + pageCount * PAGE_ENTRY_BYTES + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1)

    Layout.set(CONTROL_SHARD_COUNT, shardCount)
    Layout.set(CONTROL_POLICY, policy)
    Layout.set(CONTROL_MAX_ENTRY_BYTES, maxEntryBytes)
    Layout.set(CONTROL_LOCK_TIMEOUT_MS, lockTimeoutMs)
    Layout.set(CONTROL_STAMPS_PTR, stampsPtr)
    Layout.set(CONTROL_STAMP_COUNT, stamps)
    Layout.set(CONTROL_TAGS_PTR, tagsPtr)
    Layout.set(CONTROL_TAG_BUCKETS, tagBuckets)
    Layout.set(CONTROL_SHARDS_PTR, shardsPtr)
    Layout.set(CONTROL_LEASES_PTR, leasesPtr)
    Layout.set(CONTROL_LEASES_PER_SHARD, leases / shardCount)
    Layout.set(CONTROL_PAGE_TABLE_PTR, pageTablePtr)
    Layout.set(CONTROL_PAGES_PTR, pagesPtr)
    Layout.set(CONTROL_PAGE_COUNT, pageCount)
    Layout.set(CONTROL_LEAST_PAGES, Layout.leastPages(shardCount, pageCount))
    Layout.set(CONTROL_OVERHEAD_BYTES, u32(fixed) + pageCount * PAGE_ENTRY_BYTES)
    Layout.set(CONTROL_LAYOUT_VERSION, LAYOUT_VERSION)
    Layout.set(CONTROL_MAGIC, MAGIC)
    return f64(pagesPtr) + f64(pageCount) * PAGE_BYTES + GUARD_BYTES
  }

  /** What threads leave to the shards: what these may need, but half of all pages at most where they are few. */
  private static leastPages(shardCount: u32, pageCount: u32): u32 {
    const usual = min<u32>(USUAL_SHARD_PAGES * shardCount, pageCount >> 1)
    return max<u32>(MIN_SHARD_PAGES * shardCount, usual)
  }

  /** Gives a shard its directories and its part of maxEntries (0: no bound). */
  static assign(shard: u32, maxBytes: f64, maxEntries: f64): void {
    const count = Shard.count()
    const index = Shard.index(shard)
    const policy = load<u32>(CONTROL_PTR + CONTROL_POLICY)
    const bytes = Layout.directoryBytes(u64(maxBytes), count, maxEntries, policy)
    const entries = Layout.maxEntriesOfShard(u64(maxBytes), count, maxEntries)
    let at = Shard.at(count) + index * bytes
    Shard.setDirectory(shard, at, Layout.maxDepth(entries))
    at += 4 << Layout.maxDepth(entries)
    Shard.setHeapDirectory(shard, at)
    at += Layout.heapDirectoryBytes(entries, policy)
    const adaptive = Shard.adaptiveDirectories(shard)
    store<u32>(adaptive, at)
    at += Layout.adaptiveDirectoryBytes(entries, policy)
    store<u32>(adaptive, at, 4)
    const hasSelector = Layout.selectorBytes(u64(maxBytes), count, entries, policy) != 0
    Shard.setSelector(shard, hasSelector ? at : 0)
    const total = u64(maxEntries)
    const share = total / count + u64(u64(index) < total % count)
    // Why at least 1: 0 would be no bound at all.
    Shard.setMaxEntries(shard, total == 0 ? 0 : u32(min<u64>(max<u64>(share, 1), u32.MAX_VALUE)))
  }

  private static directoryBytes(budget: u64, shardCount: u32, maxEntries: f64, policy: u32): u32 {
    const entries = Layout.maxEntriesOfShard(budget, shardCount, maxEntries)
    const index: u32 = 4 << Layout.maxDepth(entries)
    return (
      index +
      Layout.heapDirectoryBytes(entries, policy) +
      Layout.adaptiveDirectoryBytes(entries, policy) +
      Layout.selectorBytes(budget, shardCount, entries, policy)
    )
  }

  private static maxEntriesOfShard(budget: u64, shardCount: u32, maxEntries: f64): u64 {
    const bytes = shardCount == 1 ? budget : min<u64>(budget, (budget * SHARE_FACTOR) / shardCount)
    const byBytes = bytes / MIN_ENTRY_BYTES
    return maxEntries > 0 ? min<u64>(byBytes, u64(maxEntries) / shardCount + 1) : byBytes
  }

  private static maxDepth(entries: u64): u32 {
    let depth: u32 = 2
    while (u64(SEGMENT_MIN_MEAN) << depth < entries) depth++
    return depth
  }

  private static heapDirectoryBytes(entries: u64, policy: u32): u32 {
    return policy == POLICY_TTL ? (u32(entries / HEAP_PAGE_SLOTS) + 3) << 2 : 0
  }

  /** One directory for sketch and ghost, whose pages they share. */
  private static adaptiveDirectoryBytes(entries: u64, policy: u32): u32 {
    return policy == POLICY_ADAPTIVE ? (u32(entries / ADAPTIVE_PAGE_ENTRIES) + 2) << 2 : 0
  }

  /** None where that would be more than a hundredth of the shard's memory. */
  private static selectorBytes(budget: u64, shardCount: u32, entries: u64, policy: u32): u32 {
    const isWorthwhile = entries >= LEAST_SELECTOR_ENTRIES
    const isAffordable = u64(SELECTOR_BYTES) * shardCount * SELECTOR_SHARE <= budget
    return policy == POLICY_ADAPTIVE && isWorthwhile && isAffordable ? SELECTOR_BYTES : 0
  }

  private static powerOfTwo(wanted: u32, least: u32, most: u32): u32 {
    let value = least
    while (value < most && value < wanted) value <<= 1
    return value
  }

  private static set(field: u32, value: u32): void {
    store<u32>(CONTROL_PTR + field, value)
  }
}
