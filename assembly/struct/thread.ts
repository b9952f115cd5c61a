// A thread's private area: what a call takes and gives beyond its arguments, the access log's ring, and
// the staging of keys and values. Only its own thread writes it, but for `pending`, which whoever takes
// over after its death reads and drops. Offsets are in constants.ts (THREAD_*), since the host reads them too.
//
//       0  slot | state of draws() | notify | pending entry
//      16  results of get, info, scan         (to 128)
//     128  parameters of set beyond arguments (to 160)
//     140  lease generation, 156 lease: results of beginLoad
//     160  hits, misses, near hits  3 x f64
//     184  problems found by verify
//     448  values that could not be decoded  f64
//     464  what locks call the thread        u32
//     472  whether its last set found its key u32 | where what is read ahead ends u32
//     512  hits not yet told to the policy   512 x u32 (sync/access-log.ts)
//    2560  tags on their way in: hashes, then names
//    4096  value staging   16 KiB
//   20480  key staging    128 KiB
//  152576  what the access log knows of each shard, and scratch

import {
  KEY_STAGING_OFFSET,
  TAG_STAGING_OFFSET,
  THREAD_BYTES,
  THREAD_DRAW,
  THREAD_HIT_COUNT,
  THREAD_MISS_COUNT,
  THREAD_PENDING,
  THREAD_SINK,
  THREADS_PTR,
  VALUE_STAGING_OFFSET,
} from '../constants'
import { threadPtr } from '../env'

/** Of full period modulo 2^32 (Knuth, TAOCP 2, 3.3.4). */
const DRAW_MULTIPLIER: u32 = 1_664_525

export class Thread {
  static get(offset: u32): u32 {
    return load<u32>(threadPtr + offset)
  }

  static set(offset: u32, value: u32): void {
    store<u32>(threadPtr + offset, value)
  }

  static getFloat(offset: u32): f64 {
    return load<f64>(threadPtr + offset)
  }

  static setFloat(offset: u32, value: f64): void {
    store<f64>(threadPtr + offset, value)
  }

  /** The entry that the thread of a slot has reserved and not yet committed; 0: none. */
  static pendingOf(slot: u32): u32 {
    return load<u32>(THREADS_PTR + slot * THREAD_BYTES + THREAD_PENDING)
  }

  static dropPendingOf(slot: u32): void {
    store<u32>(THREADS_PTR + slot * THREAD_BYTES + THREAD_PENDING, 0)
  }

  /** The end of what is read ahead. Why at all: a load that nothing uses is not made. */
  @inline
  static sink(value: u32): void {
    store<u32>(threadPtr, value, THREAD_SINK)
  }

  /** True once in `odds`, a power of two, at random: the top bits of a linear congruential generator. */
  static draws(odds: u32): bool {
    const state = Thread.get(THREAD_DRAW) * DRAW_MULTIPLIER + 1
    Thread.set(THREAD_DRAW, state)
    return state < u32(0xffff_ffff) / odds
  }

  static countHit(): void {
    Thread.setFloat(THREAD_HIT_COUNT, Thread.getFloat(THREAD_HIT_COUNT) + 1)
  }

  static countMiss(): void {
    Thread.setFloat(THREAD_MISS_COUNT, Thread.getFloat(THREAD_MISS_COUNT) + 1)
  }

  /** The thread's slot in the registry. */
  static slot(): u32 {
    return load<u32>(threadPtr)
  }

  static keyPtr(): u32 {
    return threadPtr + KEY_STAGING_OFFSET
  }

  static valuePtr(): u32 {
    return threadPtr + VALUE_STAGING_OFFSET
  }

  static tagsPtr(): u32 {
    return threadPtr + TAG_STAGING_OFFSET
  }
}
