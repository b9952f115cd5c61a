/**
 * A run of the history check: threads on one cache that write down what they do, and what is then found in
 * the history of each key.
 */
import { type CacheOptions, SharedCache } from '../../../src/index.js'
import { describeViolation } from '../../models/history-report.js'
import { checkHistory } from '../../models/linearizability.js'
import { ABSENT, OPERATION_KINDS, type Operation } from '../../models/shared-key.js'
import { createControl, runWorkers } from './worker-threads.js'

export interface RunOptions {
  name: string
  cache: CacheOptions
  threads: number
  /** Of all threads together. */
  operations: number
  /** Which values, see history-values.mjs. */
  values: 'small' | 'mixed' | 'even' | 'large'
  times: 'ticks' | 'nanoseconds'
  /** What threads do to all keys at once now and then. */
  sweep?: 'clear' | 'invalidateTags'
  /** Gets are of so many keys at once; default: of one. */
  batch?: number
  /** Keys that threads write besides, so that entries are evicted; 0: nothing may go by itself. */
  fillers?: number
  seed: number
}

export interface RunReport {
  /** What is wrong; none: nothing is. */
  problems: string[]
  nearHits: number
  evictions: number
}

interface ThreadReport {
  problems: string[]
  nearHits: number
}

const ROW_WORDS = 7
const REGISTERS = ['register:0', 'register:1']
const COUNTERS = ['counter:0']
const KEYS = [...REGISTERS, ...COUNTERS]
const ALL_KEYS = -1
/** A value that nobody wrote: the thread that read it tells of it. */
const TORN = -9
const WRITES_A_THREAD = 2 ** 26
/** Nothing is refused for want of a lock: what was refused had to be known for the check. */
const LOCK_TIMEOUT = '60s'

export async function recordRun(options: RunOptions): Promise<RunReport> {
  const cache = new SharedCache({ ...options.cache, lockTimeout: LOCK_TIMEOUT })
  const { handle } = cache
  const control = createControl()
  const zeroNanoseconds = process.hrtime.bigint()
  const { threads, seed, values, times, sweep, batch, fillers = 0 } = options
  const operations = Math.floor(options.operations / threads)
  const records = Array.from({ length: threads }, () => {
    return new Float64Array(new SharedArrayBuffer(operations * ROW_WORDS * 8))
  })
  const shared = {
    handle,
    near: options.cache.near,
    control,
    zeroNanoseconds,
    values,
    times,
    sweep,
    batch,
  }
  const layout = { rowWords: ROW_WORDS, kinds: OPERATION_KINDS, operations, threads, fillers }
  const reports = await runWorkers<ThreadReport>(
    'history-worker.mjs',
    records.map((rows, thread) => ({
      ...shared,
      ...layout,
      registers: REGISTERS,
      counters: COUNTERS,
      rows,
      thread,
      seed: seed * 100 + thread,
    })),
  )
  const problems = [
    ...reports.flatMap((report) => report.problems),
    ...findViolations(records, options),
    ...cache.verify().problems,
    ...findRefusals(cache),
  ]
  const { nearHits, evictions } = cache.stats()
  if (fillers === 0 && evictions > 0) problems.push(`${evictions} entries were evicted`)
  cache.close()
  return { problems, nearHits, evictions }
}

function findRefusals(cache: SharedCache): string[] {
  const { lockTimeout, tooLarge } = cache.stats().rejected
  return lockTimeout + tooLarge > 0 ? [`${lockTimeout + tooLarge} writes were refused`] : []
}

function findViolations(
  records: readonly Float64Array[],
  { fillers = 0, sweep }: RunOptions,
): string[] {
  // A set that an invalidation overtakes is dead at once, whatever it has replaced.
  const mayLose = fillers > 0 || sweep === 'invalidateTags'
  return KEYS.flatMap((key, index) => {
    const all = records.flatMap((rows, thread) => operationsOf(rows, thread, index))
    const history = all.filter((operation) => operation.result !== TORN)
    const show = index < REGISTERS.length ? showWrite : String
    const violation = checkHistory(history, { mayLose })
    return [
      ...(violation ? [describeViolation(`'${key}'`, violation, show)] : []),
      ...(index < REGISTERS.length ? findReversals(key, history) : []),
    ]
  })
}

function operationsOf(rows: Float64Array, thread: number, key: number): Operation[] {
  const operations: Operation[] = []
  for (let at = 0; at < rows.length; at += ROW_WORDS) {
    const [kind, of, invokedAt, respondedAt, argument, expectedVersion, result] = rows.subarray(
      at,
      at + ROW_WORDS,
    )
    if (of !== key && of !== ALL_KEYS) continue
    const entry = { kind: OPERATION_KINDS[kind], thread, argument, expectedVersion, result }
    operations.push({ ...entry, invokedAt, respondedAt })
  }
  return operations
}

/** Reads of one thread that met a writer's earlier value after a later one. Needs no times. */
function findReversals(key: string, history: readonly Operation[]): string[] {
  const latest = new Map<string, number>()
  for (const { kind, thread, result } of history) {
    if ((kind !== 'get' && kind !== 'take') || result === ABSENT) continue
    const reader = `${thread} of ${Math.floor(result / WRITES_A_THREAD)}`
    const before = latest.get(reader) ?? result
    if (before > result) {
      return [`thread ${thread} read ${showWrite(result)} of '${key}' after ${showWrite(before)}`]
    }
    latest.set(reader, result)
  }
  return []
}

/** As "thread:number" of the write. */
function showWrite(value: number): string {
  if (value === ABSENT) return 'nothing'
  return `${Math.floor(value / WRITES_A_THREAD) - 1}:${value % WRITES_A_THREAD}`
}
