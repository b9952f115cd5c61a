// Which configuration of policy `adaptive` is in force in a shard: the one that would have hit more.
//
// Each runs in a miniature cache on the same sample of the keys, one in 2^sampling, so that 32 to 63 entries
// stand for all of the shard. For each that is not in force the hits are summed up that it has had more than
// the one in force, never below none; where the sum passes half of what the miniature holds, it takes over, and
// all begin anew (Page's cumulative sum test for a change, Biometrika 1954). So a configuration that is much
// better takes over at once, one that is a little better late, and noise seldom does.
//
// A change costs hits, since what is in the cache was chosen by other rules. Where two configurations take
// turns being better (a path walked to and fro), following each turn is worse than either: a change soon after
// another doubles the threshold, up to twice the capacity, and one after a calm halves it.
//
// A sample may misrepresent: of a loop a little larger than the cache, it may by chance be all that a miniature
// can hold. So what the configuration in force hits in its miniature is compared with what the shard itself hits
// of the same keys, and where that differs by as many hits as 15% of 16 capacities of accesses, within these,
// another sample is drawn.
//
// Two more miniatures follow the configuration in force: with half as many entries, and, on half of the sample,
// with as many. They tell what a cache of half and of twice the size would hit.
//
// Replayed on real traces, 30 pairs of trace and size, hits are those of the best configuration for each pair
// less 0.2 points on the mean.
//
// 1. A miniature's own invariants (struct/miniature.ts).
// Costs a multiplication an access, and 100 to 300 ns for one in 16 in a small shard, in 1,000 in one of 50,000
// entries. SELECTOR_BYTES a shard.

import { now } from '../env'
import { AdaptiveState } from '../struct/adaptive-state'
import { Miniature, MOST_RESIDENTS } from '../struct/miniature'
import { MINIATURES, SelectorState } from '../struct/selector-state'
import { Thread } from '../struct/thread'
import { CONFIGURATIONS } from './configuration'
import { MiniatureCache } from './miniature-cache'

/** Numbers of the miniatures behind those of the configurations. */
const HALF: u32 = CONFIGURATIONS
const TWICE: u32 = CONFIGURATIONS + 1

/** The most that is simulated: one key in 16. */
const LEAST_SAMPLING: u32 = 4
/** Below, a miniature tells too little: the configuration stays. */
const LEAST_CAPACITY: u32 = 8
/** While the shard has evicted nothing, the sample has room for its chance. */
const MOST_WHILE_FILLING: u32 = 48
const FIRST_MULTIPLIER: u32 = 0x9e37_79b1
/** From a multiplier to the next: another odd number. */
const MULTIPLIER_STEP: u32 = 0x3c6e_f362

/** In half capacities. */
const LEAST_THRESHOLD: u32 = 1
const MOST_THRESHOLD: u32 = 4
/** A change is soon after another within so many capacities of accesses. */
const CALM: u32 = 8
/** A sample is judged by so many capacities of accesses. */
const COMPARED: u32 = 16
/** So many do not count while new miniatures fill. */
const FILLING: u32 = 8
/** In per cent of these accesses. */
const MOST_DIFFERENCE: u32 = 15
/** Figures tell of 64 to 128 capacities of accesses. */
const FIGURES_SPAN: u32 = 128

export class Selector {
  static init(shard: u32): void {
    const selector = SelectorState.of(shard)
    if (selector != 0)
      SelectorState.reset(selector, LEAST_SAMPLING, LEAST_THRESHOLD, FIRST_MULTIPLIER)
  }

  /** What the miniatures hold may be half changed: they begin anew. */
  static repair(shard: u32): void {
    const selector = SelectorState.of(shard)
    if (selector != 0) SelectorState.resetMiniatures(selector)
  }

  /** An access to a key that the shard had, or one that stands for `hits` of them. */
  static noteHit(shard: u32, hash: u32, hits: u32): void {
    const selector = SelectorState.of(shard)
    if (selector != 0 && Selector.isSampled(selector, hash, 0))
      Selector.simulate(shard, selector, hash, hits, true)
  }

  /** One to a key that it had not, and now has. */
  static noteMiss(shard: u32, hash: u32): void {
    const selector = SelectorState.of(shard)
    if (selector != 0 && Selector.isSampled(selector, hash, 0))
      Selector.simulate(shard, selector, hash, 1, false)
  }

  /** The key was deleted, or has expired. */
  static forget(shard: u32, hash: u32): void {
    const selector = SelectorState.of(shard)
    if (selector == 0 || !Selector.isSampled(selector, hash, 0)) return
    for (let index: u32 = 0; index < MINIATURES; index++) {
      MiniatureCache.forget(SelectorState.miniature(selector, index), hash)
    }
  }

  /** Copies what there is to tell to the value staging (src/engine/selection.ts reads it); false: nothing. */
  static report(shard: u32): bool {
    const selector = SelectorState.of(shard)
    if (selector == 0) return false
    SelectorState.report(selector, AdaptiveState.configuration(shard), Thread.valuePtr())
    return true
  }

  static verify(shard: u32): u32 {
    const selector = SelectorState.of(shard)
    if (selector == 0) return 0
    for (let index: u32 = 0; index < MINIATURES; index++) {
      const broken = Miniature.verify(SelectorState.miniature(selector, index))
      if (broken != 0) return broken
    }
    return 0
  }

  /** Whether a key is in the sample, or in one that is smaller by `halvings`. */
  private static isSampled(selector: u32, hash: u32, halvings: u32): bool {
    const draw = hash * SelectorState.multiplier(selector)
    return draw >>> (32 - SelectorState.sampling(selector) - halvings) == 0
  }

  private static simulate(shard: u32, selector: u32, hash: u32, hits: u32, wasThere: bool): void {
    const capacity = Selector.capacity(shard, selector)
    if (capacity < LEAST_CAPACITY) return
    const inForce = AdaptiveState.configuration(shard)
    let outcomes: u32 = 0
    for (let index: u32 = 0; index < CONFIGURATIONS; index++) {
      outcomes |= u32(Selector.run(shard, selector, index, index, capacity, hash, hits)) << index
    }
    Selector.run(shard, selector, HALF, inForce, capacity >>> 1, hash, hits)
    if (Selector.isSampled(selector, hash, 1))
      Selector.run(shard, selector, TWICE, inForce, capacity, hash, hits)
    SelectorState.setSince(selector, SelectorState.since(selector) + 1)
    const own = (outcomes >>> inForce) & 1
    Selector.compare(shard, selector, i32(own) - i32(wasThere), capacity)
    Selector.weigh(shard, selector, inForce, outcomes, capacity)
  }

  /** Draws another sample where this one is unlike the shard. */
  private static compare(shard: u32, selector: u32, surplus: i32, capacity: u32): void {
    if (AdaptiveState.capacity(shard) == 0 || Selector.isUnsettled(selector, capacity)) {
      SelectorState.setComparison(selector, 0, 0)
      return
    }
    const compared = SelectorState.compared(selector) + 1
    const sum = compared > 0 ? SelectorState.surplus(selector) + surplus : 0
    const most = (COMPARED * capacity * MOST_DIFFERENCE) / 100
    if (u32(abs<i32>(sum)) > most) Selector.redraw(selector, capacity)
    else if (compared < i32(COMPARED * capacity))
      SelectorState.setComparison(selector, compared, sum)
    else SelectorState.setComparison(selector, 0, 0)
  }

  private static redraw(selector: u32, capacity: u32): void {
    SelectorState.countUnlike(selector)
    SelectorState.setMultiplier(selector, SelectorState.multiplier(selector) + MULTIPLIER_STEP)
    SelectorState.resetMiniatures(selector)
    SelectorState.setComparison(selector, -i32(FILLING * capacity), 0)
  }

  /** Whether the configuration has changed not long ago. */
  private static isUnsettled(selector: u32, capacity: u32): bool {
    return SelectorState.changes(selector) != 0 && SelectorState.since(selector) < CALM * capacity
  }

  private static run(
    shard: u32,
    selector: u32,
    index: u32,
    configuration: u32,
    capacity: u32,
    hash: u32,
    hits: u32,
  ): bool {
    const miniature = SelectorState.miniature(selector, index)
    const isHit = MiniatureCache.access(shard, miniature, configuration, capacity, hash)
    const accesses = Miniature.accesses(miniature) + hits
    const ofThese = Miniature.hits(miniature) + (isHit ? hits : 0)
    const shift = u32(accesses > capacity * FIGURES_SPAN)
    Miniature.setFigures(miniature, accesses >>> shift, ofThese >>> shift)
    return isHit
  }

  private static weigh(
    shard: u32,
    selector: u32,
    inForce: u32,
    outcomes: u32,
    capacity: u32,
  ): void {
    const own = i32((outcomes >>> inForce) & 1)
    let best = inForce
    let most: i32 = 0
    for (let index: u32 = 0; index < CONFIGURATIONS; index++) {
      const miniature = SelectorState.miniature(selector, index)
      const advantage = Miniature.advantage(miniature) + i32((outcomes >>> index) & 1) - own
      Miniature.setAdvantage(miniature, max<i32>(0, advantage))
      if (advantage > most) {
        most = advantage
        best = index
      }
    }
    if (u32(most) * 2 > SelectorState.threshold(selector) * capacity)
      Selector.change(shard, selector, best, capacity)
  }

  private static change(shard: u32, selector: u32, configuration: u32, capacity: u32): void {
    const threshold = SelectorState.threshold(selector)
    const next = Selector.isUnsettled(selector, capacity)
      ? min<u32>(MOST_THRESHOLD, threshold << 1)
      : max<u32>(LEAST_THRESHOLD, threshold >>> 1)
    SelectorState.setThreshold(selector, next)
    SelectorState.setSince(selector, 0)
    SelectorState.addChange(selector, now(), configuration, AdaptiveState.entries(shard))
    AdaptiveState.setConfiguration(shard, configuration)
    for (let index: u32 = 0; index < CONFIGURATIONS; index++) {
      Miniature.setAdvantage(SelectorState.miniature(selector, index), 0)
    }
  }

  /** Entries that a miniature may have now; samples less where that would be more than it can. */
  private static capacity(shard: u32, selector: u32): u32 {
    const full = AdaptiveState.capacity(shard)
    const entries = full != 0 ? full : AdaptiveState.entries(shard)
    const most = full != 0 ? MOST_RESIDENTS : MOST_WHILE_FILLING
    let sampling = SelectorState.sampling(selector)
    while (entries >>> sampling > most) Selector.thin(selector, ++sampling)
    if (entries >>> sampling < MOST_RESIDENTS / 4 && sampling > LEAST_SAMPLING)
      SelectorState.setSampling(selector, --sampling)
    return full != 0 ? full >>> sampling : MOST_RESIDENTS
  }

  /** Of the keys in the miniatures, only those stay that belong to the smaller sample. */
  private static thin(selector: u32, sampling: u32): void {
    for (let index: u32 = 0; index < MINIATURES; index++) {
      const smaller = index == TWICE ? sampling + 1 : sampling
      const multiplier = SelectorState.multiplier(selector)
      MiniatureCache.thin(SelectorState.miniature(selector, index), multiplier, smaller)
    }
    SelectorState.setSampling(selector, sampling)
  }
}
