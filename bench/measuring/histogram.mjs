/**
 * The times of single operations in a histogram of fixed size: any number of them, from all threads.
 *
 * 1. 64 buckets to a doubling, from a nanosecond on: a quantile is told at most 1.1% too high.
 * 2. Adding allocates nothing. It is done outside of what is timed, and costs some 20 ns.
 * 3. An operation's own time is without what the thread waited for a core, where the system tells (Linux).
 *    look() has to be called now and then: only what was waited since the last look is taken off.
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
  ownWorstMs = 0
  #counts = new Float64Array(BUCKETS_A_DOUBLING * DOUBLINGS)
  #ownCounts = new Float64Array(BUCKETS_A_DOUBLING * DOUBLINGS)
  #waitedMs = 0

  /** @param {object[]} parts what toPlain() answered, in any thread */
  static merge(parts) {
    const merged = new Histogram()
    for (const { counts, ownCounts, count, worstMs, ownWorstMs } of parts) {
      addTo(merged.#counts, counts)
      addTo(merged.#ownCounts, ownCounts)
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
    const ownMs = timeMs > SLOW_MS ? this.#withoutWait(timeMs) : timeMs
    this.#counts[bucketOf(timeMs)]++
    this.#ownCounts[bucketOf(ownMs)]++
    this.count++
    if (timeMs > this.worstMs) this.worstMs = timeMs
    if (ownMs > this.ownWorstMs) this.ownWorstMs = ownMs
  }

  /** In microseconds. */
  quantile(share) {
    return quantileUs(this.#counts, share * this.count, this.worstMs)
  }

  /** In microseconds, of the operations' own times. */
  ownQuantile(share) {
    return quantileUs(this.#ownCounts, share * this.count, this.ownWorstMs)
  }

  /** Can be posted to another thread. */
  toPlain() {
    const { count, worstMs, ownWorstMs } = this
    return { counts: this.#counts, ownCounts: this.#ownCounts, count, worstMs, ownWorstMs }
  }

  #withoutWait(timeMs) {
    const waitedBeforeMs = this.#waitedMs
    this.look()
    return timeMs - Math.min(timeMs, this.#waitedMs - waitedBeforeMs)
  }
}

function bucketOf(timeMs) {
  const bucket = Math.floor(Math.log2(Math.max(1, timeMs * NS_PER_MS)) * BUCKETS_A_DOUBLING)
  return Math.min(bucket, BUCKETS_A_DOUBLING * DOUBLINGS - 1)
}

/** The end of the bucket in which the time is that `rank` others are shorter than. */
function quantileUs(counts, rank, worstMs) {
  if (worstMs === 0) throw new Error('nothing was timed')
  let bucket = 0
  let below = counts[0]
  while (bucket < counts.length - 1 && below <= rank) below += counts[++bucket]
  const endNs = 2 ** ((bucket + 1) / BUCKETS_A_DOUBLING)
  return Math.min(endNs, worstMs * NS_PER_MS) / NS_PER_US
}

function addTo(sums, counts) {
  for (const [bucket, count] of counts.entries()) sums[bucket] += count
}
