/**
 * Reading: from memory at once where it has the key, else down the tiers, else from the loader or the store.
 *
 * 1. A hit in memory does nothing but ask SharedCache, and look whether the value is one that says nothing.
 * 2. Options of a call are checked when memory alone cannot answer.
 */
import type { LoadClaim } from '../../cache/loading/claim.js'
import type { TieredCore } from '../core.js'
import type { EntryOptions } from '../entry-options.js'
import { isDueEarly } from '../entry-times.js'
import type { TieredLoader } from './load-call.js'
import type { CallOptions } from './read-through.js'
import { promote, type Walked, walk, walkMany } from './walk.js'

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
    if (value !== undefined && !memory.isEmpty(value)) {
      // Why: a hit may have to load anew ahead of time, as one of getOrSet may.
      if (source.loader !== undefined && this.#mayBeDue(key)) {
        return this.#loadFromStore(key, source.loader)
      }
      return Promise.resolve(value)
    }
    if (value !== undefined) return Promise.resolve(memory.isAbsent(key) ? undefined : value)
    if (source.loader !== undefined) return this.#loadFromStore(key, source.loader)
    return this.#fetch(key)
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
    const found = new Map<string, V | undefined>()
    const left = await this.#fetchMany(asked, found)
    const { loader } = source
    if (loader !== undefined) {
      await Promise.all(
        left.map(async ({ key, walked }) => {
          found.set(key, await this.#loadFromStore(key, loader, walked))
        }),
      )
    }
    for (const place of missing) values[place] = found.get(keys[place])
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
    return this.#load(key, loader, options)
  }

  async #load(
    key: string,
    loader: TieredLoader<V>,
    options: (EntryOptions & CallOptions) | undefined,
  ): Promise<V | undefined> {
    const { memory, readThrough } = this.#core
    const resolved = this.#core.resolve(key, options)
    const isDue = resolved.earlyRefresh > 0 && this.#isDue(key, resolved)
    const value = await readThrough.load(key, loader, resolved, options, isDue)
    // An absent entry in memory answers with what it holds.
    return value !== undefined && memory.isEmpty(value) && memory.isAbsent(key) ? undefined : value
  }

  async getEntry(key: string): Promise<TieredEntry<V> | undefined> {
    const { memory } = this.#core
    const held = memory.find(key)
    if (held !== undefined && !held.isStale) {
      return held.value === undefined ? undefined : this.#describeHeld(held.value, held)
    }
    const claim = memory.watch(key)
    const walked = await walk(this.#context, key)
    promote(this.#context, key, walked, this.#core.optionsOf(key), claim)
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

  /** @param walked what a way down has just found, if there was one */
  async #loadFromStore(
    key: string,
    loader: TieredLoader<V>,
    walked?: Walked<V>,
  ): Promise<V | undefined> {
    const { memory, readThrough } = this.#core
    const options = this.#core.optionsOf(key)
    const value = await readThrough.load(key, loader, options, undefined, false, walked)
    return value !== undefined && memory.isEmpty(value) && memory.isAbsent(key) ? undefined : value
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
    promote(this.#context, key, walked, this.#core.optionsOf(key), claim)
    return walked.fresh?.value
  }

  /** Puts what the lower tiers have into `found`; the keys that none of them has. */
  async #fetchMany(
    keys: readonly string[],
    found: Map<string, V | undefined>,
  ): Promise<{ key: string; walked: Walked<V> | undefined }[]> {
    if (this.#core.lower.length === 0) return keys.map((key) => ({ key, walked: undefined }))
    const claims = keys.map((key) => this.#core.memory.watch(key))
    const walks: Walked<V>[] = await walkMany(this.#context, keys)
    return keys.flatMap((key, nth) => {
      const walked = walks[nth]
      if (walked.fresh === undefined) return { key, walked }
      promote(this.#context, key, walked, this.#core.optionsOf(key), claims[nth])
      found.set(key, walked.fresh.value)
      return []
    })
  }
}

interface Fetch<V> {
  readonly claim: LoadClaim
  readonly value: Promise<V | undefined>
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
