// Draining the access log into the policy. A policy's lists are nothing that readers see, so no change is
// begun for it.

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
   * All records: takes each shard's lock once; where one is not free at once, its records are dropped rather
   * than waited for.
   */
  static drain(): void {
    let shards = AccessLog.shards()
    while (shards != 0) {
      const index = u32(ctz(shards))
      shards &= shards - 1
      const shard = Shard.at(index)
      if (!Lock.acquireSoon(shard)) continue
      Accesses.drainShard(shard)
      Lock.release(shard)
    }
    AccessLog.reset()
  }

  /** The records of a shard, in the order in which they were made. Under its lock. */
  static drainShard(shard: u32): void {
    const index = Shard.index(shard)
    if (!AccessLog.has(index)) return
    let link = AccessLog.firstOfShard(index)
    while (link != 0) {
      const entry = AccessLog.entryAt(link - 1)
      if (Table.findEntry(shard, AccessLog.hashAt(link - 1), entry) != 0)
        Policy.access(shard, entry)
      link = AccessLog.nextOfShard(link - 1)
    }
    AccessLog.drop(index)
  }
}
