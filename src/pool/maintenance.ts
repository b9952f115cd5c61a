/**
 * The pool's upkeep of its cache: a thread of its own that sleeps, takes bounded steps, and sleeps.
 *
 * 1. It does not keep the process alive.
 * 2. Where it fails, `onError` is told, and nothing else happens: the threads that write do the upkeep,
 *    as without a pool.
 * 3. stop() lets it end its part in the cache.
 *
 * Why no worker of the pool: those may all be busy for long, and sleep without an event loop when not.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { PiscinaOptions } from './piscina-options.js'
import type { PoolWorkerData } from './protocol.js'

export const MAINTENANCE_RUNS = 0
export const MAINTENANCE_STOPS = 1

export interface MaintenanceWorkerData extends PoolWorkerData {
  /** One word: MAINTENANCE_RUNS or MAINTENANCE_STOPS. */
  control: Int32Array
  intervalMs: number
}

/** A step takes far less; this is for a system that is badly overloaded. */
const STOP_MS = 2000

export class Maintenance {
  readonly #control = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #worker: Worker
  readonly #ended: Promise<unknown>

  constructor(
    poolData: PoolWorkerData,
    intervalMs: number,
    { env, execArgv }: Pick<PiscinaOptions, 'env' | 'execArgv'>,
    onError: (error: unknown) => void,
    onThreadEnded: (threadId: number) => void,
  ) {
    const workerData: MaintenanceWorkerData = { ...poolData, control: this.#control, intervalMs }
    this.#worker = new Worker(new URL('./worker/maintenance-worker.js', import.meta.url), {
      workerData,
      env,
      execArgv,
      name: 'hotset maintenance',
    })
    this.#worker.unref()
    this.#worker.on('error', onError)
    const { threadId } = this.#worker
    this.#ended = once(this.#worker, 'exit').catch(() => {})
    this.#worker.once('exit', () => onThreadEnded(threadId))
  }

  async stop(): Promise<void> {
    this.#worker.ref()
    Atomics.store(this.#control, 0, MAINTENANCE_STOPS)
    Atomics.notify(this.#control, 0)
    const limit = setTimeout(() => this.#worker.terminate(), STOP_MS)
    await this.#ended
    clearTimeout(limit)
  }
}
