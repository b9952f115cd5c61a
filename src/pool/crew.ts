/**
 * The workers: Piscina, and what it leaves to its users.
 *
 * 1. Every task's promise settles, whatever becomes of its worker: Piscina lets the tasks that wait be
 *    where no worker is left to take them.
 * 2. Tasks have no signal of Piscina's: with one it would ignore maxQueue and concurrentTasksPerWorker,
 *    and terminate the worker at once. Cancelling is Task's; a worker that does not heed it in time is
 *    terminated here.
 * 3. Whatever ends a worker, `onThreadEnded` is called with its id, once.
 */
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { addAbortCallback, removeAbortCallback } from '../cache/loading/abort-hub.js'
import { QueueFullError, WorkerEndedError } from './errors.js'
import type { Outstanding } from './outstanding.js'
import type { PiscinaOptions } from './piscina-options.js'
import type { NudgeRequest, PoolWorkerData, RetireRequest, WorkerReply } from './protocol.js'
import { Task, type TaskOrder } from './task.js'

const ENTRY = fileURLToPath(new URL('./worker/task-worker.js', import.meta.url))
const HANDLER = 'runTask'
const QUEUE_FULL = /^(Task queue is at limit|No task queue available)/
/** How long workers may take to end their part in the cache. */
const RETIRE_MS = 1000

export type TransferList = NonNullable<Parameters<Piscina['run']>[1]>['transferList']

export interface CrewOptions {
  piscina: PiscinaOptions
  workerData: PoolWorkerData
  /** Infinity: never. */
  terminateAfterMs: number
  onError: (error: unknown) => void
  onThreadEnded: (threadId: number) => void
}

export class Crew {
  readonly piscina: Piscina
  readonly #options: CrewOptions
  readonly #outstanding: Outstanding
  readonly #tasks = new Set<Task>()
  #lastError: unknown
  /** Since the last worker that started. */
  #hasNudged = false
  #stopReason: Error | undefined

  constructor(options: CrewOptions, outstanding: Outstanding) {
    this.#options = options
    this.#outstanding = outstanding
    const { workerData } = options
    this.piscina = new Piscina({ ...options.piscina, filename: ENTRY, name: HANDLER, workerData })
    this.piscina.on('error', (error) => {
      this.#lastError = error
      options.onError(error)
    })
    this.piscina.on('workerCreate', ({ id }) => this.#follow(id))
    // Why later: Piscina first starts the worker that takes its place.
    this.piscina.on('workerDestroy', () => queueMicrotask(() => this.#careForWaiting()))
  }

  /** The worker's reply; an abort ends the wait at once. */
  async run(
    order: TaskOrder,
    signal: AbortSignal | undefined,
    transferList?: TransferList,
  ): Promise<WorkerReply> {
    if (this.#stopReason !== undefined) throw this.#stopReason
    signal?.throwIfAborted()
    const task = new Task(order)
    this.#tasks.add(task)
    this.#outstanding.enter()
    let deadline: NodeJS.Timeout | undefined
    const onAbort = (): void => {
      deadline = this.#cancel(task, signal?.reason)
    }
    if (signal !== undefined) addAbortCallback(signal, onAbort)
    this.#post(task, transferList).finally(() => {
      clearTimeout(deadline)
      this.#finish(task)
    })
    try {
      return await task.reply
    } finally {
      if (signal !== undefined) removeAbortCallback(signal, onAbort)
    }
  }

  /** Lets the workers end their part in the cache. To be called when none has a task. */
  async retire(): Promise<void> {
    const count = this.piscina.threads.length
    const arrivals = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const request: RetireRequest = { kind: 'retire', arrivals, count }
    const retirements = Array.from({ length: count }, () => this.piscina.run(request))
    await withLimit(Promise.allSettled(retirements), RETIRE_MS)
  }

  /** Ends all workers now; tasks that are not done fail with `reason`. */
  async stop(reason: Error): Promise<void> {
    this.#stopReason = reason
    for (const task of this.#tasks) task.fail(reason)
    await this.piscina.destroy()
  }

  /** Never rejects. */
  async #post(task: Task, transferList: TransferList): Promise<void> {
    const { request } = task
    const { args } = request
    // Why: a task queue of the user's finds there what its user gave with the arguments.
    const isObject = typeof args === 'object' && args !== null
    const options = isObject ? Reflect.get(args, Piscina.queueOptionsSymbol) : undefined
    if (options !== undefined) Object.assign(request, { [Piscina.queueOptionsSymbol]: options })
    try {
      task.succeed(await this.piscina.run(request, { transferList }))
    } catch (error) {
      task.fail(this.#explain(error as Error, task))
    }
  }

  #explain(error: Error, { loader }: Task): unknown {
    if (this.#stopReason !== undefined) return this.#stopReason
    if (error.name === 'DataCloneError') return error
    if (QUEUE_FULL.test(error.message)) {
      return new QueueFullError(loader, this.piscina.options.maxQueue)
    }
    return new WorkerEndedError(loader, error.message, { cause: error })
  }

  #cancel(task: Task, reason: unknown): NodeJS.Timeout | undefined {
    const threadId = task.cancel(reason)
    const { terminateAfterMs } = this.#options
    if (threadId === undefined || terminateAfterMs === Number.POSITIVE_INFINITY) return undefined
    if (this.piscina.options.concurrentTasksPerWorker > 1) return undefined
    const terminate = (): unknown => this.#worker(threadId)?.terminate()
    const deadline = setTimeout(terminate, terminateAfterMs)
    return deadline.unref()
  }

  #follow(threadId: number): void {
    this.#hasNudged = false
    this.#worker(threadId)?.once('exit', () => this.#options.onThreadEnded(threadId))
  }

  #worker(threadId: number): Worker | undefined {
    return this.piscina.threads.find((worker) => worker.threadId === threadId)
  }

  /**
   * A worker has gone. Where it was the last, Piscina starts another for a new task only, not for those
   * that wait; where that one does not start either, nobody will take them.
   */
  #careForWaiting(): void {
    if (this.#stopReason !== undefined || this.piscina.threads.length > 0) return
    const waiting = [...this.#tasks].filter((task) => task.isWaiting)
    if (waiting.length === 0) return
    if (this.#hasNudged) {
      this.#abandon(waiting, this.#lastError)
      return
    }
    this.#hasNudged = true
    const request: NudgeRequest = { kind: 'nudge' }
    this.piscina.run(request).catch((error) => this.#abandon(waiting, error))
  }

  #abandon(tasks: Task[], cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : 'it did not start'
    for (const task of tasks) {
      // Why cancelled: Piscina keeps the task, and may find a worker for it yet.
      task.cancel(new WorkerEndedError(task.loader, reason, { cause }))
      this.#finish(task)
    }
  }

  #finish(task: Task): void {
    if (this.#tasks.delete(task)) this.#outstanding.leave()
  }
}

async function withLimit(promise: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs)
  })
  await Promise.race([promise, limit])
  clearTimeout(timer)
}
