// A change of a shard: its lock, and the sequence that tells readers of it.

import { Accesses } from './accesses'
import { ShardLock } from './shard-lock'
import { Shard } from './struct/shard'

export class Change {
  /**
   * Begins a change of the shard of `hash`, whose policy has heard of this thread's accesses by then.
   * Returns the shard; 0: its lock was not to be had in time.
   */
  static open(hash: u32): u32 {
    const shard = Shard.ofHash(hash)
    return Change.begin(shard) ? shard : 0
  }

  static begin(shard: u32): bool {
    if (!ShardLock.acquire(shard)) {
      Shard.countLockTimeout(shard)
      return false
    }
    Accesses.drainShard(shard)
    Shard.beginChange(shard)
    return true
  }

  static end(shard: u32): void {
    Shard.endChange(shard)
    ShardLock.release(shard)
  }
}
