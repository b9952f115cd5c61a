// What threads have reserved in a shard under repair: the living go on filling it in, without a lock.

import { FLAG_CHAINED, MAX_THREADS, TYPE_PENDING } from '../constants'
import { Chunks } from '../store/chunks'
import { Entry } from '../struct/entry'
import { Fragment } from '../struct/fragment'
import { Thread } from '../struct/thread'

const MAX_FRAGMENTS: u32 = 1 << 18

export class RepairPending {
  /** Marks the pending entries of all threads but the dead one, who has none from now on. */
  static keep(shard: u32, deadSlot: u32): void {
    for (let slot: u32 = 0; slot < MAX_THREADS; slot++) {
      const head = Thread.pendingOf(slot)
      if (head == 0 || !Chunks.isMovable(shard, head)) continue
      if (slot == deadSlot) Thread.dropPendingOf(slot)
      else RepairPending.mark(shard, head)
    }
  }

  private static mark(shard: u32, head: u32): void {
    if (Entry.type(head) != TYPE_PENDING) return
    Entry.mark(head)
    let fragment = Entry.has(head, FLAG_CHAINED) ? Entry.nextFragment(head) : 0
    for (let bound: u32 = 0; bound < MAX_FRAGMENTS && fragment != 0; bound++) {
      if (!Chunks.isMovable(shard, fragment) || Entry.type(fragment) != TYPE_PENDING) return
      Entry.mark(fragment)
      fragment = Fragment.next(fragment)
    }
  }
}
