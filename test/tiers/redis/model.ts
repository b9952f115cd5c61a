/**
 * What a redisTier has to answer, in plain maps: entries with stamps and epochs, and the epoch at which each
 * tag, prefix or pattern was invalidated last.
 */
import { compilePattern } from '../../../src/cache/key-pattern.js'

interface Cell {
  text: string
  tags: readonly string[]
  epoch: number
  stamp: number
  isStale: boolean
  isTombstone: boolean
}

export interface Look {
  readonly stamp: number
  readonly epoch: number
}

export interface Found {
  readonly text: string
  readonly isStale: boolean
}

const NO_STAMP = 0

export class TierModel {
  readonly #cells = new Map<string, Cell>()
  readonly #tags = new Map<string, number>()
  readonly #softTags = new Map<string, number>()
  readonly #sweeps: { matches: (key: string) => boolean; epoch: number }[] = []
  #epoch = 1
  #stamp = NO_STAMP

  get(key: string): Found | undefined {
    const cell = this.#valid(key)
    if (cell === undefined) return undefined
    const isSoft = cell.tags.some((tag) => (this.#softTags.get(tag) ?? 0) > cell.epoch)
    return { text: cell.text, isStale: cell.isStale || isSoft }
  }

  look(key: string): Look {
    return { stamp: this.#cells.get(key)?.stamp ?? NO_STAMP, epoch: this.#epoch }
  }

  set(key: string, text: string, tags: readonly string[], epoch = this.#epoch): void {
    const stamp = ++this.#stamp
    this.#cells.set(key, { text, tags, epoch, stamp, isStale: false, isTombstone: false })
  }

  /** Whether it was stored. */
  load(key: string, text: string, tags: readonly string[], look: Look): boolean {
    const isChanged = this.#cells.has(key) && this.#cells.get(key)?.stamp !== look.stamp
    if (isChanged || this.#isGone(key, tags, look.epoch)) return false
    this.set(key, text, tags, look.epoch)
    return true
  }

  /** What was seen, with later times: to others it is the same. Whether it was stored. */
  renew(key: string, text: string, tags: readonly string[], look: Look): boolean {
    if (!this.load(key, text, tags, look)) return false
    const cell = this.#cells.get(key)
    if (cell !== undefined) cell.stamp = look.stamp
    return true
  }

  delete(key: string): boolean {
    const wasThere = this.#valid(key) !== undefined
    this.set(key, '', [])
    const cell = this.#cells.get(key)
    if (cell !== undefined) cell.isTombstone = true
    return wasThere
  }

  expire(key: string): boolean {
    const wasThere = this.#valid(key) !== undefined
    const cell = this.#cells.get(key)
    if (cell === undefined || cell.isTombstone) this.delete(key)
    else {
      cell.isStale = true
      cell.stamp = ++this.#stamp
    }
    return wasThere
  }

  invalidateTags(tags: readonly string[], soft: boolean): void {
    this.#epoch++
    for (const tag of tags) (soft ? this.#softTags : this.#tags).set(tag, this.#epoch)
  }

  deleteByPattern(glob: string): number {
    const { test } = compilePattern(glob)
    return this.#sweep(test)
  }

  deleteByPrefix(prefix: string): number {
    return this.#sweep((key) => key.startsWith(prefix))
  }

  keys(): string[] {
    return [...this.#cells.keys()].filter((key) => this.#valid(key) !== undefined).sort()
  }

  #sweep(matches: (key: string) => boolean): number {
    const swept = [...this.#cells.keys()].filter(matches)
    const count = swept.filter((key) => this.#valid(key) !== undefined).length
    for (const key of swept) this.#cells.delete(key)
    this.#sweeps.push({ matches, epoch: ++this.#epoch })
    return count
  }

  #valid(key: string): Cell | undefined {
    const cell = this.#cells.get(key)
    if (cell === undefined || cell.isTombstone) return undefined
    return this.#isGone(key, cell.tags, cell.epoch) ? undefined : cell
  }

  #isGone(key: string, tags: readonly string[], epoch: number): boolean {
    return (
      tags.some((tag) => (this.#tags.get(tag) ?? 0) > epoch) ||
      this.#sweeps.some((sweep) => sweep.epoch > epoch && sweep.matches(key))
    )
  }
}
