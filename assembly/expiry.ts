// What happens when an entry's time has come, and how far a call advances the wheel. An entry with a stale
// period fires twice: at its expiry, from when on only getOrSet may see it, and at the period's end.
// Under the shard's lock, within a change.

import {
  FLAG_EXPIRY,
  FLAG_LONG_EXPIRY,
  FLAG_STALE,
  FLAG_TAGS,
  REMOVED_EXPIRE,
  REMOVED_INVALID,
  WHEEL_STEPS_PER_WRITE,
} from './constants'
import { now } from './env'
import { Removal } from './removal'
import { Table } from './store/table'
import { Entry, TagsPart } from './struct/entry'
import { Shard } from './struct/shard'
import { Stamps } from './sync/stamps'
import { Tags } from './sync/tags'
import { Wheel } from './time/wheel'

export class Expiry {
  /** The time, after as many steps of the wheel as one write may pay for. */
  static catchUp(shard: u32): f64 {
    const nowMs = now()
    Expiry.advance(shard, nowMs, WHEEL_STEPS_PER_WRITE)
    return nowMs
  }

  /** At most `steps` moves and firings; returns how many entries were removed. */
  static advance(shard: u32, nowMs: f64, steps: u32): u32 {
    if (Shard.wheelCount(shard) == 0) {
      Wheel.jump(shard, nowMs)
      return 0
    }
    let gone: u32 = 0
    for (let step: u32 = 0; step < steps && Wheel.isBehind(shard, nowMs); step++) {
      const entry = Wheel.step(shard, nowMs)
      if (entry != 0 && Expiry.fire(shard, entry)) gone++
    }
    return gone
  }

  /** What the wheel would do sooner or later: an entry that is over goes, one that has become stale is marked. */
  static settle(shard: u32, entry: u32, nowMs: f64): void {
    if (!Entry.has(entry, FLAG_EXPIRY) || nowMs < Wheel.dueAt(entry)) return
    Wheel.cancelIfScheduled(shard, entry)
    Expiry.fire(shard, entry)
  }

  /** Whether the entry was removed. */
  private static fire(shard: u32, entry: u32): bool {
    if (!Entry.isStale(entry) && Entry.has(entry, FLAG_LONG_EXPIRY) && Entry.staleMs(entry) > 0) {
      Entry.addFlag(entry, FLAG_STALE)
      Shard.setStaleEntries(shard, Shard.staleEntries(shard) + 1)
      Stamps.raise(Entry.hash(entry))
      Wheel.schedule(shard, entry, Wheel.dueAt(entry))
      return false
    }
    Removal.remove(shard, Table.findEntry(shard, Entry.hash(entry), entry), REMOVED_EXPIRE)
    return true
  }

  /** Gives an entry with the expiry part a (new) expiry; Infinity: none. */
  static schedule(shard: u32, entry: u32, expiresAtMs: f64): void {
    Entry.setExpiresAt(entry, expiresAtMs)
    if (isFinite(expiresAtMs)) Wheel.schedule(shard, entry, expiresAtMs)
  }

  /** Whether an entry may be seen, by its expiry and its tags; `allowStale` reaches into its stale period. */
  @inline
  static isLive(entry: u32, allowStale: bool): bool {
    const meta = Entry.meta(entry)
    return (meta & (FLAG_TAGS | FLAG_EXPIRY)) == 0 || Expiry.isStillLive(entry, meta, allowStale)
  }

  private static isStillLive(entry: u32, meta: u32, allowStale: bool): bool {
    if (meta & FLAG_TAGS && Expiry.isInvalidated(entry)) return false
    if ((meta & FLAG_EXPIRY) == 0) return true
    const timeMs = now()
    const expiresAt = Entry.expiresAt(entry)
    if (timeMs < expiresAt) return true
    return allowStale && (meta & FLAG_LONG_EXPIRY) != 0 && timeMs < expiresAt + Entry.staleMs(entry)
  }

  /** Why an entry goes: for `reason`, unless it was dead already and only not yet taken away. */
  static causeOfRemoval(entry: u32, nowMs: f64, reason: u32): u32 {
    if (Entry.has(entry, FLAG_TAGS) && Expiry.isInvalidated(entry)) return REMOVED_INVALID
    if (!Entry.has(entry, FLAG_EXPIRY)) return reason
    const staleMs = Entry.has(entry, FLAG_LONG_EXPIRY) ? Entry.staleMs(entry) : 0
    return nowMs < Entry.expiresAt(entry) + staleMs ? reason : REMOVED_EXPIRE
  }

  static isInvalidated(entry: u32): bool {
    const part = Entry.tagsPart(entry)
    // Why min: read without the lock, the count may be another entry's.
    const count = min<u32>(TagsPart.count(part), 64)
    return Tags.anyInvalidatedSince(TagsPart.hashesPtr(part), count, TagsPart.birthEpoch(part))
  }
}
