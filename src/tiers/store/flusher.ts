/**
 * Brings pending writes to the store: in batches where it takes them, retried, in order for each key.
 *
 * 1. A key has at most one write at the store, and the next goes there only when that has ended.
 * 2. A write that a newer one has overtaken is not sent again.
 * 3. When a batch fails its items are tried singly; what was refused once is sent singly from then on. A write
 *    that was refused `attempts` times becomes a dead letter.
 * 4. At most `concurrency` calls of the store run at a time; refused writes leave one of them to new writes.
 */

import { type RetryLimits, retryPauseMs } from '../retry-pause.js'
import type { FlushQueue } from './flush-queue.js'
import type { JournalValues } from './journal/values.js'
import type { PendingKey, PendingWrite, PendingWrites } from './pending-writes.js'
import type { Store } from './store.js'
import type { StoreGate } from './store-gate.js'
import type { StoreWriterHost } from './store-writer.js'

export interface FlusherParts<V> {
  readonly store: Store<V>
  readonly host: StoreWriterHost
  readonly values: JournalValues<V>
  readonly queue: FlushQueue
  readonly gate: StoreGate
  readonly pending: PendingWrites
  readonly limits: {
    readonly flushSize: number
    readonly concurrency: number
    readonly retry: RetryLimits
  }
  /** A write is in the store, or in the dead-letter list. */
  onDone(key: string, sequence: number): void
}

/** A write on its way to the store. */
interface Flight<V> {
  readonly key: PendingKey
  readonly write: PendingWrite
  /** Of a save. */
  readonly value: V | undefined
}

export class Flusher<V> {
  readonly counts = {
    saved: 0,
    removed: 0,
    failed: 0,
    failedBatches: 0,
    retried: 0,
    deadLettered: 0,
  }
  readonly #parts: FlusherParts<V>
  readonly #batchLimit: Record<'save' | 'remove', number>
  readonly #jobs = new Set<Promise<void>>()
  #retries = 0
  /** The call that was started last: with one at a time, refused and new writes take turns. */
  #wasRetry = false
  #isStopped = false

  constructor(parts: FlusherParts<V>) {
    const { store, limits } = parts
    this.#parts = parts
    this.#batchLimit = {
      save: store.saveMany === undefined ? 1 : limits.flushSize,
      remove: store.removeMany === undefined ? 1 : limits.flushSize,
    }
  }

  /** Starts what can be started. */
  pump(): void {
    while (this.#mayStart && this.#jobs.size < this.#parts.limits.concurrency) {
      const job = this.#startRetry() ?? this.#startFresh()
      if (job === undefined) return
      this.#jobs.add(job)
      job.finally(() => {
        this.#jobs.delete(job)
        this.pump()
      })
    }
  }

  /** Starts nothing more. */
  stop(): void {
    this.#isStopped = true
    this.#parts.queue.stop()
    this.#parts.gate.stop()
  }

  /** Resolves when no call of the store is under way. */
  async idle(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.all(this.#jobs)
  }

  get #mayStart(): boolean {
    return !this.#isStopped && !this.#parts.pending.isLost
  }

  #startRetry(): Promise<void> | undefined {
    const { queue, gate, limits } = this.#parts
    const isShared = queue.hasFresh && !gate.isClosed
    const isItsTurn =
      limits.concurrency === 1 ? !this.#wasRetry : this.#retries < limits.concurrency - 1
    if (isShared && !isItsTurn) return undefined
    const key = queue.takeDue()
    if (key === undefined) return undefined
    this.#retries++
    this.#wasRetry = true
    this.counts.retried++
    return this.#run([key]).finally(() => {
      this.#retries--
    })
  }

  #startFresh(): Promise<void> | undefined {
    const { queue, gate } = this.#parts
    if (gate.isClosed || !queue.hasFresh) return undefined
    const keys = queue.takeFresh(this.#batchLimit)
    this.#wasRetry = false
    return keys.length === 0 ? undefined : this.#run(keys)
  }

  /** Does not reject. */
  async #run(keys: readonly PendingKey[]): Promise<void> {
    const flights: Flight<V>[] = []
    const unreadable: { flight: Flight<V>; error: unknown }[] = []
    // Why without awaiting anything: a newer write, of another kind even, could come in between.
    for (const key of keys) {
      const write = this.#parts.pending.launch(key)
      if (write === undefined) continue
      try {
        const flight = this.#read(key, write)
        if (flight !== undefined) flights.push(flight)
      } catch (error) {
        unreadable.push({ flight: { key, write, value: undefined }, error })
      }
    }
    for (const { flight, error } of unreadable) await this.#refused(flight, error)
    if (flights.length > 1) await this.#sendTogether(flights)
    else for (const flight of flights) await this.#send(flight)
  }

  /** Undefined where a newer write has just taken its place: that comes into the queue at once. */
  #read(key: PendingKey, write: PendingWrite): Flight<V> | undefined {
    const { pending, values } = this.#parts
    const record = pending.read(write)
    if (record === undefined) {
      pending.land(key, write)
      return undefined
    }
    return { key, write, value: write.kind === 'save' ? values.decode(record) : undefined }
  }

  async #sendTogether(flights: readonly Flight<V>[]): Promise<void> {
    const { store } = this.#parts
    try {
      if (flights[0].write.kind === 'remove') {
        await store.removeMany?.(flights.map(({ key }) => key.key))
      } else {
        await store.saveMany?.(
          flights.map(({ key, value }) => ({ key: key.key, value: value as V })),
        )
      }
    } catch {
      this.counts.failedBatches++
      return this.#sendSingly(flights)
    }
    for (const flight of flights) this.#saved(flight)
  }

  async #sendSingly(flights: readonly Flight<V>[]): Promise<void> {
    const { pending, queue, gate } = this.#parts
    for (const flight of flights) {
      const { key, write } = flight
      if (!gate.isClosed && !this.#isStopped && key.waiting === undefined) await this.#send(flight)
      else {
        pending.land(key, write)
        queue.addFresh(key)
      }
    }
  }

  async #send(flight: Flight<V>): Promise<void> {
    const { store } = this.#parts
    const { key, write, value } = flight
    try {
      if (write.kind === 'remove') await store.remove(key.key)
      else await store.save(key.key, value as V)
    } catch (error) {
      return this.#refused(flight, error)
    }
    this.#saved(flight)
  }

  #saved({ key, write }: Flight<V>): void {
    const { pending, queue, gate, onDone } = this.#parts
    if (write.kind === 'remove') this.counts.removed++
    else this.counts.saved++
    gate.saved()
    pending.settle(key, write)
    queue.addFresh(key)
    onDone(key.key, write.sequence)
  }

  async #refused(flight: Flight<V>, error: unknown): Promise<void> {
    const { pending, queue, gate, limits } = this.#parts
    const { key, write } = flight
    this.counts.failed++
    write.attempts++
    if (write.attempts === 1) gate.refusedAtFirst()
    const isLast = write.attempts >= limits.retry.attempts && key.waiting === undefined
    if (isLast && (await this.#bury(flight, error))) return
    pending.land(key, write)
    if (key.waiting !== write) queue.addFresh(key)
    else queue.pause(key, retryPauseMs(write.attempts, limits.retry), () => this.pump())
  }

  /** False: the journal did not take it, so it has to go on waiting. */
  async #bury({ key, write }: Flight<V>, error: unknown): Promise<boolean> {
    const { pending, queue, host, onDone } = this.#parts
    const { attempts } = write
    try {
      const note = { attempts, at: host.now(), error: describeError(error) }
      const isDead = await pending.bury(key, write, note)
      queue.addFresh(key)
      if (!isDead) return true
      this.counts.deadLettered++
      host.tell('dead-letter', { key: key.key, attempts, error })
      onDone(key.key, write.sequence)
      return true
    } catch {
      return false
    }
  }
}

function describeError(error: unknown): { name: string; message: string } {
  if (error instanceof Error) return { name: error.name, message: error.message }
  return { name: 'Error', message: String(error) }
}
