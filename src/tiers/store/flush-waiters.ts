/**
 * Who waits for the writes that were pending at a moment to be saved or given up.
 *
 * A save of a key covers all earlier writes of it, so a waiter needs the number of one write a key.
 */
import { parseDurationMs } from '../../cache/units.js'
import type { FlushOptions } from './store-writer.js'

interface Waiter {
  /** Of each key that is not done: the number of its newest write at the call. */
  readonly sequences: Map<string, number>
  end(isComplete: boolean): void
}

export class FlushWaiters {
  readonly #waiters = new Set<Waiter>()

  /**
   * @param sequences by key; the waiter keeps it
   * @returns whether all are done; false: the time is over, or no more will be done
   */
  wait(sequences: Map<string, number>, { signal, timeout }: FlushOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const timeoutMs = timeout === undefined ? undefined : parseDurationMs(timeout, 'timeout')
      signal?.throwIfAborted()
      if (sequences.size === 0) return resolve(true)
      const forget = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        sequences,
        end: (isComplete) => {
          forget()
          resolve(isComplete)
        },
      }
      const onAbort = () => {
        forget()
        reject(signal?.reason)
      }
      const timer =
        timeoutMs === undefined ? undefined : setTimeout(() => waiter.end(false), timeoutMs)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiters.add(waiter)
    })
  }

  /** A write is saved, or given up. */
  done(key: string, sequence: number): void {
    for (const waiter of this.#waiters) {
      const awaited = waiter.sequences.get(key)
      if (awaited === undefined || awaited > sequence) continue
      waiter.sequences.delete(key)
      if (waiter.sequences.size === 0) waiter.end(true)
    }
  }

  /** No more will be done. */
  endAll(): void {
    for (const waiter of this.#waiters) waiter.end(false)
  }
}
