/** The result as people read it: one table, and below it what they should know about it. */
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { formatBytes } from '../cache/units.js'
import type { Budget } from '../replay/budget.js'
import type { PassResult } from '../replay/pass.js'
import type { ReplayReport } from './report.js'

const NS_PER_US = 1000
const NS_PER_MS = 1_000_000
const NOT_MEASURED = '-'

type Row = [label: string, show: (pass: PassResult) => string]

const ROWS: readonly Row[] = [
  ['hit ratio', (pass) => percent(pass.hitRatio)],
  ['byte hit ratio', (pass) => percent(pass.byteHitRatio)],
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
  const table = new Table({
    head: ['', `hotset (${report.settings.policy})`, 'lru-cache'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  for (const [label, show] of ROWS) {
    table.push([
      label,
      ...[hotset, lruCache].map((pass) => ('failed' in pass ? NOT_MEASURED : show(pass))),
    ])
  }
  return [headline(report), table.toString(), ...report.notes, ''].join('\n')
}

function headline({ trace, settings }: ReplayReport): string {
  const name =
    trace.files.length > 0 ? trace.files.map(({ path }) => path).join(', ') : 'built-in workload'
  const seed = trace.files.length > 0 ? '' : `, seed ${trace.seed}`
  const cpu = cpus()[0]?.model ?? 'an unknown CPU'
  return [
    `${name}: ${whole(trace.accesses)} accesses${seed}; ${describeBudget(settings.budget)} each`,
    `Node ${process.version}, ${cpu}`,
  ].join('\n')
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
