/**
 * What get-threads, mixed-threads and set-threads have in common: the implementations, the threads, two
 * passes (as fast as it goes; one operation at a time, each timed), and how they are told.
 */
import assert from 'node:assert/strict'
import { Histogram } from '../measuring/histogram.mjs'
import { collect } from '../measuring/measure.mjs'
import { HOTSET, IMPLEMENTATIONS, LMDB, loadTarget, REDIS } from './implementations.mjs'
import { Team } from './team.mjs'
import { DEPTH, VALUE_BYTES, Workload } from './workload.mjs'

const WORKER = new URL('client-worker.mjs', import.meta.url)
const MOST_THREADS = 4
const THREAD_COUNTS = [1, 2, MOST_THREADS]
const PASS_MS = 500
const WARM_UP_MS = 250
const SMOKE_MS = 30
const LMDB_TIMES = 5
const REDIS_TIMES = 20
const SLOWEST_US = 100

/** How all of them are made and measured; for the report. */
export const METHOD = `Keys of 16 characters, made beforehand and used again, so that their hashes are
known; values are strings of ${VALUE_BYTES}. hotset is one cache that all threads attach to; "${IMPLEMENTATIONS[2]}" is a
cache in each thread, which together hold as many entries as hotset does in the same bytes; lmdb is one
environment opened by all threads, in a folder of the system's for temporary files, with noSync, gets
synchronous, puts asynchronous; Redis is a server of its own on loopback, nothing kept on disk, one
connection a thread; "${IMPLEMENTATIONS[5]}" is asked by messages. Redis and messages are pipelined, ${DEPTH}
operations at a time: those that a thread asks for in one turn go out together, and the next when all are
answered. That is the pass behind "operations a second", of all threads together, from the barrier where
they start to the end of the last. Quantiles and the longest come from a second pass, in which every
thread does one operation at a time, each timed: for Redis, messages and puts of lmdb, until it is
answered or committed. "own" leaves out what a thread waited for a core. Memory is of the process after
the first pass, for Redis that of its server besides. Ratios are to lmdb. ${MOST_THREADS} threads are one round.`

export const METRICS = [
  { key: 'operationsPerSecond', title: 'operations a second', digits: 0, ratio: 'rate' },
  { key: 'hitPercent', title: 'hits, %', digits: 1 },
  { key: 'p50Us', title: 'p50, µs', digits: 2, better: 'less' },
  { key: 'p99Us', title: 'p99, µs', digits: 2, better: 'less' },
  { key: 'p9999Us', title: 'p99.99, µs', digits: 1 },
  { key: 'ownP9999Us', title: 'own, µs', digits: 1, better: 'less' },
  { key: 'worstMs', title: 'longest, ms', digits: 2 },
  { key: 'ownWorstMs', title: 'own, ms', digits: 2 },
  { key: 'rssMib', title: 'RSS, MiB', digits: 0, better: 'less' },
]

/**
 * @param {{ title: string, about: string, chartTitle: string, loads: object[], smokeLoad: object,
 *   distribution?: string, setPercent: number, latencyAim: boolean, rateAims: boolean }} kind `loads`: what
 *   differs from case to case but the number of threads; in each, `maxEntries` is what hotset holds in
 *   `maxBytes`, for the caches that count entries, and `isFull` tells that it is to evict
 * @returns {import('../harness/types.d.ts').Scenario}
 */
export function threadScenario(kind) {
  const { title, about, chartTitle, loads, smokeLoad, setPercent } = kind
  const cases = loads.flatMap((load) => THREAD_COUNTS.map((threads) => caseOf(load, threads)))
  return {
    title,
    about: `${about} ${METHOD}`,
    baseline: LMDB,
    implementations: IMPLEMENTATIONS,
    rounds: 2,
    cases,
    smokeCases: [caseOf(smokeLoad, 2)],
    metrics: METRICS,
    chart: {
      metric: 'operationsPerSecond',
      title: chartTitle,
      logarithmic: true,
      from: 10_000,
    },
    aims: cases.flatMap((each) => [
      ...(kind.rateAims ? rateAims(each) : []),
      ...(kind.latencyAim && each.threads === 2 ? [latencyAim(each)] : []),
    ]),
    run: (context) => measure(context, setPercent),
  }
}

async function measure({ implementation, parameters, seed, smoke }, setPercent) {
  const { threads, keyCount, maxBytes, maxEntries, isFull, distribution } = parameters
  const workload = new Workload(keyCount, seed)
  const { open } = await loadTarget(implementation)
  const host = await open({ implementation, threads, maxBytes, maxEntries, isFull, workload })
  const load = { implementation, keyCount, seed, distribution, setPercent }
  const team = await Team.start(WORKER, threads, (thread) => {
    const { data, transfer } = host.equip(thread)
    return { data: { ...load, thread, own: data }, transfer }
  })

  const together = (kind, timeMs) =>
    team.run(Array(threads).fill({ kind }), smoke ? SMOKE_MS : timeMs)
  await together('run', WARM_UP_MS)
  const fast = await together('run', PASS_MS)
  // Why: before a phase each thread collects its garbage, of which the clients of Redis make much.
  await together('rest', 0)
  collect()
  const rssBytes = process.memoryUsage().rss + ((await host.serverRssBytes?.()) ?? 0)
  const timed = await together('time each', PASS_MS)
  await team.stop()
  await host.close()

  const operations = sum(fast.reports, 'operations')
  const misses = sum(fast.reports, 'misses')
  const times = Histogram.merge(timed.reports.map((report) => report.times))
  assert.ok(operations > 0 && times.count > 0, 'nothing was done')
  return {
    operationsPerSecond: (operations / fast.elapsedMs) * 1000,
    ...(setPercent < 100 && {
      hitPercent: 100 - (misses / operations / (1 - setPercent / 100)) * 100,
    }),
    p50Us: times.quantile(0.5),
    p99Us: times.quantile(0.99),
    p9999Us: times.quantile(0.9999),
    ownP9999Us: times.ownQuantile(0.9999),
    worstMs: times.worstMs,
    ownWorstMs: times.ownWorstMs,
    rssMib: rssBytes / 2 ** 20,
  }
}

function sum(reports, key) {
  return reports.reduce((total, report) => total + report[key], 0)
}

function caseOf(load, threads) {
  const count = threads === 1 ? '1 thread' : `${threads} threads`
  const name = load.name === undefined ? count : `${load.name}, ${count}`
  return { ...load, name, threads, ...(threads === MOST_THREADS && { rounds: 1 }) }
}

function rateAims({ name }) {
  const aim = { case: name, implementation: HOTSET, metric: 'operationsPerSecond', of: 'ratio' }
  return [
    { ...aim, atLeast: LMDB_TIMES },
    { ...aim, to: REDIS, atLeast: REDIS_TIMES },
  ]
}

function latencyAim({ name }) {
  return { case: name, implementation: HOTSET, metric: 'p9999Us', of: 'value', atMost: SLOWEST_US }
}
