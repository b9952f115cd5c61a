/**
 * A thread's own cache of decoded values, in front of the engine.
 *
 * 1. At most `maxEntries` values; room is made by CLOCK (Corbato 1968): a hand goes round and drops the
 *    first entry that had no hit since it last came by. A hit moves nothing.
 * 2. Whether an entry is still valid, its engine's stamps tell; this only finds it.
 * 3. What is taken in must earn its keep: where the values that are dropped had too few hits, only a
 *    sample of what is offered is taken in (one in 2 to 64), so that a working set larger than the
 *    near cache leaves a part of it there instead of passing through.
 * 4. Where it does not pay, it is left alone for a while (near-review.ts).
 * 5. Hits reach the policy as a sample: the first of an entry, one in 128 to 1024, and in between (at the second,
 *    fourth, eighth ... since the last record) one after which so much was written to the entry's shard,
 *    by whatever thread, that the policy might take the entry for forgotten.
 * 6. Where accesses are recorded, a hit costs more only if its key is: all of those are due.
 *
 * Costs one Map lookup for a hit or a miss; some 200 ns to take a value in; 20 ns for a record.
 */
import type { Engine } from '../engine/engine.js'
import { NearReview } from './near-review.js'
import type { Recorder, TracedKey } from './trace/recorder.js'

/**
 * Why in two parts: what a hit reads is small. A word of the first bank is all that most hits have to
 * look at: the stamp of the key. Where that is not enough (an expiry, tags, another bank), the guard is
 * one that never holds, and `origin` tells the rest.
 */
export interface NearEntry {
  value: unknown
  /** Which word of the first bank, and what it has to be. */
  guardIndex: number
  guard: number
  hits: number
  /** At so many hits the near cache is to be told: see NearCache.noteHits. */
  dueHits: number
  origin: NearOrigin
}

export interface NearOrigin {
  engine: Engine
  /** Where the stamp stands in the engine's words, and what it was before the value was read. */
  stampIndex: number
  stamp: number
  /** What the access log needs. */
  entry: number
  hash: number
  /** Where the count of writes of the entry's shard stands in the engine's words, and what it was at the last record. */
  writesIndex: number
  recordedWrites: number
  /** The hits when one was last recorded. */
  recordedHits: number
  /** The epoch of tag invalidations when the value was read; NO_TAGS if the entry has none. */
  tagEpoch: number
  /** Milliseconds since the cache began; Infinity: never. */
  expiresAt: number
  /** Of the hits, those that the engine's counter has, and this cache's own. */
  countedHits: number
  /** The hits when the hand last came by. */
  visitedHits: number
  /** Where the hand finds it. */
  slot: number
  /** Only where accesses of the key are recorded: then every hit is due. */
  traced: TracedKey | undefined
}

/** A word of the null page, which is 0, and what it never is. */
export const NO_GUARD_INDEX = 0
export const NO_GUARD = 1

export const NO_TAGS = -1

/** One in so many hits of an entry is recorded at least: fewer where a shard holds little, and turns over fast. */
const MIN_HITS_PER_RECORD = 128
const MAX_HITS_PER_RECORD = 1024
/** Entries that a shard can hold, for each hit between two records. */
const CAPACITY_PER_HIT = 16
/** So much is this part of the entries that a shard can hold. */
const RECORD_WINDOWS = 32
const MIN_RECORD_WINDOW = 16
const PUTS_PER_ESTIMATE = 1024
const MAX_ADMISSION_MASK = 63
const MAX_HAND_STEPS = 16
const DROPS_PER_ADAPTATION = 512
/** Hits an entry that pay for taking it in: with fewer the sample is halved, with many more doubled. */
const PAYING_HITS = 8
const GENEROUS_HITS = 32

export class NearCache {
  /** For the shortest path of a hit; only to be read. */
  readonly entries = new Map<string, NearEntry>()
  readonly review = new NearReview(() => performance.now())
  /** Whom to tell of hits, where accesses are recorded. */
  recorder: Recorder | undefined
  /** The keys, in the order that the hand of the clock visits them. */
  readonly #slots: string[] = []
  readonly #maxEntries: number
  readonly #estimateCapacity: () => number
  #hand = 0
  #hits = 0
  #recordWindow = MIN_RECORD_WINDOW
  #hitsPerRecord = MIN_HITS_PER_RECORD
  #puts = 0
  #offers = 0
  #admissionMask = 0
  /** Since admission was last adapted: entries dropped, and the hits that they had had. */
  #dropped = 0
  #droppedHits = 0

  /** @param estimateCapacity how many entries a shard can hold */
  constructor(maxEntries: number, estimateCapacity: () => number) {
    this.#maxEntries = maxEntries
    this.#estimateCapacity = estimateCapacity
  }

  /** The entry's hits are those that were due. */
  noteHits(entry: NearEntry): void {
    const { traced } = entry.origin
    if (traced === undefined) {
      this.#tellPolicy(entry)
      return
    }
    this.recorder?.readNear(traced)
    if (entry.hits === traced.dueHits) {
      this.#tellPolicy(entry)
      traced.dueHits = entry.dueHits
    }
    entry.dueHits = entry.hits + 1
  }

  /** Records a hit for the policy if it is time to: it may take the entry for forgotten. */
  #tellPolicy(entry: NearEntry): void {
    const { origin } = entry
    const unrecorded = entry.hits - origin.recordedHits
    const writes = origin.engine.words[origin.writesIndex]
    const since = (writes - origin.recordedWrites) | 0
    // Why here too: other threads' stats() cannot ask this one.
    this.#countHits(entry)
    if (unrecorded >= this.#hitsPerRecord || since > this.#recordWindow || entry.hits === 1) {
      origin.recordedHits = entry.hits
      origin.recordedWrites = writes
      entry.dueHits = entry.hits + 1
      origin.engine.exports.record(origin.entry, origin.hash)
    } else {
      // Why doubled: the writes that are then looked at are other threads' too.
      entry.dueHits = entry.hits + unrecorded
    }
  }

  /**
   * Counts a get that was not answered here.
   * @returns how many gets are to go straight to the engine now; mostly 0
   */
  countMiss(): number {
    return this.review.countMiss(this.#hits)
  }

  /** Whether the value just read is to be put; to be asked once a value. */
  admits(): boolean {
    return (++this.#offers & this.#admissionMask) === 0
  }

  put(key: string, entry: NearEntry): void {
    if ((this.#puts++ & (PUTS_PER_ESTIMATE - 1)) === 0) this.#updateRecordWindow()
    entry.origin.traced = this.recorder?.trace(key, entry.origin.hash, entry.dueHits)
    const before = this.entries.get(key)
    if (before !== undefined) {
      this.#countHits(before)
      entry.origin.slot = before.origin.slot
    } else {
      entry.origin.slot = this.#slots.length < this.#maxEntries ? this.#slots.length : this.#evict()
      this.#slots[entry.origin.slot] = key
    }
    this.entries.set(key, entry)
  }

  clear(): void {
    this.countHits()
    this.entries.clear()
    this.#slots.length = 0
    this.#hand = 0
  }

  /** Brings the engines' counters up to date: a hit itself writes nothing shared. */
  countHits(): void {
    for (const entry of this.entries.values()) this.#countHits(entry)
  }

  /** Drops the first entry in the hand's way without a hit since it last came by; returns its slot. */
  #evict(): number {
    for (let step = 0; ; step++) {
      const slot = this.#hand
      this.#hand = slot + 1 === this.#maxEntries ? 0 : slot + 1
      const key = this.#slots[slot]
      const entry = this.entries.get(key)
      if (entry === undefined) return slot
      const { origin } = entry
      if (origin.visitedHits !== entry.hits && step < MAX_HAND_STEPS) {
        origin.visitedHits = entry.hits
        continue
      }
      this.entries.delete(key)
      this.#drop(entry)
      return slot
    }
  }

  #drop(entry: NearEntry): void {
    this.#countHits(entry)
    this.#droppedHits += entry.hits
    if (++this.#dropped < DROPS_PER_ADAPTATION) return
    const meanHits = this.#droppedHits / this.#dropped
    if (meanHits < PAYING_HITS) {
      this.#admissionMask = Math.min(MAX_ADMISSION_MASK, this.#admissionMask * 2 + 1)
    } else if (meanHits > GENEROUS_HITS) this.#admissionMask >>>= 1
    this.#dropped = 0
    this.#droppedHits = 0
  }

  #countHits(entry: NearEntry): void {
    const { origin } = entry
    const hits = entry.hits - origin.countedHits
    this.#hits += hits
    origin.engine.countNearHits(hits)
    origin.countedHits = entry.hits
  }

  #updateRecordWindow(): void {
    const capacity = this.#estimateCapacity()
    this.#recordWindow = Math.max(MIN_RECORD_WINDOW, Math.floor(capacity / RECORD_WINDOWS))
    const hits = Math.floor(capacity / CAPACITY_PER_HIT)
    this.#hitsPerRecord = Math.min(MAX_HITS_PER_RECORD, Math.max(MIN_HITS_PER_RECORD, hits))
  }
}
