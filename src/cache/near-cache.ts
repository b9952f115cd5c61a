/**
 * A thread's own cache of decoded values, in front of the engine.
 *
 * 1. At most `maxEntries` values, in two generations: a hit in the old one moves to the young one,
 *    and when the young one is full it becomes the old one, whose rest is dropped (a CLOCK of one bit).
 * 2. Whether an entry is still valid, its engine's stamps tell; this only finds it.
 * 3. What is taken in must earn its keep: where the values that are dropped had too few hits, only a
 *    sample of what is offered is taken in (one in 2 to 64), so that a working set larger than the
 *    near cache leaves a part of it there instead of passing through.
 * 4. Hits reach the policy as a sample: the first of an entry, one in eight, and any that comes long
 *    after the last record, when the policy might take the entry for forgotten.
 *
 * Costs one Map lookup for a young hit, two for a miss; 150 ns to take a value in; 20 ns for a record.
 */
import type { Engine } from '../engine/engine.js'

/** Why in two parts: what a hit reads lies in one cache line. */
export interface NearEntry {
  value: unknown
  /** The engine's memory, and where the stamp stands in it. */
  words: Int32Array
  stampIndex: number
  /** The stamp before the value was read. */
  stamp: number
  hits: number
  /** A hit after this time is recorded. */
  recordAfter: number
  /** Neither tags nor an expiry: the stamp alone decides. */
  isPlain: boolean
  origin: NearOrigin
}

export interface NearOrigin {
  engine: Engine
  /** What the access log needs. */
  entry: number
  hash: number
  /** The epoch of tag invalidations when the value was read; NO_TAGS if the entry has none. */
  tagEpoch: number
  /** Milliseconds since the cache began; Infinity: never. */
  expiresAt: number
  /** Of the hits, those that the engine's counter has. */
  countedHits: number
}

export const NO_TAGS = -1

const HITS_PER_RECORD = 8
/** A hit is recorded at the latest after this part of the cache's entries in near hits. */
const RECORD_WINDOWS = 8
const MIN_RECORD_WINDOW = 16
const PUTS_PER_ESTIMATE = 1024
const MAX_ADMISSION_MASK = 63
/** Hits an entry that pay for taking it in: with fewer the sample is halved, with many more doubled. */
const PAYING_HITS = 2
const GENEROUS_HITS = 6

export class NearCache {
  /** For the shortest path of a hit; only to be read. */
  young = new Map<string, NearEntry>()
  #old = new Map<string, NearEntry>()
  readonly #generationEntries: number
  readonly #estimateCapacity: () => number
  /** Near hits so far, but for those that are recorded by their number. */
  #time = 0
  #recordWindow = MIN_RECORD_WINDOW
  #puts = 0
  #offers = 0
  #admissionMask = 0

  /** @param estimateCapacity how many entries the whole cache can hold */
  constructor(maxEntries: number, estimateCapacity: () => number) {
    this.#generationEntries = Math.max(1, Math.floor(maxEntries / 2))
    this.#estimateCapacity = estimateCapacity
  }

  find(key: string): NearEntry | undefined {
    const young = this.young.get(key)
    return young !== undefined || this.#old.size === 0 ? young : this.#promote(key)
  }

  countHit(entry: NearEntry): void {
    if ((++entry.hits & (HITS_PER_RECORD - 1)) === 0 || ++this.#time > entry.recordAfter) {
      this.#record(entry)
    }
  }

  /** Whether the value just read is to be put; to be asked once a value. */
  admits(): boolean {
    return (++this.#offers & this.#admissionMask) === 0
  }

  put(key: string, entry: NearEntry): void {
    if ((this.#puts++ & (PUTS_PER_ESTIMATE - 1)) === 0) this.#updateRecordWindow()
    this.#insert(key, entry)
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

  #insert(key: string, entry: NearEntry): void {
    const before = this.young.get(key)
    if (before !== undefined) countHits(before)
    else if (this.young.size >= this.#generationEntries) this.#age()
    this.young.set(key, entry)
  }

  #promote(key: string): NearEntry | undefined {
    const entry = this.#old.get(key)
    if (entry !== undefined) {
      this.#old.delete(key)
      this.#insert(key, entry)
    }
    return entry
  }

  #age(): void {
    let hits = 0
    for (const entry of this.#old.values()) {
      countHits(entry)
      hits += entry.hits
    }
    if (this.#old.size > 0) this.#adaptAdmission(hits / this.#old.size)
    this.#old = this.young
    this.young = new Map()
  }

  #adaptAdmission(meanHits: number): void {
    if (meanHits < PAYING_HITS) {
      this.#admissionMask = Math.min(MAX_ADMISSION_MASK, this.#admissionMask * 2 + 1)
    } else if (meanHits > GENEROUS_HITS) this.#admissionMask >>>= 1
  }

  #record(entry: NearEntry): void {
    entry.recordAfter = this.#time + this.#recordWindow
    const { engine, entry: ptr, hash } = entry.origin
    engine.recordHit(ptr, hash)
  }

  #updateRecordWindow(): void {
    const window = Math.floor(this.#estimateCapacity() / RECORD_WINDOWS)
    this.#recordWindow = Math.max(MIN_RECORD_WINDOW, window)
  }
}

function countHits(entry: NearEntry): void {
  const { origin } = entry
  origin.engine.countNearHits(entry.hits - origin.countedHits)
  origin.countedHits = entry.hits
}
