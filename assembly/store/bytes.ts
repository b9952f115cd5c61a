// Comparing and copying bytes. Wide loads may read up to 15 bytes past the end of what they are given:
// everything lies in the memory with a guard behind it.

import { Hash } from './hash'

/** From this size on the runtime's bulk copy, with its fixed cost, is the faster one. */
const BULK_COPY_BYTES: u32 = 256

export class Bytes {
  @inline
  static equal(a: u32, b: u32, bytes: u32): bool {
    while (bytes >= 8) {
      if (load<u64>(a) != load<u64>(b)) return false
      a += 8
      b += 8
      bytes -= 8
    }
    return bytes == 0 || Hash.lowBytes(a, bytes) == Hash.lowBytes(b, bytes)
  }

  /** Exactly `bytes` are written. */
  static copy(to: u32, from: u32, bytes: u32): void {
    if (bytes >= BULK_COPY_BYTES) {
      memory.copy(to, from, bytes)
      return
    }
    while (bytes >= 16) {
      v128.store(to, v128.load(from))
      to += 16
      from += 16
      bytes -= 16
    }
    if (bytes & 8) {
      store<u64>(to, load<u64>(from))
      to += 8
      from += 8
    }
    if (bytes & 4) {
      store<u32>(to, load<u32>(from))
      to += 4
      from += 4
    }
    if (bytes & 2) {
      store<u16>(to, load<u16>(from))
      to += 2
      from += 2
    }
    if (bytes & 1) store<u8>(to, load<u8>(from))
  }

  /** As copy(), but may write up to 15 bytes more. */
  static copyLoosely(to: u32, from: u32, bytes: u32): void {
    if (bytes >= BULK_COPY_BYTES) {
      memory.copy(to, from, bytes)
      return
    }
    // Why the first one apart: most values are short, and a loop's set-up shows.
    v128.store(to, v128.load(from))
    for (let at: u32 = 16; at < bytes; at += 16) v128.store(to + at, v128.load(from + at))
  }
}
