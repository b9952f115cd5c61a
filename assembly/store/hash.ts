// The seeded hash of keys and tags: blocks of 16 bytes folded by 64 x 64 -> 128-bit multiplication with
// secret words, after the construction of wyhash (Wang Yi). Every word that meets the input is random
// for each cache, so that colliding keys cannot be made without knowing the seed.
// Costs about 5 ns up to 16 bytes and 3 ns for each 16 more.

import { Control } from '../struct/control'

export class Hash {
  /** 64 bits. `salt` tells apart inputs of equal bytes. May read up to 15 bytes past the end. */
  static of(ptr: u32, bytes: u32, salt: u64): u64 {
    const secret = Control.seed(1)
    let state = Control.seed(0) ^ salt
    let left = bytes
    while (left > 16) {
      state = Hash.fold(load<u64>(ptr) ^ secret, load<u64>(ptr, 8) ^ state)
      ptr += 16
      left -= 16
    }
    const first = left >= 8 ? load<u64>(ptr) : Hash.lowBytes(ptr, left)
    const second = left > 8 ? Hash.lowBytes(ptr + 8, left - 8) : 0
    state = Hash.fold(first ^ secret, second ^ state)
    return Hash.fold(state ^ Control.seed(2), u64(bytes) ^ Control.seed(3))
  }

  /** The first `count` (0 to 8) bytes at `ptr`, zero-extended. */
  static lowBytes(ptr: u32, count: u32): u64 {
    if (count >= 8) return load<u64>(ptr)
    return load<u64>(ptr) & ((u64(1) << (u64(count) << 3)) - 1)
  }

  /** Both halves of the 128-bit product, folded into one. */
  private static fold(a: u64, b: u64): u64 {
    const aLow = a & 0xffff_ffff
    const aHigh = a >> 32
    const bLow = b & 0xffff_ffff
    const bHigh = b >> 32
    const low = aLow * bLow
    const cross = aLow * bHigh
    const middle = aHigh * bLow + (low >> 32) + (cross & 0xffff_ffff)
    const high = aHigh * bHigh + (cross >> 32) + (middle >> 32)
    return high ^ ((middle << 32) | (low & 0xffff_ffff))
  }
}
