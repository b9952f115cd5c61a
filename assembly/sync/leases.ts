// The leases of a shard: single flight over all threads. Under the shard's lock.
//
// A thread that misses takes the lease of the key and loads; a second one finds the lease taken and waits for
// its generation to change. Any write of the key by others makes the lease void: what is being loaded is
// older than the write, and is not stored.
//
// 1. A hash has at most one lease; who takes a void one replaces it.
// 2. The shard's count is the number of leases that are not free.
// 3. Where no place is free within the window there is no lease: the load goes on, unknown to others.
// Costs one word where nothing is being loaded, and eight cache lines to look a hash up.

import { Lease } from '../struct/lease'
import { Shard } from '../struct/shard'
import { Thread } from '../struct/thread'

const WINDOW: u32 = 32
/** Why not the lowest bits: they have chosen the shard. */
const PLACE_SHIFT: u32 = 6

export class Leases {
  /** The lease of a hash, void or not; 0: there is none. */
  static find(shard: u32, hash: u32): u32 {
    if (Shard.leases(shard) == 0) return 0
    for (let step: u32 = 0; step < WINDOW; step++) {
      const lease = Lease.at(shard, (hash >>> PLACE_SHIFT) + step)
      if (!Lease.isFree(lease) && Lease.hash(lease) == hash) return lease
    }
    return 0
  }

  /** Gives the lease of a hash to this thread, whoever had it; 0: there is no place. */
  static take(shard: u32, hash: u32): u32 {
    let lease = Leases.find(shard, hash)
    if (lease != 0) {
      Lease.give(lease, hash, Thread.slot())
      Lease.raiseGeneration(lease)
      return lease
    }
    for (let step: u32 = 0; step < WINDOW; step++) {
      lease = Lease.at(shard, (hash >>> PLACE_SHIFT) + step)
      if (!Lease.isFree(lease)) continue
      Shard.setLeases(shard, Shard.leases(shard) + 1)
      Lease.give(lease, hash, Thread.slot())
      return lease
    }
    return 0
  }

  /** Whether this thread may still store what it loads under the lease. */
  static isOwn(lease: u32, generation: u32): bool {
    if (lease == 0 || Lease.isFree(lease) || Lease.isVoid(lease)) return false
    return Lease.slot(lease) == Thread.slot() && Lease.generation(lease) == generation
  }

  /** The key was written or deleted. */
  static void(shard: u32, hash: u32): void {
    if (Shard.leases(shard) == 0) return
    const lease = Leases.find(shard, hash)
    if (lease != 0) Lease.makeVoid(lease)
  }

  static voidAll(shard: u32): void {
    if (Shard.leases(shard) == 0) return
    for (let index: u32 = 0; index < Lease.perShard(); index++) {
      const lease = Lease.at(shard, index)
      if (!Lease.isFree(lease)) Lease.makeVoid(lease)
    }
  }

  /** Of all threads but this one, which knows better what it is loading. */
  static voidOthers(shard: u32): void {
    for (let index: u32 = 0; index < Lease.perShard(); index++) {
      const lease = Lease.at(shard, index)
      if (!Lease.isFree(lease) && Lease.slot(lease) != Thread.slot()) Lease.makeVoid(lease)
    }
  }

  /** The load is over: whoever waits looks again. */
  static end(shard: u32, lease: u32): void {
    Lease.free(lease)
    Shard.setLeases(shard, Shard.leases(shard) - 1)
    Lease.raiseGeneration(lease)
  }

  static endAllOf(shard: u32, slot: u32): void {
    if (Shard.leases(shard) == 0) return
    for (let index: u32 = 0; index < Lease.perShard(); index++) {
      const lease = Lease.at(shard, index)
      if (!Lease.isFree(lease) && Lease.slot(lease) == slot) Leases.end(shard, lease)
    }
  }

  /** After a repair. */
  static recount(shard: u32): void {
    let count: u32 = 0
    for (let index: u32 = 0; index < Lease.perShard(); index++) {
      if (!Lease.isFree(Lease.at(shard, index))) count++
    }
    Shard.setLeases(shard, count)
  }
}
