// Taking and ending the lease of a key that is about to be loaded (sync/leases.ts).

import {
  LEASE_FORCED,
  LEASE_HELD,
  LEASE_NONE,
  LEASE_PATIENT,
  LEASE_TAKEN,
  THREAD_LEASE,
  THREAD_LEASE_GENERATION,
} from './constants'
import { isDead } from './env'
import { Read } from './read'
import { ShardLock } from './shard-lock'
import { Lease } from './struct/lease'
import { Shard } from './struct/shard'
import { Thread } from './struct/thread'
import { Leases } from './sync/leases'
import { Stamps } from './sync/stamps'

export class Load {
  /**
   * Takes the lease of the staged key, or tells that another thread holds it; which one, and of what generation,
   * stands in LEASE and LEASE_GENERATION (without a lease: the key's stamp). With LEASE_FORCED it is taken from
   * whoever holds it, with LEASE_UNLESS_DEAD from a thread that has died.
   */
  static begin(keyChars: u32, wide: u32, mode: u32): i32 {
    const hash = Read.hashKey(keyChars, wide)
    const shard = Shard.ofHash(hash)
    Thread.set(THREAD_LEASE, 0)
    Thread.set(THREAD_LEASE_GENERATION, Stamps.read(Stamps.index(hash)))
    if (!ShardLock.acquire(shard)) return LEASE_NONE
    let lease = Leases.find(shard, hash)
    const held = lease != 0 && mode != LEASE_FORCED && Load.isHeld(lease, mode)
    // Why none for a second load of this thread's: it would wait for itself.
    const isOwn = held && Lease.slot(lease) == Thread.slot()
    if (isOwn) lease = 0
    else if (!held) lease = Leases.take(shard, hash)
    if (lease != 0) {
      Thread.set(THREAD_LEASE, lease)
      Thread.set(THREAD_LEASE_GENERATION, Lease.generation(lease))
    }
    ShardLock.release(shard)
    if (lease == 0) return LEASE_NONE
    return held ? LEASE_HELD : LEASE_TAKEN
  }

  /** The load of a lease is over, and nothing was stored. */
  static end(lease: u32, generation: u32): bool {
    const shard = Shard.ofHash(Lease.hash(lease))
    if (!ShardLock.acquire(shard)) return false
    if (
      !Lease.isFree(lease) &&
      Lease.slot(lease) == Thread.slot() &&
      Lease.generation(lease) == generation
    )
      Leases.end(shard, lease)
    ShardLock.release(shard)
    return true
  }

  private static isHeld(lease: u32, mode: u32): bool {
    if (Lease.isVoid(lease)) return false
    return mode == LEASE_PATIENT || !isDead(Lease.slot(lease))
  }
}
