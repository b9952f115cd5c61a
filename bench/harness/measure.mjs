/**
 * Time, garbage collection and memory, as the scenarios need them.
 *
 * 1. What is timed makes no data; where it must, the scenario says so.
 * 2. Medians over many batches, so that a process that takes the core away for a while is not counted;
 *    stalls count everything, and the implementation `no cache` tells what the machine alone does.
 */
import assert from 'node:assert/strict'
import { PerformanceObserver, performance } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { Bench } from 'tinybench'

const NS_PER_MS = 1e6

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

/** The times of single steps, all kept, so that every quantile is exact. */
export class Stalls {
  #timesMs
  #count = 0
  #totalMs = 0
  #sorted = false

  constructor(capacity) {
    // Why touched now: a page that the system gives at its first use would count as a stall.
    this.#timesMs = new Float64Array(capacity).fill(1)
  }

  add(timeMs) {
    this.#timesMs[this.#count++] = timeMs
    this.#sorted = false
    this.#totalMs += timeMs
  }

  get totalMs() {
    return this.#totalMs
  }

  /** In microseconds. */
  quantile(share) {
    assert.ok(this.#count > 0, 'nothing was timed')
    const times = this.#timesMs.subarray(0, this.#count)
    if (!this.#sorted) times.sort()
    this.#sorted = true
    return times[Math.min(this.#count - 1, Math.floor(share * this.#count))] * 1000
  }

  /** In microseconds. */
  get worst() {
    return this.quantile(1)
  }
}

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

/** Memory after a garbage collection, in MiB. */
export function memory() {
  collect()
  const { rss, heapUsed } = process.memoryUsage()
  return { rssMib: rss / 2 ** 20, heapMib: heapUsed / 2 ** 20 }
}

export function collect() {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
}

export { performance, turn }
