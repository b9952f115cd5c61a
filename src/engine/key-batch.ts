/**
 * The keys of one getMany() on their way in, and where their values are on the way out: rows at the
 * front of the key staging (assembly/struct/batch.ts), then the keys.
 *
 * 1. A batch is begun, filled, and read once: any other call of the engine may overwrite it.
 */
import * as layout from '../../assembly/constants.js'
import type { Engine } from './engine.js'

/** Why a word less: a key's last word may be written past its end. */
const KEYS_LIMIT = layout.KEY_STAGING_BYTES - 4
/** Keys are written by words. */
const KEY_ALIGNMENT = 4
const ROW_WORDS = layout.BATCH_ROW_BYTES >>> 2
const KEYS_OFFSET = layout.MAX_BATCH_KEYS * layout.BATCH_ROW_BYTES

export class KeyBatch {
  count = 0
  readonly #engine: Engine
  /** Of the first row, in the engine's words. */
  readonly #rows: number
  #keysEnd = KEYS_OFFSET

  /** @param areaPtr where the thread's area begins */
  constructor(engine: Engine, areaPtr: number) {
    this.#engine = engine
    this.#rows = (areaPtr + layout.KEY_STAGING_OFFSET) >>> 2
  }

  /** Empties it. Why not after it was read: an exception may have come before that. */
  begin(): void {
    this.count = 0
    this.#keysEnd = KEYS_OFFSET
  }

  /** False if there is no room left for the key. */
  add(key: string): boolean {
    const start = this.#keysEnd
    const end = start + key.length * 2
    if (this.count === layout.MAX_BATCH_KEYS || end > KEYS_LIMIT) return false
    const { key: staging, words } = this.#engine
    staging.writeAt(key, layout.KEY_STAGING_OFFSET + start)
    const row = this.#rows + this.count * ROW_WORDS
    words[row] = start
    words[row + 1] = (key.length << 1) | staging.wide
    this.#keysEnd = (end + KEY_ALIGNMENT - 1) & ~(KEY_ALIGNMENT - 1)
    this.count++
    return true
  }

  /** Before read(): where a key is staged, and its characters << 1 | 1 if they are UTF-16. */
  keyStart(index: number): number {
    return layout.KEY_STAGING_OFFSET + this.#engine.words[this.#rows + index * ROW_WORDS]
  }

  keyLength(index: number): number {
    return this.#engine.words[this.#rows + index * ROW_WORDS + 1]
  }

  /** Gets as many as the value staging has room for, from the first on; how many. */
  read(mode: number): number {
    return this.#engine.exports.getMany(this.count, mode)
  }

  /** The value's type, STATUS_MISS, or with LARGE_VALUE what is not in the staging. */
  typeOf(index: number): number {
    return this.#engine.words[this.#rows + index * ROW_WORDS]
  }

  /** Where its value begins, in the staging. */
  valueStart(index: number): number {
    const offset = this.#engine.words[this.#rows + index * ROW_WORDS + 1]
    return layout.VALUE_STAGING_OFFSET + offset
  }

  valueBytes(index: number): number {
    return this.#engine.words[this.#rows + index * ROW_WORDS + 2]
  }

  hits(index: number): number {
    return this.#engine.words[this.#rows + index * ROW_WORDS + 3] & layout.MAX_HITS
  }

  /** The lower half of the key's hash. */
  hash(index: number): number {
    return this.#engine.words[this.#rows + index * ROW_WORDS + 3] >>> 16
  }
}
