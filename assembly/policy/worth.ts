// What policy `adaptive` weighs beside how often an entry is used: by option `favor` its size or what it cost, and
// how much of its lifetime is left.
//
// Of two entries that are used alike the smaller one is worth more hits for the same memory, and the costlier one
// more time (after GreedyDual-Size-Frequency: Cherkasova, 1998). An entry's credit is how far it is above the mean:
// so many more rounds it gets in the small queue, it comes to MAIN as if it had been hit so often, and where
// frequencies are compared, its own counts for more.
//
// On the two traces with sizes, hits are 0.3 to 4 points above those without (but for one size of one of them, 1
// below); bytes hit are the same within a point. Where costs of 1 to 200 ms are dealt over a Zipf distribution, 1
// to 10% less time is spent on loads.

import { FAVOR_COST, FAVOR_OBJECTS, FLAG_EXPIRY, STAT_PAYLOAD_BYTES } from '../constants'
import { AdaptiveState } from '../struct/adaptive-state'
import { Control } from '../struct/control'
import { Entry } from '../struct/entry'
import { Shard } from '../struct/shard'

const MAX_CREDIT: u32 = 3
/** The mean cost is one over so many entries. */
const COST_SPAN: i32 = 64
const COST_FRACTION_BITS: u32 = 8
const COST_ROUNDING: u32 = 1 << (COST_FRACTION_BITS - 1)
/** An entry is spent that is likely to be used by less than one in so many of its kind before it expires. */
const SPENT_ODDS: f64 = 8

export class Worth {
  /** 0 to MAX_CREDIT. @param cost its own, in steps of a factor of four (COST_SHIFT) */
  static credit(shard: u32, entry: u32, cost: u32): u32 {
    const favor = Control.favor()
    if (favor == FAVOR_OBJECTS) return Worth.smallness(shard, entry)
    return favor == FAVOR_COST ? Worth.costliness(shard, cost) : 0
  }

  /** By how many bits to the left its frequency counts: a step of size for twice, one of cost for four times. */
  static shift(shard: u32, entry: u32, cost: u32): u32 {
    const credit = Worth.credit(shard, entry, cost)
    return Control.favor() == FAVOR_COST ? credit << 1 : credit
  }

  /** For an entry that came. */
  static averageCost(shard: u32, cost: u32): void {
    if (Control.favor() != FAVOR_COST) return
    const mean = i32(AdaptiveState.meanCost(shard))
    const difference = i32(cost << COST_FRACTION_BITS) - mean
    AdaptiveState.setMeanCost(shard, u32(mean + difference / COST_SPAN))
  }

  /**
   * Whether an entry will expire before it is used again, as far as one can tell from how often it was so far.
   * The time is that up to which the wheel has fired.
   */
  static isSpent(shard: u32, entry: u32): bool {
    if (!Entry.has(entry, FLAG_EXPIRY)) return false
    const nowMs = f64(Shard.wheelTick(shard))
    const leftMs = Entry.expiresAt(entry) - nowMs
    return leftMs * f64(Entry.hits(entry) + 1) * SPENT_ODDS < nowMs - Entry.createdAt(entry)
  }

  /** By how many steps it took longer to make than others. */
  private static costliness(shard: u32, cost: u32): u32 {
    const own = cost << COST_FRACTION_BITS
    const mean = AdaptiveState.meanCost(shard)
    if (own <= mean) return 0
    return min<u32>(MAX_CREDIT, (own - mean + COST_ROUNDING) >>> COST_FRACTION_BITS)
  }

  /** By how many steps of a factor of four it is smaller. Where entries are counted, sizes do not matter. */
  private static smallness(shard: u32, entry: u32): u32 {
    const entries = AdaptiveState.entries(shard)
    const most = Shard.maxEntries(shard)
    if (most != 0 && entries + 1 >= most) return 0
    const payload = Shard.counter(shard, STAT_PAYLOAD_BYTES)
    let bytes = u64(Entry.keyBytes(entry) + Entry.valueBytes(entry)) * entries
    // Why a fifth more: sizes that differ by less are not worth a round.
    bytes += bytes / 5
    return u32(bytes < payload) + u32(bytes * 4 < payload) + u32(bytes * 16 < payload)
  }
}
