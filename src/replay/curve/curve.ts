/**
 * A miss-ratio curve: every policy at every size, from one pass over the trace.
 *
 * 1. First the trace is read and sampled (sampler.ts), then each policy at each size is run over the
 *    sample, with a capacity in proportion to it: a miniature of the cache.
 * 2. Advice, where it is asked for, comes of further runs over the same sample (advice/advise.ts).
 * 3. When the signal is given while the trace is read, the curve is that of what was read; when it is given
 *    later, the points that are there are what there is.
 *
 * C. Waldspurger, T. Saemundsson, I. Ahmad, N. Park, Cache modeling and optimization using miniature
 * simulations, USENIX ATC 2017.
 */
import type { AccessSource } from '../access.js'
import { UsageError } from '../errors.js'
import type { Problems } from '../problems.js'
import { FileTrace } from '../trace.js'
import { Workload } from '../workload.js'
import { advise } from './advice/advise.js'
import { KeyBook } from './advice/key-book.js'
import type { Advice } from './advice/spec.js'
import { describePolicy } from './caches/index.js'
import { type JobAnswer, runJobs } from './crew.js'
import { HashedBlock } from './hashed-block.js'
import type { CurveData, CurveJob } from './job.js'
import type { Sample } from './sample.js'
import { type KeyListener, Sampler } from './sampler.js'
import { sharedArray } from './shared-array.js'
import { objectCost, resolveSizes, sampledWorkingSet, unitOf } from './sizes.js'
import type { Curve, CurveResult, CurveSpec, ResolvedSize } from './spec.js'

/** A quarter: objects are asked for four times and more where a cache makes sense. */
const REQUESTS_PER_KEY = 4

/** The trace is read first; then the caches are simulated; then what advice asks is tried. */
export type CurvePhase = 'reading' | 'simulating' | 'advising'

export interface CurveHooks {
  signal?: AbortSignal
  /**
   * @param share of the phase, 0 to 1
   * @param requests so far, in this phase: read, or simulated by all caches together
   */
  onProgress?: (phase: CurvePhase, share: number, requests: number) => void
}

export interface CurveOutcome {
  result: CurveResult
  /** Of a trace that is read from files. */
  problems: Problems | undefined
}

/** @throws UsageError, TraceError */
export async function runCurve(spec: CurveSpec, hooks: CurveHooks = {}): Promise<CurveOutcome> {
  const block = new HashedBlock()
  const trace = spec.files.length > 0 ? new FileTrace(spec.files, block) : undefined
  const source = trace ?? new Workload(spec.seed, spec.limit, block)
  if (spec.ttlMs > 0 && !source.hasTime) {
    throw new UsageError('--ttl with --sizes needs a trace with times: this one has none')
  }
  const book = spec.advice === true ? new KeyBook() : undefined
  const sample = await readSample(source, block, spec, hooks, book)
  const { result, data } = await drawCurves(sample, spec, hooks)
  if (book !== undefined) result.advice = await adviseOn(result, data, book, hooks)
  return { result, problems: trace?.problems }
}

/** Reads the trace to its end, the limit, or the signal. */
export async function readSample(
  source: AccessSource,
  block: HashedBlock,
  spec: CurveSpec,
  { signal, onProgress }: CurveHooks,
  listener?: KeyListener,
): Promise<Sample> {
  const sampler = new Sampler({
    maxRequests: spec.maxSample,
    maxKeys: spec.maxSample / REQUESTS_PER_KEY,
    defaultBytes: spec.valueBytes,
    hasTime: source.hasTime,
    listener,
  })
  let left = spec.limit ?? Number.POSITIVE_INFINITY
  let requests = 0
  for await (const _ of source.blocks()) {
    const count = Math.min(block.length, left)
    sampler.add(block, count)
    left -= count
    requests += count
    onProgress?.('reading', source.progress(), requests)
    if (left === 0 || signal?.aborted === true) break
  }
  return sampler.finish()
}

async function drawCurves(
  sample: Sample,
  spec: CurveSpec,
  { signal, onProgress }: CurveHooks,
): Promise<{ result: CurveResult; data: CurveData }> {
  const unit = unitOf(spec.sizes, sample.objectBytes !== undefined)
  const sizes = resolveSizes(spec.sizes, sampledWorkingSet(sample, unit), sample.rate)
  const costs = unit === 'bytes' ? costsOf(sample, spec.valueBytes) : undefined
  const data: CurveData = { sample, unit, costs, ttlMs: spec.ttlMs, valueBytes: spec.valueBytes }
  const jobs = listJobs(spec.policies, sizes)
  const allRequests = jobs.length * sample.requests
  const answers = await runJobs(jobs, data, {
    signal: signal?.aborted === true ? undefined : signal,
    onProgress: (requests) => onProgress?.('simulating', requests / allRequests, requests),
  })
  const result: CurveResult = {
    unit,
    totals: sample.totals,
    hasSizes: sample.objectBytes !== undefined,
    ignoresLifetimes: sample.ttlMs !== undefined && sample.timeMs === undefined,
    sample: { rate: sample.rate, requests: sample.requests, keys: sample.keys },
    workingSet: {
      objects: Math.round(sample.keys / sample.rate),
      bytes: Math.round(sampledWorkingSet(sample, 'bytes') / sample.rate),
    },
    sizes,
    curves: collect(spec.policies, jobs, answers),
    advice: [],
    interrupted: signal?.aborted === true,
  }
  return { result, data }
}

async function adviseOn(
  result: CurveResult,
  data: CurveData,
  book: KeyBook,
  { signal, onProgress }: CurveHooks,
): Promise<Advice[]> {
  const advice = await advise(result, data, book, {
    signal,
    onProgress: (...figures) => onProgress?.('advising', ...figures),
  })
  result.interrupted = signal?.aborted === true
  return advice
}

function listJobs(policies: readonly string[], sizes: readonly ResolvedSize[]): CurveJob[] {
  return policies
    .flatMap((policy) => sizes.map((size) => ({ policy, size })))
    .map((job, index) => ({ index, ...job }))
}

/** What the object of each request counts in bytes. */
function costsOf(sample: Sample, defaultBytes: number): Uint32Array {
  const { keyOf, objectBytes, keyLengths } = sample
  const costs = sharedArray(Uint32Array, sample.requests)
  for (let index = 0; index < sample.requests; index++) {
    const bytes = objectBytes === undefined ? defaultBytes : objectBytes[index]
    costs[index] = objectCost(bytes, keyLengths[keyOf[index]])
  }
  return costs
}

function collect(
  policies: readonly string[],
  jobs: readonly CurveJob[],
  answers: ReadonlyMap<number, JobAnswer>,
): Curve[] {
  return policies.map((policy) => {
    const points = jobs
      .filter((job) => job.policy === policy)
      .flatMap(({ index, size: { size, share } }) => {
        const answer = answers.get(index)
        return answer === undefined ? [] : [{ size, share, ...answer }]
      })
    return { policy, ...describePolicy(policy), points }
  })
}
