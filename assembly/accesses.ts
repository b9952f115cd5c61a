// Accesses on their way to the policy: into the thread's log, and from there into the policy's structures.
// Those are nothing that readers see, so no change is begun for it.

import { shardMask } from './env'
import { Policy } from './policy/policy'
import { Table } from './store/table'
import { Entry } from './struct/entry'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { AccessLog, HITS_PER_SAMPLE, MIXED } from './sync/access-log'
import { Lock } from './sync/lock'

/** So many hits of an entry are told exactly. */
const EXACT_HITS: u32 = 64

export class Accesses {
  /**
   * A hit of an entry that was just found under `sequence`. Why a sample of some: hot entries are hit most,
   * their next hit changes nothing but a statistic, and recording all costs 20 ns each and lines that other
   * threads want too.
   */
  static note(entry: u32, hash: u32, sequence: u32): void {
    const isSample = Entry.hits(entry) >= EXACT_HITS && Policy.isSettled(entry)
    if (isSample && !Thread.draws(HITS_PER_SAMPLE)) return
    Accesses.append(entry, hash, isSample, sequence)
  }

  /** A hit of an entry that was found some time ago, and may have gone. */
  static noteLate(entry: u32, hash: u32): void {
    Accesses.append(entry, hash, false, MIXED)
  }

  /** All records; where a shard is not free at once, its records are dropped rather than waited for. */
  static drain(): void {
    for (let index: u32 = 0; index < Shard.count(); index++) Accesses.drainSoon(index)
  }

  /** The records of a shard, in the order in which they were made. Under its lock. */
  static drainShard(shard: u32): void {
    const index = Shard.index(shard)
    const count = AccessLog.count(index)
    if (count == 0) return
    Accesses.foresee(shard, index, count)
    const isCurrent = AccessLog.sequence(index) == Shard.sequence(shard)
    for (let at: u32 = 0; at < count; at++) {
      const entry = AccessLog.entryAt(index, at)
      if (isCurrent || Table.findEntry(shard, AccessLog.hashAt(index, at), entry) != 0)
        Policy.access(shard, entry, AccessLog.hitsAt(index, at))
    }
    AccessLog.drop(index)
  }

  /** Reads what the records are going to need, so that the misses overlap: 60 to 80 ns a get among a million entries. */
  private static foresee(shard: u32, index: u32, count: u32): void {
    let seen: u32 = 0
    for (let at: u32 = 0; at < count; at++) {
      seen += Policy.foreseeAccess(shard, AccessLog.hashAt(index, at))
    }
    Thread.sink(seen)
  }

  private static append(entry: u32, hash: u32, isSample: bool, sequence: u32): void {
    const index = hash & shardMask
    if (AccessLog.append(index, entry, hash, isSample, sequence)) Accesses.drainSoon(index)
  }

  private static drainSoon(index: u32): void {
    if (AccessLog.count(index) == 0) return
    const shard = Shard.at(index)
    if (Lock.acquireSoon(shard)) {
      Accesses.drainShard(shard)
      Lock.release(shard)
    } else AccessLog.drop(index)
  }
}
