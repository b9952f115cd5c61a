/** Waiting for something that may never come. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** @throws where it has not come in time, or as it does; what comes later is dropped */
export async function inTime(work: Promise<unknown>, limitMs: number): Promise<void> {
  const done = new AbortController()
  const late = failLate(limitMs, done.signal)
  // Why: whichever of them comes second has nobody to hear of it.
  late.catch(() => {})
  work.catch(() => {})
  try {
    await Promise.race([work, late])
  } finally {
    done.abort()
  }
}

async function failLate(limitMs: number, signal: AbortSignal): Promise<never> {
  await sleep(limitMs, undefined, { signal })
  // Why: where this process was busy itself, the answer may have come, and is to be read first.
  await nextTurn()
  throw new Error(`no answer within ${limitMs} ms`)
}
