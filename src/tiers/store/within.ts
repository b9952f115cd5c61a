/** Waits for something no longer than it is asked to. */
import { parseDurationMs } from '../../cache/units.js'
import type { FlushOptions } from './store-writer.js'

/**
 * Whether `end` came; false: the time was over before. Rejects with the signal's reason where that aborted.
 * @param end does not reject
 */
export function within(end: Promise<void>, { signal, timeout }: FlushOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timeoutMs = timeout === undefined ? undefined : parseDurationMs(timeout, 'timeout')
    signal?.throwIfAborted()
    const finish = (settle: () => void) => () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      settle()
    }
    const onAbort = finish(() => reject(signal?.reason))
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(
            finish(() => resolve(false)),
            timeoutMs,
          )
    signal?.addEventListener('abort', onAbort, { once: true })
    end.then(finish(() => resolve(true)))
  })
}
