// How often keys were asked for of late, entries and others alike: a count-min sketch (Cormode,
// Muthukrishnan, 2005) of 4-bit counters that ages, as in TinyLFU (Einziger, Friedman, Manes, ACM ToS
// 2017). All counters of a key lie in one block of 64 bytes. Blocks are added and taken away one by one.
//
// Aging: after eight records an entry all counters are halved, one block with each further record, so that no
// record pays for more. Why not one block now and then, without a pause: keys that are asked for equally often,
// as in a loop, would then differ by whether their block had its turn.
//
// 1. A block's counters are those of the keys that hash to it, or were its parent's when it was added.
// Costs one cache line a record and 4 bytes an entry. Does nothing while it has no block.

import { AdaptiveState, PAGE_BLOCKS } from '../struct/adaptive-state'
import { SketchBlock } from '../struct/sketch-block'
import { LinearHashing } from './linear-hashing'

export const ENTRIES_PER_BLOCK: u32 = 16
/** Between sweeps. */
const RECORDS_PER_BLOCK: u32 = 8 * ENTRIES_PER_BLOCK

export class Sketch {
  static record(shard: u32, mixed: u64): void {
    const count = AdaptiveState.blockCount(shard)
    if (count == 0) return
    SketchBlock.raise(Sketch.blockOf(shard, count, mixed), u32(mixed >> 32))
    const records = AdaptiveState.records(shard)
    if (records < count * RECORDS_PER_BLOCK) AdaptiveState.setRecords(shard, records + 1)
    else Sketch.halveNext(shard, count)
  }

  /** Reads the key's counters, so that they are at hand soon; what it returns means nothing. */
  static foresee(shard: u32, mixed: u64): u32 {
    const count = AdaptiveState.blockCount(shard)
    return count == 0 ? 0 : SketchBlock.foresee(Sketch.blockOf(shard, count, mixed))
  }

  static estimate(shard: u32, mixed: u64): u32 {
    const count = AdaptiveState.blockCount(shard)
    return count == 0
      ? 0
      : SketchBlock.estimate(Sketch.blockOf(shard, count, mixed), u32(mixed >> 32))
  }

  /** Towards the size for `entries`: up by at most one block, down at once. */
  static resize(shard: u32, entries: u32): void {
    const count = AdaptiveState.blockCount(shard)
    if (entries > count * ENTRIES_PER_BLOCK) {
      if (count < AdaptiveState.pageCount(shard) * PAGE_BLOCKS) Sketch.addBlock(shard, count)
    } else if (count > 1 && entries * 2 < count * ENTRIES_PER_BLOCK) {
      AdaptiveState.setBlockCount(shard, max<u32>(1, (entries * 2) / ENTRIES_PER_BLOCK))
    }
  }

  private static addBlock(shard: u32, count: u32): void {
    const block = AdaptiveState.block(shard, count)
    if (count == 0) SketchBlock.clear(block)
    else SketchBlock.copy(block, AdaptiveState.block(shard, LinearHashing.parent(count)))
    AdaptiveState.setBlockCount(shard, count + 1)
  }

  private static halveNext(shard: u32, count: u32): void {
    const index = AdaptiveState.sweepBlock(shard)
    const isLast = index + 1 >= count
    if (index < count) SketchBlock.halve(AdaptiveState.block(shard, index))
    AdaptiveState.setSweepBlock(shard, isLast ? 0 : index + 1)
    if (isLast) AdaptiveState.setRecords(shard, 0)
  }

  private static blockOf(shard: u32, count: u32, mixed: u64): u32 {
    return AdaptiveState.block(shard, LinearHashing.place(u32(mixed), count))
  }
}
