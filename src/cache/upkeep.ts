/** Taking away what has expired or was invalidated, in steps: each holds a shard's lock for a moment only. */
import { THREAD_CURSOR } from '../../assembly/constants.js'
import type { Engine } from '../engine/engine.js'

/** Steps a shard that somebody else's call may pay for. */
const FEW_STEPS = 4

/** Lets entries expire whose time has come, a bounded number of them. */
export function purgeSome({ exports, shardCount }: Engine): void {
  for (let shard = 0; shard < shardCount; shard++) {
    for (let step = 0; step < FEW_STEPS && exports.isPurged(shard) === 0; step++) {
      if (exports.purge(shard) < 0) break
    }
  }
}

/** Lets all entries expire whose time has come; how many went. */
export function purgeAll(engine: Engine): number {
  let gone = 0
  for (let shard = 0; shard < engine.shardCount; shard++) gone += purgeShard(engine, shard)
  return gone
}

/** Removes all that tags have invalidated; how many went. */
export function sweepAll(engine: Engine): number {
  let gone = 0
  for (let shard = 0; shard < engine.shardCount; shard++) gone += sweepShard(engine, shard)
  return gone
}

/**
 * One bounded step a shard: expiry, pages that can be emptied, what dead threads have left.
 * @returns whether there is more to do
 */
export function upkeepStep(engine: Engine): boolean {
  const { exports, shardCount } = engine
  engine.recoverDead()
  exports.reserveThreads(0)
  let isBehind = false
  for (let shard = 0; shard < shardCount; shard++) {
    if (exports.isPurged(shard) !== 0) continue
    exports.purge(shard)
    if (exports.isPurged(shard) === 0) isBehind = true
  }
  return exports.compact() !== 0 || isBehind
}

function purgeShard(engine: Engine, shard: number): number {
  let gone = 0
  while (engine.exports.isPurged(shard) === 0) {
    const step = engine.exports.purge(shard)
    if (step < 0) break
    gone += step
  }
  return gone
}

function sweepShard(engine: Engine, shard: number): number {
  let gone = 0
  let cursor = 0
  do {
    const step = engine.exports.sweep(shard, cursor)
    if (step < 0) break
    gone += step
    cursor = engine.result(THREAD_CURSOR)
  } while (cursor !== 0)
  return gone
}
