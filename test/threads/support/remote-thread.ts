/**
 * Another thread with a cache, told by messages what to do: the order of events between threads is then
 * the test's.
 *
 * 1. Requests are done in the order in which they are made.
 */
import { Worker } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import type { AttachOptions, GetOrSetOptions, SharedCache } from '../../../src/index.js'
import { workerUrl } from './worker-threads.js'

interface Reply {
  id: number
  stage?: 'begun' | 'loading'
  value?: unknown
  error?: { name: string; code?: string; message: string }
}

/** A getOrSet in the other thread, with a loader that ends when it is told to. */
export interface RemoteLoad {
  /** How often the loader was called. */
  readonly loaderCalls: number
  /** The call has been made, and is either loading or waiting. */
  readonly begun: Promise<void>
  /** The loader has been called. */
  readonly loading: Promise<void>
  readonly result: Promise<unknown>
  finish(value: unknown): void
  fail(message: string): void
}

interface Request {
  loaderCalls: number
  onBegun: () => void
  onLoading: () => void
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

export class RemoteThread {
  readonly #worker: Worker
  readonly #requests = new Map<number, Request>()
  #lastId = 0

  /** Of the test that is running; ended after it. */
  static async start(cache: SharedCache, options: AttachOptions = {}): Promise<RemoteThread> {
    const worker = new Worker(workerUrl('remote-worker.mjs'), {
      workerData: { handle: cache.handle, options },
    })
    onTestFinished(async () => {
      await worker.terminate()
    })
    const thread = new RemoteThread(worker)
    await thread.#request(0).result
    return thread
  }

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (reply: Reply) => this.#onReply(reply))
    worker.on('error', (error) => {
      for (const { reject } of this.#requests.values()) reject(error)
    })
  }

  call(method: keyof SharedCache, ...args: unknown[]): Promise<unknown> {
    const id = ++this.#lastId
    const { result } = this.#request(id)
    this.#worker.postMessage({ action: 'call', id, method, args })
    return result
  }

  load(key: string, options: GetOrSetOptions = {}, abortAfterMs?: number): RemoteLoad {
    const id = ++this.#lastId
    const load = this.#request(id)
    this.#worker.postMessage({ action: 'load', id, key, options, abortAfterMs })
    return load
  }

  /** Closes the cache there, and ends. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.postMessage({ action: 'end' })
    await ended
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #request(id: number): RemoteLoad {
    let onBegun = (): void => {}
    let onLoading = (): void => {}
    const begun = new Promise<void>((resolve) => {
      onBegun = resolve
    })
    const loading = new Promise<void>((resolve) => {
      onLoading = resolve
    })
    let request: Request | undefined
    const result = new Promise((resolve, reject) => {
      request = { loaderCalls: 0, onBegun, onLoading, resolve, reject }
      this.#requests.set(id, request)
    })
    // Why: a thread that is terminated leaves results that nobody waits for.
    result.catch(() => {})
    const finish = (outcome: object): void => {
      this.#worker.postMessage({ action: 'finish', id, ...outcome })
    }
    return {
      get loaderCalls() {
        return request?.loaderCalls ?? 0
      },
      begun,
      loading,
      result,
      finish: (value) => finish({ value }),
      fail: (failure) => finish({ failure }),
    }
  }

  #onReply({ id, stage, value, error }: Reply): void {
    const request = this.#requests.get(id)
    if (request === undefined) return
    if (stage === 'begun') request.onBegun()
    else if (stage === 'loading') {
      request.loaderCalls++
      request.onLoading()
    } else if (error !== undefined) request.reject(Object.assign(new Error(), error))
    else request.resolve(value)
  }
}
