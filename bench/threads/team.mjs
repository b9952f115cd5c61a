/**
 * Worker threads that work at the same time: they come to a barrier, start together, and stop at a flag.
 *
 * 1. A phase lasts from the opening of the barrier to the end of the last thread.
 * 2. A thread that fails, or ends, or does not come back in time fails the phase, and with it the
 *    benchmark: nothing is measured of a team that is not whole.
 * 3. The main thread is never blocked: it may serve the others.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

export const GENERATION = 0
export const STOPPED = 1
const WORDS = 2
/** For preparing, and for coming to an end: far more than any of them takes. */
const PATIENCE_MS = 60_000
const NS_PER_MS = 1e6

/** By the clock that all threads share. */
export function nowMs() {
  return Number(process.hrtime.bigint()) / NS_PER_MS
}

export class Team {
  #words = new Int32Array(new SharedArrayBuffer(WORDS * 4))
  #workers = []
  #failure
  #fail
  #ended = false
  /** What each thread waits to say next, as { resolve }. */
  #awaited = []

  /**
   * @param {URL} file of a worker that calls follow() of member.mjs
   * @param {number} count of threads
   * @param {(thread: number) => { data: object, transfer?: import('node:worker_threads').TransferListItem[] }} equip
   *   what a thread finds as its workerData
   */
  static async start(file, count, equip) {
    const team = new Team()
    const joined = Array.from({ length: count }, (_, thread) => team.#hire(file, equip(thread)))
    await team.#inTime(Promise.all(joined), 'to start')
    return team
  }

  constructor() {
    this.#failure = new Promise((_, reject) => {
      this.#fail = reject
    })
    // Why: it may fail while nobody waits; the next who does is told.
    this.#failure.catch(() => {})
  }

  /**
   * @param {(object | undefined)[]} phases what each thread is to do; undefined: nothing
   * @returns {Promise<{ reports: object[], elapsedMs: number }>} of the threads that had something to do
   */
  async run(phases, timeMs) {
    Atomics.store(this.#words, STOPPED, 0)
    await this.#inTime(this.#tell(phases), 'to get ready')
    const beganMs = nowMs()
    const threads = phases.flatMap((phase, thread) => (phase === undefined ? [] : [thread]))
    const reports = Promise.all(threads.map((thread) => this.#next(thread)))
    Atomics.add(this.#words, GENERATION, 1)
    Atomics.notify(this.#words, GENERATION)
    await Promise.race([sleep(timeMs), this.#failure])
    Atomics.store(this.#words, STOPPED, 1)
    Atomics.notify(this.#words, STOPPED)
    const ended = await this.#inTime(reports, 'to end')
    const endedMs = Math.max(...ended.map((each) => each.endedMs))
    return { reports: ended.map(({ report }) => report), elapsedMs: endedMs - beganMs }
  }

  async stop() {
    this.#ended = true
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }

  #hire(file, { data, transfer = [] }) {
    const thread = this.#workers.length
    const worker = new Worker(file, {
      workerData: { ...data, words: this.#words },
      transferList: transfer,
    })
    this.#workers.push(worker)
    worker.on('message', (message) => this.#awaited[thread]?.(message))
    worker.on('error', (error) => this.#fail(error))
    worker.on('exit', (code) => {
      if (!this.#ended) this.#fail(new Error(`Thread ${thread} ended with ${code} in mid-run`))
    })
    return this.#next(thread)
  }

  #tell(phases) {
    return Promise.all(
      phases.map((phase, thread) => {
        if (phase === undefined) return undefined
        const ready = this.#next(thread)
        this.#workers[thread].postMessage(phase)
        return ready
      }),
    )
  }

  #next(thread) {
    return new Promise((resolve) => {
      this.#awaited[thread] = resolve
    })
  }

  async #inTime(promise, what) {
    const patience = new AbortController()
    const late = sleep(PATIENCE_MS, undefined, { signal: patience.signal }).then(() => {
      throw new Error(`Threads took more than ${PATIENCE_MS} ms ${what}`)
    })
    late.catch(() => {})
    try {
      return await Promise.race([promise, this.#failure, late])
    } finally {
      patience.abort()
    }
  }
}
