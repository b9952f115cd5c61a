/** Pauses between tries: growing from 20 ms to a second, with jitter, so that processes do not come at once. */
import { retryPauseMs } from '../retry-pause.js'

const LIMITS = { minDelayMs: 20, maxDelayMs: 1000 }

export class RetryPause {
  #tries = 0

  next(): number {
    return pauseMs(this.#tries++)
  }

  reset(): void {
    this.#tries = 0
  }
}

/** @param tries how many there were before */
export function pauseMs(tries: number): number {
  return retryPauseMs(tries + 1, LIMITS)
}
