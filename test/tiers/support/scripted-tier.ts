/**
 * A Tier in a Map, whose calls fail as a test says. It keeps the contract of tier.ts: versions for
 * `ifUnchanged`, tags by the time of their invalidation (here a number that counts up).
 *
 * A call takes effect at once, or when its fault says so, and in that moment as a whole.
 */

import { compilePattern } from '../../../src/cache/key-pattern.js'
import type {
  Tier,
  TierEntry,
  TierFinding,
  TierHost,
  TierItem,
  TierLease,
  TierSetOptions,
} from '../../../src/tiers/tier.js'

export type Fault =
  /** It answers. */
  | 'none'
  /** Rejects, having done nothing. */
  | 'reject'
  /** Throws, as no promise should. */
  | 'throw'
  /** Has done it, and rejects. */
  | 'done-reject'
  /** Does nothing, and never settles. */
  | 'hang'
  /** Does it and answers when `release` is called. */
  | 'late'
  /** Does nothing, and rejects when `release` is called. */
  | 'late-reject'
  /** Has done it, and answers when `release` is called. */
  | 'done-late'
  /** Has done it, and answers something that is no answer. */
  | 'wrong'

interface Kept {
  readonly entry: TierEntry
  readonly born: number
}

export class ScriptedTier implements Tier {
  readonly name: string = 'scripted'
  /** What the next call does. */
  fault: (operation: string, keys: readonly string[]) => Fault = () => 'none'
  /** Every call in order: `set a`, `delete a,b`, `clear`. */
  readonly calls: string[] = []
  readonly kept = new Map<string, Kept>()
  isClosed = false
  readonly #versions = new Map<string, number>()
  readonly #tags = new Map<string, number>()
  readonly #ranges: { test: (key: string) => boolean; at: number }[] = []
  #number = 0
  #waiting: (() => void)[] = []
  released: string[] = []

  /** How many calls wait for `release`. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Lets the oldest of the late calls go on, or that at `index`. */
  release(index = 0): void {
    const [go] = this.#waiting.splice(index, 1)
    go?.()
  }

  releaseAll(): void {
    while (this.#waiting.length > 0) this.release()
  }

  callsOf(operation: string): string[] {
    return this.calls.filter((call) => call.split(' ')[0] === operation)
  }

  async open(_host: TierHost): Promise<void> {}

  get(key: string): Promise<TierFinding> {
    return this.#do('get', [key], () => this.#find(key))
  }

  getMany(keys: readonly string[]): Promise<TierFinding[]> {
    return this.#do('getMany', keys, () => keys.map((key) => this.#find(key)))
  }

  set(key: string, entry: TierEntry, options?: TierSetOptions): Promise<boolean> {
    return this.#do('set', [key], () => this.#store(key, entry, options))
  }

  setMany(items: readonly TierItem[]): Promise<boolean[]> {
    const keys = items.map(({ key }) => key)
    return this.#do('setMany', keys, () =>
      items.map(({ key, entry, options }) => this.#store(key, entry, options)),
    )
  }

  delete(keys: readonly string[]): Promise<boolean[]> {
    return this.#do('delete', keys, () => keys.map((key) => this.#remove(key)))
  }

  take(key: string): Promise<TierEntry | undefined> {
    return this.#do('take', [key], () => {
      const { entry } = this.#find(key)
      this.#remove(key)
      return entry
    })
  }

  expire(keys: readonly string[]): Promise<boolean[]> {
    return this.#do('expire', keys, () =>
      keys.map((key) => {
        const kept = this.kept.get(key)
        // Why before: what is being loaded for a key that is not there may be older than this.
        this.#versions.set(key, ++this.#number)
        if (kept === undefined) return false
        this.kept.set(key, { ...kept, entry: { ...kept.entry, expiresAt: 0 } })
        return true
      }),
    )
  }

  invalidateTags(tags: readonly string[], _soft: boolean): Promise<void> {
    return this.#do('invalidateTags', tags, () => {
      for (const tag of tags) this.#tags.set(tag, ++this.#number)
    })
  }

  deleteByPrefix(prefix: string): Promise<number> {
    return this.#do('deleteByPrefix', [prefix], () =>
      this.#removeWhere((key) => key.startsWith(prefix)),
    )
  }

  deleteByPattern(pattern: string): Promise<number> {
    const { test } = compilePattern(pattern)
    return this.#do('deleteByPattern', [pattern], () => this.#removeWhere(test))
  }

  async *keys(prefix = ''): AsyncGenerator<string> {
    for (const key of [...this.kept.keys()]) {
      await this.#do('keys', [prefix], () => undefined)
      if (key.startsWith(prefix)) yield key
    }
  }

  async clear(): Promise<void> {
    return this.#do('clear', [], () => {
      this.#removeWhere(() => true)
    })
  }

  lease(key: string, _ttlMs: number): Promise<TierLease | undefined> {
    return this.#do('lease', [key], () => ({
      key,
      fencingToken: ++this.#number,
      release: async () => {
        this.released.push(key)
      },
    }))
  }

  leaseEnd(key: string, _timeoutMs: number): Promise<void> {
    return this.#do('leaseEnd', [key], () => undefined)
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  /** The payload as text that a reader of the tier would get. */
  valueOf(key: string): string | undefined {
    const { entry } = this.#find(key)
    return entry === undefined ? undefined : Buffer.from(entry.payload).toString()
  }

  #do<T>(operation: string, keys: readonly string[], effect: () => T): Promise<T> {
    this.calls.push([operation, keys.join(',')].join(' ').trim())
    const fault = this.fault(operation, keys)
    const failure = new Error(`scripted: ${fault}`)
    if (fault === 'throw') throw failure
    if (fault === 'reject') return Promise.reject(failure)
    if (fault === 'hang') return new Promise(() => undefined)
    if (fault === 'late') return this.#whenReleased(effect)
    if (fault === 'late-reject') {
      return this.#whenReleased(() => {
        throw failure
      })
    }
    const answer = effect()
    if (fault === 'done-reject') return Promise.reject(failure)
    if (fault === 'done-late') return this.#whenReleased(() => answer)
    if (fault === 'wrong') return Promise.resolve('wrong' as T)
    return Promise.resolve(answer)
  }

  #whenReleased<T>(effect: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(effect())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  #find(key: string): TierFinding {
    const kept = this.kept.get(key)
    const isLive = kept?.entry.tags.every((tag) => (this.#tags.get(tag) ?? 0) < kept.born) ?? false
    return { entry: isLive ? kept?.entry : undefined, seen: this.#stateOf(key) }
  }

  /** The version of the key, and how many things have happened. */
  #stateOf(key: string): { version: number; at: number } {
    return { version: this.#versions.get(key) ?? 0, at: this.#number }
  }

  #store(key: string, entry: TierEntry, options?: TierSetOptions): boolean {
    const seen = options?.ifUnchanged?.seen as { version: number; at: number } | undefined
    if (seen !== undefined) {
      if (seen.version !== this.#stateOf(key).version) return false
      if (entry.tags.some((tag) => (this.#tags.get(tag) ?? 0) > seen.at)) return false
      if (this.#ranges.some(({ test, at }) => at > seen.at && test(key))) return false
    }
    this.#versions.set(key, ++this.#number)
    this.kept.set(key, { entry, born: this.#number })
    return true
  }

  #remove(key: string): boolean {
    const wasThere = this.#find(key).entry !== undefined
    this.#versions.set(key, ++this.#number)
    this.kept.delete(key)
    return wasThere
  }

  #removeWhere(test: (key: string) => boolean): number {
    this.#ranges.push({ test, at: ++this.#number })
    let removed = 0
    for (const key of [...this.kept.keys()]) {
      if (test(key) && this.#remove(key)) removed++
    }
    return removed
  }
}

/** An entry that is fresh for ever. */
export function entryOf(value: string, tags: readonly string[] = []): TierEntry {
  return {
    payload: Buffer.from(value),
    createdAt: 0,
    expiresAt: Number.POSITIVE_INFINITY,
    keepUntil: Number.POSITIVE_INFINITY,
    tags,
  }
}

export function textOf(finding: TierFinding | undefined): string | undefined {
  const entry = finding?.entry
  return entry === undefined ? undefined : Buffer.from(entry.payload).toString()
}
