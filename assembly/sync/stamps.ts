// Stamps: 32-bit counters, one picked by a key's hash. Any change to a key raises its stamp, which is how
// the near caches and pending loads of all threads learn of it. Two keys of one stamp cost a miss, no more.

import { stampMask, stampsPtr } from '../env'

export class Stamps {
  static index(hash: u32): u32 {
    return hash & stampMask
  }

  static read(index: u32): u32 {
    return atomic.load<u32>(stampsPtr + (index << 2))
  }

  /** Order: whoever sees the raised stamp asks the engine again, and there sees the change or its lock. */
  static raise(hash: u32): void {
    atomic.add<u32>(stampsPtr + (Stamps.index(hash) << 2), 1)
  }

  static raiseAll(): void {
    for (let index: u32 = 0; index <= stampMask; index++)
      atomic.add<u32>(stampsPtr + (index << 2), 1)
  }
}
