/**
 * Puts what is to be journalled at the same time into one transaction: an fsync costs the same for one write
 * and for a thousand.
 *
 * 1. Operations are prepared and finished in the order in which they were submitted.
 * 2. One transaction is under way at a time; `prepare` of the next runs when `finish` of all of this one has.
 * 3. Where a transaction fails, each of its operations rejects, and nothing of it is in the journal.
 */
import type { DeathNote, JournalChanges } from './journal.js'

/** What a transaction will change, as its operations put it together. */
export class Changes {
  /** By the cache's key: of several writes of one key the last stays. */
  readonly puts = new Map<string, { sequence: number; record: Buffer }>()
  readonly removes = new Set<number>()
  readonly deadPuts = new Map<string, { sequence: number; record: Buffer; note: DeathNote }>()
  readonly deadRemoves = new Set<number>()
}

export interface Operation<Result> {
  prepare(changes: Changes): void
  /** The changes are on the disk. */
  finish(changes: Changes): Result
  /** They are not. */
  fail?(): void
}

interface Submitted {
  readonly operation: Operation<unknown>
  resolve(result: unknown): void
  reject(error: unknown): void
}

export class GroupCommit {
  readonly #write: (changes: JournalChanges) => Promise<void>
  #queue: Submitted[] = []
  #running: Promise<void> | undefined
  /** What the transaction changes that is under way: it may be on the disk already. */
  underWay: Changes | undefined

  /** @param write puts all of it on the disk, or rejects and changes nothing */
  constructor(write: (changes: JournalChanges) => Promise<void>) {
    this.#write = write
  }

  submit<Result>(operation: Operation<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#queue.push({ operation, resolve: resolve as (result: unknown) => void, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    // Why: what the caller submits in the same turn belongs to the same transaction.
    await undefined
    while (this.#queue.length > 0) {
      const group = this.#queue
      this.#queue = []
      await this.#commit(group)
    }
    this.#running = undefined
  }

  async #commit(group: readonly Submitted[]): Promise<void> {
    const changes = new Changes()
    this.underWay = changes
    for (const { operation } of group) operation.prepare(changes)
    try {
      await this.#write({
        puts: changes.puts.values(),
        removes: changes.removes,
        deadPuts: changes.deadPuts.values(),
        deadRemoves: changes.deadRemoves,
      })
    } catch (error) {
      this.underWay = undefined
      for (const { operation, reject } of group) {
        operation.fail?.()
        reject(error)
      }
      return
    }
    this.underWay = undefined
    for (const { operation, resolve } of group) resolve(operation.finish(changes))
  }
}
