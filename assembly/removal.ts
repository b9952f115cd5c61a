// Taking an entry out of everything that knows it. Under the shard's lock, within a change.

import {
  FLAG_EXPIRY,
  REMOVED_CLEAR,
  REMOVED_DELETE,
  REMOVED_EVICT,
  REMOVED_EXPIRE,
  REMOVED_INVALID,
  STAT_DELETES,
  STAT_EVICTIONS,
  STAT_EXPIRATIONS,
  STAT_INVALIDATIONS,
  STAT_PAYLOAD_BYTES,
  THREAD_NOTIFY,
  TYPE_FREE,
} from './constants'
import { removed } from './env'
import { Policy } from './policy/policy'
import { Chain } from './store/chain'
import { Slab } from './store/slab'
import { Table } from './store/table'
import { Entry } from './struct/entry'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { Stamps } from './sync/stamps'
import { Wheel } from './time/wheel'

export class Removal {
  /** `slot` refers to the entry. */
  static remove(shard: u32, slot: u32, reason: u32): void {
    assert(slot != 0)
    const entry = Table.entryAt(slot)
    assert(Entry.type(entry) != TYPE_FREE)
    assert(Shard.entries(shard) > 0)
    const hash = Entry.hash(entry)
    Removal.announce(entry, reason)
    Table.remove(shard, hash, slot)
    Policy.remove(shard, entry)
    if (reason != REMOVED_EVICT) Policy.forget(shard, hash)
    Removal.unschedule(shard, entry)
    Stamps.raise(hash)
    Shard.setEntries(shard, Shard.entries(shard) - 1)
    Shard.addCounter(
      shard,
      STAT_PAYLOAD_BYTES,
      -i64(Entry.keyBytes(entry) + Entry.valueBytes(entry)),
    )
    Removal.count(shard, reason)
    Chain.give(shard, entry)
    const spare = Policy.sparePage(shard)
    if (spare != 0) Slab.give(shard, spare)
  }

  static announce(entry: u32, reason: u32): void {
    if (Thread.get(THREAD_NOTIFY) != 0) removed(entry, reason)
  }

  /** Evicts the policy's next victim; false if there is none. */
  static evictOne(shard: u32): bool {
    const victim = Policy.victim(shard)
    if (victim == 0) return false
    const slot = Table.findEntry(shard, Entry.hash(victim), victim)
    if (slot == 0) return false
    Removal.remove(shard, slot, REMOVED_EVICT)
    return true
  }

  /** Out of the wheel, and no longer counted as stale. */
  static unschedule(shard: u32, entry: u32): void {
    if (!Entry.has(entry, FLAG_EXPIRY)) return
    Wheel.cancelIfScheduled(shard, entry)
    if (Entry.isStale(entry)) Shard.setStaleEntries(shard, Shard.staleEntries(shard) - 1)
  }

  static count(shard: u32, reason: u32): void {
    if (reason == REMOVED_EVICT) Shard.addCounter(shard, STAT_EVICTIONS, 1)
    else if (reason == REMOVED_EXPIRE) Shard.addCounter(shard, STAT_EXPIRATIONS, 1)
    else if (reason == REMOVED_INVALID) Shard.addCounter(shard, STAT_INVALIDATIONS, 1)
    else if (reason == REMOVED_DELETE || reason == REMOVED_CLEAR)
      Shard.addCounter(shard, STAT_DELETES, 1)
  }
}
