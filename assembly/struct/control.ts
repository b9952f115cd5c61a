// The control block: written once at format, but for the tag epoch and the page pool.
// Offsets are in constants.ts (CONTROL_*), since the host reads them too.

import {
  CONTROL_FAVOR,
  CONTROL_LOCK_TIMEOUT_MS,
  CONTROL_MAX_ENTRY_BYTES,
  CONTROL_PAGE_COUNT,
  CONTROL_POOL_BUMP,
  CONTROL_POOL_FREE_COUNT,
  CONTROL_POOL_FREE_HEAD,
  CONTROL_POOL_LOCK,
  CONTROL_POOL_RESERVE,
  CONTROL_POOL_STRAYS,
  CONTROL_PTR,
  CONTROL_SEED,
  CONTROL_TAG_EPOCH,
} from '../constants'

export class Control {
  static maxEntryBytes(): u32 {
    return load<u32>(CONTROL_PTR + CONTROL_MAX_ENTRY_BYTES)
  }

  /** FAVOR_*. */
  static favor(): u32 {
    return load<u32>(CONTROL_PTR + CONTROL_FAVOR)
  }

  static lockTimeoutMs(): u32 {
    return load<u32>(CONTROL_PTR + CONTROL_LOCK_TIMEOUT_MS)
  }

  static seed(word: u32): u64 {
    return load<u64>(CONTROL_PTR + CONTROL_SEED + (word << 3))
  }

  static pageCount(): u32 {
    return load<u32>(CONTROL_PTR + CONTROL_PAGE_COUNT)
  }

  static poolLockPtr(): u32 {
    return CONTROL_PTR + CONTROL_POOL_LOCK
  }

  /** Raised by every invalidation of a tag. */
  static tagEpoch(): u32 {
    return atomic.load<u32>(CONTROL_PTR + CONTROL_TAG_EPOCH)
  }

  /** Order: who sees the new epoch sees the records that were made before. Never 0. */
  static raiseTagEpoch(): u32 {
    const epoch = atomic.add<u32>(CONTROL_PTR + CONTROL_TAG_EPOCH, 1) + 1
    return epoch != 0 ? epoch : atomic.add<u32>(CONTROL_PTR + CONTROL_TAG_EPOCH, 1) + 1
  }

  /** Page number + 1 of the first page in the pool; 0: none. */
  static poolFreeHead(): u32 {
    return load<u32>(CONTROL_PTR + CONTROL_POOL_FREE_HEAD)
  }

  static setPoolFreeHead(link: u32): void {
    store<u32>(CONTROL_PTR + CONTROL_POOL_FREE_HEAD, link)
  }

  static poolFreeCount(): u32 {
    return load<u32>(CONTROL_PTR + CONTROL_POOL_FREE_COUNT)
  }

  static setPoolFreeCount(count: u32): void {
    store<u32>(CONTROL_PTR + CONTROL_POOL_FREE_COUNT, count)
  }

  /** Pages that are kept back for the areas of threads. */
  static poolReserve(): u32 {
    return load<u32>(CONTROL_PTR + CONTROL_POOL_RESERVE)
  }

  static setPoolReserve(pages: u32): void {
    store<u32>(CONTROL_PTR + CONTROL_POOL_RESERVE, pages)
  }

  /** Pages that came back while the pool's lock was not to be had: in no list yet. */
  static poolStrays(): u32 {
    return atomic.load<u32>(CONTROL_PTR + CONTROL_POOL_STRAYS)
  }

  static countPoolStray(): void {
    atomic.add<u32>(CONTROL_PTR + CONTROL_POOL_STRAYS, 1)
  }

  static clearPoolStrays(): void {
    atomic.store<u32>(CONTROL_PTR + CONTROL_POOL_STRAYS, 0)
  }

  /** Pages from this number on were never used. */
  static poolBump(): u32 {
    return load<u32>(CONTROL_PTR + CONTROL_POOL_BUMP)
  }

  static setPoolBump(index: u32): void {
    store<u32>(CONTROL_PTR + CONTROL_POOL_BUMP, index)
  }
}
