// The registry of threads: 128 slots of 64 bytes. Who holds which is the host's business
// (src/engine/registry.ts); the engine only counts them.
//
//    0  holder      u32   0: free
//    8  started at  f64

import { MAX_THREADS, REGISTRY_HOLDER, REGISTRY_PTR, REGISTRY_SLOT_BYTES } from '../constants'

export class Registry {
  /** How many slots are held. */
  static count(): u32 {
    let count: u32 = 0
    for (let slot: u32 = 0; slot < MAX_THREADS; slot++) {
      const holder = REGISTRY_PTR + slot * REGISTRY_SLOT_BYTES + REGISTRY_HOLDER
      if (atomic.load<u32>(holder) != 0) count++
    }
    return count
  }
}
