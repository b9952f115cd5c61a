// A bucket of the ghost: the fingerprints of eight entries that were evicted, the latest first.
//
//    0  fingerprints  8 x u16   0: empty
//
// Written under the shard's lock.

export const GHOST_BUCKET_SHIFT: u32 = 4

export class GhostBucket {
  static clear(bucket: u32): void {
    v128.store(bucket, i64x2.splat(0))
  }

  /** Reads the bucket, so that it is at hand soon; what it returns means nothing. */
  static foresee(bucket: u32): u32 {
    return load<u32>(bucket)
  }

  static copy(to: u32, from: u32): void {
    v128.store(to, v128.load(from))
  }

  /** In front of the others, of which the oldest falls out. */
  static push(bucket: u32, fingerprint: u32): void {
    const fresh = i16x8.splat(i16(fingerprint))
    v128.store(bucket, i16x8.shuffle(fresh, v128.load(bucket), 0, 8, 9, 10, 11, 12, 13, 14))
  }

  /** Takes the fingerprint out; false if it was not there. */
  static take(bucket: u32, fingerprint: u32): bool {
    const lanes = v128.load(bucket)
    const equal = i16x8.eq(lanes, i16x8.splat(i16(fingerprint)))
    if (!v128.any_true(equal)) return false
    v128.store(bucket, v128.andnot(lanes, equal))
    return true
  }
}
