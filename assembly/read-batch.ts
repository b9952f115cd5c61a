// Many gets in one call. What a get of a large cache waits for is memory: first the group of the index, then
// the entry. So a batch first reads all groups, then all entries that they point to, and only then does what
// single gets do: the misses of each round overlap, as none of its reads depends on another.
//
// Costs, beside the single gets' own work, some 10 ns a key; of a cache that fits no processor cache it saves
// most of the waiting.

import {
  LARGE_VALUE,
  STATUS_MISS,
  THREAD_HITS,
  THREAD_VALUE_BYTES,
  VALUE_STAGING_BYTES,
} from './constants'
import { Read } from './read'
import { Table } from './store/table'
import { Batch } from './struct/batch'
import { Control } from './struct/control'
import { Entry } from './struct/entry'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'

/** A copy may write some bytes more than the value has. */
const SPILL_BYTES: u32 = 16
/** Where values begin. */
const ALIGNMENT: u32 = 16
/** So much of a cache (512 KiB) is at hand without being foreseen. */
const CACHED_PAGES: u32 = 32

export class ReadBatch {
  /**
   * As Read.get() for each of the keys, as far as their values fit the staging.
   * @returns how many were done, one at least
   */
  static get(count: u32, mode: u32): u32 {
    ReadBatch.hash(count)
    if (Control.pageCount() - Control.poolFreeCount() > CACHED_PAGES) ReadBatch.foresee(count)
    let used: u32 = 0
    for (let index: u32 = 0; index < count; index++) {
      const row = Batch.row(index)
      const room = used == 0 ? VALUE_STAGING_BYTES : VALUE_STAGING_BYTES - SPILL_BYTES - used
      const type = ReadBatch.getOne(row, mode, used, room)
      const isFound = type != STATUS_MISS
      const valueBytes = isFound ? Thread.get(THREAD_VALUE_BYTES) : 0
      if (type & LARGE_VALUE && used > 0 && valueBytes <= VALUE_STAGING_BYTES) return index
      Read.account(Batch.hash(row), type, mode)
      Batch.setFound(row, type, used, valueBytes, isFound ? Thread.get(THREAD_HITS) : 0)
      if ((type & LARGE_VALUE) == 0) used += (valueBytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1)
      if (used + SPILL_BYTES >= VALUE_STAGING_BYTES) return index + 1
    }
    return count
  }

  @inline
  private static getOne(row: u32, mode: u32, offset: u32, room: u32): i32 {
    const keyPtr = Batch.keyPtr(row)
    const valuePtr = Thread.valuePtr() + offset
    return Read.find(
      Batch.hash(row),
      keyPtr,
      Batch.keyBytes(row),
      Batch.wide(row),
      mode,
      valuePtr,
      room,
    )
  }

  private static hash(count: u32): void {
    for (let index: u32 = 0; index < count; index++) {
      const row = Batch.row(index)
      Batch.setHash(row, Read.hashOf(Batch.keyPtr(row), Batch.keyBytes(row), Batch.wide(row)))
    }
  }

  /** Reads what the gets are going to need; what it leaves in the rows may be wrong by then. */
  private static foresee(count: u32): void {
    for (let index: u32 = 0; index < count; index++) {
      const row = Batch.row(index)
      const hash = Batch.hash(row)
      Batch.setCandidate(row, Table.foresee(Shard.ofHash(hash), hash))
    }
    for (let index: u32 = 0; index < count; index++) {
      const row = Batch.row(index)
      const hash = Batch.hash(row)
      Batch.setCandidate(row, Table.candidate(Shard.ofHash(hash), hash))
    }
    for (let index: u32 = 0; index < count; index++) {
      const row = Batch.row(index)
      const entry = Batch.candidate(row)
      if (entry != 0) Batch.setCandidate(row, Entry.hash(entry) + Entry.foresee(entry))
    }
  }
}
