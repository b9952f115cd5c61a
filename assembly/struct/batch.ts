// The keys of a batch and what is found of them, in the key staging: as many rows as there are keys, then the
// keys themselves.
//
//     0  key         u32   from the start of the key staging      -> type, or a status
//     4  characters  u32   << 1 | 1 if they are UTF-16            -> value, from the start of the value staging
//     8  hash        u32   the engine's                           -> value bytes
//    12  candidate   u32   the engine's                           -> hits | lower half of the hash << 16
//
// Only its own thread writes it.

import { KEY_STAGING_OFFSET } from '../constants'
import { threadPtr } from '../env'

export class Batch {
  static row(index: u32): u32 {
    return threadPtr + KEY_STAGING_OFFSET + (index << 4)
  }

  static keyPtr(row: u32): u32 {
    return threadPtr + KEY_STAGING_OFFSET + load<u32>(row)
  }

  static wide(row: u32): u32 {
    return load<u32>(row, 4) & 1
  }

  static keyBytes(row: u32): u32 {
    const word = load<u32>(row, 4)
    return (word >>> 1) << (word & 1)
  }

  static hash(row: u32): u32 {
    return load<u32>(row, 8)
  }

  static setHash(row: u32, hash: u32): void {
    store<u32>(row, hash, 8)
  }

  static candidate(row: u32): u32 {
    return load<u32>(row, 12)
  }

  static setCandidate(row: u32, entry: u32): void {
    store<u32>(row, entry, 12)
  }

  /** @param hits at most MAX_HITS, which leaves the upper half of the word */
  static setFound(row: u32, type: i32, valueOffset: u32, valueBytes: u32, hits: u32): void {
    store<u32>(row, hits | (Batch.hash(row) << 16), 12)
    store<i32>(row, type)
    store<u32>(row, valueOffset, 4)
    store<u32>(row, valueBytes, 8)
  }
}
