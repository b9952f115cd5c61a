/**
 * The times of single operations, in a histogram of fixed size (Node's own, exact to 0.1%).
 *
 * 1. Not every operation need be timed by itself: of those between them the duration is enough, for
 *    the longest of all is to be known. It is told too long by what a few usual ones take, never too
 *    short.
 *
 * Recording a single one costs about 100 ns, so it is done for a whole block outside the timed region.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

const NS_PER_MS = 1e6

export interface LatencySummary {
  p50Ns: number
  p99Ns: number
  p9999Ns: number
  worstNs: number
}

/** What was recorded, in a form that can be posted to another thread. */
export interface RecordedLatency {
  single: RecordableHistogram
  longestStretchMs: number
}

export class LatencyRecorder {
  private readonly single: RecordableHistogram = createHistogram()
  private longestStretchMs = 0

  record(timesMs: Float64Array, count: number): void {
    for (let index = 0; index < count; index++) this.single.record(wholeNs(timesMs[index]))
  }

  /** @param durationMs of a few operations that were not timed one by one */
  recordStretch(durationMs: number): void {
    if (durationMs > this.longestStretchMs) this.longestStretchMs = durationMs
  }

  get recorded(): RecordedLatency {
    return { single: this.single, longestStretchMs: this.longestStretchMs }
  }

  /** Takes over what another thread recorded. */
  add({ single, longestStretchMs }: RecordedLatency): void {
    // Why the check: Node 20 takes the least of an empty histogram to be very large.
    if (single.count > 0) this.single.add(single)
    this.recordStretch(longestStretchMs)
  }

  summary(): LatencySummary {
    const { single } = this
    if (single.count === 0) return { p50Ns: 0, p99Ns: 0, p9999Ns: 0, worstNs: 0 }
    return {
      p50Ns: single.percentile(50),
      p99Ns: single.percentile(99),
      p9999Ns: single.percentile(99.99),
      worstNs: Math.max(single.max, wholeNs(this.longestStretchMs)),
    }
  }
}

/** At least 1: the histogram does not take 0, and a clock may stand still for one operation. */
function wholeNs(timeMs: number): number {
  return Math.max(1, Math.round(timeMs * NS_PER_MS))
}
