/**
 * What SharedCache is meant to answer, as a plain Map: lifetimes, tags, versions, but no bound on its size.
 * What a bounded cache has evicted, it has to be told.
 */

export interface ModelOptions {
  /** 0: for ever. */
  ttlMs: number
  sliding: boolean
  now: () => number
}

export interface ModelSetOptions {
  ttl?: number
  sliding?: boolean
  tags?: readonly string[]
}

interface ModelEntry {
  value: unknown
  /** Milliseconds; Infinity: never. */
  expiresAt: number
  /** 0: for ever, until it is touched. */
  lifetimeMs: number
  sliding: boolean
  tags: ReadonlySet<string>
  version: number
}

export class CacheModel {
  readonly #entries = new Map<string, ModelEntry>()
  readonly #options: ModelOptions
  #version = 0

  constructor(options: ModelOptions) {
    this.#options = options
  }

  get(key: string): unknown {
    const entry = this.#live(key)
    if (entry?.sliding && entry.lifetimeMs > 0)
      entry.expiresAt = this.#options.now() + entry.lifetimeMs
    return entry?.value
  }

  peek(key: string): unknown {
    return this.#live(key)?.value
  }

  has(key: string): boolean {
    return this.#live(key) !== undefined
  }

  /** 0: absent. */
  version(key: string): number {
    return this.#live(key)?.version ?? 0
  }

  expiresAt(key: string): number | undefined {
    return this.#live(key)?.expiresAt
  }

  tags(key: string): string[] {
    return [...(this.#live(key)?.tags ?? [])]
  }

  set(key: string, value: unknown, options: ModelSetOptions = {}): void {
    const lifetimeMs = options.ttl ?? this.#options.ttlMs
    this.#entries.set(key, {
      value,
      expiresAt: lifetimeMs === 0 ? Number.POSITIVE_INFINITY : this.#options.now() + lifetimeMs,
      lifetimeMs,
      sliding: options.sliding ?? this.#options.sliding,
      tags: new Set(options.tags),
      version: ++this.#version,
    })
  }

  delete(key: string): boolean {
    return this.#live(key) !== undefined && this.#entries.delete(key)
  }

  /** However it went: no question is asked whether it still lived. */
  drop(key: string): void {
    this.#entries.delete(key)
  }

  touch(key: string, ttl?: number): boolean {
    const entry = this.#live(key)
    if (entry === undefined) return false
    const lifetimeMs = ttl ?? this.#options.ttlMs
    entry.lifetimeMs = lifetimeMs === 0 ? Number.POSITIVE_INFINITY : lifetimeMs
    entry.expiresAt = this.#options.now() + entry.lifetimeMs
    return true
  }

  /** NaN: the value is no number. */
  increment(key: string, by: number, options?: ModelSetOptions): number {
    const entry = this.#live(key)
    if (entry === undefined) {
      this.set(key, by, options)
      return by
    }
    if (typeof entry.value !== 'number') return Number.NaN
    entry.value += by
    entry.version = ++this.#version
    return entry.value
  }

  clear(): void {
    this.#entries.clear()
  }

  deleteByTag(tag: string): string[] {
    return this.#deleteWhere((_, entry) => entry.tags.has(tag))
  }

  deleteByPrefix(prefix: string): string[] {
    return this.#deleteWhere((key) => key.startsWith(prefix))
  }

  keys(): string[] {
    return [...this.#entries.keys()].filter((key) => this.has(key))
  }

  get size(): number {
    return this.keys().length
  }

  #live(key: string): ModelEntry | undefined {
    const entry = this.#entries.get(key)
    return entry !== undefined && this.#options.now() < entry.expiresAt ? entry : undefined
  }

  #deleteWhere(matches: (key: string, entry: ModelEntry) => boolean): string[] {
    const gone: string[] = []
    for (const [key, entry] of this.#entries) {
      if (!this.has(key) || !matches(key, entry)) continue
      this.#entries.delete(key)
      gone.push(key)
    }
    return gone
  }
}
