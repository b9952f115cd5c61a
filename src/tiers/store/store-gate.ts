/**
 * Keeps new writes from a store that seems to be down, so that an outage does not use up the attempts of
 * everything that is pending.
 *
 * 1. It closes when MANY_FAILURES first attempts in a row have failed and nothing was saved in between, for a
 *    pause that grows with each further one.
 * 2. Whatever is saved opens it. Later attempts of a refused write pass it, and do not count.
 */
import { type RetryLimits, retryPauseMs } from '../retry-pause.js'

const MANY_FAILURES = 5

export class StoreGate {
  readonly #limits: RetryLimits
  readonly #onOpen: () => void
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  constructor(limits: RetryLimits, onOpen: () => void) {
    this.#limits = limits
    this.#onOpen = onOpen
  }

  get isClosed(): boolean {
    return this.#timer !== undefined
  }

  saved(): void {
    this.#failures = 0
    this.stop()
  }

  refusedAtFirst(): void {
    this.#failures++
    if (this.#failures < MANY_FAILURES || this.isClosed) return
    const pauseMs = retryPauseMs(this.#failures - MANY_FAILURES + 1, this.#limits)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#onOpen()
    }, pauseMs)
    this.#timer.unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
