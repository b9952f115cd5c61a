/**
 * A pass of several threads: one hotset that all of them use, or an lru-cache in each with its part
 * of the same memory, and the accesses dealt out to them.
 *
 * 1. Both implementations get the same accesses in the same threads, and in each thread in the same
 *    order. This thread reads, deals and waits; it uses no cache.
 * 2. It goes in rounds. What is timed is a round from the common start of all threads to the end of
 *    the last one; reading, dealing and making keys come between rounds.
 * 3. The time of the trace is the same for all threads (round-clock.ts).
 * 4. Two threads that miss the same key at once both load it, as a read-through of plain get and set
 *    does; nothing waits for anything but a lock of the cache's own.
 */
import { splitBudget } from '../budget.js'
import { LatencyRecorder } from '../latency.js'
import { createHotset, openSource, passResult, shareDone } from '../pass-parts.js'
import { emptyCounts, type RunCounts, type RunFigures, summarize } from '../run-counts.js'
import type { Implementation, OnProgress, PassResult, ReplaySpec } from '../spec.js'
import type { StopFlag } from '../stop-flag.js'
import type { HotsetTarget } from '../targets/hotset.js'
import type { TargetSummary } from '../targets/target.js'
import { Dealer, ROUND_ACCESSES } from './dealer.js'
import type { ThreadPart, ThreadRequest } from './messages.js'
import { RoundClock } from './round-clock.js'
import { StartGate } from './start-gate.js'
import { Team } from './team.js'

/** @throws ThreadError, TraceError */
export async function runThreadedPass(
  implementation: Implementation,
  spec: ReplaySpec,
  onProgress: OnProgress,
  stop: StopFlag,
): Promise<PassResult> {
  const { source, problems } = openSource(spec)
  const clock = source.hasTime ? RoundClock.create() : undefined
  const gate = new StartGate()
  const shared = implementation === 'hotset' ? createHotset(spec, clock) : undefined
  const team = await Team.start(gate, createRequests(implementation, spec, gate, clock, shared))
  try {
    let timedMs = 0
    let accesses = 0
    let complete = true
    const dealer = new Dealer(spec.threads, spec.seed)
    const limit = spec.limit ?? Number.POSITIVE_INFINITY
    for await (const { shares, firstMs, lastMs } of dealer.rounds(source, limit)) {
      complete = !stop.isSet
      if (!complete) break
      clock?.beginRound(firstMs, lastMs)
      timedMs += await team.playRound(shares)
      accesses += shares.reduce((sum, { length }) => sum + length, 0)
      onProgress(shareDone(source, accesses, limit), accesses)
    }
    const parts = await team.finish()
    const summary = shared?.summary() ?? sumSummaries(parts)
    const heapBytes = parts.reduce((sum, part) => sum + part.heapBytes, 0)
    const run = { ...sumRuns(parts, timedMs), complete }
    return passResult(implementation, run, summary, heapBytes, problems)
  } finally {
    await team.end()
    shared?.close()
  }
}

function createRequests(
  implementation: Implementation,
  spec: ReplaySpec,
  gate: StartGate,
  clock: RoundClock | undefined,
  shared: HotsetTarget | undefined,
): ThreadRequest[] {
  return splitBudget(spec.budget, spec.threads).map((ownBudget) => ({
    implementation,
    spec,
    ownBudget,
    gate: gate.memory,
    clock: clock?.memory,
    handle: shared?.handle,
    shareAccesses: Math.ceil(ROUND_ACCESSES / spec.threads),
  }))
}

function sumRuns(parts: readonly ThreadPart[], timedMs: number): RunFigures {
  const counts = emptyCounts()
  const latency = new LatencyRecorder()
  for (const part of parts) {
    for (const name of Object.keys(counts) as (keyof RunCounts)[]) counts[name] += part.counts[name]
    latency.add(part.latency)
  }
  return summarize(counts, timedMs, latency)
}

function sumSummaries(parts: readonly ThreadPart[]): TargetSummary {
  const sum = { entries: 0, evictions: 0, offHeapBytes: 0, countedBytes: 0 }
  for (const { summary } of parts) {
    for (const name of Object.keys(sum) as (keyof TargetSummary)[]) sum[name] += summary[name]
  }
  return sum
}
