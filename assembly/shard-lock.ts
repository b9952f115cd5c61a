// A shard's lock, as all calls take it: one that was held by a dead thread comes with its shard repaired.

import { Repair } from './repair'
import { Lock, TAKEN_OVER, TIMED_OUT } from './sync/lock'

export class ShardLock {
  /** False if the lock was not to be had within the cache's lock timeout. */
  static acquire(shard: u32): bool {
    const outcome = Lock.acquire(shard)
    if (outcome >= TAKEN_OVER) Repair.shard(shard, outcome - TAKEN_OVER)
    return outcome != TIMED_OUT
  }

  static release(shard: u32): void {
    Lock.release(shard)
  }

  /** Takes the shard back that the dead thread of a slot held, if it did. */
  static recover(shard: u32, slot: u32): void {
    if (!Lock.takeFrom(shard, slot)) return
    Repair.shard(shard, slot)
    Lock.release(shard)
  }
}
