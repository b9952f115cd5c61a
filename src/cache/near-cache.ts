/**
 * A thread's own cache of decoded values, in front of the engine.
 *
 * 1. At most `maxEntries` values, in two generations: a hit in the old one moves to the young one,
 *    and when the young one is full it becomes the old one, whose rest is dropped (a CLOCK of one bit).
 * 2. Whether an entry is still valid, its engine's stamps tell; this only finds it.
 *
 * Costs one Map lookup for a young hit, two for a miss.
 */
import type { Engine } from '../engine/engine.js'

export interface NearEntry {
  value: unknown
  engine: Engine
  stampIndex: number
  /** The stamp before the value was read. */
  stamp: number
  /** The epoch of tag invalidations then; NO_TAGS if the entry has none. */
  tagEpoch: number
  /** Milliseconds since the cache began; Infinity: never. */
  expiresAt: number
  /** What the access log needs. */
  entry: number
  hash: number
  hits: number
}

export const NO_TAGS = -1

export class NearCache {
  readonly #generationEntries: number
  #young = new Map<string, NearEntry>()
  #old = new Map<string, NearEntry>()

  constructor(maxEntries: number) {
    this.#generationEntries = Math.max(1, Math.floor(maxEntries / 2))
  }

  find(key: string): NearEntry | undefined {
    const young = this.#young.get(key)
    return young !== undefined || this.#old.size === 0 ? young : this.#promote(key)
  }

  put(key: string, entry: NearEntry): void {
    if (this.#young.size >= this.#generationEntries) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, entry)
  }

  delete(key: string): void {
    if (!this.#young.delete(key)) this.#old.delete(key)
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  #promote(key: string): NearEntry | undefined {
    const entry = this.#old.get(key)
    if (entry !== undefined) {
      this.#old.delete(key)
      this.put(key, entry)
    }
    return entry
  }
}
