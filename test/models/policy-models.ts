/**
 * What each policy is meant to evict, written as plainly as can be: all entries in one Map, and the victim
 * found by looking at each of them.
 *
 * 1. A victim is the entry that comes first by `comesBefore`; no two are equal in it.
 */

export interface ModelEntry {
  key: string
  /** When it was set first, last written, and last used (read or written): numbers from one counter. */
  insertedAt: number
  writtenAt: number
  usedAt: number
  hits: number
  /** Of lfu: the age when it was last used, plus its frequency then. */
  rank: number
  priority: number
  /** Milliseconds; Infinity: never. */
  expiresAt: number
}

export interface WriteOptions {
  priority?: number
  /** Milliseconds; absent: for ever. */
  ttl?: number
}

const MAX_FREQUENCY = 255

abstract class PolicyModel {
  readonly evicted: string[] = []
  protected readonly entries = new Map<string, ModelEntry>()
  readonly #maxEntries: number
  readonly #now: () => number
  #counter = 0

  constructor(maxEntries: number, now: () => number) {
    this.#maxEntries = maxEntries
    this.#now = now
  }

  set(key: string, { priority = 0, ttl }: WriteOptions = {}): void {
    const old = this.entries.get(key)
    if (old === undefined && this.entries.size === this.#maxEntries) this.#evict()
    const at = ++this.#counter
    const entry: ModelEntry = {
      key,
      insertedAt: old?.insertedAt ?? at,
      writtenAt: at,
      usedAt: at,
      hits: old?.hits ?? 0,
      rank: 0,
      priority,
      expiresAt: this.#expiresAt(ttl),
    }
    this.use(entry)
    this.entries.set(key, entry)
  }

  get(key: string): boolean {
    const entry = this.entries.get(key)
    if (entry === undefined) return false
    entry.hits++
    entry.usedAt = ++this.#counter
    this.use(entry)
    return true
  }

  has(key: string): boolean {
    return this.entries.has(key)
  }

  delete(key: string): boolean {
    return this.entries.delete(key)
  }

  /** A new lifetime is neither a use nor a write; but who no longer expires begins anew among those. */
  touch(key: string, ttl?: number): boolean {
    const entry = this.entries.get(key)
    if (entry === undefined) return false
    const mattered = Number.isFinite(entry.expiresAt)
    entry.expiresAt = this.#expiresAt(ttl)
    if (mattered && ttl === undefined) this.outlived(entry, ++this.#counter)
    return true
  }

  expire(): void {
    for (const { key, expiresAt } of this.entries.values()) {
      if (expiresAt <= this.#now()) this.entries.delete(key)
    }
  }

  keys(): string[] {
    return [...this.entries.keys()]
  }

  protected abstract comesBefore(a: ModelEntry, b: ModelEntry): boolean

  /** The entry has been read or written. */
  protected use(_entry: ModelEntry): void {}

  protected evicting(_victim: ModelEntry): void {}

  protected outlived(_entry: ModelEntry, _at: number): void {}

  #evict(): void {
    const [first, ...others] = this.entries.values()
    const victim = others.reduce((best, entry) => {
      return this.comesBefore(entry, best) ? entry : best
    }, first)
    this.evicting(victim)
    this.entries.delete(victim.key)
    this.evicted.push(victim.key)
  }

  #expiresAt(ttl: number | undefined): number {
    return ttl === undefined ? Number.POSITIVE_INFINITY : this.#now() + ttl
  }
}

/** Least frequently used with dynamic aging, see assembly/policy/lfu.ts. */
export class LfuModel extends PolicyModel {
  #age = 0

  protected comesBefore(a: ModelEntry, b: ModelEntry): boolean {
    return a.rank === b.rank ? a.usedAt < b.usedAt : a.rank < b.rank
  }

  protected override use(entry: ModelEntry): void {
    entry.rank = this.#age + Math.min(entry.hits + 1, MAX_FREQUENCY)
  }

  protected override evicting(victim: ModelEntry): void {
    this.#age = victim.rank
  }
}

export class FifoModel extends PolicyModel {
  protected comesBefore(a: ModelEntry, b: ModelEntry): boolean {
    return a.insertedAt < b.insertedAt
  }
}

export class TtlModel extends PolicyModel {
  protected comesBefore(a: ModelEntry, b: ModelEntry): boolean {
    if (a.expiresAt !== b.expiresAt) return a.expiresAt < b.expiresAt
    return Number.isFinite(a.expiresAt) ? a.writtenAt < b.writtenAt : a.usedAt < b.usedAt
  }

  protected override outlived(entry: ModelEntry, at: number): void {
    entry.usedAt = at
  }
}

export class PriorityModel extends PolicyModel {
  protected comesBefore(a: ModelEntry, b: ModelEntry): boolean {
    return a.priority === b.priority ? a.usedAt < b.usedAt : a.priority < b.priority
  }
}

export type { PolicyModel }
