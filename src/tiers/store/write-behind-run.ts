/**
 * Write-behind while its journal is open: puts the parts together, and takes them apart again.
 *
 * The journal is given up only when no call of the store is under way: else the next owner's save of a key
 * could be overtaken by an older one of this owner.
 */

import { FlushQueue } from './flush-queue.js'
import { FlushWaiters } from './flush-waiters.js'
import { Flusher } from './flusher.js'
import { Journal } from './journal/journal.js'
import { RENEW_MS } from './journal/owner.js'
import { encodeJournalRecord, type JournalRecord } from './journal/record.js'
import type { JournalValues } from './journal/values.js'
import { PendingWrites } from './pending-writes.js'
import { Room } from './room.js'
import type { Store } from './store.js'
import { StoreGate } from './store-gate.js'
import type { FlushOptions, FlushResult, SaveContext, StoreWriterHost } from './store-writer.js'
import type { ResolvedWriteBehindOptions } from './write-behind-options.js'

export interface WriteBehindParts<V> {
  readonly store: Store<V>
  readonly values: JournalValues<V>
  readonly options: ResolvedWriteBehindOptions<V>
  readonly host: StoreWriterHost
}

export class WriteBehindRun<V> {
  readonly pending: PendingWrites
  readonly #parts: WriteBehindParts<V>
  readonly #journal: Journal
  readonly #room: Room
  readonly #queue: FlushQueue
  readonly #waiters = new FlushWaiters()
  readonly #gate: StoreGate
  /** Absent while the journal is read. */
  readonly #flusher: Flusher<V> | undefined
  readonly #renewal: NodeJS.Timeout
  #interval: NodeJS.Timeout | undefined

  /** @param onWrite called when a write of a key is acknowledged */
  static async start<V>(
    parts: WriteBehindParts<V>,
    onWrite: (key: string) => void,
  ): Promise<WriteBehindRun<V>> {
    const journal = await Journal.open(parts.options.journal, parts.host.now)
    try {
      return new WriteBehindRun(parts, journal, onWrite)
    } catch (error) {
      await journal.close()
      throw error
    }
  }

  private constructor(
    parts: WriteBehindParts<V>,
    journal: Journal,
    onWrite: (key: string) => void,
  ) {
    const { options } = parts
    this.#parts = parts
    this.#journal = journal
    this.#room = new Room(options)
    this.#queue = new FlushQueue(options.flushSize, () => this.#schedule())
    this.pending = new PendingWrites(journal, this.#room, {
      onWaiting: (key) => {
        onWrite(key.key)
        if (key.flying === undefined) this.#queue.renew(key)
        this.#flusher?.pump()
      },
    })
    this.#gate = new StoreGate(options.retry, () => this.#flusher?.pump())
    this.#flusher = new Flusher({
      ...parts,
      limits: options,
      queue: this.#queue,
      gate: this.#gate,
      pending: this.pending,
      onDone: (key, sequence) => this.#waiters.done(key, sequence),
    })
    this.#renewal = setInterval(() => {
      // What fails here fails for the writes too, and they tell.
      journal.renew(parts.host.now()).catch(() => {})
    }, RENEW_MS)
    this.#renewal.unref()
    this.#drain()
  }

  append(
    record: JournalRecord,
    encoded: Buffer,
    context: SaveContext | undefined,
  ): Promise<unknown> {
    const replaced = this.pending.keys.get(record.key)?.waiting
    return this.#enter(record.key, encoded.length, replaced?.bytes, context, () =>
      this.pending.append(record, encoded),
    )
  }

  async retry(key: string, context: SaveContext | undefined): Promise<boolean> {
    const dead = this.pending.dead.get(key)
    const record = dead === undefined ? undefined : this.pending.readDead(dead)
    if (dead === undefined || record === undefined) return false
    const { length } = encodeJournalRecord(record)
    return this.#enter(key, length, undefined, context, () =>
      this.pending.revive(key, dead, record),
    )
  }

  async flush(options: FlushOptions): Promise<FlushResult> {
    const sequences = new Map<string, number>()
    for (const [key, { waiting, flying }] of this.pending.keys) {
      sequences.set(key, (waiting ?? flying)?.sequence ?? 0)
    }
    const done = this.#waiters.wait(sequences, options)
    this.#drain()
    const complete = await done
    return { complete, pending: this.pending.count, dead: this.pending.dead.size }
  }

  /** @param reason what those who wait for room are told */
  async close(reason: Error): Promise<void> {
    const { closeTimeoutMs } = this.#parts.options
    this.#room.refuseAll(reason)
    await this.pending.idle()
    const { complete } = await this.flush({ timeout: closeTimeoutMs })
    this.#flusher?.stop()
    this.#waiters.endAll()
    clearTimeout(this.#interval)
    const end = this.#flusher?.idle().then(() => this.#leave())
    // Why not always: a call of the store may hang, and close takes bounded time.
    if (complete) await end
    else await Promise.race([end, shortly()])
  }

  stats(): Record<string, unknown> {
    return {
      pending: this.pending.count,
      pendingBytes: this.#room.bytes,
      paused: this.#queue.pausedCount,
      waitingForRoom: this.#room.waiting,
      dead: this.pending.dead.size,
      coalesced: this.pending.coalesced,
      ...this.#flusher?.counts,
    }
  }

  async #leave(): Promise<void> {
    await this.pending.idle()
    clearInterval(this.#renewal)
    await this.#journal.close()
  }

  #enter<Result>(
    key: string,
    bytes: number,
    replacesBytes: number | undefined,
    context: SaveContext | undefined,
    write: () => Promise<Result>,
  ): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#room.enter({
        key,
        bytes,
        replacesBytes,
        signal: context?.signal,
        admit: () => write().then(resolve, reject),
        refuse: reject,
      })
    })
  }

  #schedule(): void {
    if (this.#interval !== undefined) return
    this.#interval = setTimeout(() => this.#drain(), this.#parts.options.flushIntervalMs)
    this.#interval.unref()
  }

  #drain(): void {
    clearTimeout(this.#interval)
    this.#interval = undefined
    this.#queue.drain(this.pending.lastSequence)
    this.#flusher?.pump()
  }
}

const LAST_MOMENT_MS = 100

function shortly(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LAST_MOMENT_MS)
  })
}
