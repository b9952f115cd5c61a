// Soft invalidation of tags in constant time: entries of a tag that were born before it are stale since then. As
// with the hard one (tags.ts) it raises the epoch and is recorded for the tag, here with its time and in a record
// of its own, since an entry is stale since the first invalidation after its birth, whatever follows.
//
// When a bucket is full, the oldest record goes whose tag has a younger one: to entries born before it, that one
// is the first. Where there is none, the oldest of all goes, and becomes the bucket's floor, below which every tag
// counts as invalidated. So an entry counts as stale from later than it should only if its bucket had more than 15
// invalidations since its birth, and without cause only if these were of more than 15 tags.
//
//    0  floor u32 | - u32
//    8  records: 15 x (identity u32, epoch u32), written as one u64; epoch 0: empty
//  128  the floor's time f64
//  136  the records' times: 15 x f64
//
// 1. A record's epoch is at most the control block's soft epoch.
// 2. A time is that of its record, or a later one of the bucket while that record is being replaced. It is finite,
//    and never goes back.
// Written by compare-and-swap, read as it stands. Costs two lines for a check, none while no tag was softly
// invalidated since the entry's birth.

import { tagMask } from '../env'
import { Control } from '../struct/control'
import { TagHash } from '../struct/entry'
import { Tags } from './tags'

const BUCKET_SHIFT: u32 = 8
const RECORDS: u32 = 15
/** From a record, or the floor, to its time. */
const TIME: u32 = 128
const MAX_ATTEMPTS: u32 = 1000

export class SoftTags {
  static bucketBytes(): u32 {
    return 1 << BUCKET_SHIFT
  }

  /** When one of `count` tags at `hashes` was first invalidated after `birthEpoch`; Infinity: never. */
  static invalidatedAt(hashes: u32, count: u32, birthEpoch: u32): f64 {
    let first: f64 = Infinity
    if (!Control.isAfter(Control.softEpoch(), birthEpoch)) return first
    for (let tag: u32 = 0; tag < count; tag++) {
      const hash = hashes + (tag << 3)
      const bucket = SoftTags.bucketAt(TagHash.bucket(hash))
      first = min<f64>(first, SoftTags.firstSince(bucket, TagHash.identity(hash), birthEpoch))
    }
    return first
  }

  /** O(1). Needs no lock: each step leaves the table right, should the thread die after it. */
  static invalidate(bucketHash: u32, identity: u32, nowMs: f64): void {
    const epoch = Control.raiseTagEpoch()
    // Order: whoever looks for the record is not turned away.
    Control.raiseSoftEpoch(epoch)
    SoftTags.record(SoftTags.bucketAt(bucketHash), identity, epoch, max<f64>(0, nowMs))
    // Why again: see Tags.invalidate().
    Control.raiseTagEpoch()
  }

  /** Behind the buckets of tags.ts, as many. */
  static bucketAt(bucketHash: u32): u32 {
    return (
      Tags.bucketAt(0) +
      (tagMask + 1) * Tags.bucketBytes() +
      ((bucketHash & tagMask) << BUCKET_SHIFT)
    )
  }

  /** Whether all times of a bucket are times. */
  static hasTimes(bucket: u32): bool {
    for (let record: u32 = 0; record <= RECORDS; record++) {
      const timeMs = SoftTags.timeOf(bucket + (record << 3))
      if (!isFinite(timeMs) || timeMs < 0) return false
    }
    return true
  }

  private static firstSince(bucket: u32, identity: u32, birthEpoch: u32): f64 {
    const isBelowFloor = Control.isAfter(atomic.load<u32>(bucket), birthEpoch)
    let first: f64 = isBelowFloor ? SoftTags.timeOf(bucket) : Infinity
    for (let record: u32 = 0; record < RECORDS; record++) {
      const at = bucket + 8 + (record << 3)
      const word = atomic.load<u64>(at)
      if (u32(word) == identity && Control.isAfter(u32(word >> 32), birthEpoch))
        first = min<f64>(first, SoftTags.timeOf(at))
    }
    return first
  }

  private static record(bucket: u32, identity: u32, epoch: u32, timeMs: f64): void {
    const word = (u64(epoch) << 32) | u64(identity)
    // Bound: as in Tags.record().
    for (let attempt: u32 = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const at = SoftTags.placeFor(bucket, identity, epoch, timeMs)
      const before = atomic.load<u64>(at)
      const isOwn = u32(before) == identity
      if (isOwn && Control.isAfter(u32(before >> 32), epoch)) return
      if (before >> 32 != 0 && !isOwn && !SoftTags.hasYounger(bucket, before))
        SoftTags.raiseFloor(bucket, u32(before >> 32), SoftTags.timeOf(at))
      // Order: the floor, or a younger record, covers the one that goes before its time is another.
      SoftTags.raiseTime(at, timeMs)
      if (atomic.cmpxchg<u64>(at, before, word) == before) return
    }
    SoftTags.raiseFloor(bucket, epoch, timeMs)
  }

  /** The tag's record of the same time, or an empty one, or one that can go. */
  private static placeFor(bucket: u32, identity: u32, epoch: u32, timeMs: f64): u32 {
    for (let record: u32 = 0; record < RECORDS; record++) {
      const at = bucket + 8 + (record << 3)
      const word = atomic.load<u64>(at)
      if (word >> 32 == 0 || (u32(word) == identity && SoftTags.timeOf(at) == timeMs)) return at
    }
    const place = SoftTags.oldest(bucket, identity, epoch, true)
    return place != 0 ? place : SoftTags.oldest(bucket, identity, epoch, false)
  }

  /** Of a full bucket; with `covered` only of the records whose tag has, or is about to have, a younger one. */
  private static oldest(bucket: u32, identity: u32, epoch: u32, covered: bool): u32 {
    let oldest: u32 = 0
    let oldestAge: u32 = 0
    for (let record: u32 = 0; record < RECORDS; record++) {
      const at = bucket + 8 + (record << 3)
      const word = atomic.load<u64>(at)
      const age = epoch - u32(word >> 32)
      if (age < oldestAge) continue
      if (covered && u32(word) != identity && !SoftTags.hasYounger(bucket, word)) continue
      oldestAge = age
      oldest = at
    }
    return oldest
  }

  private static hasYounger(bucket: u32, word: u64): bool {
    for (let record: u32 = 0; record < RECORDS; record++) {
      const other = atomic.load<u64>(bucket + (record << 3), 8)
      if (u32(other) == u32(word) && Control.isAfter(u32(other >> 32), u32(word >> 32))) return true
    }
    return false
  }

  private static timeOf(at: u32): f64 {
    return reinterpret<f64>(atomic.load<u64>(at + TIME))
  }

  /** Bound: a try fails only where it was raised. */
  private static raiseTime(at: u32, timeMs: f64): void {
    for (;;) {
      const before = atomic.load<u64>(at + TIME)
      if (reinterpret<f64>(before) >= timeMs) return
      if (atomic.cmpxchg<u64>(at + TIME, before, reinterpret<u64>(timeMs)) == before) return
    }
  }

  /** Order: the time first, since whoever sees the epoch reads it. */
  private static raiseFloor(bucket: u32, epoch: u32, timeMs: f64): void {
    SoftTags.raiseTime(bucket, timeMs)
    Control.raiseEpoch(bucket, epoch)
  }
}
