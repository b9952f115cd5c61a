/**
 * Gathers writes into transactions: what is asked for in one turn, or while another commits, goes together.
 *
 * 1. Writes are done in the order in which they were asked for.
 * 2. A write resolves when its transaction is committed, and rejects where it was not; nothing of it was done
 *    then. One that failed for itself does not take those with it that were in its transaction.
 * 3. No more than MAX_BATCH_WRITES or, about, MAX_BATCH_BYTES are in a transaction.
 */
import type { Transaction } from './transaction.js'

export interface Write<Result = unknown> {
  work(transaction: Transaction): Result
  /** About. */
  readonly bytes: number
  /** What it resolves to where there is no room; absent: it rejects. */
  readonly refused?: { readonly result: Result; readonly key: string }
}

export interface QueuedWrite {
  readonly write: Write
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** Runs writes in one transaction; resolves to their results when that is committed. */
export type Commit = (writes: readonly Write[]) => Promise<unknown[]>

/**
 * Makes the best of a transaction that failed.
 * @returns those that are to be tried again; it settles the others
 */
export type OnFailure = (
  error: unknown,
  writes: readonly QueuedWrite[],
) => Promise<readonly QueuedWrite[]>

const MAX_BATCH_WRITES = 1_000
const MAX_BATCH_BYTES = 16 * 1024 * 1024

export class WriteQueue {
  readonly #commit: Commit
  readonly #onFailure: OnFailure
  #waiting: QueuedWrite[] = []
  #draining: Promise<void> | undefined

  constructor(commit: Commit, onFailure: OnFailure) {
    this.#commit = commit
    this.#onFailure = onFailure
  }

  run<Result>(write: Write<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve: resolve as (result: unknown) => void, reject })
      this.#draining ??= this.#drain()
    })
  }

  /** Resolves when all that was asked for is settled. */
  async idle(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining
  }

  async #drain(): Promise<void> {
    // Why: to have the rest of this turn's writes in the same transaction.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#runBatch(this.#takeBatch())
    this.#draining = undefined
  }

  #takeBatch(): QueuedWrite[] {
    let bytes = 0
    let count = 0
    for (const { write } of this.#waiting) {
      bytes += write.bytes
      if (count === MAX_BATCH_WRITES || (count > 0 && bytes > MAX_BATCH_BYTES)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #runBatch(batch: readonly QueuedWrite[]): Promise<void> {
    const failure = await this.#try(batch)
    if (failure === undefined) return
    const again = await this.#onFailure(failure.error, batch)
    for (const queued of again) {
      const second = await this.#try([queued])
      if (second !== undefined) queued.reject(second.error)
    }
  }

  async #try(batch: readonly QueuedWrite[]): Promise<{ error: unknown } | undefined> {
    try {
      const results = await this.#commit(batch.map(({ write }) => write))
      for (const [index, { resolve }] of batch.entries()) resolve(results[index])
      return undefined
    } catch (error) {
      return { error }
    }
  }
}
