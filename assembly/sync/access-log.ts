// The access log: each thread's private ring of hits (entry, hash), drained into the policy under the
// shards' locks: those of one shard before the thread's own writes to it, all when the ring is full. So a
// hit writes nothing that another thread reads, and one thread alone sees its policy exactly (after
// Caffeine's read buffer).
//
// The records of each shard are chained in order as they come, by links (index + 1; 0: the end) beside the
// ring:
//
//      0  64 x (first link u16, last link u16)
//    256  256 x link to the next record of the same shard u16
//   1024  512 words of scratch
//
// 1. A shard's bit is set exactly when it has records that were not drained; only then its ends mean anything.
// A record whose entry has gone or moved, or whose shard cannot be locked at once, is dropped.
// Costs seven stores a hit, all private, and about 15 ns a record when drained.

import {
  DRAIN_OFFSET,
  RING_OFFSET,
  RING_RECORDS,
  THREAD_RING_COUNT,
  THREAD_RING_SHARDS,
} from '../constants'
import { shardMask, threadPtr } from '../env'
import { Thread } from '../struct/thread'

const LINKS: u32 = DRAIN_OFFSET + 256
const SCRATCH: u32 = DRAIN_OFFSET + 1024

export class AccessLog {
  /** Whether the ring is full now. */
  static append(entry: u32, hash: u32): bool {
    const count = Thread.get(THREAD_RING_COUNT)
    const at = AccessLog.record(count)
    store<u32>(at, entry)
    store<u32>(at, hash, 4)
    AccessLog.chain(hash & shardMask, count + 1)
    Thread.set(THREAD_RING_COUNT, count + 1)
    return count + 1 >= RING_RECORDS
  }

  static entryAt(index: u32): u32 {
    return load<u32>(AccessLog.record(index))
  }

  static hashAt(index: u32): u32 {
    return load<u32>(AccessLog.record(index), 4)
  }

  /** The shards that have records, as bits. */
  static shards(): u64 {
    return load<u64>(threadPtr, THREAD_RING_SHARDS)
  }

  static has(shard: u32): bool {
    return ((AccessLog.shards() >> u64(shard)) & 1) == 1
  }

  static firstOfShard(shard: u32): u32 {
    return load<u16>(AccessLog.ends(shard))
  }

  static nextOfShard(index: u32): u32 {
    return load<u16>(AccessLog.link(index))
  }

  /** The shard's records are drained, or not wanted. */
  static drop(shard: u32): void {
    const rest = AccessLog.shards() & ~(u64(1) << u64(shard))
    store<u64>(threadPtr, rest, THREAD_RING_SHARDS)
    if (rest == 0) Thread.set(THREAD_RING_COUNT, 0)
  }

  static reset(): void {
    store<u64>(threadPtr, 0, THREAD_RING_SHARDS)
    Thread.set(THREAD_RING_COUNT, 0)
  }

  /** Words of scratch for others, 0 to 511. */
  static scratch(word: u32): u32 {
    return load<u32>(threadPtr + SCRATCH + (word << 2))
  }

  static setScratch(word: u32, value: u32): void {
    store<u32>(threadPtr + SCRATCH + (word << 2), value)
  }

  /** As many more in place of the records; the log is empty. */
  static spare(word: u32): u32 {
    return load<u32>(AccessLog.record(0) + (word << 2))
  }

  static setSpare(word: u32, value: u32): void {
    store<u32>(AccessLog.record(0) + (word << 2), value)
  }

  private static chain(shard: u32, link: u32): void {
    const ends = AccessLog.ends(shard)
    const bits = AccessLog.shards()
    const bit = u64(1) << u64(shard)
    if (bits & bit) store<u16>(AccessLog.link(load<u16>(ends, 2) - 1), u16(link))
    else {
      store<u16>(ends, u16(link))
      store<u64>(threadPtr, bits | bit, THREAD_RING_SHARDS)
    }
    store<u16>(ends, u16(link), 2)
    store<u16>(AccessLog.link(link - 1), 0)
  }

  private static ends(shard: u32): u32 {
    return threadPtr + DRAIN_OFFSET + (shard << 2)
  }

  private static link(index: u32): u32 {
    return threadPtr + LINKS + (index << 1)
  }

  private static record(index: u32): u32 {
    return threadPtr + RING_OFFSET + (index << 3)
  }
}
