/**
 * The times of single operations in a histogram of fixed size: any number of them, from all threads.
 *
 * 1. 64 buckets to a doubling, from a nanosecond on: a quantile is told at most 1.1% too high.
 * 2. Adding allocates nothing. It is done outside of what is timed, and costs some 20 ns.
 * 3. look() has to be called now and then: of a slow operation, only what the thread waited for a core
 *    since the last look is taken off for `ownWorstMs`.
 */
import { waitedForCoreMs } from './measure.mjs'

const BUCKETS_A_DOUBLING = 64
/** From 1 ns to 68 s. */
const DOUBLINGS = 36
const NS_PER_MS = 1e6
const NS_PER_US = 1000
/** Of shorter times nobody asks what held them up: the answer costs some microseconds. */
const SLOW_MS = 0.05

export class Histogram {
  count = 0
  worstMs = 0
  /** The longest without the wait for a core. */
  ownWorstMs = 0
  #counts = new Float64Array(BUCKETS_A_DOUBLING * DOUBLINGS)
  #waitedMs = 0

  /** @param {object[]} parts what toPlain() answered, in any thread */
  static merge(parts) {
    const merged = new Histogram()
    for (const { counts, count, worstMs, ownWorstMs } of parts) {
      for (const [bucket, own] of counts.entries()) merged.#counts[bucket] += own
      merged.count += count
      merged.worstMs = Math.max(merged.worstMs, worstMs)
      merged.ownWorstMs = Math.max(merged.ownWorstMs, ownWorstMs)
    }
    return merged
  }

  look() {
    this.#waitedMs = waitedForCoreMs()
  }

  add(timeMs) {
    const bucket = Math.floor(Math.log2(Math.max(1, timeMs * NS_PER_MS)) * BUCKETS_A_DOUBLING)
    this.#counts[Math.min(bucket, this.#counts.length - 1)]++
    this.count++
    if (timeMs > this.worstMs) this.worstMs = timeMs
    if (timeMs <= this.ownWorstMs) return
    this.ownWorstMs = timeMs > SLOW_MS ? Math.max(this.ownWorstMs, this.#ownMs(timeMs)) : timeMs
  }

  /** In microseconds. */
  quantile(share) {
    if (this.count === 0) throw new Error('nothing was timed')
    const last = this.#counts.length - 1
    let bucket = 0
    let below = this.#counts[0]
    while (bucket < last && below <= share * this.count) below += this.#counts[++bucket]
    const endNs = 2 ** ((bucket + 1) / BUCKETS_A_DOUBLING)
    return Math.min(endNs, this.worstMs * NS_PER_MS) / NS_PER_US
  }

  /** Can be posted to another thread. */
  toPlain() {
    const { count, worstMs, ownWorstMs } = this
    return { counts: this.#counts, count, worstMs, ownWorstMs }
  }

  #ownMs(timeMs) {
    const waitedBeforeMs = this.#waitedMs
    this.look()
    return timeMs - Math.min(timeMs, this.#waitedMs - waitedBeforeMs)
  }
}
