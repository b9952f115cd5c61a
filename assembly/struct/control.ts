// The control block: written once at format, but for the epochs of tags and the page pool.
// Offsets are in constants.ts (CONTROL_*), since the host reads them too.

import {
  CONTROL_FAVOR,
  CONTROL_HARD_EPOCH,
  CONTROL_LEAST_PAGES,
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
  CONTROL_SOFT_EPOCH,
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

  /** Of these, so many are not for threads. */
  static leastPages(): u32 {
    return load<u32>(CONTROL_PTR + CONTROL_LEAST_PAGES)
  }

  static poolLockPtr(): u32 {
    return CONTROL_PTR + CONTROL_POOL_LOCK
  }

  /** Raised by every invalidation of a tag, hard or soft. */
  static tagEpoch(): u32 {
    return atomic.load<u32>(CONTROL_PTR + CONTROL_TAG_EPOCH)
  }

  /** Order: who sees the new epoch sees the records that were made before. Never 0. */
  static raiseTagEpoch(): u32 {
    const epoch = atomic.add<u32>(CONTROL_PTR + CONTROL_TAG_EPOCH, 1) + 1
    return epoch != 0 ? epoch : atomic.add<u32>(CONTROL_PTR + CONTROL_TAG_EPOCH, 1) + 1
  }

  /** Of the last hard invalidation; 0: there was none. */
  static hardEpoch(): u32 {
    return atomic.load<u32>(CONTROL_PTR + CONTROL_HARD_EPOCH)
  }

  static raiseHardEpoch(epoch: u32): void {
    Control.raiseEpoch(CONTROL_PTR + CONTROL_HARD_EPOCH, epoch)
  }

  /** Of the last soft invalidation; 0: there was none. */
  static softEpoch(): u32 {
    return atomic.load<u32>(CONTROL_PTR + CONTROL_SOFT_EPOCH)
  }

  static raiseSoftEpoch(epoch: u32): void {
    Control.raiseEpoch(CONTROL_PTR + CONTROL_SOFT_EPOCH, epoch)
  }

  /** The word at `ptr` becomes `epoch`, unless it is that far. Bound: a try fails only where it was raised. */
  static raiseEpoch(ptr: u32, epoch: u32): void {
    for (;;) {
      const before = atomic.load<u32>(ptr)
      if (before != 0 && i32(before - epoch) >= 0) return
      if (atomic.cmpxchg<u32>(ptr, before, epoch) == before) return
    }
  }

  /** Whether something of an epoch (0: it never was) came after a birth. Why signed: epochs wrap after 2^32. */
  @inline
  static isAfter(epoch: u32, birthEpoch: u32): bool {
    return epoch != 0 && i32(epoch - birthEpoch) > 0
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
