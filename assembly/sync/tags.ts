// Hard invalidation of tags in constant time. An entry notes the epoch at its birth and the hashes of its tags;
// an invalidation raises the epoch and records it for the tag. An entry is dead if one of its tags has a
// record younger than its birth. Records live in buckets; when a bucket is full its oldest record makes
// room and its epoch becomes the bucket's floor, below which every tag of the bucket counts as invalidated.
// So an entry may die without cause only if more than 14 tags of its bucket were invalidated since.
//
//    0  floor u32 | - u32
//    8  records: 15 x (identity u32, epoch u32), written as one u64; epoch 0: empty
//
// 1. A record's epoch is at most the control block's hard epoch, and greater than its bucket's floor or 0.
// Written by compare-and-swap, read as it stands. Costs one line for a check, none while no tag was
// invalidated since the entry's birth. Soft invalidations: soft-tags.ts.

import { tagMask, tagsPtr } from '../env'
import { Control } from '../struct/control'
import { TagHash } from '../struct/entry'

const BUCKET_SHIFT: u32 = 7
const RECORDS: u32 = 15
const MAX_ATTEMPTS: u32 = 1000

export class Tags {
  static bucketBytes(): u32 {
    return 1 << BUCKET_SHIFT
  }

  /** Whether one of `count` tags at `hashes` was invalidated after `birthEpoch`. */
  static anyInvalidatedSince(hashes: u32, count: u32, birthEpoch: u32): bool {
    if (!Control.isAfter(Control.hardEpoch(), birthEpoch)) return false
    for (let tag: u32 = 0; tag < count; tag++) {
      const hash = hashes + (tag << 3)
      const epoch = Tags.epochOf(TagHash.bucket(hash), TagHash.identity(hash))
      if (Control.isAfter(epoch, birthEpoch)) return true
    }
    return false
  }

  /** O(1). Needs no lock: each step leaves the table right, should the thread die after it. */
  static invalidate(bucketHash: u32, identity: u32): void {
    const epoch = Control.raiseTagEpoch()
    // Order: whoever looks for the record is not turned away.
    Control.raiseHardEpoch(epoch)
    Tags.record(Tags.bucketAt(bucketHash), identity, epoch)
    // Why again: a near cache may have read an entry, and noted the epoch, before the record was there.
    Control.raiseTagEpoch()
  }

  /** As many as tagMask has room for, one after the other. */
  static bucketAt(bucketHash: u32): u32 {
    return tagsPtr + ((bucketHash & tagMask) << BUCKET_SHIFT)
  }

  /** The latest epoch in a bucket, here or in soft-tags.ts, with its floor; 0: there is none. */
  static latestIn(bucket: u32): u32 {
    let latest = atomic.load<u32>(bucket)
    for (let record: u32 = 0; record < RECORDS; record++) {
      const epoch = u32(atomic.load<u64>(bucket + (record << 3), 8) >> 32)
      if (Control.isAfter(epoch, latest)) latest = epoch
    }
    return latest
  }

  private static epochOf(bucketHash: u32, identity: u32): u32 {
    const bucket = Tags.bucketAt(bucketHash)
    // Why the latest of all: two threads may have made a record each, and one of these may have gone.
    let latest = atomic.load<u32>(bucket)
    for (let record: u32 = 0; record < RECORDS; record++) {
      const word = atomic.load<u64>(bucket + (record << 3), 8)
      if (u32(word) != identity || word >> 32 == 0) continue
      const epoch = u32(word >> 32)
      if (latest == 0 || i32(epoch - latest) > 0) latest = epoch
    }
    return latest
  }

  private static record(bucket: u32, identity: u32, epoch: u32): void {
    const word = (u64(epoch) << 32) | u64(identity)
    // Bound: a try fails only where another thread's invalidation in the same bucket came between.
    for (let attempt: u32 = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const at = Tags.placeFor(bucket, identity, epoch)
      const before = atomic.load<u64>(at)
      const isOwn = u32(before) == identity && before >> 32 != 0
      if (isOwn && i32(u32(before >> 32) - epoch) > 0) return
      // Order: the floor covers the record that goes before it is gone.
      if (!isOwn && before >> 32 != 0) Control.raiseEpoch(bucket, u32(before >> 32))
      if (atomic.cmpxchg<u64>(at, before, word) == before) return
    }
    Control.raiseEpoch(bucket, epoch)
  }

  /** The tag's record, or an empty one, or the oldest. */
  private static placeFor(bucket: u32, identity: u32, epoch: u32): u32 {
    let oldest = bucket + 8
    let oldestAge: u32 = 0
    for (let record: u32 = 0; record < RECORDS; record++) {
      const at = bucket + 8 + (record << 3)
      const word = atomic.load<u64>(at)
      if (word >> 32 == 0 || u32(word) == identity) return at
      const age = epoch - u32(word >> 32)
      if (age >= oldestAge) {
        oldestAge = age
        oldest = at
      }
    }
    return oldest
  }
}
