// A shard: lock, sequence, counters, wheel, size classes, policy lists. Written under its lock.
//
//      0  lock           u32  the owner's name, or 0; top bit: somebody waits (sync/lock.ts)
//      4  sequence       u32  odd while a change that readers can see is under way
//      8  entries        u32  in the index
//     12  stale          u32  of these, expired but kept for a stale period
//     16  pages          u32  of every class
//     20  max entries    u32  0: no bound
//     24  versions       u32  of the latest write
//     28  depth          u32  of the index directory
//     32  directory      u32  its address
//     36  max depth      u32
//     40  segments       u32
//     44  heap count     u32  (policy ttl)
//     48  heap directory u32
//     52  heap pages     u32
//     56  surplus        u64  a bit for each class with a page's worth of free chunks
//     64  counters       16 x u64, numbered by STAT_* (the first three unused)
//    192  wheel tick     u64  ms up to which the wheel has fired
//    200  wheel count    u32  entries scheduled
//    208  policy scalars 48 bytes, the policy's own
//    256  wheel bitmaps  5 x u64
//    296  adaptive       8 bytes: addresses of its directories
//    304  leases         u32  that are not free
//    308  selector       u32  address of struct/selector-state.ts, 0: none (policy adaptive)
//    320  wheel buckets  5 x 64 link pairs
//   2880  classes        64 x (first page with room u32, free chunks u32, pages u32, -)
//   3904  list bitmap    512 bits: which policy lists may have entries
//   4096  policy lists   512 link pairs

import { SHARD_BYTES, STAT_LOCK_TIMEOUTS } from '../constants'
import { shardMask, shardsPtr, weaklyOrdered } from '../env'

export const WHEEL_LEVELS: u32 = 5
export const WHEEL_BUCKETS: u32 = 64
export const POLICY_LISTS: u32 = 512
const CLASSES: u32 = 2880
const CLASSES_BYTES: u32 = 64 * 16

export class Shard {
  static at(index: u32): u32 {
    return shardsPtr + index * SHARD_BYTES
  }

  static ofHash(hash: u32): u32 {
    return Shard.at(hash & shardMask)
  }

  static index(shard: u32): u32 {
    return (shard - shardsPtr) / SHARD_BYTES
  }

  static count(): u32 {
    return shardMask + 1
  }

  /** Order: readers that see an even number, twice the same, saw no change in between. */
  static sequence(shard: u32): u32 {
    return atomic.load<u32>(shard, 4)
  }

  /** Order: readers who see the odd number know that a change is under way. */
  static beginChange(shard: u32): void {
    // Why a read-modify-write: nothing that follows may be seen before it.
    atomic.add<u32>(shard, 1, 4)
  }

  /** As beginChange(), where a dead thread may have begun one already. */
  static beginRepair(shard: u32): void {
    atomic.or<u32>(shard, 1, 4)
  }

  /**
   * Order: publishes the change to readers. Why no atomic store where stores stay in order: it would wait for
   * all stores of the change to reach memory, which the lock's release does anyway.
   */
  static endChange(shard: u32): void {
    const sequence = load<u32>(shard, 4) + 1
    if (weaklyOrdered) atomic.store<u32>(shard, sequence, 4)
    else store<u32>(shard, sequence, 4)
  }

  static entries(shard: u32): u32 {
    return load<u32>(shard, 8)
  }

  static setEntries(shard: u32, count: u32): void {
    store<u32>(shard, count, 8)
  }

  static staleEntries(shard: u32): u32 {
    return load<u32>(shard, 12)
  }

  static setStaleEntries(shard: u32, count: u32): void {
    store<u32>(shard, count, 12)
  }

  static pages(shard: u32): u32 {
    return load<u32>(shard, 16)
  }

  static setPages(shard: u32, count: u32): void {
    store<u32>(shard, count, 16)
  }

  static maxEntries(shard: u32): u32 {
    return load<u32>(shard, 20)
  }

  static setMaxEntries(shard: u32, count: u32): void {
    store<u32>(shard, count, 20)
  }

  static nextVersion(shard: u32): u32 {
    let version = load<u32>(shard, 24) + 1
    if (version == 0) version = 1
    store<u32>(shard, version, 24)
    return version
  }

  static depth(shard: u32): u32 {
    return load<u32>(shard, 28)
  }

  static setDepth(shard: u32, depth: u32): void {
    store<u32>(shard, depth, 28)
  }

  static directory(shard: u32): u32 {
    return load<u32>(shard, 32)
  }

  static setDirectory(shard: u32, ptr: u32, maxDepth: u32): void {
    store<u32>(shard, ptr, 32)
    store<u32>(shard, maxDepth, 36)
  }

  static maxDepth(shard: u32): u32 {
    return load<u32>(shard, 36)
  }

  static segments(shard: u32): u32 {
    return load<u32>(shard, 40)
  }

  static setSegments(shard: u32, count: u32): void {
    store<u32>(shard, count, 40)
  }

  static heapCount(shard: u32): u32 {
    return load<u32>(shard, 44)
  }

  static setHeapCount(shard: u32, count: u32): void {
    store<u32>(shard, count, 44)
  }

  static heapDirectory(shard: u32): u32 {
    return load<u32>(shard, 48)
  }

  static setHeapDirectory(shard: u32, ptr: u32): void {
    store<u32>(shard, ptr, 48)
  }

  static heapPages(shard: u32): u32 {
    return load<u32>(shard, 52)
  }

  static setHeapPages(shard: u32, count: u32): void {
    store<u32>(shard, count, 52)
  }

  static surplus(shard: u32): u64 {
    return load<u64>(shard, 56)
  }

  static setSurplus(shard: u32, bits: u64): void {
    store<u64>(shard, bits, 56)
  }

  /** All that is counted of entries, segments and pages. */
  static resetCounts(shard: u32): void {
    Shard.setEntries(shard, 0)
    Shard.setStaleEntries(shard, 0)
    Shard.setPages(shard, 0)
    Shard.setSegments(shard, 0)
    Shard.setDepth(shard, 0)
    Shard.setSurplus(shard, 0)
    memory.fill(shard + CLASSES, 0, CLASSES_BYTES)
  }

  /** Counter number STAT_*. */
  static counter(shard: u32, stat: u32): u64 {
    return load<u64>(shard + (stat << 3), 64)
  }

  static addCounter(shard: u32, stat: u32, amount: i64): void {
    const at = shard + (stat << 3)
    store<u64>(at, load<u64>(at, 64) + amount, 64)
  }

  /** The one counter that is raised without the lock. */
  static countLockTimeout(shard: u32): void {
    atomic.add<u64>(shard + (STAT_LOCK_TIMEOUTS << 3), 1, 64)
  }

  static resetCounter(shard: u32, stat: u32): void {
    store<u64>(shard + (stat << 3), 0, 64)
  }

  static wheelTick(shard: u32): u64 {
    return load<u64>(shard, 192)
  }

  static setWheelTick(shard: u32, tick: u64): void {
    store<u64>(shard, tick, 192)
  }

  static wheelCount(shard: u32): u32 {
    return load<u32>(shard, 200)
  }

  static setWheelCount(shard: u32, count: u32): void {
    store<u32>(shard, count, 200)
  }

  static policyScalars(shard: u32): u32 {
    return shard + 208
  }

  static wheelBitmap(shard: u32, level: u32): u64 {
    return load<u64>(shard + (level << 3), 256)
  }

  static setWheelBitmap(shard: u32, level: u32, bits: u64): void {
    store<u64>(shard + (level << 3), bits, 256)
  }

  static leases(shard: u32): u32 {
    return load<u32>(shard, 304)
  }

  static setLeases(shard: u32, count: u32): void {
    store<u32>(shard, count, 304)
  }

  static adaptiveDirectories(shard: u32): u32 {
    return shard + 296
  }

  static selector(shard: u32): u32 {
    return load<u32>(shard, 308)
  }

  static setSelector(shard: u32, selector: u32): void {
    store<u32>(shard, selector, 308)
  }

  /** The sentinel of a wheel bucket. */
  static wheelBucket(shard: u32, level: u32, bucket: u32): u32 {
    return shard + 320 + (((level << 6) + bucket) << 3)
  }

  /** The first page with room of a class: page number + 1; 0: none. */
  static firstPage(shard: u32, sizeClass: u32): u32 {
    return load<u32>(shard + (sizeClass << 4), 2880)
  }

  static setFirstPage(shard: u32, sizeClass: u32, link: u32): void {
    store<u32>(shard + (sizeClass << 4), link, 2880)
  }

  static freeChunks(shard: u32, sizeClass: u32): u32 {
    return load<u32>(shard + (sizeClass << 4), 2884)
  }

  static setFreeChunks(shard: u32, sizeClass: u32, count: u32): void {
    store<u32>(shard + (sizeClass << 4), count, 2884)
  }

  static classPages(shard: u32, sizeClass: u32): u32 {
    return load<u32>(shard + (sizeClass << 4), 2888)
  }

  static setClassPages(shard: u32, sizeClass: u32, count: u32): void {
    store<u32>(shard + (sizeClass << 4), count, 2888)
  }

  static listBits(shard: u32, word: u32): u64 {
    return load<u64>(shard + (word << 3), 3904)
  }

  static setListBits(shard: u32, word: u32, bits: u64): void {
    store<u64>(shard + (word << 3), bits, 3904)
  }

  /** The sentinel of a policy list. */
  static list(shard: u32, list: u32): u32 {
    return shard + 4096 + (list << 3)
  }
}
