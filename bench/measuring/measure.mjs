/**
 * Time, garbage collection and memory, as the scenarios need them.
 *
 * 1. What is timed makes no data; where it must, the scenario says so.
 * 2. Medians over many batches, so that a process that takes the core away for a while is not counted.
 *    Stalls count everything, and tell besides what remains without the wait for a core.
 */
import assert from 'node:assert/strict'
import { openSync, readSync } from 'node:fs'
import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { Bench } from 'tinybench'

const NS_PER_MS = 1e6
/** Of shorter steps nobody asks what held them up: the answer costs some microseconds. */
const SLOW_MS = 0.3
const SETTLING_ATTEMPTS = 10
const SETTLING_MS = 50
const SETTLED_SHARE = 0.005

/**
 * Runs `batch` again and again, `prepare` before each, untimed.
 *
 * @param {{ prepare?: () => void, batch: () => unknown, operations: number, timeMs: number }} task
 * @returns {Promise<{ nsPerOp: number, nsPerOpP99: number }>} of the median batch, and of the 99th in 100
 */
export async function timeBatches({ prepare, batch, operations, timeMs }) {
  const bench = new Bench({ time: timeMs, warmupTime: timeMs / 2, iterations: 10 })
  bench.add('batch', batch, { beforeEach: () => prepare?.() })
  const [{ result }] = await bench.run()
  if (result.state !== 'completed') throw result.error ?? new Error(`The run was ${result.state}`)
  const nsPerOp = NS_PER_MS / operations
  return { nsPerOp: result.latency.p50 * nsPerOp, nsPerOpP99: result.latency.p99 * nsPerOp }
}

/**
 * The times of single steps, all kept, so that every quantile is exact.
 *
 * Of a slow step it also finds how much of it the thread spent waiting for a core, where the system tells
 * (Linux): what is left is the step's own time. look() has to be called now and then, outside of what is
 * timed; only what was waited since the last look is taken off a slow step.
 */
export class Stalls {
  /** The longest step without the wait for a core. */
  ownWorstMs = 0
  ownOverOneMs = 0
  #timesMs
  #count = 0
  #totalMs = 0
  #slowWaitsMs = 0
  #sorted = false
  #waitedMs = 0

  constructor(capacity) {
    // Why touched now: a page that the system gives at its first use would count as a stall.
    this.#timesMs = new Float64Array(capacity).fill(1)
  }

  look() {
    this.#waitedMs = waitedForCoreMs()
  }

  add(timeMs) {
    this.#timesMs[this.#count++] = timeMs
    this.#totalMs += timeMs
    this.#sorted = false
    if (timeMs > SLOW_MS) this.#addSlow(timeMs)
  }

  get totalMs() {
    return this.#totalMs
  }

  /** Without what slow steps waited for a core. */
  get ownTotalMs() {
    return this.#totalMs - this.#slowWaitsMs
  }

  /** In microseconds. */
  quantile(share) {
    assert.ok(this.#count > 0, 'nothing was timed')
    const times = this.#timesMs.subarray(0, this.#count)
    if (!this.#sorted) times.sort()
    this.#sorted = true
    return times[Math.min(this.#count - 1, Math.floor(share * this.#count))] * 1000
  }

  get worstMs() {
    return this.quantile(1) / 1000
  }

  #addSlow(timeMs) {
    const waitedBefore = this.#waitedMs
    this.look()
    const waitMs = Math.min(timeMs, this.#waitedMs - waitedBefore)
    const ownMs = timeMs - waitMs
    this.#slowWaitsMs += waitMs
    this.ownWorstMs = Math.max(this.ownWorstMs, ownMs)
    if (ownMs > 1) this.ownOverOneMs++
  }
}

/** How long this thread has been ready to run without a core; 0 where the system does not tell. */
export function waitedForCoreMs() {
  if (schedule === undefined) return 0
  const bytes = readSync(schedule.file, schedule.text, 0, schedule.text.length, 0)
  // The file: ns on a core, ns waiting for one, and how often it got one.
  return Number(schedule.text.latin1Slice(0, bytes).split(' ')[1]) / NS_PER_MS
}

function openSchedule() {
  try {
    return { file: openSync('/proc/thread-self/schedstat'), text: Buffer.alloc(64) }
  } catch {
    return undefined
  }
}

const schedule = openSchedule()

/** Time spent in garbage collection from here to stop(). */
export class CollectorWatch {
  #observer
  #totalMs = 0
  #worstMs = 0

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#take(list.getEntries()))
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  async stop() {
    await turn()
    this.#take(this.#observer.takeRecords())
    this.#observer.disconnect()
    return { gcMs: this.#totalMs, gcWorstMs: this.#worstMs }
  }

  #take(entries) {
    for (const { duration } of entries) {
      this.#totalMs += duration
      this.#worstMs = Math.max(this.#worstMs, duration)
    }
  }
}

/** The event loop's busy time, and how late a timer was at worst, from here to stop(). */
export class LoopWatch {
  #before = performance.eventLoopUtilization()
  #delays = monitorEventLoopDelay({ resolution: 1 })

  constructor() {
    this.#delays.enable()
  }

  stop() {
    this.#delays.disable()
    const { active } = performance.eventLoopUtilization(this.#before)
    return { busyMs: active, worstDelayMs: this.#delays.max / NS_PER_MS }
  }
}

/** Memory after a garbage collection, in MiB. */
export function memory() {
  collect()
  const { rss, heapUsed } = process.memoryUsage()
  return { rssMib: rss / 2 ** 20, heapMib: heapUsed / 2 ** 20 }
}

/** The same, when it changes no more: freed pages go back to the system some time after a collection. */
export async function settledMemory() {
  let before = memory()
  for (let attempt = 0; attempt < SETTLING_ATTEMPTS; attempt++) {
    await wait(SETTLING_MS)
    const now = memory()
    if (Math.abs(now.rssMib - before.rssMib) < SETTLED_SHARE * now.rssMib) return now
    before = now
  }
  return before
}

export function collect() {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
}

export { performance, turn }
