// The access log: each thread's private ring of hits (entry, hash), drained into the policy under the
// shards' locks when it is full and before the thread's own writes. So a hit writes nothing that another
// thread reads, and one thread alone sees its policy exactly (after Caffeine's read buffer). Near-cache
// hits are appended by the host in the same form.
//
// A record whose entry has gone or moved, or whose shard cannot be locked in time, is dropped.
// Costs two stores a hit, and about 15 ns a record when drained.

import {
  DRAIN_OFFSET,
  MAX_SHARDS,
  RING_OFFSET,
  RING_RECORDS,
  THREAD_RING_COUNT,
} from '../constants'
import { shardMask, threadPtr } from '../env'
import { Thread } from '../struct/thread'

/** Behind what draining needs: 64 x 4 bytes for shards, 256 x 2 for records. */
const SCRATCH: u32 = DRAIN_OFFSET + 1024

export class AccessLog {
  /** Whether the ring is full now. */
  static append(entry: u32, hash: u32): bool {
    const count = Thread.get(THREAD_RING_COUNT)
    const at = AccessLog.record(count)
    store<u32>(at, entry)
    store<u32>(at, hash, 4)
    Thread.set(THREAD_RING_COUNT, count + 1)
    return count + 1 >= RING_RECORDS
  }

  static count(): u32 {
    return Thread.get(THREAD_RING_COUNT)
  }

  static entryAt(index: u32): u32 {
    return load<u32>(AccessLog.record(index))
  }

  static hashAt(index: u32): u32 {
    return load<u32>(AccessLog.record(index), 4)
  }

  /**
   * Chains the records of each shard, in order, by links (index + 1) in the drain scratch; returns the set
   * of shards that have any, as bits.
   */
  static chainByShard(count: u32): u64 {
    let shards: u64 = 0
    for (let index: u32 = 0; index < count; index++) {
      const shard = AccessLog.hashAt(index) & shardMask
      const bit = u64(1) << u64(shard)
      const ends = AccessLog.ends(shard)
      if (shards & bit) store<u16>(AccessLog.link(load<u16>(ends, 2) - 1), u16(index + 1))
      else store<u16>(ends, u16(index + 1))
      store<u16>(ends, u16(index + 1), 2)
      store<u16>(AccessLog.link(index), 0)
      shards |= bit
    }
    return shards
  }

  static firstOfShard(shard: u32): u32 {
    return load<u16>(AccessLog.ends(shard))
  }

  static nextOfShard(index: u32): u32 {
    return load<u16>(AccessLog.link(index))
  }

  static reset(): void {
    Thread.set(THREAD_RING_COUNT, 0)
  }

  /** Words of scratch for others, 0 to 511; of no meaning while draining. */
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

  /** First and last link of a shard, while draining. */
  private static ends(shard: u32): u32 {
    return threadPtr + DRAIN_OFFSET + (shard << 2)
  }

  /** Where a record's link to the next one of its shard is. */
  private static link(index: u32): u32 {
    return threadPtr + DRAIN_OFFSET + (MAX_SHARDS << 2) + (index << 1)
  }

  private static record(index: u32): u32 {
    return threadPtr + RING_OFFSET + (index << 3)
  }
}
