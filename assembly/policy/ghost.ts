// The ghost: which keys were evicted lately without having been used twice. A key that comes back while it
// is remembered was evicted too soon. Fingerprints of 16 bits in buckets of eight, where the order of the
// lanes is the age; as many as there are entries. Buckets are added and taken away one by one.
//
// 1. A fingerprint is never 0, which means an empty lane.
// Costs one cache line a call and 2 bytes an entry; mistakes one key in 8192 for another. Remembers
// nothing while it has no bucket.

import { AdaptiveState, PAGE_BUCKETS } from '../struct/adaptive-state'
import { GhostBucket } from '../struct/ghost-bucket'
import { LinearHashing } from './linear-hashing'

const ENTRIES_PER_BUCKET: u32 = 8

export class Ghost {
  static put(shard: u32, mixed: u64): void {
    const count = AdaptiveState.bucketCount(shard)
    if (count != 0) GhostBucket.push(Ghost.bucketOf(shard, count, mixed), Ghost.fingerprint(mixed))
  }

  /** Whether the key was remembered; it no longer is. */
  static take(shard: u32, mixed: u64): bool {
    const count = AdaptiveState.bucketCount(shard)
    return (
      count != 0 && GhostBucket.take(Ghost.bucketOf(shard, count, mixed), Ghost.fingerprint(mixed))
    )
  }

  /** Reads the key's bucket, so that it is at hand soon; what it returns means nothing. */
  static foresee(shard: u32, mixed: u64): u32 {
    const count = AdaptiveState.bucketCount(shard)
    return count == 0 ? 0 : GhostBucket.foresee(Ghost.bucketOf(shard, count, mixed))
  }

  /** Towards the size for `entries`: up by at most one bucket, down at once. */
  static resize(shard: u32, entries: u32): void {
    const count = AdaptiveState.bucketCount(shard)
    if (entries > count * ENTRIES_PER_BUCKET) {
      if (count < AdaptiveState.pageCount(shard) * PAGE_BUCKETS) Ghost.addBucket(shard, count)
    } else if (count > 1 && entries * 2 < count * ENTRIES_PER_BUCKET) {
      AdaptiveState.setBucketCount(shard, max<u32>(1, (entries * 2) / ENTRIES_PER_BUCKET))
    }
  }

  private static addBucket(shard: u32, count: u32): void {
    const bucket = AdaptiveState.bucket(shard, count)
    if (count == 0) GhostBucket.clear(bucket)
    else GhostBucket.copy(bucket, AdaptiveState.bucket(shard, LinearHashing.parent(count)))
    AdaptiveState.setBucketCount(shard, count + 1)
  }

  private static bucketOf(shard: u32, count: u32, mixed: u64): u32 {
    return AdaptiveState.bucket(shard, LinearHashing.place(u32(mixed), count))
  }

  private static fingerprint(mixed: u64): u32 {
    return max<u32>(1, u32(mixed >> 48))
  }
}
