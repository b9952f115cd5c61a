// Stamps: 32-bit counters, one picked by a key's hash. Any change to a key raises its stamp, which is how
// the near caches and pending loads of all threads learn of it. Two keys of one stamp cost a miss, no more.
//
// 1. The keys of a stamp are all of one shard, as the lowest bits of a hash pick both; it is raised under that
// shard's lock (but by raiseAll). So no locked instruction is needed, which would wait for every store before it:
// an eviction's go to lines that are far away.

import { shardMask, stampMask, stampsPtr, weaklyOrdered } from '../env'

export class Stamps {
  static index(hash: u32): u32 {
    return hash & stampMask
  }

  static read(index: u32): u32 {
    return atomic.load<u32>(stampsPtr + (index << 2))
  }

  /**
   * Order: visible to all before the change's end and the lock's release, which are. Whoever sees the raised
   * stamp asks the engine again, and there sees the change or its lock.
   */
  static raise(hash: u32): void {
    Stamps.raiseAt(Stamps.index(hash))
  }

  /** Those of all keys that a shard may hold. */
  static raiseOfShard(shardIndex: u32): void {
    for (let index = shardIndex; index <= stampMask; index += shardMask + 1) Stamps.raiseAt(index)
  }

  /**
   * Without a lock. Why atomic: a store of what was read a moment ago could take a stamp back to where it was.
   * An owner's raise at the same time may come to one with this, which each of them sees as a change.
   */
  static raiseAll(): void {
    for (let index: u32 = 0; index <= stampMask; index++)
      atomic.add<u32>(stampsPtr + (index << 2), 1)
  }

  private static raiseAt(index: u32): void {
    const at = stampsPtr + (index << 2)
    // Why atomic there: the load could pass the odd sequence on its way to memory, and miss a raiseAll().
    if (weaklyOrdered) atomic.add<u32>(at, 1)
    else store<u32>(at, load<u32>(at) + 1)
  }
}
