// Hierarchical timing wheels (Varghese, Lauck, SOSP 1987): five levels of 64 buckets, of 1 ms, 64 ms,
// 4.1 s, 4.4 min and 4.7 h. What lies further ahead than 12 days waits in the last level's furthest
// bucket and is scheduled anew when that comes round.
//
// The wheel knows nothing of what firing means: step() hands out the entries that are due, one a call,
// and the caller removes or reschedules each. It advances by bounded steps; being late costs memory,
// never truth, since every read compares the clock with the entry itself.
//
// 1. An entry is in a bucket of its shard exactly when it is scheduled; count == all buckets' lengths.
// 2. A bucket that is not empty has its bit set (the reverse need not hold).
// 3. No scheduled entry of a bucket that the tick has passed, but those about to fire.
// Schedule, cancel and fire are O(1); each entry is moved at most once a level.

import { Entry } from '../struct/entry'
import { Links } from '../struct/links'
import { Shard, WHEEL_BUCKETS, WHEEL_LEVELS } from '../struct/shard'

const LEVEL_BITS: u64 = 6
const BUCKET_MASK: u64 = 63
const HORIZON_MS: u64 = 1 << 30

export class Wheel {
  static init(shard: u32): void {
    for (let level: u32 = 0; level < WHEEL_LEVELS; level++) {
      for (let bucket: u32 = 0; bucket < WHEEL_BUCKETS; bucket++)
        Links.init(Shard.wheelBucket(shard, level, bucket))
      Shard.setWheelBitmap(shard, level, 0)
    }
    Shard.setWheelCount(shard, 0)
  }

  /** To fire at or after `timeMs`, which is rounded up to a whole millisecond. */
  static schedule(shard: u32, entry: u32, timeMs: f64): void {
    // Why: a wheel that held nothing need not catch up tick by tick.
    Wheel.place(shard, entry, Wheel.tickOf(timeMs))
    Shard.setWheelCount(shard, Shard.wheelCount(shard) + 1)
  }

  static cancel(shard: u32, entry: u32): void {
    assert(Shard.wheelCount(shard) > 0)
    Links.unlink(Entry.wheelLinks(entry))
    Shard.setWheelCount(shard, Shard.wheelCount(shard) - 1)
  }

  static cancelIfScheduled(shard: u32, entry: u32): void {
    if (Links.isLinked(Entry.wheelLinks(entry))) Wheel.cancel(shard, entry)
  }

  /** With nothing scheduled the wheel may jump to the present. */
  static jump(shard: u32, nowMs: f64): void {
    if (Shard.wheelCount(shard) != 0) return
    const tick = u64(max<f64>(0, Math.floor(nowMs)))
    if (tick > Shard.wheelTick(shard)) Shard.setWheelTick(shard, tick)
  }

  /** Whether there is anything left to do up to the present. */
  static isBehind(shard: u32, nowMs: f64): bool {
    return (
      Shard.wheelCount(shard) != 0 && nowMs >= 0 && Shard.wheelTick(shard) <= u64(Math.floor(nowMs))
    )
  }

  /**
   * One move of a wheel that is behind: an entry goes down a level, or the tick goes on to the next
   * bucket with entries, or an entry is due, which is then unscheduled and returned; else 0.
   */
  static step(shard: u32, nowMs: f64): u32 {
    const tick = Shard.wheelTick(shard)
    if (Wheel.cascadeOne(shard, tick)) return 0
    const bucket = Shard.wheelBucket(shard, 0, u32(tick & BUCKET_MASK))
    if (Links.isEmpty(bucket)) {
      Shard.setWheelTick(shard, min<u64>(Wheel.nextTick(shard, tick), u64(Math.floor(nowMs)) + 1))
      return 0
    }
    const entry = Entry.ofWheelLinks(Links.next(bucket))
    Wheel.cancel(shard, entry)
    return entry
  }

  /** The entry at `to` takes the place of the one at `from`. */
  static relocate(from: u32, to: u32): void {
    Links.replace(Entry.wheelLinks(from), Entry.wheelLinks(to))
  }

  static tickOf(timeMs: f64): u64 {
    return u64(min<f64>(max<f64>(0, Math.ceil(timeMs)), 9.0e15))
  }

  private static place(shard: u32, entry: u32, due: u64): void {
    const tick = Shard.wheelTick(shard)
    due = min<u64>(max<u64>(due, tick), tick + HORIZON_MS - 1)
    let level: u32 = 0
    let ahead = due - tick
    while (ahead >= WHEEL_BUCKETS) {
      ahead >>= LEVEL_BITS
      level++
    }
    const bucket = u32((due >> (u64(level) * LEVEL_BITS)) & BUCKET_MASK)
    Links.pushBack(Shard.wheelBucket(shard, level, bucket), Entry.wheelLinks(entry))
    Shard.setWheelBitmap(shard, level, Shard.wheelBitmap(shard, level) | (u64(1) << u64(bucket)))
  }

  /** Moves one entry from a bucket whose span begins at `tick` to a lower level; false if none is left. */
  private static cascadeOne(shard: u32, tick: u64): bool {
    for (let level: u32 = WHEEL_LEVELS - 1; level > 0; level--) {
      const shift = u64(level) * LEVEL_BITS
      if ((tick & ((u64(1) << shift) - 1)) != 0) continue
      const bucket = Shard.wheelBucket(shard, level, u32((tick >> shift) & BUCKET_MASK))
      if (Links.isEmpty(bucket)) continue
      const entry = Entry.ofWheelLinks(Links.next(bucket))
      Links.unlink(Entry.wheelLinks(entry))
      Wheel.place(shard, entry, Wheel.dueTick(entry))
      return true
    }
    return false
  }

  static dueTick(entry: u32): u64 {
    return Wheel.tickOf(Wheel.dueAt(entry))
  }

  /** When an entry's next event is: its expiry, or then the end of its stale period. */
  static dueAt(entry: u32): f64 {
    const expiresAt = Entry.expiresAt(entry)
    return Entry.isStale(entry) ? expiresAt + Entry.staleMs(entry) : expiresAt
  }

  /** The next tick at which a bucket of any level is due that is not empty. */
  private static nextTick(shard: u32, tick: u64): u64 {
    let next = u64.MAX_VALUE
    for (let level: u32 = 0; level < WHEEL_LEVELS; level++) {
      const shift = u64(level) * LEVEL_BITS
      const distance = Wheel.distanceToUsed(shard, level, (tick >> shift) & BUCKET_MASK)
      if (distance != 0) next = min<u64>(next, ((tick >> shift) + distance) << shift)
    }
    return next
  }

  /** How many buckets (1 to 64) after `index` the next one with entries is; 0: there is none. */
  private static distanceToUsed(shard: u32, level: u32, index: u64): u64 {
    let bits = Shard.wheelBitmap(shard, level)
    while (bits != 0) {
      const distance = ctz(rotr<u64>(bits, index + 1)) + 1
      const bucket = (index + distance) & BUCKET_MASK
      if (!Links.isEmpty(Shard.wheelBucket(shard, level, u32(bucket)))) return distance
      bits &= ~(u64(1) << bucket)
      Shard.setWheelBitmap(shard, level, bits)
    }
    return 0
  }
}
