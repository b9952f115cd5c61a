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

  /** Holds each shard's lock for a run of records; a policy's lists are nothing that readers see. */
  static drain(): void {
    const count = AccessLog.count()
    if (count == 0) return
    let locked: u32 = 0
    for (let index: u32 = 0; index < count; index++) {
      const hash = AccessLog.hashAt(index)
      const shard = Shard.ofHash(hash)
      if (shard != locked) {
        if (locked != 0) Lock.release(locked)
        locked = Lock.acquire(shard) ? shard : 0
        if (locked == 0) continue
      }
      const entry = AccessLog.entryAt(index)
      if (Table.findEntry(shard, hash, entry) != 0) Policy.access(shard, entry)
    }
    if (locked != 0) Lock.release(locked)
    AccessLog.reset()
  }
}
