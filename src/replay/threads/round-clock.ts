/**
 * The time of a trace, for all threads that replay it together: the latest that any of them has come
 * to. The threads do not keep step, and what is younger for one must not be older for another.
 *
 *   0           8           16          20
 *   +-----------+-----------+-----------+
 *   | baseMs    | stepMs    | steps     |
 *   +-----------+-----------+-----------+
 *
 * 1. `baseMs` and `stepMs` are written between rounds, while no other thread looks.
 * 2. `steps` only rises within a round, by compare-and-swap, and the rounds follow each other in time:
 *    so the time never goes back.
 * 3. A step is a millisecond, or, in a round that spans more than 24 days, as much as lets it fit.
 *
 * Why steps: a thread cannot change a 64-bit float atomically, and the time of a trace may be longer
 * than 32 bits of milliseconds.
 */
import { START_MS, type TraceClock } from '../clock.js'

const CLOCK_BYTES = 24
const BASE_INDEX = 0
const STEP_INDEX = 1
const STEPS_INDEX = 4
const MAX_STEPS = 2 ** 31 - 1

export class RoundClock implements TraceClock {
  private readonly floats: Float64Array
  private readonly words: Int32Array

  private constructor(readonly memory: SharedArrayBuffer) {
    this.floats = new Float64Array(memory, 0, 2)
    this.words = new Int32Array(memory)
  }

  static create(): RoundClock {
    const clock = new RoundClock(new SharedArrayBuffer(CLOCK_BYTES))
    clock.beginRound(START_MS, START_MS)
    return clock
  }

  /** The clock that another thread has created, by its memory. */
  static attach(memory: SharedArrayBuffer): RoundClock {
    return new RoundClock(memory)
  }

  /** Only while no thread replays. The times are not below those of the round before. */
  beginRound(firstMs: number, lastMs: number): void {
    this.floats[BASE_INDEX] = firstMs
    this.floats[STEP_INDEX] = Math.max(1, (lastMs - firstMs) / MAX_STEPS)
    Atomics.store(this.words, STEPS_INDEX, 0)
  }

  now(): number {
    const { floats } = this
    return floats[BASE_INDEX] + Atomics.load(this.words, STEPS_INDEX) * floats[STEP_INDEX]
  }

  moveTo(timeMs: number): void {
    const { floats, words } = this
    const steps = Math.floor((timeMs - floats[BASE_INDEX]) / floats[STEP_INDEX])
    let seen = Atomics.load(words, STEPS_INDEX)
    // Bound: each turn finds a later time than the one before.
    while (seen < steps) {
      const found = Atomics.compareExchange(words, STEPS_INDEX, seen, steps)
      if (found === seen) return
      seen = found
    }
  }
}
