/** The leases of a cache, counted in its memory: how many loads other threads would wait for. */
import { expect } from 'vitest'
import {
  CONTROL_LEASES_PER_SHARD,
  CONTROL_LEASES_PTR,
  CONTROL_PTR,
  CONTROL_SHARD_COUNT,
  CONTROL_SHARDS_PTR,
  LEASE_HOLDER,
  SHARD_BYTES,
} from '../../../assembly/constants.js'
import type { SharedCache } from '../../../src/index.js'

const LEASE_BYTES = 16
/** assembly/struct/shard.ts */
const SHARD_LEASES = 304

/** Both as the shards count them and as they stand there. */
export function countLeases(cache: SharedCache): { counted: number; held: number } {
  let counted = 0
  let held = 0
  for (const engine of cache.handle.engines) {
    const { memory } = engine as { memory: { buffer: SharedArrayBuffer } }
    const words = new Int32Array(memory.buffer)
    const control = (field: number): number => words[(CONTROL_PTR + field) >>> 2] >>> 0
    const shards = control(CONTROL_SHARD_COUNT)
    for (let shard = 0; shard < shards; shard++) {
      const at = control(CONTROL_SHARDS_PTR) + shard * SHARD_BYTES + SHARD_LEASES
      counted += words[at >>> 2]
    }
    const leases = shards * control(CONTROL_LEASES_PER_SHARD)
    for (let lease = 0; lease < leases; lease++) {
      const at = control(CONTROL_LEASES_PTR) + lease * LEASE_BYTES + LEASE_HOLDER
      if (words[at >>> 2] !== 0) held++
    }
  }
  return { counted, held }
}

/** After a test: nothing inconsistent, and nobody is taken to be loading. */
export function expectSoundAndIdle(cache: SharedCache): void {
  expect(cache.verify()).toEqual({ ok: true, problems: [] })
  expect(countLeases(cache)).toEqual({ counted: 0, held: 0 })
}
