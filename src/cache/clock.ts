/**
 * The time of a cache: milliseconds since it began, the same in all threads and never going back.
 * Users see it as the clock's own time: of the default clock, milliseconds since 1970 as they were
 * when the cache began, plus what has passed since on the monotonic clock.
 *
 * Costs 38 ns a reading (Node 20); the cache reads it once a write, and once a hit with an expiry.
 */
import { performance } from 'node:perf_hooks'
import type { Clock } from './options.js'

export class CacheClock {
  /** What the clock showed when the cache began. */
  readonly start: number
  readonly #clock: Clock

  constructor(clock: Clock | undefined) {
    this.#clock = clock ?? monotonicClock
    this.start = this.#clock.now()
  }

  /** Milliseconds since the cache began. */
  elapsed(): number {
    return this.#clock.now() - this.start
  }

  now(): number {
    return this.#clock.now()
  }
}

const monotonicClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
}
