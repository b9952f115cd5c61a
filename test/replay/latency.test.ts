/** The worst latency is never below the longest operation, timed by itself or not. */
import { expect, it } from 'vitest'
import { LatencyRecorder } from '../../src/replay/latency.js'

const NONE = { p50Ns: 0, p99Ns: 0, p9999Ns: 0, worstNs: 0 }

it('is that of a stretch where that was longer than any single one', () => {
  const latency = new LatencyRecorder()
  latency.record(Float64Array.of(0.001, 0.001, 0.002), 3)
  expect(latency.summary().worstNs).toBe(2000)
  latency.recordStretch(5)
  latency.recordStretch(3)
  expect(latency.summary()).toMatchObject({ p50Ns: 1000, worstNs: 5_000_000 })
})

it('is the worst of all threads', () => {
  const all = new LatencyRecorder()
  const other = new LatencyRecorder()
  other.record(Float64Array.of(0.001), 1)
  other.recordStretch(7)
  all.add(new LatencyRecorder().recorded)
  expect(all.summary()).toEqual(NONE)
  all.add(other.recorded)
  expect(all.summary()).toMatchObject({ p50Ns: 1000, worstNs: 7_000_000 })
})
