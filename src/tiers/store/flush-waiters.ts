/**
 * Who waits for the writes that were pending at a moment to be saved or given up.
 *
 * A save of a key covers all earlier writes of it, so a waiter needs the number of one write a key.
 */
import type { FlushOptions } from './store-writer.js'
import { within } from './within.js'

interface Waiter {
  /** Of each key that is not done: the number of its newest write at the call. */
  readonly sequences: Map<string, number>
  end(): void
}

export class FlushWaiters {
  readonly #waiters = new Set<Waiter>()

  /**
   * @param sequences by key; the waiter keeps it
   * @returns whether all are done; false: the time is over, or no more will be done
   */
  async wait(sequences: Map<string, number>, options: FlushOptions): Promise<boolean> {
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const waiter = { sequences, end }
    if (sequences.size === 0) end()
    this.#waiters.add(waiter)
    try {
      await within(ended, options)
      return sequences.size === 0
    } finally {
      this.#waiters.delete(waiter)
    }
  }

  /** A write is saved, or given up. */
  done(key: string, sequence: number): void {
    for (const { sequences, end } of this.#waiters) {
      const awaited = sequences.get(key)
      if (awaited === undefined || awaited > sequence) continue
      sequences.delete(key)
      if (sequences.size === 0) end()
    }
  }

  /** No more will be done. */
  endAll(): void {
    for (const { end } of this.#waiters) end()
  }
}
