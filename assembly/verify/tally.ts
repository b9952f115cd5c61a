// What a walk over the entries of one shard adds up, for the structures that have to agree with it. Kept behind
// the scratch words of the index's groups and of the size classes.

import { Scratch } from '../struct/scratch'

const ENTRIES: u32 = 512
const STALE: u32 = 513
const SCHEDULED: u32 = 514
const FRAGMENTS: u32 = 515
const PAYLOAD_LOW: u32 = 516
const PAYLOAD_HIGH: u32 = 517
const WORDS: u32 = 6

export class Tally {
  static clear(): void {
    Scratch.clear(ENTRIES, WORDS)
  }

  static entries(): u32 {
    return Scratch.get(ENTRIES)
  }

  static staleEntries(): u32 {
    return Scratch.get(STALE)
  }

  /** Entries with a finite expiry. */
  static scheduledEntries(): u32 {
    return Scratch.get(SCHEDULED)
  }

  /** Chunks of entries behind their heads. */
  static fragments(): u32 {
    return Scratch.get(FRAGMENTS)
  }

  static payloadBytes(): u64 {
    return (u64(Scratch.get(PAYLOAD_HIGH)) << 32) | u64(Scratch.get(PAYLOAD_LOW))
  }

  static addEntry(isStale: bool, isScheduled: bool, payloadBytes: u32): void {
    Scratch.add(ENTRIES, 1)
    Scratch.add(STALE, u32(isStale))
    Scratch.add(SCHEDULED, u32(isScheduled))
    const before = Scratch.get(PAYLOAD_LOW)
    Scratch.add(PAYLOAD_LOW, payloadBytes)
    Scratch.add(PAYLOAD_HIGH, u32(Scratch.get(PAYLOAD_LOW) < before))
  }

  static addFragment(): void {
    Scratch.add(FRAGMENTS, 1)
  }
}
