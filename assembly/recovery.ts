// Taking back what a dead thread left: the locks that name it, what it had reserved, its leases.

import { Change } from './change'
import { ShardLock } from './shard-lock'
import { Chain } from './store/chain'
import { Chunks } from './store/chunks'
import { Pool } from './store/pool'
import { Entry } from './struct/entry'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { Leases } from './sync/leases'

export class Recovery {
  /** After it nothing names the slot any more; false if some lock was not to be had in time. */
  static thread(slot: u32): bool {
    Pool.recover(slot)
    let done = true
    for (let index: u32 = 0; index < Shard.count(); index++) {
      const shard = Shard.at(index)
      ShardLock.recover(shard, slot)
      if (!Recovery.endLeases(shard, slot)) done = false
    }
    return Recovery.dropPending(slot) && done
  }

  private static endLeases(shard: u32, slot: u32): bool {
    if (Shard.leases(shard) == 0) return true
    if (!ShardLock.acquire(shard)) return false
    Leases.endAllOf(shard, slot)
    ShardLock.release(shard)
    return true
  }

  private static dropPending(slot: u32): bool {
    const entry = Thread.pendingOf(slot)
    if (entry == 0) return true
    const shard = Shard.ofHash(Entry.hash(entry))
    if (!Change.begin(shard)) return false
    // Why again: who took over this lock from the thread has dropped the entry with it.
    if (Thread.pendingOf(slot) == entry) {
      Thread.dropPendingOf(slot)
      if (Chunks.isMovable(shard, entry)) Chain.give(shard, entry)
    }
    Change.end(shard)
    return true
  }
}
