/**
 * The tier in memory: a SharedCache, with what tiers know of an entry beyond it.
 *
 * 1. What SharedCache has no place for stands in the entry's tags, under names that begin with RESERVED: what
 *    the origin calls the value (VALIDATOR), and that there is none (ABSENT). So it comes and goes with the entry.
 * 2. An absent entry holds a value that says nothing (null, or what is empty in the cache's codec). Only such a
 *    value makes a reader look at the tags.
 * 3. An entry's stale period is the longer of its grace and its time of staleWhileRevalidate. An entry for ever
 *    that has one is stored for 100 years, so that it can be made stale.
 * 4. What is promoted is stored only if the key has not changed since `watch`, in whatever thread.
 *
 * Costs nothing on a hit but a comparison with the empty value.
 */
import type { LoadClaim } from '../../cache/loading/claim.js'
import type { LoadedEntry, StoreOptions } from '../../cache/loading.js'
import { MAX_TAGS, MAX_TAGS_BYTES } from '../../cache/options.js'
import type { PackedValue } from '../../cache/packed-value.js'
import { type CacheInside, insideOf, type SharedCache } from '../../cache/shared-cache.js'
import { MAX_DURATION_MS } from '../../cache/units.js'
import { RESERVED } from './reserved.js'

const VALIDATOR = `${RESERVED}v:`
const ABSENT = `${RESERVED}absent`

/** How an entry is stored in memory. */
export interface MemoryLifetime {
  /** Infinity: for ever. */
  readonly ttlMs: number
  /** For how long after that it is kept, stale. */
  readonly staleMs: number
  readonly tags: readonly string[]
  readonly validator?: string
  readonly priority?: number
  readonly sliding?: boolean
}

export interface MemoryEntry<V> {
  /** Undefined: it is known that there is none. */
  readonly value: V | undefined
  readonly isStale: boolean
  /** On the memory's clock, as `now()`. */
  readonly createdAt: number
  /** Infinity: never. */
  readonly expiresAt: number
  /** The user's own. */
  readonly tags: string[]
  readonly validator: string | undefined
}

export class MemoryTier<V> {
  readonly name = 'memory'
  readonly cache: SharedCache<V>
  /** The lifetime where nobody gives one; Infinity: for ever. */
  readonly defaultTtlMs: number
  readonly inside: CacheInside<V>
  /** What an absent entry holds; undefined: this codec cannot hold one. */
  readonly #empty: unknown
  readonly #ownsCache: boolean

  constructor(
    cache: SharedCache<V>,
    {
      defaultTtlMs,
      empty,
      ownsCache,
    }: { defaultTtlMs: number; empty: unknown; ownsCache: boolean },
  ) {
    this.cache = cache
    this.inside = insideOf(cache)
    this.defaultTtlMs = defaultTtlMs
    this.#empty = empty
    this.#ownsCache = ownsCache
  }

  /** Milliseconds on the clock of `createdAt` and `expiresAt`. */
  now(): number {
    return this.inside.target.now()
  }

  /** Whether a value that get() answered may stand for an absent one: isAbsent() tells. */
  isEmpty(value: V): boolean {
    if (value === null) return this.#empty === null
    return this.#empty !== null && (value as { length?: number }).length === 0
  }

  isAbsent(key: string): boolean {
    return this.inside.infoOfStale(key)?.tags.includes(ABSENT) === true
  }

  /** What the cache has, stale or not; counts as an access. */
  find(key: string): MemoryEntry<V> | undefined {
    const found = this.inside.target.lookup(key)
    if (found === undefined) return undefined
    // Why copied: what lookup returns may be used again.
    const { value, state, createdAt, expiresAt }: LoadedEntry<V> = found
    const info = this.inside.infoOfStale(key)
    const tags = info?.tags ?? []
    const validator = tags.find((tag) => tag.startsWith(VALIDATOR))
    return {
      value: tags.includes(ABSENT) ? undefined : value,
      isStale: state === 'stale',
      createdAt: info?.createdAt ?? createdAt,
      expiresAt: lastsForEver(createdAt, expiresAt) ? Number.POSITIVE_INFINITY : expiresAt,
      tags: tags.filter((tag) => !tag.startsWith(RESERVED)),
      validator: validator?.slice(VALIDATOR.length),
    }
  }

  watch(key: string): LoadClaim {
    return this.inside.watch(key)
  }

  /** Whether it was stored. @throws UnserializableValueError, TypeError */
  set(key: string, value: V, lifetime: MemoryLifetime): boolean {
    return this.cache.set(key, value, storeOptions(lifetime))
  }

  /** Whether this thread loads the key at the moment. */
  isLoading(key: string): boolean {
    return this.inside.loads.isLoading(key)
  }

  /** As set(), unless the key has changed since `claim`. @param packed the value's encoding, where that is known */
  promote(
    key: string,
    value: V,
    lifetime: MemoryLifetime,
    claim: LoadClaim,
    packed?: PackedValue,
  ): boolean {
    return this.inside.target.store(key, value, storeOptions(lifetime, undefined, packed), claim)
  }

  /** The same for a value that has been stale for `sinceMs`, and was to be kept for `staleMs` in all. */
  promoteStale(
    key: string,
    value: V,
    lifetime: MemoryLifetime,
    claim: LoadClaim,
    sinceMs: number,
  ): boolean {
    const stored = this.promote(key, value, { ...lifetime, ttlMs: MAX_DURATION_MS }, claim)
    return stored && this.inside.expire(key, sinceMs)
  }

  /** Notes that the key has no value, unless it has changed since `claim`. */
  promoteAbsent(key: string, lifetime: MemoryLifetime, claim: LoadClaim): boolean {
    if (this.#empty === undefined || !hasRoomFor(lifetime.tags, ABSENT)) return false
    const options = storeOptions(lifetime, ABSENT)
    return this.inside.target.store(key, this.#empty as V, options, claim)
  }

  /** Gets and deletes in one step, over all threads; a stale value goes, and is no answer. */
  take(key: string): V | undefined {
    const isAbsent = this.isAbsent(key)
    const value = this.cache.take(key)
    if (value === undefined) this.cache.delete(key)
    return value !== undefined && isAbsent && this.isEmpty(value) ? undefined : value
  }

  delete(key: string): boolean {
    return this.cache.delete(key)
  }

  /** Stale from now on for as long as it was to be kept; whether it was there. */
  expire(key: string): boolean {
    return this.inside.expire(key)
  }

  /** The same for all entries with one of the tags. O(1) in their number. */
  expireTags(tags: readonly string[]): void {
    this.inside.expireTags(tags)
  }

  close(): void {
    if (this.#ownsCache) this.cache.close()
  }
}

/** How SharedCache is told. @param mark a tag of RESERVED @param packed the value's encoding, where that is known */
export function storeOptions(
  lifetime: MemoryLifetime,
  mark?: string,
  packed?: PackedValue,
): StoreOptions {
  const { staleMs, validator, priority, sliding } = lifetime
  let { ttlMs, tags } = lifetime
  if (ttlMs === Number.POSITIVE_INFINITY && staleMs > 0) ttlMs = MAX_DURATION_MS
  if (validator !== undefined && hasRoomFor(tags, VALIDATOR + validator)) {
    tags = [...tags, VALIDATOR + validator]
  }
  if (mark !== undefined) tags = [...tags, mark]
  return {
    ttl: Math.min(Math.max(ttlMs, 1), ttlMs === Number.POSITIVE_INFINITY ? ttlMs : MAX_DURATION_MS),
    tags: tags.length === 0 ? undefined : (tags as string[]),
    priority,
    sliding,
    staleMs,
    packed,
  }
}

/** Whether SharedCache takes one more. Where not, memory knows the entry without it. */
function hasRoomFor(tags: readonly string[], more: string): boolean {
  if (tags.length >= MAX_TAGS) return false
  const bytes = tags.reduce((sum, tag) => sum + Buffer.byteLength(tag), Buffer.byteLength(more))
  return bytes <= MAX_TAGS_BYTES
}

function lastsForEver(createdAt: number, expiresAt: number): boolean {
  return expiresAt - createdAt >= MAX_DURATION_MS
}
