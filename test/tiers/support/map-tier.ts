/**
 * A Tier in a Map, as tier.ts wants it, on a test's own clock. Several tiers on one MapServer are what
 * several processes are on one Redis: each hears of what the others do.
 *
 * 1. A call takes effect as a whole, in the turn in which it is made, unless `before` makes it wait.
 * 2. What a call does to others' memory is told to them in the same turn.
 */
import { compilePattern } from '../../../src/cache/key-pattern.js'
import type {
  Tier,
  TierEntry,
  TierFinding,
  TierHost,
  TierItem,
  TierLease,
  TierNews,
  TierSetOptions,
} from '../../../src/tiers/tier.js'
import { ManualClock } from '../../support/manual-clock.js'

interface Kept {
  readonly entry: TierEntry
  /** The number of the change that stored it. */
  readonly at: number
}

interface Seen {
  readonly version: number
  readonly at: number
}

/** What several tiers share. */
export class MapServer {
  readonly clock: ManualClock
  readonly kept = new Map<string, Kept>()
  readonly versions = new Map<string, number>()
  readonly tags = new Map<string, { at: number; soft: boolean; time: number }>()
  readonly ranges: { test: (key: string) => boolean; at: number }[] = []
  readonly leases = new Map<string, { token: number; until: number }>()
  readonly members = new Set<MapTier>()
  changes = 0

  constructor(clock = new ManualClock()) {
    this.clock = clock
  }
}

export interface MapTierOptions {
  name?: string
  /** The lifetime in this tier of what is stored without one. */
  ttl?: number
  clock?: ManualClock
  server?: MapServer
}

export class MapTier implements Tier {
  readonly name: string
  readonly defaultTtlMs: number | undefined
  readonly server: MapServer
  /** Every call in order: `get a`, `setMany a,b`. */
  readonly calls: string[] = []
  /** What a call waits for before it takes effect. */
  before: (operation: string, keys: readonly string[]) => Promise<unknown> | undefined = () =>
    undefined
  isClosed = false
  #host: TierHost | undefined

  constructor({ name = 'map', ttl, clock, server = new MapServer(clock) }: MapTierOptions = {}) {
    this.name = name
    this.defaultTtlMs = ttl
    this.server = server
  }

  async open(host: TierHost): Promise<void> {
    this.#host = host
    this.server.members.add(this)
  }

  /** The entry under a key, whatever its age. */
  entry(key: string): TierEntry | undefined {
    return this.server.kept.get(key)?.entry
  }

  callsOf(operation: string): string[] {
    return this.calls.filter((call) => call.split(' ')[0] === operation)
  }

  get(key: string): Promise<TierFinding> {
    return this.#do('get', [key], () => this.#find(key))
  }

  getMany(keys: readonly string[]): Promise<TierFinding[]> {
    return this.#do('getMany', keys, () => keys.map((key) => this.#find(key)))
  }

  set(key: string, entry: TierEntry, options?: TierSetOptions): Promise<boolean> {
    return this.#do('set', [key], () => this.#store({ key, entry, options }))
  }

  setMany(items: readonly TierItem[]): Promise<boolean[]> {
    const keys = items.map(({ key }) => key)
    return this.#do('setMany', keys, () => items.map((item) => this.#store(item)))
  }

  delete(keys: readonly string[]): Promise<boolean[]> {
    return this.#do('delete', keys, () => {
      this.#tell({ kind: 'keys', keys })
      return keys.map((key) => this.#remove(key))
    })
  }

  take(key: string): Promise<TierEntry | undefined> {
    return this.#do('take', [key], () => {
      const { entry } = this.#find(key)
      this.#tell({ kind: 'keys', keys: [key] })
      this.#remove(key)
      return entry
    })
  }

  expire(keys: readonly string[]): Promise<boolean[]> {
    return this.#do('expire', keys, () => {
      this.#tell({ kind: 'keys', keys })
      return keys.map((key) => {
        const { entry } = this.#find(key)
        if (entry === undefined) return false
        if (entry.keepUntil <= entry.expiresAt) return this.#remove(key)
        const expiresAt = Math.min(entry.expiresAt, this.server.clock.now())
        this.#change(key, { ...entry, expiresAt })
        return true
      })
    })
  }

  invalidateTags(tags: readonly string[], soft: boolean): Promise<void> {
    return this.#do('invalidateTags', tags, () => {
      this.#tell({ kind: 'tags', tags, soft })
      const at = ++this.server.changes
      for (const tag of tags) this.server.tags.set(tag, { at, soft, time: this.server.clock.now() })
    })
  }

  deleteByPrefix(prefix: string): Promise<number> {
    return this.#do('deleteByPrefix', [prefix], () => {
      this.#tell({ kind: 'prefix', prefix })
      return this.#removeWhere((key) => key.startsWith(prefix))
    })
  }

  deleteByPattern(pattern: string): Promise<number> {
    const compiled = compilePattern(pattern)
    return this.#do('deleteByPattern', [pattern], () => {
      this.#tell({ kind: 'pattern', pattern })
      return this.#removeWhere((key) => compiled.test(key))
    })
  }

  async *keys(prefix = ''): AsyncGenerator<string> {
    await this.#do('keys', [prefix], () => undefined)
    for (const key of [...this.server.kept.keys()]) {
      if (key.startsWith(prefix) && this.#find(key).entry !== undefined) yield key
    }
  }

  clear(): Promise<void> {
    return this.#do('clear', [], () => {
      this.#tell({ kind: 'all' })
      this.#removeWhere(() => true)
    })
  }

  async lease(key: string, ttlMs: number): Promise<TierLease | undefined> {
    return this.#do('lease', [key], () => {
      const { leases, clock } = this.server
      if ((leases.get(key)?.until ?? 0) > clock.now()) return undefined
      const token = ++this.server.changes
      leases.set(key, { token, until: clock.now() + ttlMs })
      const release = async (): Promise<void> => {
        if (leases.get(key)?.token === token) leases.delete(key)
      }
      return { key, fencingToken: token, release }
    })
  }

  async leaseEnd(key: string, _timeoutMs: number): Promise<void> {
    const { leases, clock } = this.server
    while ((leases.get(key)?.until ?? 0) > clock.now() && !this.isClosed) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.server.members.delete(this)
  }

  async #do<T>(operation: string, keys: readonly string[], effect: () => T): Promise<T> {
    this.calls.push([operation, keys.join(',')].join(' ').trim())
    const waiting = this.before(operation, keys)
    if (waiting !== undefined) await waiting
    return effect()
  }

  #find(key: string): TierFinding {
    const { kept, versions, tags, clock, changes } = this.server
    const seen: Seen = { version: versions.get(key) ?? 0, at: changes }
    const found = kept.get(key)
    if (found === undefined || found.entry.keepUntil <= clock.now()) {
      return { entry: undefined, seen }
    }
    let { entry } = found
    for (const tag of entry.tags) {
      const invalidated = tags.get(tag)
      if (invalidated === undefined || invalidated.at < found.at) continue
      if (!invalidated.soft) return { entry: undefined, seen }
      entry = { ...entry, expiresAt: Math.min(entry.expiresAt, invalidated.time) }
    }
    return { entry: entry.keepUntil <= clock.now() ? undefined : entry, seen }
  }

  #store({ key, entry, options }: TierItem): boolean {
    const { versions, tags, ranges, leases, clock } = this.server
    const { ifUnchanged, lease } = options ?? {}
    if (lease !== undefined) {
      const held = leases.get(key)
      if (held?.token !== lease.fencingToken || held.until <= clock.now()) return false
    }
    const seen = ifUnchanged?.seen as Seen | undefined
    if (seen !== undefined) {
      if (seen.version !== (versions.get(key) ?? 0)) return false
      if (entry.tags.some((tag) => (tags.get(tag)?.at ?? 0) > seen.at)) return false
      if (ranges.some(({ test, at }) => at > seen.at && test(key))) return false
    }
    if (options?.renews) {
      const at = this.server.kept.get(key)?.at ?? 0
      this.server.kept.set(key, { entry, at })
      return true
    }
    this.#tell({ kind: 'keys', keys: [key] })
    this.#change(key, entry)
    return true
  }

  #change(key: string, entry: TierEntry): void {
    const at = ++this.server.changes
    this.server.versions.set(key, at)
    this.server.kept.set(key, { entry, at })
  }

  #remove(key: string): boolean {
    const wasThere = this.#find(key).entry !== undefined
    this.server.versions.set(key, ++this.server.changes)
    this.server.kept.delete(key)
    return wasThere
  }

  #removeWhere(test: (key: string) => boolean): number {
    this.server.ranges.push({ test, at: ++this.server.changes })
    return [...this.server.kept.keys()].filter((key) => test(key) && this.#remove(key)).length
  }

  #tell(news: TierNews): void {
    for (const other of this.server.members) if (other !== this) other.#host?.news(news)
  }
}
