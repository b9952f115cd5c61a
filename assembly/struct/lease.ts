// A lease: one thread loads the value of a key, and the others wait for it instead of loading too. 16 bytes;
// under the shard's lock but for the generation, which waiters watch.
//
//    0  hash        u32   of the key; two keys of one hash share a lease, which costs a wait and no more
//    4  holder      u32   thread slot + 1; 0: free; top bit: void, its value is not to be stored
//    8  generation  u32   raised whenever the lease ends or changes hands
//   12  -           u32
//
// Each shard has as many, a power of two, in one array. A lease lies within WINDOW places of the one that its
// hash picks.

import {
  CONTROL_LEASES_PER_SHARD,
  CONTROL_LEASES_PTR,
  CONTROL_PTR,
  LEASE_GENERATION,
  LEASE_HOLDER,
  LEASE_VOID,
} from '../constants'
import { Shard } from './shard'

export const LEASE_BYTES_SHIFT: u32 = 4

export class Lease {
  static perShard(): u32 {
    return load<u32>(CONTROL_PTR + CONTROL_LEASES_PER_SHARD)
  }

  static at(shard: u32, index: u32): u32 {
    const perShard = Lease.perShard()
    const first = load<u32>(CONTROL_PTR + CONTROL_LEASES_PTR)
    return first + ((Shard.index(shard) * perShard + (index & (perShard - 1))) << LEASE_BYTES_SHIFT)
  }

  static hash(lease: u32): u32 {
    return load<u32>(lease)
  }

  static isFree(lease: u32): bool {
    return load<u32>(lease, LEASE_HOLDER) == 0
  }

  static isVoid(lease: u32): bool {
    return (load<u32>(lease, LEASE_HOLDER) & LEASE_VOID) != 0
  }

  /** The slot of the thread that holds it. */
  static slot(lease: u32): u32 {
    return (load<u32>(lease, LEASE_HOLDER) & ~LEASE_VOID) - 1
  }

  /** Order: the hash stands there before the lease is anybody's. */
  static give(lease: u32, hash: u32, slot: u32): void {
    store<u32>(lease, hash)
    atomic.store<u32>(lease, slot + 1, LEASE_HOLDER)
  }

  static makeVoid(lease: u32): void {
    atomic.or<u32>(lease, LEASE_VOID, LEASE_HOLDER)
  }

  static free(lease: u32): void {
    atomic.store<u32>(lease, 0, LEASE_HOLDER)
  }

  static generation(lease: u32): u32 {
    return atomic.load<u32>(lease, LEASE_GENERATION)
  }

  /** Order: who is woken, or comes too late to wait, finds the lease as it is now. */
  static raiseGeneration(lease: u32): void {
    atomic.add<u32>(lease, 1, LEASE_GENERATION)
    atomic.notify(lease + LEASE_GENERATION, -1)
  }
}
