// Tag invalidation in constant time. An entry notes the epoch at its birth and the hashes of its tags; an
// invalidation raises the epoch and records it for the tag. An entry is dead if one of its tags has a
// record younger than its birth. Records live in buckets; when a bucket is full its oldest record makes
// room and its epoch becomes the bucket's floor, below which every tag of the bucket counts as invalidated.
// So an entry may die without cause only if more than 14 tags of its bucket were invalidated since.
//
//    0  floor u32 | - u32
//    8  records: 15 x (identity u32, epoch u32), written as one u64; epoch 0: empty
//
// 1. A record's epoch is at most the control block's, and greater than its bucket's floor or 0.
// Written under the tag lock, read without. Costs one line for a check, none while no tag was
// invalidated since the entry's birth.

import { tagMask, tagsPtr } from '../env'
import { Control } from '../struct/control'
import { TagHash } from '../struct/entry'
import { ACQUIRED, Lock, TIMED_OUT } from './lock'

const BUCKET_SHIFT: u32 = 7
const RECORDS: u32 = 15

export class Tags {
  static bucketBytes(): u32 {
    return 1 << BUCKET_SHIFT
  }

  /** Whether one of `count` tags at `hashes` was invalidated after `birthEpoch`. */
  static anyInvalidatedSince(hashes: u32, count: u32, birthEpoch: u32): bool {
    if (Control.tagEpoch() == birthEpoch) return false
    for (let tag: u32 = 0; tag < count; tag++) {
      const hash = hashes + (tag << 3)
      const epoch = Tags.epochOf(TagHash.bucket(hash), TagHash.identity(hash))
      // Why signed: epochs wrap after 2^32 invalidations.
      if (i32(epoch - birthEpoch) > 0 && epoch != 0) return true
    }
    return false
  }

  /** False if the tag lock was not to be had in time. */
  static invalidate(bucketHash: u32, identity: u32): bool {
    const outcome = Lock.acquire(Control.tagLockPtr())
    if (outcome == TIMED_OUT) return false
    if (outcome != ACQUIRED) Tags.finish()
    let epoch = Control.tagEpoch() + 1
    if (epoch == 0) epoch = 1
    Tags.record(Tags.bucketAt(bucketHash), identity, epoch)
    Control.setTagEpoch(epoch)
    Lock.release(Control.tagLockPtr())
    return true
  }

  /** Takes the lock back that the dead thread of a slot held, if it did. */
  static recover(slot: u32): void {
    if (!Lock.takeFrom(Control.tagLockPtr(), slot)) return
    Tags.finish()
    Lock.release(Control.tagLockPtr())
  }

  /** An invalidation that its thread did not live to finish may be in the records already: let it count. */
  private static finish(): void {
    const epoch = Control.tagEpoch() + 1
    Control.setTagEpoch(epoch == 0 ? 1 : epoch)
  }

  private static bucketAt(bucketHash: u32): u32 {
    return tagsPtr + ((bucketHash & tagMask) << BUCKET_SHIFT)
  }

  private static epochOf(bucketHash: u32, identity: u32): u32 {
    const bucket = Tags.bucketAt(bucketHash)
    for (let record: u32 = 0; record < RECORDS; record++) {
      const word = atomic.load<u64>(bucket + (record << 3), 8)
      if (u32(word) == identity && word >> 32 != 0) return u32(word >> 32)
    }
    return atomic.load<u32>(bucket)
  }

  private static record(bucket: u32, identity: u32, epoch: u32): void {
    const now = Control.tagEpoch()
    let oldest = bucket + 8
    let oldestAge: u32 = 0
    for (let record: u32 = 0; record < RECORDS; record++) {
      const at = bucket + 8 + (record << 3)
      const word = load<u64>(at)
      if (word >> 32 == 0 || u32(word) == identity) {
        atomic.store<u64>(at, (u64(epoch) << 32) | u64(identity))
        return
      }
      const age = now - u32(word >> 32)
      if (age >= oldestAge) {
        oldestAge = age
        oldest = at
      }
    }
    // Order: the floor covers the record that goes before it is gone.
    atomic.store<u32>(bucket, u32(load<u64>(oldest) >> 32))
    atomic.store<u64>(oldest, (u64(epoch) << 32) | u64(identity))
  }
}
