// What happens when an entry's time has come, and how far a call advances the wheel. An entry with a stale
// period fires twice: at its expiry, from when on only getOrSet may see it, and at the period's end.
// Under the shard's lock, within a change.
//
// A soft invalidation of its tags ends an entry's lifetime as its expiry does, but nothing fires: every look at the
// entry finds out, by the epochs (sync/soft-tags.ts), until end() has written it down.

import {
  FLAG_EXPIRY,
  FLAG_LONG_EXPIRY,
  FLAG_STALE,
  FLAG_TAGS,
  REMOVED_EXPIRE,
  REMOVED_INVALID,
  THREAD_EXPIRES_AT,
  WHEEL_STEPS_PER_WRITE,
} from './constants'
import { now } from './env'
import { Policy } from './policy/policy'
import { Removal } from './removal'
import { ShardLock } from './shard-lock'
import { Table } from './store/table'
import { Control } from './struct/control'
import { Entry, TagsPart } from './struct/entry'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { SoftTags } from './sync/soft-tags'
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

  /**
   * What the wheel or a sweep would do sooner or later: an entry that is over goes, one that has become stale is
   * marked.
   */
  static settle(shard: u32, entry: u32, nowMs: f64): void {
    if (Entry.has(entry, FLAG_TAGS)) {
      const slot = Table.findEntry(shard, Entry.hash(entry), entry)
      if (Expiry.endByTags(shard, slot, nowMs)) return
    }
    Expiry.fireIfDue(shard, entry, nowMs)
  }

  /** The same for the entry that a read has found, which has no lock. */
  static settleFound(shard: u32, hash: u32, entry: u32): void {
    if (!ShardLock.acquire(shard)) return
    if (Table.findEntry(shard, hash, entry) != 0) {
      Shard.beginChange(shard)
      Expiry.settle(shard, entry, now())
      Shard.endChange(shard)
    }
    ShardLock.release(shard)
  }

  /**
   * Does what the invalidation of its tags has left to be done: an entry that is over goes, one that is stale is
   * marked, and so by its expiry from now on. Whether it was removed.
   */
  static endByTags(shard: u32, slot: u32, nowMs: f64): bool {
    const entry = Table.entryAt(slot)
    if (!Expiry.hasOlderTags(entry)) return false
    if (Expiry.isInvalidated(entry)) {
      Removal.remove(shard, slot, REMOVED_INVALID)
      return true
    }
    const endedAt = Expiry.endedByTagsAt(entry)
    if (endedAt == Infinity) return false
    if (Expiry.hasStalePeriod(entry) && nowMs < Expiry.expiresAt(entry) + Entry.staleMs(entry)) {
      Expiry.shorten(shard, entry, endedAt)
      Expiry.fireIfDue(shard, entry, nowMs)
      return false
    }
    Removal.remove(shard, slot, REMOVED_EXPIRE)
    return true
  }

  /** Ends an entry's lifetime: it is stale, or gone if it has no stale period. */
  static end(shard: u32, slot: u32, endedAtMs: f64): void {
    const entry = Table.entryAt(slot)
    if (Expiry.hasStalePeriod(entry) && Expiry.shorten(shard, entry, endedAtMs)) return
    Removal.remove(shard, slot, REMOVED_EXPIRE)
  }

  /** An entry with a stale period expires at that time, if it would later; false: the policy has no room for that. */
  private static shorten(shard: u32, entry: u32, expiresAtMs: f64): bool {
    if (expiresAtMs >= Entry.expiresAt(entry)) return true
    const reorder = Policy.ordersByExpiry()
    if (reorder && !Policy.isInHeap(entry) && Policy.wantsPage(shard)) return false
    Stamps.raise(Entry.hash(entry))
    if (reorder) Policy.remove(shard, entry)
    Wheel.cancelIfScheduled(shard, entry)
    Entry.setExpiresAt(entry, expiresAtMs)
    Wheel.schedule(shard, entry, Wheel.dueAt(entry))
    if (reorder) Policy.insert(shard, entry)
    return true
  }

  private static hasStalePeriod(entry: u32): bool {
    return Entry.has(entry, FLAG_LONG_EXPIRY) && Entry.staleMs(entry) > 0
  }

  private static fireIfDue(shard: u32, entry: u32, nowMs: f64): void {
    if (!Entry.has(entry, FLAG_EXPIRY) || nowMs < Wheel.dueAt(entry)) return
    Wheel.cancelIfScheduled(shard, entry)
    Expiry.fire(shard, entry)
  }

  /** Whether the entry was removed. */
  private static fire(shard: u32, entry: u32): bool {
    if (!Entry.isStale(entry) && Expiry.hasStalePeriod(entry)) {
      Entry.addFlag(entry, FLAG_STALE)
      Shard.setStaleEntries(shard, Shard.staleEntries(shard) + 1)
      Stamps.raise(Entry.hash(entry))
      Wheel.schedule(shard, entry, Wheel.dueAt(entry))
      // Why here: what is marked as stale is so by its expiry.
      if (Expiry.hasOlderTags(entry)) Expiry.shorten(shard, entry, Expiry.endedByTagsAt(entry))
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

  /**
   * Whether an entry may be seen, by its expiry and its tags; `allowStale` reaches into its stale period. Of one that
   * may, and has an expiry, EXPIRES_AT then tells when its lifetime ends.
   */
  @inline
  static isLive(entry: u32, allowStale: bool): bool {
    const meta = Entry.meta(entry)
    return (meta & (FLAG_TAGS | FLAG_EXPIRY)) == 0 || Expiry.isStillLive(entry, meta, allowStale)
  }

  private static isStillLive(entry: u32, meta: u32, allowStale: bool): bool {
    if (meta & FLAG_TAGS && Expiry.isOlder(entry)) {
      if (Expiry.isInvalidated(entry)) return false
      const endedAt = Expiry.endedByTagsAt(entry)
      // Why whatever the clock: another thread's may be a little ahead of this one's.
      if (endedAt != Infinity) return allowStale && Expiry.isStillStale(entry, meta, endedAt)
    }
    if ((meta & FLAG_EXPIRY) == 0) return true
    const timeMs = now()
    const expiresAt = Entry.expiresAt(entry)
    Thread.setFloat(THREAD_EXPIRES_AT, expiresAt)
    if (timeMs < expiresAt) return true
    return allowStale && (meta & FLAG_LONG_EXPIRY) != 0 && timeMs < expiresAt + Entry.staleMs(entry)
  }

  /** Of an entry whose tags have ended its lifetime. */
  private static isStillStale(entry: u32, meta: u32, endedAt: f64): bool {
    if ((meta & FLAG_LONG_EXPIRY) == 0) return false
    const expiresAt = min<f64>(Entry.expiresAt(entry), endedAt)
    Thread.setFloat(THREAD_EXPIRES_AT, expiresAt)
    return now() < expiresAt + Entry.staleMs(entry)
  }

  /** When an entry's lifetime ends or has ended, by its expiry or its tags; Infinity: never. */
  static expiresAt(entry: u32): f64 {
    const expiresAt = Entry.has(entry, FLAG_EXPIRY) ? Entry.expiresAt(entry) : Infinity
    return Expiry.hasOlderTags(entry) ? min<f64>(expiresAt, Expiry.endedByTagsAt(entry)) : expiresAt
  }

  /** Why an entry goes: for `reason`, unless it was dead already and only not yet taken away. */
  static causeOfRemoval(entry: u32, nowMs: f64, reason: u32): u32 {
    if (Entry.has(entry, FLAG_TAGS) && Expiry.isInvalidated(entry)) return REMOVED_INVALID
    const expiresAt = Expiry.expiresAt(entry)
    if (expiresAt == Infinity) return reason
    const staleMs = Entry.has(entry, FLAG_LONG_EXPIRY) ? Entry.staleMs(entry) : 0
    return nowMs < expiresAt + staleMs ? reason : REMOVED_EXPIRE
  }

  static isInvalidated(entry: u32): bool {
    const part = Entry.tagsPart(entry)
    // Why min: read without the lock, the count may be another entry's.
    const count = min<u32>(TagsPart.count(part), 64)
    return Tags.anyInvalidatedSince(TagsPart.hashesPtr(part), count, TagsPart.birthEpoch(part))
  }

  /** Since when its tags have made an entry stale, not later than now; Infinity: they have not. */
  private static endedByTagsAt(entry: u32): f64 {
    const part = Entry.tagsPart(entry)
    const count = min<u32>(TagsPart.count(part), 64)
    const hashes = TagsPart.hashesPtr(part)
    const endedAt = SoftTags.invalidatedAt(hashes, count, TagsPart.birthEpoch(part))
    return endedAt == Infinity ? endedAt : min<f64>(endedAt, now())
  }

  private static hasOlderTags(entry: u32): bool {
    return Entry.has(entry, FLAG_TAGS) && Expiry.isOlder(entry)
  }

  /** Whether any tag at all was invalidated, hard or soft, since an entry with tags was born. */
  private static isOlder(entry: u32): bool {
    return Control.tagEpoch() != TagsPart.birthEpoch(Entry.tagsPart(entry))
  }
}
