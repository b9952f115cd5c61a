/** Pauses between tries: growing from 20 ms to a second, with jitter, so that processes do not come at once. */
const FIRST_MS = 20
const LONGEST_MS = 1000

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
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 10))
  return Math.ceil(longest * (0.5 + Math.random() / 2))
}
