/**
 * Reading: from memory at once where it has the key, else down the tiers, else from the loader or the store.
 *
 * 1. A hit in memory does nothing but ask SharedCache, and look whether the value is one that says nothing.
 * 2. Options of a call are checked when memory alone cannot answer.
 */
import type { LoadClaim } from '../../cache/loading/claim.js'
import type { TieredCore } from '../core.js'
import type { EntryOptions } from '../entry/options.js'
import { isDueEarly } from '../entry/refresh.js'
import type { TieredLoader } from './load-call.js'
import type { CallOptions, Looked } from './read-through.js'
import { type Finding, promote, walk, walkMany } from './walk.js'

/** An entry, as `getEntry` tells of it. */
export interface TieredEntry<V> {
  readonly value: V
  /** The name of the tier that had it. */
  readonly tier: string
  /** Milliseconds since the epoch. In memory: when it came there. */
  readonly createdAt: number
  /** Milliseconds since the epoch; Infinity: never. */
  readonly expiresAt: number
  /** It has expired, and is kept for its grace. */
  readonly stale: boolean
  readonly tags: readonly string[]
}

interface Fetch<V> {
  readonly claim: LoadClaim
  readonly value: Promise<V | undefined>
}

/** Without lower tiers there is but the key. */
type LookedUp<V> = Pick<Finding<V>, 'key'> & Partial<Finding<V>>

export class Reader<V> {
  readonly #core: TieredCore<V>
  readonly #context: Parameters<typeof walk<V>>[0]
  /** Ways down that are under way, for gets of the same key. */
  readonly #fetches = new Map<string, Fetch<V>>()

  constructor(core: TieredCore<V>) {
    this.#core = core
    const { memory, lower, background, now } = core
    this.#context = {
      memory,
      lower,
      background,
      now,
      changes: core.changes,
      isTrusted: (index) => core.coherence.isTrusted(index),
    }
  }

  /** From memory alone. */
  local(key: string): V | undefined {
    const { memory } = this.#core
    const value = memory.cache.get(key)
    if (value === undefined || !memory.isEmpty(value) || !memory.isAbsent(key)) return value
    return undefined
  }

  get(key: string): Promise<V | undefined> {
    const { memory, source } = this.#core
    const value = memory.cache.get(key)
    const { loader } = source
    if (loader !== undefined && (value === undefined || this.#mayBeDue(key))) {
      return this.getOrSet(key, loader, undefined)
    }
    if (value === undefined) return this.#fetch(key)
    if (!memory.isEmpty(value)) return Promise.resolve(value)
    return Promise.resolve(memory.isAbsent(key) ? undefined : value)
  }

  async getMany(keys: readonly string[]): Promise<(V | undefined)[]> {
    const { memory, source } = this.#core
    const values = memory.cache.getMany(keys)
    const missing: number[] = []
    values.forEach((value, place) => {
      if (value === undefined) missing.push(place)
      else if (memory.isEmpty(value) && memory.isAbsent(keys[place])) values[place] = undefined
    })
    if (missing.length === 0) return values
    const asked = [...new Set(missing.map((place) => keys[place]))]
    const looks = await this.#lookMany(asked)
    const { loader } = source
    const found =
      loader === undefined
        ? looks.map(({ walked }) => walked?.fresh?.value)
        : await this.#loadMany(looks, loader)
    const byKey = new Map(asked.map((key, nth) => [key, found[nth]]))
    for (const place of missing) values[place] = byKey.get(keys[place])
    return values
  }

  getOrSet(
    key: string,
    loader: TieredLoader<V>,
    options: (EntryOptions & CallOptions) | undefined,
  ): Promise<V | undefined> {
    if (options === undefined || isAboutLoading(options)) {
      const { memory } = this.#core
      const value = memory.cache.get(key)
      if (value !== undefined && !memory.isEmpty(value) && !this.#mayBeDue(key)) {
        return Promise.resolve(value)
      }
    }
    return this.#load(key, loader, options, undefined)
  }

  async getEntry(key: string): Promise<TieredEntry<V> | undefined> {
    const { memory } = this.#core
    const held = memory.find(key)
    if (held !== undefined && !held.isStale) {
      return held.value === undefined ? undefined : this.#describeHeld(held.value, held)
    }
    const claim = memory.watch(key)
    const walked = await walk(this.#context, key)
    promote(this.#context, [{ key, walked, options: this.#core.optionsOf(key), claim }])
    const found = walked.fresh ?? walked.stale
    if (found?.value !== undefined && (walked.fresh !== undefined || held === undefined)) {
      const { createdAt, expiresAt, tags } = found.entry
      const stale = walked.fresh === undefined
      return { value: found.value, tier: walked.tier as string, createdAt, expiresAt, stale, tags }
    }
    return held?.value === undefined || walked.fresh !== undefined
      ? undefined
      : this.#describeHeld(held.value, held)
  }

  #describeHeld(
    value: V,
    held: { createdAt: number; expiresAt: number; isStale: boolean; tags: string[] },
  ): TieredEntry<V> {
    const { memory, now } = this.#core
    const aheadMs = now() - memory.now()
    const { createdAt, expiresAt, isStale, tags } = held
    return {
      value,
      tier: memory.name,
      createdAt: createdAt + aheadMs,
      expiresAt: expiresAt + aheadMs,
      stale: isStale,
      tags,
    }
  }

  /** Whether a hit has to look at its entry's age, by what holds for the key. */
  #mayBeDue(key: string): boolean {
    const { refreshAhead, earlyRefresh } = this.#core.optionsOf(key)
    return refreshAhead < 1 || earlyRefresh > 0
  }

  #isDue(key: string, options: Parameters<typeof isDueEarly>[3]): boolean {
    const { memory, readThrough } = this.#core
    const held = memory.find(key)
    if (held === undefined || held.isStale) return false
    const { createdAt, expiresAt } = held
    const { meanMs } = readThrough.loadTimes
    return isDueEarly(memory.now(), createdAt, expiresAt, options, meanMs, Math.random)
  }

  /** One way down for all gets of a key that begin while nothing changes it. */
  #fetch(key: string): Promise<V | undefined> {
    if (this.#core.lower.length === 0) return Promise.resolve(undefined)
    const underWay = this.#fetches.get(key)
    if (underWay?.claim.isCurrent()) return underWay.value
    const claim = this.#core.memory.watch(key)
    // Why: what it finds may be of before a change that is over when others come.
    if (this.#core.changes.isUnderWay(key)) return this.#walkFor(key, claim)
    const fetch: Fetch<V> = { claim, value: this.#walkFor(key, claim) }
    this.#fetches.set(key, fetch)
    const end = (): void => {
      if (this.#fetches.get(key) === fetch) this.#fetches.delete(key)
    }
    fetch.value.then(end, end)
    return fetch.value
  }

  async #walkFor(key: string, claim: LoadClaim): Promise<V | undefined> {
    const walked = await walk(this.#context, key)
    promote(this.#context, [{ key, walked, options: this.#core.optionsOf(key), claim }])
    return walked.fresh?.value
  }

  /** What the lower tiers have of the keys, promoted. */
  async #lookMany(keys: readonly string[]): Promise<LookedUp<V>[]> {
    if (this.#core.lower.length === 0) return keys.map((key) => ({ key }))
    const claims = keys.map((key) => this.#core.memory.watch(key))
    const walks = await walkMany(this.#context, keys)
    const looks = keys.map((key, nth) => ({
      key,
      walked: walks[nth],
      options: this.#core.optionsOf(key),
      claim: claims[nth],
    }))
    promote(this.#context, looks)
    return looks
  }

  /** What is fresh, and the rest from the store, in one question; in the order of the looks. */
  #loadMany(looks: readonly LookedUp<V>[], loader: TieredLoader<V>): Promise<(V | undefined)[]> {
    return Promise.all(
      looks.map(({ key, walked, claim }) => {
        if (walked === undefined || claim === undefined) {
          return this.#load(key, loader, undefined, undefined)
        }
        if (walked.fresh !== undefined) return walked.fresh.value
        return this.#load(key, loader, undefined, { walked, watched: claim })
      }),
    )
  }

  async #load(
    key: string,
    loader: TieredLoader<V>,
    options: (EntryOptions & CallOptions) | undefined,
    looked: Looked<V> | undefined,
  ): Promise<V | undefined> {
    const { memory, readThrough } = this.#core
    const resolved = this.#core.resolve(key, options)
    const isDue = resolved.earlyRefresh > 0 && this.#isDue(key, resolved)
    const value = await readThrough.load(key, loader, resolved, options, isDue, looked)
    // An absent entry in memory answers with what it holds.
    return value !== undefined && memory.isEmpty(value) && memory.isAbsent(key) ? undefined : value
  }
}

/** Whether a fresh value in memory is the answer, whatever else the options say. */
function isAboutLoading({
  forceFresh,
  refreshAhead,
  earlyRefresh,
  signal,
}: EntryOptions & CallOptions): boolean {
  return (
    !forceFresh &&
    refreshAhead === undefined &&
    earlyRefresh === undefined &&
    signal?.aborted !== true
  )
}
