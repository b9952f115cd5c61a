/** What passes of one thread and of several have in common. */
import type { AccessSource } from './access.js'
import { type Budget, largestValueBytes } from './budget.js'
import { ReplayClock, type TraceClock } from './clock.js'
import type { Problems } from './problems.js'
import type { RunResult } from './run-counts.js'
import { type RunOptions, replay } from './runner.js'
import type { Implementation, PassResult, ReplaySpec } from './spec.js'
import { HotsetTarget } from './targets/hotset.js'
import { LruCacheTarget } from './targets/lru-cache.js'
import type { ReplayTarget, TargetSummary } from './targets/target.js'
import { FileTrace } from './trace.js'
import { Workload } from './workload.js'

const WARM_UP_ACCESSES = 30_000
const WARM_UP_BYTES = 8 * 1024 * 1024
const WARM_UP_ENTRIES = 2000

export interface OpenSource {
  source: AccessSource
  /** Of a trace that is read from files. */
  problems: Problems | undefined
}

export function openSource({ files, seed, limit }: ReplaySpec): OpenSource {
  if (files.length === 0) return { source: new Workload(seed, limit), problems: undefined }
  const trace = new FileTrace(files)
  return { source: trace, problems: trace.problems }
}

/** @returns how much of the pass is done, 0 to 1 */
export function shareDone(source: AccessSource, accesses: number, limit: number): number {
  return Math.max(source.progress(), accesses / limit)
}

export function createHotset(spec: ReplaySpec, clock: TraceClock | undefined): HotsetTarget {
  const { budget, policy, valueBytes, near } = spec
  return new HotsetTarget({ budget, policy, valueBytes, near, clock })
}

export function createTarget(
  implementation: Implementation,
  spec: ReplaySpec,
  clock: TraceClock | undefined,
): ReplayTarget {
  return implementation === 'hotset'
    ? createHotset(spec, clock)
    : new LruCacheTarget({ budget: spec.budget, clock })
}

export function runOptions(spec: ReplaySpec, clock: TraceClock | undefined): RunOptions {
  return {
    clock,
    defaultTtlMs: spec.ttlMs,
    defaultValueBytes: spec.valueBytes,
    sizedValues: spec.budget.unit === 'bytes',
    largestValueBytes: largestValueBytes(spec.budget),
    limit: spec.limit ?? Number.POSITIVE_INFINITY,
  }
}

/** Runs the code on a small cache of the same kind: what is timed later is not the compiler. */
export async function warmUp(implementation: Implementation, spec: ReplaySpec): Promise<void> {
  const budget: Budget =
    spec.budget.unit === 'bytes'
      ? { unit: 'bytes', bytes: WARM_UP_BYTES }
      : { unit: 'entries', entries: WARM_UP_ENTRIES }
  const clock = new ReplayClock()
  const small = { ...spec, budget, limit: WARM_UP_ACCESSES }
  const target = createTarget(implementation, small, clock)
  await replay(target, new Workload(spec.seed, WARM_UP_ACCESSES), runOptions(small, clock))
  target.close()
}

export function passResult(
  implementation: Implementation,
  run: RunResult,
  { entries, evictions, offHeapBytes, countedBytes }: TargetSummary,
  heapBytes: number,
  problems: Problems | undefined,
): PassResult {
  return {
    implementation,
    ...run,
    entries,
    evictions,
    memory: { offHeapBytes, heapBytes, totalBytes: offHeapBytes + heapBytes, countedBytes },
    brokenLines: problems?.broken ?? 0,
    skippedLines: problems?.skipped ?? 0,
    firstProblems: problems?.first ?? [],
  }
}
