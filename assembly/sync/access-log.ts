// The access log: each thread's private list of hits, a part for each shard, drained into the policy under
// the shard's lock: before the thread's own writes to it, and when the part is full. So a hit writes nothing
// that another thread reads, and one thread alone sees its policy exactly (after Caffeine's read buffer).
//
// RING_OFFSET:  512 x u32 records, an equal part a shard (at most 128): an entry, its lowest bit set where
//               the record stands for HITS_PER_SAMPLE hits
// DRAIN_OFFSET:    0  64 x u8   records of each shard
//                256  64 x u32  the shard's sequence when all of them were made, or MIXED
//               1024  512 x u32  the entries' hashes; while the log is empty, scratch
//
// 1. A part's records were all made under one sequence of the shard, or are marked MIXED: so that while the
//    sequence stands, no record has to be looked up.
// A record whose entry has gone or moved, or whose shard cannot be locked at once, is dropped. Why the hashes:
// by then another key's entry may stand where it was.
// Costs five stores a hit, all private, and about 3 ns a record when drained.

import { DRAIN_OFFSET, RING_OFFSET, RING_RECORDS } from '../constants'
import { shardMask, threadPtr } from '../env'

/** Hits that a sampled record stands for. */
export const HITS_PER_SAMPLE: u32 = 16
/** No sequence at rest: it is odd. */
export const MIXED: u32 = 1

const SAMPLED: u32 = 1
const MOST_RECORDS: u32 = 128
const SEQUENCES: u32 = DRAIN_OFFSET + 256
const SCRATCH: u32 = DRAIN_OFFSET + 1024
/** From a record to its hash. */
const TO_HASHES: u32 = SCRATCH - RING_OFFSET

export class AccessLog {
  /** Adds a hit of an entry that was found under `sequence`; whether the shard's part is full now. */
  static append(shard: u32, entry: u32, hash: u32, isSample: bool, sequence: u32): bool {
    const count = AccessLog.count(shard)
    const record = AccessLog.record(shard, count)
    store<u32>(record, entry | (isSample ? SAMPLED : 0))
    store<u32>(record, hash, TO_HASHES)
    if (count == 0) AccessLog.setSequence(shard, sequence)
    else if (AccessLog.sequence(shard) != sequence) AccessLog.setSequence(shard, MIXED)
    AccessLog.setCount(shard, count + 1)
    return count + 1 == AccessLog.capacity()
  }

  /** Records of the shard. */
  static count(shard: u32): u32 {
    return load<u8>(threadPtr + shard, DRAIN_OFFSET)
  }

  /** Of all its records, or MIXED. */
  static sequence(shard: u32): u32 {
    return load<u32>(threadPtr + (shard << 2), SEQUENCES)
  }

  static entryAt(shard: u32, index: u32): u32 {
    return load<u32>(AccessLog.record(shard, index)) & ~SAMPLED
  }

  static hashAt(shard: u32, index: u32): u32 {
    return load<u32>(AccessLog.record(shard, index), TO_HASHES)
  }

  static hitsAt(shard: u32, index: u32): u32 {
    return load<u32>(AccessLog.record(shard, index)) & SAMPLED ? HITS_PER_SAMPLE : 1
  }

  /** The shard's records are drained, or not wanted. */
  static drop(shard: u32): void {
    AccessLog.setCount(shard, 0)
  }

  static reset(): void {
    for (let shard: u32 = 0; shard <= shardMask; shard++) AccessLog.drop(shard)
  }

  /** Words of scratch for others, 0 to 511; the log is empty. */
  static scratch(word: u32): u32 {
    return load<u32>(threadPtr + SCRATCH + (word << 2))
  }

  static setScratch(word: u32, value: u32): void {
    store<u32>(threadPtr + SCRATCH + (word << 2), value)
  }

  /** As many more, likewise. */
  static spare(word: u32): u32 {
    return load<u32>(threadPtr + RING_OFFSET + (word << 2))
  }

  static setSpare(word: u32, value: u32): void {
    store<u32>(threadPtr + RING_OFFSET + (word << 2), value)
  }

  /** Records that each shard has place for. */
  private static capacity(): u32 {
    return min<u32>(MOST_RECORDS, RING_RECORDS >>> popcnt(shardMask))
  }

  private static setCount(shard: u32, count: u32): void {
    store<u8>(threadPtr + shard, u8(count), DRAIN_OFFSET)
  }

  private static setSequence(shard: u32, sequence: u32): void {
    store<u32>(threadPtr + (shard << 2), sequence, SEQUENCES)
  }

  private static record(shard: u32, index: u32): u32 {
    return threadPtr + RING_OFFSET + ((shard * AccessLog.capacity() + index) << 2)
  }
}
