// Draining the access log into the policy.

import { Policy } from './policy/policy'
import { Table } from './store/table'
import { Shard } from './struct/shard'
import { AccessLog } from './sync/access-log'
import { Lock } from './sync/lock'

export class Accesses {
  static record(entry: u32, hash: u32): void {
    if (AccessLog.append(entry, hash)) Accesses.drain()
  }

  /**
   * Takes each shard's lock once, and its records in the order in which they were made; where the lock is
   * not free, they are dropped rather than waited for. A policy's lists are nothing that readers see.
   */
  static drain(): void {
    const count = AccessLog.count()
    if (count == 0) return
    let shards = AccessLog.chainByShard(count)
    while (shards != 0) {
      const index = u32(ctz(shards))
      shards &= shards - 1
      const shard = Shard.at(index)
      if (!Lock.acquireSoon(shard)) continue
      Accesses.apply(shard, AccessLog.firstOfShard(index))
      Lock.release(shard)
    }
    AccessLog.reset()
  }

  private static apply(shard: u32, link: u32): void {
    while (link != 0) {
      const entry = AccessLog.entryAt(link - 1)
      if (Table.findEntry(shard, AccessLog.hashAt(link - 1), entry) != 0)
        Policy.access(shard, entry)
      link = AccessLog.nextOfShard(link - 1)
    }
  }
}
