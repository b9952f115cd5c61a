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

/** Why in this order: what a hit reads lies in the object's first cache line. */
export interface NearEntry {
  value: unknown
  /** The engine's memory, and where the stamp stands in it. */
  words: Int32Array
  stampIndex: number
  /** The stamp before the value was read. */
  stamp: number
  hits: number
  /** Neither tags nor an expiry: the stamp alone decides. */
  isPlain: boolean
  engine: Engine
  /** What the access log needs. */
  entry: number
  hash: number
  /** The epoch of tag invalidations when the value was read; NO_TAGS if the entry has none. */
  tagEpoch: number
  /** Milliseconds since the cache began; Infinity: never. */
  expiresAt: number
  /** When a hit was last recorded for the policy, in near hits of the cache. */
  recordedAt: number
  /** Of the hits, those that the engine's counter has. */
  countedHits: number
}

export const NO_TAGS = -1

export class NearCache {
  readonly #generationEntries: number
  /** For the shortest path of a hit; only to be read. */
  young = new Map<string, NearEntry>()
  #old = new Map<string, NearEntry>()

  constructor(maxEntries: number) {
    this.#generationEntries = Math.max(1, Math.floor(maxEntries / 2))
  }

  find(key: string): NearEntry | undefined {
    const young = this.young.get(key)
    return young !== undefined || this.#old.size === 0 ? young : this.#promote(key)
  }

  put(key: string, entry: NearEntry): void {
    const before = this.young.get(key)
    if (before !== undefined) countHits(before)
    else if (this.young.size >= this.#generationEntries) this.#age()
    this.young.set(key, entry)
  }

  clear(): void {
    this.countHits()
    this.young = new Map()
    this.#old = new Map()
  }

  /** Brings the engines' counters up to date: a hit itself writes nothing shared. */
  countHits(): void {
    for (const entry of this.young.values()) countHits(entry)
    for (const entry of this.#old.values()) countHits(entry)
  }

  get size(): number {
    return this.young.size + this.#old.size
  }

  #age(): void {
    for (const entry of this.#old.values()) countHits(entry)
    this.#old = this.young
    this.young = new Map()
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

function countHits(entry: NearEntry): void {
  entry.engine.countNearHits(entry.hits - entry.countedHits)
  entry.countedHits = entry.hits
}
