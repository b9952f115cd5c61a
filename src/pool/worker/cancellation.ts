/**
 * A task's signal in the worker, driven by the state word that the pool cancels in.
 *
 * 1. The word is watched only for a loader that has looked at its signal: watching costs a turn of the
 *    event loop at the task's end, since else the watches of a thread that never gets to its event loop
 *    would pile up.
 * 2. When end() is over, nothing watches any more.
 */
import { threadId } from 'node:worker_threads'
import {
  STATE_CANCELLED,
  STATE_ENDED,
  STATE_INDEX,
  STATE_RUNNING,
  STATE_WAITING,
  THREAD_INDEX,
} from '../protocol.js'

export class Cancellation {
  readonly #state: Int32Array
  readonly #controller = new AbortController()
  #watching: Promise<void> | undefined

  constructor(state: Int32Array) {
    this.#state = state
  }

  /** False: the task was cancelled before it began. */
  begin(): boolean {
    Atomics.store(this.#state, THREAD_INDEX, threadId)
    // Order: whoever sees RUNNING sees the thread too.
    const was = Atomics.compareExchange(this.#state, STATE_INDEX, STATE_WAITING, STATE_RUNNING)
    return was === STATE_WAITING
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  watch(): void {
    this.#watching ??= this.#wait()
  }

  async end(): Promise<void> {
    Atomics.compareExchange(this.#state, STATE_INDEX, STATE_RUNNING, STATE_ENDED)
    if (this.#watching === undefined) return
    Atomics.notify(this.#state, STATE_INDEX)
    await this.#watching
  }

  async #wait(): Promise<void> {
    const { async, value } = Atomics.waitAsync(this.#state, STATE_INDEX, STATE_RUNNING)
    if (async) await value
    if (Atomics.load(this.#state, STATE_INDEX) === STATE_CANCELLED) this.#controller.abort()
  }
}
