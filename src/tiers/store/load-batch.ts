/**
 * Loads of keys that are asked for in one turn of the event loop go to the store together.
 *
 * 1. A batch that fails fails for all of its keys. One key alone is asked for by itself, with its own signal.
 * 2. The signal of a batch aborts when those of all of its keys have.
 */
import type { StoreLoadContext } from './store.js'

export type LoadOne<V> = (key: string, context: StoreLoadContext) => Promise<V | undefined>
export type LoadMany<V> = (
  keys: readonly string[],
  context: StoreLoadContext,
) => Promise<readonly (V | undefined)[]>

interface Waiting<V> {
  readonly key: string
  readonly signal: AbortSignal
  resolve(value: V | undefined | Promise<V | undefined>): void
  reject(error: unknown): void
}

export class LoadBatch<V> {
  readonly #loadOne: LoadOne<V>
  readonly #loadMany: LoadMany<V>
  #waiting: Waiting<V>[] = []

  constructor(loadOne: LoadOne<V>, loadMany: LoadMany<V>) {
    this.#loadOne = loadOne
    this.#loadMany = loadMany
  }

  load(key: string, signal: AbortSignal): Promise<V | undefined> {
    return new Promise((resolve, reject) => {
      const count = this.#waiting.push({ key, signal, resolve, reject })
      if (count === 1) setImmediate(() => this.#send())
    })
  }

  #send(): void {
    const batch = this.#waiting
    this.#waiting = []
    if (batch.length > 1) {
      this.#sendMany(batch)
      return
    }
    const [{ key, signal, resolve }] = batch
    resolve(startsSafely(() => this.#loadOne(key, { signal })))
  }

  async #sendMany(batch: readonly Waiting<V>[]): Promise<void> {
    try {
      const keys = batch.map(({ key }) => key)
      const signal = whenAllAbort(batch.map((waiting) => waiting.signal))
      const values = await this.#loadMany(keys, { signal })
      batch.forEach(({ resolve }, nth) => {
        resolve(values[nth])
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

/** What throws at once rejects. */
async function startsSafely<T>(start: () => Promise<T>): Promise<T> {
  return start()
}

function whenAllAbort(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController()
  let left = signals.length
  for (const signal of signals) {
    const note = (): void => {
      if (--left === 0) controller.abort(signal.reason)
    }
    if (signal.aborted) note()
    else signal.addEventListener('abort', note, { once: true })
  }
  return controller.signal
}
