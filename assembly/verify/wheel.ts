// Walks the timing wheel of a shard. Invariants 501 to 505 (506 is looked at entry by entry, in entry.ts).

import { FLAG_EXPIRY } from '../constants'
import { Chunks } from '../store/chunks'
import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { Shard, WHEEL_BUCKETS, WHEEL_LEVELS } from '../struct/shard'
import { Wheel } from '../time/wheel'
import { Problems } from './problems'
import { Tally } from './tally'

const LEVEL_BITS: u64 = 6
const BUCKET_MASK: u64 = 63

export class VerifyWheel {
  /** The index of the shard was walked before. */
  static shard(shard: u32): void {
    let members: u32 = 0
    for (let level: u32 = 0; level < WHEEL_LEVELS; level++) {
      for (let bucket: u32 = 0; bucket < WHEEL_BUCKETS; bucket++) {
        const sentinel = Shard.wheelBucket(shard, level, bucket)
        if (Links.isEmpty(sentinel)) {
          Problems.check(Links.prev(sentinel) == sentinel, 501, sentinel)
          continue
        }
        const bits = Shard.wheelBitmap(shard, level)
        Problems.check(((bits >> u64(bucket)) & 1) == 1, 504, sentinel)
        members += VerifyWheel.bucket(shard, level, bucket, sentinel)
      }
    }
    Problems.check(members == Shard.wheelCount(shard), 503, shard)
    Problems.check(members == Tally.scheduledEntries(), 503, shard)
  }

  /** How many entries a bucket holds. */
  private static bucket(shard: u32, level: u32, bucket: u32, sentinel: u32): u32 {
    const most = Shard.wheelCount(shard)
    let length: u32 = 0
    let pair = sentinel
    for (;;) {
      const next = Links.next(pair)
      if (next == sentinel) break
      const entry = Entry.ofWheelLinks(next)
      const isEntry = Chunks.isIndexed(shard, entry) && Entry.has(entry, FLAG_EXPIRY)
      if (!Problems.check(isEntry, 502, entry)) return length
      if (!Problems.check(Links.prev(next) == pair && length < most, 501, entry)) return length
      Problems.check(VerifyWheel.isInTime(shard, level, bucket, entry), 505, entry)
      length++
      pair = next
    }
    Problems.check(Links.prev(sentinel) == pair, 501, sentinel)
    return length
  }

  /** Whether the bucket's next turn is the one in which the entry is due, or has to move down. */
  private static isInTime(shard: u32, level: u32, bucket: u32, entry: u32): bool {
    const tick = Shard.wheelTick(shard)
    const shift = u64(level) * LEVEL_BITS
    const span = u64(1) << shift
    const due = max<u64>(Wheel.dueTick(entry), tick)
    let ahead = (u64(bucket) - (tick >> shift)) & BUCKET_MASK
    // A bucket whose span has begun is through: what is in it waits for the next round.
    if (ahead == 0 && (tick & (span - 1)) != 0) ahead = BUCKET_MASK + 1
    const turn = ((tick >> shift) + ahead) << shift
    if (due < turn) return false
    return due < turn + span || level == WHEEL_LEVELS - 1
  }
}
