/** What a replay counts, and the figures that are made of it. */
import type { LatencyRecorder, LatencySummary } from './latency.js'

const MS_PER_SECOND = 1000

export interface RunCounts {
  accesses: number
  reads: number
  hits: number
  /** By the sizes in the trace, whatever size is stored. */
  readBytes: number
  hitBytes: number
  writes: number
  deletes: number
  /** Accesses to objects too large to be stored. */
  notCacheable: number
  /** Objects that the cache did not take. */
  refused: number
  /** Hits found to have a value that is not the key's. Always 0 for a cache that is right. */
  wrongValues: number
}

export interface RunFigures extends RunCounts {
  hitRatio: number
  byteHitRatio: number
  /** From the origin: the misses of reads. */
  loads: number
  loadsPerThousandAccesses: number
  timedMs: number
  operationsPerSecond: number
  latency: LatencySummary
}

export interface RunResult extends RunFigures {
  /** Whether all accesses that were asked for have been replayed. */
  complete: boolean
}

export function emptyCounts(): RunCounts {
  return {
    accesses: 0,
    reads: 0,
    hits: 0,
    readBytes: 0,
    hitBytes: 0,
    writes: 0,
    deletes: 0,
    notCacheable: 0,
    refused: 0,
    wrongValues: 0,
  }
}

/** @param timedMs what the accesses took */
export function summarize(
  counts: RunCounts,
  timedMs: number,
  latency: LatencyRecorder,
): RunFigures {
  const loads = counts.reads - counts.hits
  return {
    ...counts,
    hitRatio: ratio(counts.hits, counts.reads),
    byteHitRatio: ratio(counts.hitBytes, counts.readBytes),
    loads,
    loadsPerThousandAccesses: ratio(loads * 1000, counts.accesses),
    timedMs,
    operationsPerSecond: ratio(counts.accesses * MS_PER_SECOND, timedMs),
    latency: latency.summary(),
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
