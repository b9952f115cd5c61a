// A lock word: 0, or the owner's name (thread slot + 1, and how often that slot was given away), with the top
// bit set while somebody waits. Taken by
// compare-and-swap, after a short spin by parking with a timeout: nobody waits for ever.
//
// An owner that has died is found out by those who wait: they ask the host whether its thread still runs, and
// take the lock over from it. What it guards may then be half changed, and is the new owner's to mend.
//
// 1. Only the owner releases. 2. A waiter sets the top bit before it parks, so that the release wakes it.
// 3. A slot is given to no new thread while a lock names it (src/engine/registry.ts). 4. Its new holder has another
// name: who was about to take a lock over from the old one cannot hit the new one. 5. No thread takes a lock twice:
// one that finds its own name has left a call by an exception (the end of the stack) that nobody could handle. It
// traps, which closes its cache; waiting would be in vain.
// Costs about 3 ns uncontended. Used for shards and the page pool.

import { LOCK_SLOT_BITS, LOCK_WAITERS, THREAD_LOCK_NAME } from '../constants'
import { isDead, park } from '../env'
import { Control } from '../struct/control'
import { Thread } from '../struct/thread'

/** What acquire() returns; from TAKEN_OVER on: TAKEN_OVER + the slot of the dead thread that held the lock. */
export const TIMED_OUT: u32 = 0
export const ACQUIRED: u32 = 1
export const TAKEN_OVER: u32 = 2

/** Some 8 microseconds, longer than nearly every hold: parking costs both sides more. */
const SPINS: u32 = 4000
const SLOT_MASK: u32 = (1 << LOCK_SLOT_BITS) - 1
/** The first park: about as long as a thread takes to vanish. Each is twice the one before. */
const FIRST_PARK_MS: f64 = 1
const LONGEST_PARK_MS: f64 = 32
/** What a round counts at least, so that the rounds are bounded too. */
const LEAST_ROUND_MS: f64 = 0.001

export class Lock {
  /** Waits for at most the cache's lock timeout. */
  static acquire(ptr: u32): u32 {
    return Lock.tryAcquire(ptr) ? ACQUIRED : Lock.acquireSlowly(ptr)
  }

  static tryAcquire(ptr: u32): bool {
    return atomic.cmpxchg<u32>(ptr, 0, Lock.self()) == 0
  }

  /** Waits for a moment, but never parks. */
  static acquireSoon(ptr: u32): bool {
    for (let spin: u32 = 0; spin < SPINS; spin++) {
      if (atomic.load<u32>(ptr) == 0 && Lock.tryAcquire(ptr)) return true
    }
    if (Lock.isOwn(ptr)) unreachable()
    return false
  }

  /** Takes what a certain slot holds, if it does. */
  static takeFrom(ptr: u32, slot: u32): bool {
    let word = atomic.load<u32>(ptr)
    while (word != 0 && Lock.slotOf(word) == slot) {
      const seen = atomic.cmpxchg<u32>(ptr, word, Lock.self() | LOCK_WAITERS)
      if (seen == word) return true
      // Why again: somebody may have begun to wait in between.
      word = seen
    }
    return false
  }

  /** Order: publishes all that was written under the lock to the next owner. */
  static release(ptr: u32): void {
    assert(Lock.isOwn(ptr))
    const was = atomic.xchg<u32>(ptr, 0)
    if (was & LOCK_WAITERS) atomic.notify(ptr, 1)
  }

  static isOwn(ptr: u32): bool {
    return (atomic.load<u32>(ptr) & ~LOCK_WAITERS) == Lock.self()
  }

  /** Which slot a lock's word names. */
  private static slotOf(word: u32): u32 {
    return (word & SLOT_MASK) - 1
  }

  private static self(): u32 {
    return Thread.get(THREAD_LOCK_NAME)
  }

  private static acquireSlowly(ptr: u32): u32 {
    if (Lock.acquireSoon(ptr)) return ACQUIRED
    let leftMs = f64(Control.lockTimeoutMs())
    let parkMs = FIRST_PARK_MS
    while (leftMs > 0) {
      let waitedMs: f64 = 0
      const word = atomic.load<u32>(ptr)
      if (word == 0) {
        // Why with the bit: others may wait too, and only a release that sees it wakes anyone.
        if (atomic.cmpxchg<u32>(ptr, 0, Lock.self() | LOCK_WAITERS) == 0) return ACQUIRED
      } else if (
        (word & LOCK_WAITERS) != 0 ||
        atomic.cmpxchg<u32>(ptr, word, word | LOCK_WAITERS) == word
      ) {
        waitedMs = park(ptr, word | LOCK_WAITERS, min<f64>(parkMs, leftMs))
        parkMs = min<f64>(parkMs * 2, LONGEST_PARK_MS)
        if (Lock.takeFromDead(ptr, word | LOCK_WAITERS)) return TAKEN_OVER + Lock.slotOf(word)
      }
      leftMs -= max<f64>(waitedMs, LEAST_ROUND_MS)
    }
    return atomic.cmpxchg<u32>(ptr, 0, Lock.self() | LOCK_WAITERS) == 0 ? ACQUIRED : TIMED_OUT
  }

  private static takeFromDead(ptr: u32, word: u32): bool {
    if (atomic.load<u32>(ptr) != word || !isDead(Lock.slotOf(word))) return false
    return atomic.cmpxchg<u32>(ptr, word, Lock.self() | LOCK_WAITERS) == word
  }
}
