// A lock word: 0, or the owner's thread slot + 1, with the top bit set while somebody waits. Taken by
// compare-and-swap, after a short spin by a park with a timeout: nobody waits for ever.
//
// 1. Only the owner releases. 2. A waiter sets the top bit before it parks, so that the release wakes it.
// Costs about 3 ns uncontended. Used for shards, the page pool and the tag table.

import { park, threadPtr } from '../env'
import { Control } from '../struct/control'

const WAITERS: u32 = 0x8000_0000
const SPINS: u32 = 100
/** The timeout is spent in slices, so that a lost wake-up costs a slice and no more. */
const SLICES: u32 = 10

export class Lock {
  /** Whether the lock was taken within the cache's lock timeout. */
  static acquire(ptr: u32): bool {
    if (atomic.cmpxchg<u32>(ptr, 0, Lock.self()) == 0) return true
    return Lock.acquireSlowly(ptr)
  }

  static tryAcquire(ptr: u32): bool {
    return atomic.cmpxchg<u32>(ptr, 0, Lock.self()) == 0
  }

  /** Order: publishes all that was written under the lock to the next owner. */
  static release(ptr: u32): void {
    assert(Lock.isOwn(ptr))
    const was = atomic.xchg<u32>(ptr, 0)
    if (was & WAITERS) atomic.notify(ptr, 1)
  }

  static isOwn(ptr: u32): bool {
    return (atomic.load<u32>(ptr) & ~WAITERS) == Lock.self()
  }

  private static self(): u32 {
    return load<u32>(threadPtr) + 1
  }

  private static acquireSlowly(ptr: u32): bool {
    for (let spin: u32 = 0; spin < SPINS; spin++) {
      if (atomic.load<u32>(ptr) == 0 && Lock.tryAcquire(ptr)) return true
    }
    const sliceMs = f64(Control.lockTimeoutMs()) / f64(SLICES)
    for (let slice: u32 = 0; slice < SLICES; slice++) {
      const word = atomic.load<u32>(ptr)
      // Why with the bit: others may wait too, and only a release that sees it wakes anyone.
      if (word == 0) {
        if (atomic.cmpxchg<u32>(ptr, 0, Lock.self() | WAITERS) == 0) return true
        continue
      }
      if ((word & WAITERS) != 0 || atomic.cmpxchg<u32>(ptr, word, word | WAITERS) == word) {
        park(ptr, word | WAITERS, sliceMs)
      }
    }
    return atomic.cmpxchg<u32>(ptr, 0, Lock.self() | WAITERS) == 0
  }
}
