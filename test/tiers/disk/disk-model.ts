/** What a disk tier should do, on a Map: the same methods, without a file. */
import { compilePattern } from '../../../src/cache/key-pattern.js'
import type { TierEntry } from '../../../src/tiers/tier.js'

interface ModelEntry {
  readonly entry: TierEntry
  readonly epoch: number
}

interface TagTimes {
  hard: number
  soft: number
  staleAt: number
}

/** What was seen of a key, and when. */
export interface ModelSeen {
  readonly epoch: number
}

export class DiskModel {
  readonly #now: () => number
  readonly #entries = new Map<string, ModelEntry>()
  readonly #tags = new Map<string, TagTimes>()
  /** When each key was changed last, by number. */
  readonly #changed = new Map<string, number>()
  readonly #deletions: { number: number; test(key: string): boolean }[] = []
  #clock = 0

  constructor(now: () => number) {
    this.#now = now
  }

  get(key: string): TierEntry | undefined {
    const found = this.#entries.get(key)
    if (found === undefined || found.entry.keepUntil <= this.#now()) return undefined
    let { expiresAt } = found.entry
    for (const tag of found.entry.tags) {
      const times = this.#tags.get(tag)
      if (times === undefined) continue
      if (times.hard > found.epoch) return undefined
      if (times.soft > found.epoch) expiresAt = Math.min(expiresAt, times.staleAt)
    }
    return { ...found.entry, expiresAt }
  }

  see(): ModelSeen {
    return { epoch: this.#clock }
  }

  set(key: string, entry: TierEntry, seen?: ModelSeen): boolean {
    if (seen !== undefined && this.#hasChanged(key, entry, seen)) return false
    this.#clock++
    this.#entries.set(key, { entry, epoch: seen?.epoch ?? this.#clock })
    this.#changed.set(key, this.#clock)
    return true
  }

  /** What was seen, with later times: to others it is the same. */
  renew(key: string, entry: TierEntry, seen: ModelSeen): boolean {
    if (this.#hasChanged(key, entry, seen)) return false
    this.#entries.set(key, { entry, epoch: seen.epoch })
    return true
  }

  delete(key: string): TierEntry | undefined {
    const entry = this.get(key)
    this.#entries.delete(key)
    this.#touch(key)
    return entry
  }

  expire(key: string): boolean {
    const entry = this.get(key)
    this.#touch(key)
    if (entry === undefined) return false
    const expiresAt = Math.min(entry.expiresAt, this.#now())
    this.#entries.set(key, { entry: { ...entry, expiresAt }, epoch: this.#clock })
    return true
  }

  invalidateTags(tags: readonly string[], soft: boolean): void {
    for (const tag of tags) {
      this.#clock++
      const times = this.#tags.get(tag) ?? { hard: 0, soft: 0, staleAt: 0 }
      if (soft) Object.assign(times, { soft: this.#clock, staleAt: this.#now() })
      else times.hard = this.#clock
      this.#tags.set(tag, times)
    }
  }

  deletePrefix(prefix: string): number {
    return this.#deleteMatching((key) => key.startsWith(prefix))
  }

  deletePattern(pattern: string): number {
    const { test } = compilePattern(pattern)
    return this.#deleteMatching(test)
  }

  clear(): void {
    this.#deleteMatching(() => true)
  }

  keys(): string[] {
    return [...this.#entries.keys()].filter((key) => this.get(key) !== undefined).sort()
  }

  #deleteMatching(test: (key: string) => boolean): number {
    this.#clock++
    this.#deletions.push({ number: this.#clock, test })
    const keys = this.keys().filter(test)
    for (const key of [...this.#entries.keys()].filter(test)) this.#entries.delete(key)
    return keys.length
  }

  #touch(key: string): void {
    this.#clock++
    this.#changed.set(key, this.#clock)
  }

  #hasChanged(key: string, entry: TierEntry, { epoch }: ModelSeen): boolean {
    if ((this.#changed.get(key) ?? 0) > epoch) return true
    if (this.#deletions.some(({ number, test }) => number > epoch && test(key))) return true
    const tags = [...entry.tags, ...(this.#entries.get(key)?.entry.tags ?? [])]
    return tags.some((tag) => {
      const times = this.#tags.get(tag)
      return times !== undefined && Math.max(times.hard, times.soft) > epoch
    })
  }
}
