/** How long to wait before the next attempt: doubling, with jitter, so that many do not come at once. */
export interface RetryLimits {
  /** So many attempts, then a write is given up; Infinity: never. */
  readonly attempts: number
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

/**
 * @param failures at least 1
 * @returns milliseconds, from half of the full pause to all of it; never more than `maxDelayMs`
 */
export function retryPauseMs(
  failures: number,
  { minDelayMs, maxDelayMs }: Omit<RetryLimits, 'attempts'>,
): number {
  // Why the second bound: 2 to the power of many is no number that a timer takes.
  const full = Math.min(minDelayMs * 2 ** Math.min(failures - 1, 40), maxDelayMs)
  return Math.ceil(full * (0.5 + Math.random() / 2))
}
