/**
 * A task on the caller's side: its state word, and its promise.
 *
 * 1. The promise settles once: with the reply, the failure, or at once when the task is cancelled;
 *    what the worker says after that is not heard.
 * 2. A task that was cancelled before a worker had it keeps nothing of its arguments alive.
 */
import {
  STATE_CANCELLED,
  STATE_INDEX,
  STATE_RUNNING,
  STATE_WAITING,
  STATE_WORDS,
  type TaskRequest,
  THREAD_INDEX,
  type WorkerReply,
} from './protocol.js'

/** What the caller gives of a request: the state word is the task's. */
export type TaskOrder = TaskRequest extends infer Request
  ? Request extends TaskRequest
    ? Omit<Request, 'state'>
    : never
  : never

export class Task {
  readonly request: TaskRequest
  readonly reply: Promise<WorkerReply>
  readonly #state: Int32Array
  #resolve: (reply: WorkerReply) => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor(order: TaskOrder) {
    this.#state = new Int32Array(new SharedArrayBuffer(STATE_WORDS * Int32Array.BYTES_PER_ELEMENT))
    this.request = { ...order, state: this.#state } as TaskRequest
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get loader(): string {
    return this.request.loader
  }

  get isWaiting(): boolean {
    return Atomics.load(this.#state, STATE_INDEX) === STATE_WAITING
  }

  succeed(reply: WorkerReply): void {
    this.#resolve(reply)
  }

  fail(error: unknown): void {
    this.#reject(error)
  }

  /** @returns the id of the thread that runs the task; undefined: none did, and none will */
  cancel(reason: unknown): number | undefined {
    this.#reject(reason)
    const state = this.#state
    const was = Atomics.compareExchange(state, STATE_INDEX, STATE_WAITING, STATE_CANCELLED)
    if (was === STATE_WAITING) {
      this.request.args = undefined
      return undefined
    }
    const now = Atomics.compareExchange(state, STATE_INDEX, STATE_RUNNING, STATE_CANCELLED)
    Atomics.notify(state, STATE_INDEX)
    return now === STATE_RUNNING ? Atomics.load(state, THREAD_INDEX) : undefined
  }
}
