/**
 * Waits for a condition on something outside this process, which tells nobody when it holds: it is asked
 * again and again. Where a promise or an event tells, await that instead.
 */
import { setTimeout as pause } from 'node:timers/promises'

const INTERVAL_MS = 20
const TIMEOUT_MS = 30_000

/** For `expect.poll`, whose own second is short on a busy machine. */
export const PATIENTLY = { timeout: TIMEOUT_MS, interval: INTERVAL_MS }

/**
 * Resolves as soon as the condition holds; one that rejects does not hold yet.
 * @throws where it still does not after half a minute: what was waited for, and the last rejection as cause
 */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = Date.now() + TIMEOUT_MS
  let cause: unknown
  while (Date.now() < end) {
    try {
      if (await condition()) return
      cause = undefined
    } catch (error) {
      cause = error
    }
    await pause(INTERVAL_MS)
  }
  throw new Error(`waited in vain until ${what}`, { cause })
}
