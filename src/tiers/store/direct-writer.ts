/**
 * Writes to the store before anything else: what write-through and write-around share. They differ only in
 * what becomes of the tiers' copies afterwards (`afterSave`).
 *
 * 1. A save that the store rejects rejects with the store's own error.
 * 2. One write of a key is at the store at a time, in the order of the calls.
 */
import { KeyTurns } from './key-turns.js'
import type { Store, StoreItem, StoreLoadContext } from './store.js'
import { checkStore } from './store-checks.js'
import { loadFrom, loadManyFrom } from './store-loading.js'
import type {
  FlushOptions,
  FlushResult,
  SaveContext,
  SaveOutcome,
  StoreWriter,
} from './store-writer.js'
import { within } from './within.js'

export class DirectWriter<V> implements StoreWriter<V> {
  readonly kind: 'write-through' | 'write-around'
  readonly afterSave: 'write' | 'delete'
  readonly #store: Store<V>
  readonly #turns = new KeyTurns()
  #underWay = 0
  #saved = 0
  #failed = 0

  constructor(kind: 'write-through' | 'write-around', store: Store<V>) {
    checkStore(store)
    this.kind = kind
    this.afterSave = kind === 'write-through' ? 'write' : 'delete'
    this.#store = store
  }

  async open(): Promise<void> {}

  save(key: string, value: V, context?: SaveContext): Promise<void> {
    return this.#inTurn([key], context, () => this.#store.save(key, value))
  }

  remove(key: string, context?: SaveContext): Promise<void> {
    return this.#inTurn([key], context, () => this.#store.remove(key))
  }

  /** Where the store's own saveMany rejects, that is the outcome of all items. */
  async saveMany(items: readonly StoreItem<V>[], context?: SaveContext): Promise<SaveOutcome[]> {
    const store = this.#store
    if (store.saveMany === undefined) {
      return outcomes(items.map(({ key, value }) => this.save(key, value, context)))
    }
    if (items.length === 0) return []
    const newest = new Map(items.map((item) => [item.key, item]))
    const write = this.#inTurn([...newest.keys()], context, () =>
      store.saveMany?.([...newest.values()]),
    )
    return outcomes(items.map(() => write))
  }

  async removeMany(keys: readonly string[], context?: SaveContext): Promise<SaveOutcome[]> {
    const store = this.#store
    if (store.removeMany === undefined) {
      return outcomes(keys.map((key) => this.remove(key, context)))
    }
    if (keys.length === 0) return []
    const distinct = [...new Set(keys)]
    const write = this.#inTurn(distinct, context, () => store.removeMany?.(distinct))
    return outcomes(keys.map(() => write))
  }

  load(key: string, context: StoreLoadContext): Promise<V | undefined> {
    return loadFrom(this.#store, key, context)
  }

  loadMany(keys: readonly string[], context: StoreLoadContext): Promise<(V | undefined)[]> {
    return loadManyFrom(this.#store, keys, context)
  }

  pendingValue(): undefined {}

  /** What is under way; there is nothing else. */
  async flush(options: FlushOptions = {}): Promise<FlushResult> {
    const complete = await within(this.#turns.ended(), options)
    return { complete, pending: this.#underWay, dead: 0 }
  }

  async close(): Promise<void> {}

  stats(): Record<string, unknown> {
    return { pending: this.#underWay, saved: this.#saved, failed: this.#failed }
  }

  async #inTurn(
    keys: readonly string[],
    context: SaveContext | undefined,
    call: () => Promise<void> | void,
  ): Promise<void> {
    this.#underWay += keys.length
    try {
      await this.#turns.take(keys, () => {
        context?.signal?.throwIfAborted()
        return call()
      })
      this.#saved += keys.length
    } catch (error) {
      this.#failed += keys.length
      throw error
    } finally {
      this.#underWay -= keys.length
    }
  }
}

export async function outcomes(writes: readonly Promise<void>[]): Promise<SaveOutcome[]> {
  const settled = await Promise.allSettled(writes)
  return settled.map((write) =>
    write.status === 'fulfilled' ? { saved: true } : { saved: false, error: write.reason },
  )
}
