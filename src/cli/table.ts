/** The result as people read it: one table, and below it what they should know about it. */
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { formatBytes } from '../cache/units.js'
import type { Budget } from '../replay/budget.js'
import type { PassResult } from '../replay/spec.js'
import { isResult } from './partial.js'
import type { ReplayReport } from './report.js'

const NS_PER_US = 1000
const NS_PER_MS = 1_000_000
const NOT_MEASURED = '-'

type Row = [label: string, show: (pass: PassResult) => string]

const RATIO_ROWS: readonly Row[] = [
  ['hit ratio', (pass) => percent(pass.hitRatio)],
  ['byte hit ratio', (pass) => percent(pass.byteHitRatio)],
]

/** What separate caches cost: shown where there are several threads. */
const LOAD_ROWS: readonly Row[] = [
  ['loads from the origin', (pass) => whole(pass.loads)],
  ['  per 1,000 accesses', (pass) => pass.loadsPerThousandAccesses.toFixed(1)],
]

const OTHER_ROWS: readonly Row[] = [
  ['operations/s', (pass) => whole(pass.operationsPerSecond)],
  ['latency p50', (pass) => duration(pass.latency.p50Ns)],
  ['latency p99', (pass) => duration(pass.latency.p99Ns)],
  ['latency p99.99', (pass) => duration(pass.latency.p9999Ns)],
  ['latency worst', (pass) => duration(pass.latency.worstNs)],
  ['evictions', (pass) => whole(pass.evictions)],
  ['entries at the end', (pass) => whole(pass.entries)],
  ['memory used', (pass) => formatBytes(pass.memory.totalBytes)],
  ['  off the heap', (pass) => formatBytes(pass.memory.offHeapBytes)],
  ['  on the heap', (pass) => formatBytes(pass.memory.heapBytes)],
]

export function renderReport(report: ReplayReport): string {
  const { hotset, 'lru-cache': lruCache } = report.results
  const { policy, threads } = report.settings
  const several = threads > 1
  const table = new Table({
    head: several
      ? ['', `1 hotset (${policy})`, `${threads} lru-caches`]
      : ['', `hotset (${policy})`, 'lru-cache'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  for (const [label, show] of [...RATIO_ROWS, ...(several ? LOAD_ROWS : []), ...OTHER_ROWS]) {
    table.push([
      label,
      ...[hotset, lruCache].map((pass) => (isResult(pass) ? show(pass) : NOT_MEASURED)),
    ])
  }
  return [headline(report), table.toString(), ...report.notes, ''].join('\n')
}

function headline({ trace, settings, machine, partial }: ReplayReport): string {
  const name =
    trace.files.length > 0 ? trace.files.map(({ path }) => path).join(', ') : 'built-in workload'
  const seed = trace.files.length > 0 ? '' : `, seed ${trace.seed}`
  const cpu = cpus()[0]?.model ?? 'an unknown CPU'
  const { threads } = settings
  const budget = describeBudget(settings.budget)
  const shared =
    threads === 1 ? `${budget} each` : `${threads} threads; ${budget} in all on either side`
  return [
    `${name}: ${partial ? 'the first ' : ''}${whole(trace.accesses)} accesses${seed}; ${shared}`,
    `Node ${process.version}, ${cpu}${threads === 1 ? '' : `, ${describeCores(machine.cores)}`}`,
  ].join('\n')
}

function describeCores(cores: number): string {
  return `${cores} ${cores === 1 ? 'core' : 'cores'}`
}

function describeBudget(budget: Budget): string {
  return budget.unit === 'bytes' ? formatBytes(budget.bytes) : `${whole(budget.entries)} entries`
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(2)}%`
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function duration(ns: number): string {
  if (ns < NS_PER_US) return `${ns} ns`
  if (ns < NS_PER_MS) return `${(ns / NS_PER_US).toFixed(1)} us`
  return `${(ns / NS_PER_MS).toFixed(1)} ms`
}
