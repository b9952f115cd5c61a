/** What the tests of stores share: a store in memory that can refuse and hold calls, journals in a folder of their own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TierEventName } from '../../../src/tiers/events.js'
import type { Store, StoreItem } from '../../../src/tiers/store/store.js'
import type { StoreWriter, StoreWriterHost } from '../../../src/tiers/store/store-writer.js'

export interface ToldEvent {
  readonly name: TierEventName
  readonly event: unknown
}

export class TestHost implements StoreWriterHost {
  readonly cacheName = 'test'
  readonly told: ToldEvent[] = []
  readonly now = () => Date.now()
  readonly tell: StoreWriterHost['tell'] = (name, event) => {
    this.told.push({ name, event })
  }
}

/** One call of the store, as it began. */
export type StoreCall = readonly ['save' | 'remove', string, unknown?]

export class MemoryStore<V = unknown> implements Store<V> {
  readonly values = new Map<string, V>()
  /** Every attempt, single or in a batch, in order. */
  readonly calls: StoreCall[] = []
  readonly batches: number[] = []
  /** Says whether the store refuses a call, by throwing. */
  refuse: (key: string, value: V | undefined) => void = () => {}
  /** What every call waits for, after it was noted. */
  hold: (key: string) => Promise<void> | void = () => {}
  loads = 0

  async load(key: string): Promise<V | undefined> {
    this.loads++
    await this.hold(key)
    return this.values.get(key)
  }

  async save(key: string, value: V): Promise<void> {
    this.calls.push(['save', key, value])
    await this.hold(key)
    this.refuse(key, value)
    this.values.set(key, value)
  }

  async remove(key: string): Promise<void> {
    this.calls.push(['remove', key])
    await this.hold(key)
    this.refuse(key, undefined)
    this.values.delete(key)
  }

  saved(key: string): unknown[] {
    return this.calls.filter((call) => call[1] === key).map((call) => call[2])
  }
}

/** A store that takes many at a time: all of them or none. */
export class BatchStore<V = unknown> extends MemoryStore<V> {
  async saveMany(items: readonly StoreItem<V>[]): Promise<void> {
    this.batches.push(items.length)
    for (const { key, value } of items) this.refuse(key, value)
    for (const { key, value } of items) {
      this.calls.push(['save', key, value])
      this.values.set(key, value)
    }
  }

  async removeMany(keys: readonly string[]): Promise<void> {
    this.batches.push(keys.length)
    for (const key of keys) this.refuse(key, undefined)
    for (const key of keys) {
      this.calls.push(['remove', key])
      this.values.delete(key)
    }
  }
}

type Opened = Pick<StoreWriter<unknown>, 'open' | 'close'>

/** A folder for journals, and the writers on them: `clean` ends all of it. */
export class JournalFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'hotset-journal-'))
  readonly host = new TestHost()
  readonly #writers = new Set<Opened>()
  #count = 0

  journal(): string {
    return join(this.path, `journal-${this.#count++}`)
  }

  async open<Writer extends Opened>(writer: Writer): Promise<Writer> {
    await writer.open(this.host)
    this.#writers.add(writer)
    return writer
  }

  async clean(): Promise<void> {
    await Promise.all([...this.#writers].map((writer) => writer.close()))
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** A promise and the means to resolve it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
