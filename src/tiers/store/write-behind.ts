/**
 * writeBehind: a write is acknowledged when it is in a journal on the disk, and reaches the store soon after.
 *
 * 1. Nothing acknowledged is lost: not by a crash, a kill or, as far as the disk keeps its word, a power cut;
 *    not while the store is down.
 * 2. The writes of a key reach the store in their order. Several of them may become one: the newest.
 * 3. A write may reach the store twice, where the process ends before it can note the first time.
 * 4. What is acknowledged and not saved yet is what `load` of its key answers with.
 *
 * The parts: journal/ is the disk, PendingWrites what is in it, FlushQueue and Flusher bring it to the store,
 * Room holds writers back.
 */
import { CacheClosedError } from '../../cache/errors.js'
import type { DeadLetter } from './dead-letter.js'
import { outcomes } from './direct-writer.js'
import { FreshLoads } from './fresh-loads.js'
import { encodeJournalRecord, type JournalRecord } from './journal/record.js'
import { JournalValues } from './journal/values.js'
import type { DeadWrite } from './pending-writes.js'
import type { Store, StoreItem, StoreLoadContext } from './store.js'
import { checkStore } from './store-checks.js'
import { loadFrom, loadManyFrom } from './store-loading.js'
import type {
  FlushOptions,
  FlushResult,
  PendingValue,
  SaveContext,
  SaveOutcome,
  StoreWriter,
  StoreWriterHost,
} from './store-writer.js'
import type { WriteBehindOptions } from './write-behind-options.js'
import {
  type ResolvedWriteBehindOptions,
  resolveWriteBehindOptions,
} from './write-behind-options.js'
import { WriteBehindRun } from './write-behind-run.js'

/** A StoreWriter whose writes are acknowledged before they are in the store. */
export class WriteBehindWriter<V> implements StoreWriter<V> {
  readonly kind = 'write-behind'
  readonly afterSave = 'write'
  readonly #store: Store<V>
  readonly #options: ResolvedWriteBehindOptions<V>
  readonly #values: JournalValues<V>
  readonly #loads = new FreshLoads()
  #run: WriteBehindRun<V> | undefined
  #cacheName = ''
  #closing: Promise<void> | undefined

  constructor(store: Store<V>, options: WriteBehindOptions<V>) {
    checkStore(store)
    this.#store = store
    this.#options = resolveWriteBehindOptions(options)
    this.#values = new JournalValues(this.#options.encode, this.#options.decode)
  }

  /**
   * Takes up what an earlier owner of the journal left pending.
   * @throws JournalLockedError, JournalCorruptError, JournalError
   */
  async open(host: StoreWriterHost): Promise<void> {
    this.#cacheName = host.cacheName
    const parts = { store: this.#store, values: this.#values, options: this.#options, host }
    this.#run = await WriteBehindRun.start(parts, (key) => this.#loads.overtake(key))
  }

  /**
   * Resolves when the write is in the journal, on the disk.
   * @throws UnserializableValueError, JournalFullError, JournalError, CacheClosedError
   */
  async save(key: string, value: V, context?: SaveContext): Promise<void> {
    const encoded = this.#values.encode(value)
    await this.#append({ kind: 'save', key, ...encoded }, context)
  }

  async remove(key: string, context?: SaveContext): Promise<void> {
    await this.#append({ kind: 'remove', key, valueType: 0, value: new Uint8Array(0) }, context)
  }

  saveMany(items: readonly StoreItem<V>[], context?: SaveContext): Promise<SaveOutcome[]> {
    return outcomes(items.map(({ key, value }) => this.save(key, value, context)))
  }

  removeMany(keys: readonly string[], context?: SaveContext): Promise<SaveOutcome[]> {
    return outcomes(keys.map((key) => this.remove(key, context)))
  }

  load(key: string, context: StoreLoadContext): Promise<V | undefined> {
    return this.#loads.run([key], async () => {
      const pending = this.pendingValue(key)
      return pending === undefined ? loadFrom(this.#store, key, context) : pendingLoad(pending)
    })
  }

  loadMany(keys: readonly string[], context: StoreLoadContext): Promise<(V | undefined)[]> {
    return this.#loads.run(keys, async () => {
      const pending = keys.map((key) => this.pendingValue(key))
      const unknown = keys.filter((_, index) => pending[index] === undefined)
      const loaded = await loadManyFrom(this.#store, unknown, context)
      let at = 0
      return pending.map((found) => (found === undefined ? loaded[at++] : pendingLoad(found)))
    })
  }

  pendingValue(key: string): PendingValue<V> | undefined {
    const record = this.#run?.pending.readNewest(key)
    if (record === undefined) return undefined
    return record.kind === 'remove'
      ? { kind: 'remove' }
      : { kind: 'save', value: this.#values.decode(record) }
  }

  /** Saves now what is pending; a refused write keeps its pauses. */
  async flush(options: FlushOptions = {}): Promise<FlushResult> {
    return this.#opened().flush(options)
  }

  close(): Promise<void> {
    this.#closing ??= this.#run?.close(new CacheClosedError(this.#cacheName)) ?? Promise.resolve()
    return this.#closing
  }

  stats(): Record<string, unknown> {
    return this.#run?.stats() ?? {}
  }

  /** The writes that were given up, the oldest first. */
  async *deadLetters(): AsyncIterable<DeadLetter<V>> {
    const { pending } = this.#opened()
    for (const dead of [...pending.dead.values()]) {
      const record = pending.readDead(dead)
      if (record !== undefined) yield this.#deadLetter(dead, record)
    }
  }

  /** Makes it pending again, with all its attempts. False: there is none, or a newer write of the key came. */
  async retryDeadLetter(key: string, context?: SaveContext): Promise<boolean> {
    return this.#opened().retry(key, context)
  }

  /** Forgets it. False: there was none. */
  async dropDeadLetter(key: string): Promise<boolean> {
    return this.#opened().pending.drop(key)
  }

  #deadLetter({ key, kind, note }: DeadWrite, record: JournalRecord): DeadLetter<V> {
    const { attempts, at, error } = note
    if (kind === 'remove') return { key, kind, attempts, at, error }
    return { key, kind, value: this.#values.decode(record), attempts, at, error }
  }

  async #append(record: JournalRecord, context: SaveContext | undefined): Promise<void> {
    await this.#opened().append(record, encodeJournalRecord(record), context)
  }

  #opened(): WriteBehindRun<V> {
    if (this.#run === undefined) throw new CacheClosedError(this.#cacheName, 'it is not open yet')
    if (this.#closing !== undefined) throw new CacheClosedError(this.#cacheName)
    return this.#run
  }
}

/**
 * Acknowledges writes when they are in a journal on the disk, and brings them to the store in the background.
 *
 * For many writes to a store that is slow, or away at times. Needs the package lmdb.
 * @throws InvalidOptionError
 */
export function writeBehind<V>(
  store: Store<V>,
  options: WriteBehindOptions<V>,
): WriteBehindWriter<V> {
  return new WriteBehindWriter(store, options)
}

function pendingLoad<V>(pending: PendingValue<V>): V | undefined {
  return pending.kind === 'save' ? pending.value : undefined
}
