/**
 * Waiting for a word of the shared memory to change, without blocking the event loop.
 *
 * Why a timer beside Atomics.waitAsync: that alone does not keep the process alive, and whoever would
 * wake us may have died.
 */
interface AsyncWaiting {
  waitAsync(
    words: Int32Array,
    index: number,
    expected: number,
    timeoutMs: number,
  ): { async: false } | { async: true; value: Promise<unknown> }
}

const { waitAsync } = Atomics as unknown as AsyncWaiting

/** Resolves when the word is no longer `expected`, was notified, or the time is over; never rejects. */
export function waitForChange(
  words: Int32Array,
  index: number,
  expected: number,
  timeoutMs: number,
): Promise<void> {
  const waiting = waitAsync(words, index, expected, timeoutMs)
  if (!waiting.async) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs)
    waiting.value.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
