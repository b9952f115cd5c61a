// Walks every structure of every shard and numbers what is broken: 101 on the index, 201 on pages and pool, 301
// on entries, 401 on the policy, 501 on the wheel, 601 on counters, 701 on tags; 1: a lock was not to be had. The
// sentences are in src/engine/invariants.ts.
//
// 1. Nothing is changed but the thread's own staging. 2. Every walk is bounded by a count, so that a broken link
// cannot hang it, and no address is followed that cannot be a chunk.
//
// Costs some ten cache misses an entry, under the lock of one shard at a time.

import { ShardLock } from './shard-lock'
import { Shard } from './struct/shard'
import { VerifyPolicy } from './verify/policy'
import { Problems } from './verify/problems'
import { VerifySlabs } from './verify/slabs'
import { VerifyTable } from './verify/table'
import { VerifyTags } from './verify/tags'
import { Tally } from './verify/tally'
import { VerifyWheel } from './verify/wheel'

export class Verify {
  /** How many problems there are; the first ones stand in the thread's area. */
  static all(): u32 {
    Problems.reset()
    for (let index: u32 = 0; index < Shard.count(); index++) {
      const shard = Shard.at(index)
      if (!Problems.check(ShardLock.acquire(shard), 1, shard)) continue
      Verify.shard(shard)
      ShardLock.release(shard)
    }
    VerifySlabs.pool()
    VerifyTags.all()
    return Problems.count()
  }

  private static shard(shard: u32): void {
    Tally.clear()
    // Why: where the index leads astray, all else would be reported as lost.
    if (!VerifyTable.shard(shard)) return
    VerifySlabs.shard(shard)
    VerifyPolicy.shard(shard)
    VerifyWheel.shard(shard)
  }
}
