/**
 * The time of a cache: milliseconds since it began, the same in all threads and never going back.
 * Users see it as the clock's own time: of the default clock, milliseconds since 1970 as they were
 * when the cache began, plus what has passed since on the monotonic clock.
 *
 * Each thread's performance.now() counts from when that thread began, so it is set against
 * process.hrtime, which all threads share, once a thread.
 *
 * Costs 38 ns a reading (Node 20); the cache reads it once a write, and once a hit with an expiry.
 */
import { performance } from 'node:perf_hooks'
import type { Clock } from './options.js'

/** When the cache began, in a form that other threads can take up. */
export interface ClockEpoch {
  /** What the clock showed then. */
  start: number
  /** What the monotonic clock showed then; of no meaning where the clock is the user's. */
  monotonicStart: number
}

export class CacheClock {
  readonly epoch: ClockEpoch
  /** Milliseconds on the clock, now. */
  readonly now: () => number
  readonly #zero: number
  readonly #read: () => number

  /** @param epoch of a cache that has begun already */
  constructor(clock: Clock | undefined, epoch?: ClockEpoch) {
    this.epoch = epoch ?? {
      start: clock === undefined ? Date.now() : clock.now(),
      monotonicStart: monotonicNow(),
    }
    const { start, monotonicStart } = this.epoch
    this.#read = clock === undefined ? monotonicNow : () => clock.now()
    this.#zero = clock === undefined ? monotonicStart : start
    this.now = clock === undefined ? () => start + this.elapsed() : this.#read
  }

  /** What the clock showed when the cache began. */
  get start(): number {
    return this.epoch.start
  }

  /** Milliseconds since the cache began. */
  elapsed(): number {
    return this.#read() - this.#zero
  }
}

const NANOSECONDS_PER_MS = 1e6
const CALIBRATION_READINGS = 8
const offsetMs = calibrate()

/** Milliseconds, the same in all threads of the process. */
function monotonicNow(): number {
  return performance.now() + offsetMs
}

/** What performance.now() lacks to the process's clock, by the reading that took the least time. */
function calibrate(): number {
  let best = { tookMs: Number.POSITIVE_INFINITY, offsetMs: 0 }
  for (let reading = 0; reading < CALIBRATION_READINGS; reading++) {
    const before = performance.now()
    const shared = Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS
    const after = performance.now()
    if (after - before < best.tookMs) {
      best = { tookMs: after - before, offsetMs: shared - (before + after) / 2 }
    }
  }
  return best.offsetMs
}
