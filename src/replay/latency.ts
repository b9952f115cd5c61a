/**
 * The times of single operations, in a histogram of fixed size (Node's own, exact to 0.1%).
 *
 * Recording costs about 100 ns, so it is done for a whole block outside the timed region.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

const NS_PER_MS = 1e6

export interface LatencySummary {
  p50Ns: number
  p99Ns: number
  p9999Ns: number
  worstNs: number
}

export class LatencyRecorder {
  private readonly histogram: RecordableHistogram = createHistogram()

  record(timesMs: Float64Array, count: number): void {
    for (let index = 0; index < count; index++) {
      // Why at least 1: the histogram does not take 0, and a clock may stand still for one operation.
      this.histogram.record(Math.max(1, Math.round(timesMs[index] * NS_PER_MS)))
    }
  }

  /** What was recorded, in a form that can be posted to another thread. */
  get recorded(): RecordableHistogram {
    return this.histogram
  }

  /** Takes over what another thread recorded. */
  add(recorded: RecordableHistogram): void {
    // Why the check: Node 20 takes the least of an empty histogram to be very large.
    if (recorded.count > 0) this.histogram.add(recorded)
  }

  summary(): LatencySummary {
    if (this.histogram.count === 0) return { p50Ns: 0, p99Ns: 0, p9999Ns: 0, worstNs: 0 }
    return {
      p50Ns: this.histogram.percentile(50),
      p99Ns: this.histogram.percentile(99),
      p9999Ns: this.histogram.percentile(99.99),
      worstNs: this.histogram.max,
    }
  }
}
