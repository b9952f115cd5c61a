/**
 * 64 bits from an entry's hash, of which the low half picks a block of the sketch or a bucket of the ghost,
 * the high half counters and fingerprint. Why mixed: the hash's own bits have chosen the shard, and so are
 * alike within it.
 */
export class KeyMix {
  static of(hash: u32): u64 {
    let mixed = u64(hash) * 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ (mixed >> 32)) * 0xd6e8_feb8_6659_fd93
    return mixed ^ (mixed >> 32)
  }
}
