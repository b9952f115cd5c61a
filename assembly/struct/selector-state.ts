// What policy `adaptive` knows of its configurations in a shard: a miniature cache for each, two more of the
// one in force at half and at twice the size, and when it changed. Written under the shard's lock; not there in
// a shard that is too small for it.
//
//      0  sampling     u32  one key in 2^sampling is simulated
//      4  threshold    u32  how far another configuration has to be ahead, in half capacities
//      8  since        u32  simulated accesses since the last change
//     12  changes      u32  ever
//     16  multiplier   u32  draws the sample from the hashes; odd
//     20  compared     i32  simulated accesses of which is known whether the shard itself had the key; below 0:
//                      so many more do not count, since the miniatures fill
//     24  surplus      i32  of these, hits of the configuration in force in the miniature, less the shard's own
//     28  unlike       u32  samples that were given up because they were unlike the shard
//     32  history      8 x 16: the change's time f64 (ms of the cache's clock), configuration u32, entries u32;
//                      change number n at n % 8
//    160  miniatures   6 x 1120 (struct/miniature.ts)

import { MINIATURE_BYTES, Miniature } from './miniature'
import { Shard } from './shard'

const HISTORY_LENGTH: u32 = 8
export const MINIATURES: u32 = 6
const HISTORY: u32 = 32
const FIRST_MINIATURE: u32 = 160
const CHANGE_SHIFT: u32 = 4

export const SELECTOR_BYTES: u32 = FIRST_MINIATURE + MINIATURES * MINIATURE_BYTES

export class SelectorState {
  /** 0: the shard has none. */
  static of(shard: u32): u32 {
    return Shard.selector(shard)
  }

  static reset(selector: u32, sampling: u32, threshold: u32, multiplier: u32): void {
    memory.fill(selector, 0, FIRST_MINIATURE)
    SelectorState.setSampling(selector, sampling)
    SelectorState.setThreshold(selector, threshold)
    SelectorState.setMultiplier(selector, multiplier)
    SelectorState.resetMiniatures(selector)
  }

  static resetMiniatures(selector: u32): void {
    for (let index: u32 = 0; index < MINIATURES; index++) {
      Miniature.reset(SelectorState.miniature(selector, index))
    }
  }

  static sampling(selector: u32): u32 {
    return load<u32>(selector)
  }

  static setSampling(selector: u32, sampling: u32): void {
    store<u32>(selector, sampling)
  }

  static threshold(selector: u32): u32 {
    return load<u32>(selector, 4)
  }

  static setThreshold(selector: u32, threshold: u32): void {
    store<u32>(selector, threshold, 4)
  }

  static since(selector: u32): u32 {
    return load<u32>(selector, 8)
  }

  static setSince(selector: u32, accesses: u32): void {
    store<u32>(selector, accesses, 8)
  }

  static changes(selector: u32): u32 {
    return load<u32>(selector, 12)
  }

  static multiplier(selector: u32): u32 {
    return load<u32>(selector, 16)
  }

  static setMultiplier(selector: u32, multiplier: u32): void {
    store<u32>(selector, multiplier, 16)
  }

  static compared(selector: u32): i32 {
    return load<i32>(selector, 20)
  }

  static surplus(selector: u32): i32 {
    return load<i32>(selector, 24)
  }

  static unlike(selector: u32): u32 {
    return load<u32>(selector, 28)
  }

  static countUnlike(selector: u32): void {
    store<u32>(selector, SelectorState.unlike(selector) + 1, 28)
  }

  static setComparison(selector: u32, compared: i32, surplus: i32): void {
    store<i32>(selector, compared, 20)
    store<i32>(selector, surplus, 24)
  }

  static addChange(selector: u32, at: f64, configuration: u32, entries: u32): void {
    const changes = SelectorState.changes(selector)
    const change = SelectorState.change(selector, changes)
    store<f64>(change, at)
    store<u32>(change, configuration, 8)
    store<u32>(change, entries, 12)
    store<u32>(selector, changes + 1, 12)
  }

  /** Where change number `index` is, one of the last HISTORY_LENGTH. */
  static change(selector: u32, index: u32): u32 {
    return selector + HISTORY + ((index & (HISTORY_LENGTH - 1)) << CHANGE_SHIFT)
  }

  static miniature(selector: u32, index: u32): u32 {
    return selector + FIRST_MINIATURE + index * MINIATURE_BYTES
  }

  /**
   * Copies what there is to tell: configuration u32, sampling u32, changes u32, unlike u32; then (accesses u32, hits u32)
   * of each miniature; from 64 on the history as it stands.
   */
  static report(selector: u32, configuration: u32, to: u32): void {
    store<u32>(to, configuration)
    store<u32>(to, SelectorState.sampling(selector), 4)
    store<u32>(to, SelectorState.changes(selector), 8)
    store<u32>(to, SelectorState.unlike(selector), 12)
    for (let index: u32 = 0; index < MINIATURES; index++) {
      const miniature = SelectorState.miniature(selector, index)
      store<u32>(to + (index << 3), Miniature.accesses(miniature), 16)
      store<u32>(to + (index << 3), Miniature.hits(miniature), 20)
    }
    memory.copy(to + 64, selector + HISTORY, HISTORY_LENGTH << CHANGE_SHIFT)
  }
}
