/**
 * What a tier has missed: keys, tags, prefixes and patterns whose entries there may be outdated.
 *
 * 1. All writes and invalidations have a number (`next`), in the order in which they were begun. A mark carries
 *    that of the newest one that may not have been done; one begun later that was done takes the mark away.
 * 2. What is marked is hidden: reads of it are misses, whatever the tier would answer.
 * 3. There are at most `maxRepairs` keys and tags, and MAX_RANGES prefixes and patterns. Beyond, everything is
 *    marked, as one: `all`.
 */
import { compilePattern, type KeyPattern } from '../../cache/key-pattern.js'

/** Why so few: every read is held against each of them. */
const MAX_RANGES = 64
const NONE = 0

interface TagMark {
  readonly soft: boolean
  readonly begun: number
}

interface PatternMark {
  readonly pattern: KeyPattern
  readonly begun: number
}

export class Repairs {
  readonly keys = new Map<string, number>()
  readonly tags = new Map<string, TagMark>()
  readonly prefixes = new Map<string, number>()
  readonly patterns = new Map<string, PatternMark>()
  readonly #maxRepairs: number
  #allBegun = NONE
  #number = NONE

  constructor(maxRepairs: number) {
    this.#maxRepairs = maxRepairs
  }

  next(): number {
    return ++this.#number
  }

  get isAll(): boolean {
    return this.#allBegun !== NONE
  }

  get isEmpty(): boolean {
    return !this.isAll && this.#listed === 0
  }

  /** How many are listed; Infinity: all. */
  get pending(): number {
    return this.isAll ? Number.POSITIVE_INFINITY : this.#listed
  }

  markKey(key: string, begun: number): void {
    this.keys.set(key, Math.max(begun, this.keys.get(key) ?? NONE))
    this.#bound()
  }

  markTags(tags: readonly string[], soft: boolean, begun: number): void {
    for (const tag of tags) {
      // Why: made stale and deleted, in whichever order, is deleted.
      const isSoft = soft && this.tags.get(tag)?.soft !== false
      this.tags.set(tag, { soft: isSoft, begun })
    }
    this.#bound()
  }

  markPrefix(prefix: string, begun: number): void {
    this.prefixes.set(prefix, begun)
    this.#bound()
  }

  /** @throws InvalidOptionError where it is no pattern */
  markPattern(glob: string, begun: number): void {
    this.patterns.set(glob, { pattern: compilePattern(glob), begun })
    this.#bound()
  }

  markAll(begun: number): void {
    this.#allBegun = Math.max(begun, this.#allBegun)
  }

  doneKey(key: string, begun: number): void {
    if (this.keys.size === 0) return
    const mark = this.keys.get(key)
    if (mark !== undefined && mark < begun) this.keys.delete(key)
  }

  doneTags(tags: readonly string[], soft: boolean, begun: number): void {
    for (const tag of tags) {
      const mark = this.tags.get(tag)
      if (mark !== undefined && mark.begun < begun && (mark.soft || !soft)) this.tags.delete(tag)
    }
  }

  donePrefix(prefix: string, begun: number): void {
    const mark = this.prefixes.get(prefix)
    if (mark !== undefined && mark < begun) this.prefixes.delete(prefix)
  }

  donePattern(glob: string, begun: number): void {
    const mark = this.patterns.get(glob)
    if (mark !== undefined && mark.begun < begun) this.patterns.delete(glob)
  }

  /** The tier was cleared. */
  doneAll(begun: number): void {
    if (this.#allBegun < begun) this.#allBegun = NONE
    for (const key of this.keys.keys()) this.doneKey(key, begun)
    this.doneTags([...this.tags.keys()], false, begun)
    for (const prefix of this.prefixes.keys()) this.donePrefix(prefix, begun)
    for (const glob of this.patterns.keys()) this.donePattern(glob, begun)
  }

  /** Whatever is under the key. */
  hidesKey(key: string): boolean {
    if (this.isAll) return true
    if (this.#listed === 0) return false
    if (this.keys.has(key)) return true
    for (const prefix of this.prefixes.keys()) {
      if (key.startsWith(prefix)) return true
    }
    for (const { pattern } of this.patterns.values()) {
      if (pattern.test(key)) return true
    }
    return false
  }

  hidesEntry(key: string, tags: readonly string[]): boolean {
    if (this.hidesKey(key)) return true
    return this.tags.size > 0 && tags.some((tag) => this.tags.has(tag))
  }

  get #listed(): number {
    return this.keys.size + this.tags.size + this.prefixes.size + this.patterns.size
  }

  #bound(): void {
    const isFull =
      this.keys.size + this.tags.size > this.#maxRepairs ||
      this.prefixes.size + this.patterns.size > MAX_RANGES
    if (!isFull) return
    for (const marks of [this.keys, this.tags, this.prefixes, this.patterns]) marks.clear()
    this.markAll(this.next())
  }
}
