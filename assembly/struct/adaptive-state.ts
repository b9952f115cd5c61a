// The state of policy `adaptive` in a shard, and where its pages are. Written under the shard's lock.
//
//    0  young        u32  entries in each queue
//    4  old          u32
//    8  main         u32
//   12  blocks       u32  of the sketch (struct/sketch-block.ts), 0 while there is no page
//   16  buckets      u32  of the ghost (struct/ghost-bucket.ts), likewise
//   20  records      u32  since the last sweep of the sketch
//   24  sweep        u32  the block to halve next, in a sweep
//   28  configuration u32 in force (policy/configuration.ts)
//   32  pages        u32  that hold blocks and buckets
//   36  capacity     u32  entries when one had to be evicted last; 0: none had yet
//   40  cost         u32  of entries that came of late, on the mean, in 256ths of a step
//
// A page serves 2720 entries at 6 bytes each, and is found through the shard's directory:
//
//   |  170 blocks of 64 bytes  |  340 buckets of 16 bytes  |  64 bytes unused  |

import { GHOST_BUCKET_SHIFT } from './ghost-bucket'
import { Shard } from './shard'
import { SKETCH_BLOCK_SHIFT } from './sketch-block'

export const PAGE_BLOCKS: u32 = 170
export const PAGE_BUCKETS: u32 = 340
const BLOCKS_BYTES: u32 = PAGE_BLOCKS << SKETCH_BLOCK_SHIFT

const SCALARS_BYTES: u32 = 44
const QUEUES_BYTES: u32 = 12

export class AdaptiveState {
  static reset(shard: u32): void {
    memory.fill(Shard.policyScalars(shard), 0, SCALARS_BYTES)
  }

  static resetQueues(shard: u32): void {
    memory.fill(Shard.policyScalars(shard), 0, QUEUES_BYTES)
  }

  static holdsPage(shard: u32, page: u32): bool {
    const pages = AdaptiveState.pageCount(shard)
    for (let index: u32 = 0; index < pages; index++) {
      if (load<u32>(AdaptiveState.pageSlot(shard, index)) == page) return true
    }
    return false
  }

  /** Entries in a queue, by its number from 1. */
  static queued(shard: u32, queue: u32): u32 {
    return load<u32>(Shard.policyScalars(shard) + ((queue - 1) << 2))
  }

  static setQueued(shard: u32, queue: u32, count: u32): void {
    store<u32>(Shard.policyScalars(shard) + ((queue - 1) << 2), count)
  }

  /** In all queues. */
  static entries(shard: u32): u32 {
    const queues = Shard.policyScalars(shard)
    return load<u32>(queues) + load<u32>(queues, 4) + load<u32>(queues, 8)
  }

  static blockCount(shard: u32): u32 {
    return load<u32>(Shard.policyScalars(shard), 12)
  }

  static setBlockCount(shard: u32, count: u32): void {
    store<u32>(Shard.policyScalars(shard), count, 12)
  }

  static bucketCount(shard: u32): u32 {
    return load<u32>(Shard.policyScalars(shard), 16)
  }

  static setBucketCount(shard: u32, count: u32): void {
    store<u32>(Shard.policyScalars(shard), count, 16)
  }

  static records(shard: u32): u32 {
    return load<u32>(Shard.policyScalars(shard), 20)
  }

  static setRecords(shard: u32, count: u32): void {
    store<u32>(Shard.policyScalars(shard), count, 20)
  }

  static sweepBlock(shard: u32): u32 {
    return load<u32>(Shard.policyScalars(shard), 24)
  }

  static setSweepBlock(shard: u32, index: u32): void {
    store<u32>(Shard.policyScalars(shard), index, 24)
  }

  static configuration(shard: u32): u32 {
    return load<u32>(Shard.policyScalars(shard), 28)
  }

  static setConfiguration(shard: u32, configuration: u32): void {
    store<u32>(Shard.policyScalars(shard), configuration, 28)
  }

  static pageCount(shard: u32): u32 {
    return load<u32>(Shard.policyScalars(shard), 32)
  }

  static capacity(shard: u32): u32 {
    return load<u32>(Shard.policyScalars(shard), 36)
  }

  static setCapacity(shard: u32, entries: u32): void {
    store<u32>(Shard.policyScalars(shard), entries, 36)
  }

  static meanCost(shard: u32): u32 {
    return load<u32>(Shard.policyScalars(shard), 40)
  }

  static setMeanCost(shard: u32, cost: u32): void {
    store<u32>(Shard.policyScalars(shard), cost, 40)
  }

  /** How many pages the directory has room for. */
  static maxPages(shard: u32): u32 {
    const directories = Shard.adaptiveDirectories(shard)
    return (load<u32>(directories, 4) - load<u32>(directories)) >>> 2
  }

  static pushPage(shard: u32, page: u32): void {
    const count = AdaptiveState.pageCount(shard)
    store<u32>(AdaptiveState.pageSlot(shard, count), page)
    store<u32>(Shard.policyScalars(shard), count + 1, 32)
  }

  static popPage(shard: u32): u32 {
    const count = AdaptiveState.pageCount(shard) - 1
    store<u32>(Shard.policyScalars(shard), count, 32)
    return load<u32>(AdaptiveState.pageSlot(shard, count))
  }

  /** Sketch block number `index`. */
  static block(shard: u32, index: u32): u32 {
    const page = load<u32>(AdaptiveState.pageSlot(shard, index / PAGE_BLOCKS))
    return page + ((index % PAGE_BLOCKS) << SKETCH_BLOCK_SHIFT)
  }

  /** Ghost bucket number `index`. */
  static bucket(shard: u32, index: u32): u32 {
    const page = load<u32>(AdaptiveState.pageSlot(shard, index / PAGE_BUCKETS))
    return page + BLOCKS_BYTES + ((index % PAGE_BUCKETS) << GHOST_BUCKET_SHIFT)
  }

  private static pageSlot(shard: u32, index: u32): u32 {
    return load<u32>(Shard.adaptiveDirectories(shard)) + (index << 2)
  }
}
