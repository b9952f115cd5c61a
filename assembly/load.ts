// Taking and ending the lease of a key that is about to be loaded (sync/leases.ts).

import {
  LEASE_AHEAD,
  LEASE_FORCED,
  LEASE_HELD,
  LEASE_NEEDLESS,
  LEASE_NONE,
  LEASE_TAKEN,
  LEASE_UNLESS_DEAD,
  THREAD_LEASE,
  THREAD_LEASE_GENERATION,
  THREAD_STAMP_INDEX,
} from './constants'
import { isDead } from './env'
import { Expiry } from './expiry'
import { Read } from './read'
import { ShardLock } from './shard-lock'
import { Table } from './store/table'
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
    Thread.set(THREAD_STAMP_INDEX, Stamps.index(hash))
    Thread.set(THREAD_LEASE_GENERATION, Stamps.read(Stamps.index(hash)))
    if (!ShardLock.acquire(shard)) return LEASE_NONE
    const status = Load.claim(shard, hash, keyChars, wide, mode)
    ShardLock.release(shard)
    return status
  }

  private static claim(shard: u32, hash: u32, keyChars: u32, wide: u32, mode: u32): i32 {
    // Why: since the key was looked up, another thread may have stored what it loaded.
    if (mode != LEASE_FORCED && mode != LEASE_AHEAD && Load.isThere(shard, hash, keyChars, wide))
      return LEASE_NEEDLESS
    let lease = Leases.find(shard, hash)
    const held = lease != 0 && mode != LEASE_FORCED && Load.isHeld(lease, mode)
    if (!held) lease = Leases.take(shard, hash)
    if (lease == 0) return LEASE_NONE
    Thread.set(THREAD_LEASE, lease)
    Thread.set(THREAD_LEASE_GENERATION, Lease.generation(lease))
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

  private static isThere(shard: u32, hash: u32, keyChars: u32, wide: u32): bool {
    const slot = Table.find(shard, hash, Thread.keyPtr(), keyChars << wide, wide)
    return slot != 0 && Expiry.isLive(Table.entryAt(slot), false)
  }

  /** Why not this thread's own: it begins a second load only where the first is outdated. */
  private static isHeld(lease: u32, mode: u32): bool {
    if (Lease.isVoid(lease) || Lease.slot(lease) == Thread.slot()) return false
    return mode != LEASE_UNLESS_DEAD || !isDead(Lease.slot(lease))
  }
}
