/**
 * Loads of many keys that begin in the same turn, as one question to the store.
 *
 * 1. Each key is loaded for those who wait for it: one that fails, or that the store lacks, is no other's matter.
 * 2. The store's signal aborts when nobody waits for any of the keys.
 */
import { addAbortCallback, removeAbortCallback } from '../../cache/loading/abort-hub.js'
import type { TieredLoader } from '../reading/load-call.js'

interface Asked<V> {
  readonly key: string
  readonly signal: AbortSignal
  resolve(value: V | undefined): void
  reject(error: unknown): void
}

/** In the order of the keys. */
type LoadMany<V> = (keys: readonly string[], signal: AbortSignal) => Promise<(V | undefined)[]>

export class LoadBatch<V> {
  readonly #loadMany: LoadMany<V>
  #asked: Asked<V>[] = []

  constructor(loadMany: LoadMany<V>) {
    this.#loadMany = loadMany
  }

  readonly load: TieredLoader<V> = ({ key, signal }) =>
    new Promise((resolve, reject) => {
      if (this.#asked.length === 0) setImmediate(() => this.#send(this.#asked.splice(0)))
      this.#asked.push({ key, signal, resolve, reject })
    })

  async #send(asked: Asked<V>[]): Promise<void> {
    const aborting = new AbortController()
    let waiting = asked.length
    const leave = (): void => {
      waiting--
      if (waiting === 0) aborting.abort(asked[0].signal.reason)
    }
    for (const { signal } of asked) {
      if (signal.aborted) leave()
      else addAbortCallback(signal, leave)
    }
    try {
      const keys = asked.map(({ key }) => key)
      const values = await this.#loadMany(keys, aborting.signal)
      asked.forEach(({ resolve }, nth) => {
        resolve(values[nth])
      })
    } catch (error) {
      for (const { reject } of asked) reject(error)
    } finally {
      for (const { signal } of asked) removeAbortCallback(signal, leave)
    }
  }
}
