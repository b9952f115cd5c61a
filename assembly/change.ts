// A change of a shard: its lock, and the sequence that tells readers of it.

import { Shard } from './struct/shard'
import { Lock } from './sync/lock'

export class Change {
  static begin(shard: u32): bool {
    if (!Lock.acquire(shard)) {
      Shard.countLockTimeout(shard)
      return false
    }
    Shard.beginChange(shard)
    return true
  }

  static end(shard: u32): void {
    Shard.endChange(shard)
    Lock.release(shard)
  }
}
