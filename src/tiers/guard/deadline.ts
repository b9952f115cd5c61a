/** The one clock of a guard's calls. Why not cockatiel's timeout: what comes late has to be heard of. */

/** Why: setTimeout ends at once beyond it. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * A promise that settles as a call does, or rejects when its time is over. The call itself goes on then: how
 * it ends is told to `late`, once, and a late rejection is never unhandled.
 */
export function withDeadline<T>(
  call: Promise<T>,
  timeoutMs: number,
  timeoutError: () => Error,
  late: (value: T | undefined) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false
    const timer = setTimeout(
      () => {
        isOver = true
        reject(timeoutError())
      },
      Math.min(timeoutMs, MAX_TIMER_MS),
    )
    call.then(
      (value) => {
        if (isOver) return late(value)
        clearTimeout(timer)
        resolve(value)
      },
      (error) => {
        if (isOver) return late(undefined)
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
