/**
 * Where values come from and go to beside the tiers: the user's store, through its writer, or nothing.
 *
 * 1. A store without a writer is read only.
 * 2. Nothing is loaded or saved before the writer is open.
 */
import type { TieredLoader } from '../reading/load-call.js'
import { LoadBatch } from './load-batch.js'
import type { Store, StoreLoadContext } from './store.js'
import { loadFrom, loadManyFrom } from './store-loading.js'
import type { StoreWriter, StoreWriterHost } from './store-writer.js'

export class Source<V> {
  readonly writer: StoreWriter<V> | undefined
  /** Loads a key from the store; undefined: there is none to load from. */
  readonly loader: TieredLoader<V> | undefined
  readonly #store: Store<V> | undefined
  readonly #host: StoreWriterHost
  #opened: Promise<void> = Promise.resolve()

  constructor(store: Store<V> | StoreWriter<V> | undefined, host: StoreWriterHost) {
    this.#host = host
    if (store === undefined) return
    if (isWriter(store)) this.writer = store
    else this.#store = store
    if (this.writer !== undefined || this.#store?.load || this.#store?.loadMany) {
      const batch = new LoadBatch<V>(
        (key, context) => this.#load(key, context),
        (keys, context) => this.#loadMany(keys, context),
      )
      this.loader = async ({ key, signal }) => {
        await this.#opened
        return batch.load(key, signal)
      }
    }
  }

  open(): Promise<void> {
    this.#opened = this.writer?.open(this.#host) ?? Promise.resolve()
    this.#opened.catch(() => {})
    return this.#opened
  }

  /** For who stores nothing of it; undefined also where there is no store to load from. */
  async loadOne(key: string): Promise<V | undefined> {
    if (this.loader === undefined) return undefined
    await this.#opened
    return this.#load(key, { signal: new AbortController().signal })
  }

  /** The writer, once it is open. @throws what opening it raised */
  async ready(): Promise<StoreWriter<V> | undefined> {
    await this.#opened
    return this.writer
  }

  #load(key: string, context: StoreLoadContext): Promise<V | undefined> {
    return this.writer?.load(key, context) ?? loadFrom(this.#store as Store<V>, key, context)
  }

  #loadMany(keys: readonly string[], context: StoreLoadContext): Promise<(V | undefined)[]> {
    return (
      this.writer?.loadMany(keys, context) ?? loadManyFrom(this.#store as Store<V>, keys, context)
    )
  }

  async close(): Promise<void> {
    await this.writer?.close()
  }
}

function isWriter<V>(store: Store<V> | StoreWriter<V>): store is StoreWriter<V> {
  return typeof (store as StoreWriter<V>).afterSave === 'string'
}
