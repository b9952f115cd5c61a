/**
 * One pass: one implementation, its own cache, all the accesses, and what came of it.
 *
 * 1. Everything a pass needs is in its spec, which can be posted to another thread.
 * 2. Before it is measured, the code has run on a small cache of the same kind: what is timed is the
 *    cache, not the compiler.
 * 3. The heap is measured after a collection, with the cache full, less what it was before.
 */
import type { AccessSource } from './access.js'
import { type Budget, largestValueBytes } from './budget.js'
import { ReplayClock } from './clock.js'
import { usedHeapBytes } from './heap.js'
import type { Policy } from './policies.js'
import type { Problem } from './problems.js'
import { type RunOptions, type RunResult, replay } from './runner.js'
import { HotsetTarget } from './targets/hotset.js'
import { LruCacheTarget } from './targets/lru-cache.js'
import type { ReplayTarget } from './targets/target.js'
import { FileTrace, type TraceFile } from './trace.js'
import { Workload } from './workload.js'

export const IMPLEMENTATIONS = ['hotset', 'lru-cache'] as const
export type Implementation = (typeof IMPLEMENTATIONS)[number]

export interface ReplaySpec {
  /** Empty: the built-in workload. */
  files: TraceFile[]
  seed: number
  budget: Budget
  policy: Policy
  /** 0 for none. */
  ttlMs: number
  valueBytes: number
  /** Whether hotset has its near cache. */
  near: boolean
  /** Absent: all accesses. */
  limit?: number
}

export interface PassMemory {
  /** As the cache counts it; 0 for a cache that lives on the heap. */
  offHeapBytes: number
  /** What the V8 heap grew by, after a collection. */
  heapBytes: number
  totalBytes: number
  /** What the cache itself takes its size to be. */
  countedBytes: number
}

export interface PassResult extends RunResult {
  implementation: Implementation
  entries: number
  evictions: number
  memory: PassMemory
  brokenLines: number
  skippedLines: number
  firstProblems: Problem[]
}

const WARM_UP_ACCESSES = 30_000
const WARM_UP_BYTES = 8 * 1024 * 1024
const WARM_UP_ENTRIES = 2000

export async function runPass(
  implementation: Implementation,
  spec: ReplaySpec,
  onProgress: (share: number) => void = () => {},
): Promise<PassResult> {
  await warmUp(implementation, spec)

  const trace = spec.files.length > 0 ? new FileTrace(spec.files) : undefined
  const source: AccessSource = trace ?? new Workload(spec.seed, spec.limit)
  const clock = source.hasTime ? new ReplayClock() : undefined
  const heapBeforeBytes = await usedHeapBytes()
  const target = createTarget(implementation, spec, clock)
  const run = await replay(target, source, {
    ...runOptions(spec, clock),
    onBlock: () => onProgress(source.progress()),
  })

  const heapBytes = Math.max(0, (await usedHeapBytes()) - heapBeforeBytes)
  const { entries, evictions, offHeapBytes, countedBytes } = target.summary()
  target.close()
  return {
    implementation,
    ...run,
    entries,
    evictions,
    memory: { offHeapBytes, heapBytes, totalBytes: offHeapBytes + heapBytes, countedBytes },
    brokenLines: trace?.problems.broken ?? 0,
    skippedLines: trace?.problems.skipped ?? 0,
    firstProblems: trace?.problems.first ?? [],
  }
}

async function warmUp(implementation: Implementation, spec: ReplaySpec): Promise<void> {
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

function createTarget(
  implementation: Implementation,
  { budget, policy, valueBytes, near }: ReplaySpec,
  clock: ReplayClock | undefined,
): ReplayTarget {
  return implementation === 'hotset'
    ? new HotsetTarget({ budget, policy, valueBytes, near, clock })
    : new LruCacheTarget({ budget, clock })
}

function runOptions(spec: ReplaySpec, clock: ReplayClock | undefined): RunOptions {
  return {
    clock,
    defaultTtlMs: spec.ttlMs,
    defaultValueBytes: spec.valueBytes,
    sizedValues: spec.budget.unit === 'bytes',
    largestValueBytes: largestValueBytes(spec.budget),
    limit: spec.limit ?? Number.POSITIVE_INFINITY,
  }
}
