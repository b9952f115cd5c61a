/**
 * The parts of a TieredCache, put together once and shared by its views (`as({ roles })`).
 *
 * 1. The tiers are opened as the cache is made; until one is open its guard answers for it.
 */
import { CacheClosedError } from '../cache/errors.js'
import { Coherence } from './coherence.js'
import { Dependencies } from './dependencies.js'
import type { Terms, TierLifetime } from './entry/lifetimes.js'
import {
  type EntryOptions,
  type ResolvedEntryOptions,
  resolveEntryOptions,
} from './entry/options.js'
import { GuardedTier } from './guard/guarded-tier.js'
import { LowerTier } from './lower-tier.js'
import { openMemoryTier } from './memory/memory-options.js'
import type { MemoryTier } from './memory/memory-tier.js'
import { resolveTieredOptions, type TieredCacheOptions } from './options.js'
import { type CallOptions, ReadThrough } from './reading/read-through.js'
import type { Profiles } from './rules/profiles.js'
import { Source } from './store/source.js'
import { Telling } from './telling.js'
import type { Tier, TierHost, TierProblem } from './tier.js'
import { Values } from './values.js'
import { Background } from './writing/background.js'
import { Changes } from './writing/changes.js'
import { Spread } from './writing/spread.js'

export class TieredCore<V> {
  readonly name: string
  readonly memory: MemoryTier<V>
  readonly lower: readonly LowerTier<V>[]
  readonly spread: Spread<V>
  readonly readThrough: ReadThrough<V>
  readonly coherence: Coherence<V>
  readonly background = new Background()
  readonly changes = new Changes()
  readonly telling = new Telling()
  readonly dependencies: Dependencies<V>
  readonly source: Source<V>
  readonly defaults: ResolvedEntryOptions
  readonly tierNames: readonly string[]
  /** Resolves when all tiers are open; rejects where one of them cannot be used at all. */
  readonly opened: Promise<void>
  readonly now: () => number
  readonly #profiles: Profiles | undefined
  /** From the top. */
  readonly #tiers: readonly TierLifetime[]
  #closing: Promise<void> | undefined

  /** @throws InvalidOptionError */
  constructor(options: TieredCacheOptions<V> | undefined) {
    const resolved = resolveTieredOptions<V>(options)
    const { tell } = this.telling
    this.name = resolved.name
    this.now = resolved.now
    this.defaults = resolved.defaults
    this.#profiles = resolved.profiles
    this.tierNames = ['memory', ...resolved.lower.map(({ name }) => name)]
    this.memory = openMemoryTier(resolved.memory, resolved.name, (error, key) => {
      tell('load-error', { key, error })
    })
    const values = new Values<V>(this.memory.inside, resolved.payload)
    this.lower = resolved.lower.map((tier, index) => {
      const guard = new GuardedTier(tier, resolved.guards[index], this.#hostFor(tier, index), tell)
      const { defaultTtlMs } = tier as { defaultTtlMs?: number }
      return new LowerTier(guard, defaultTtlMs ?? Number.POSITIVE_INFINITY, values, tell)
    })
    this.#tiers = [this.memory, ...this.lower]
    this.spread = new Spread(this.lower, values, this.background)
    const { memory, lower, background } = this
    this.coherence = new Coherence(
      memory,
      lower,
      background,
      this.changes,
      tell,
      resolved.disconnectedTtlMs,
    )
    this.dependencies = new Dependencies(this)
    this.readThrough = new ReadThrough<V>({
      memory,
      lower,
      background,
      changes: this.changes,
      tell,
      tierNames: this.tierNames,
      termsOf: (key, options_) => this.termsOf(key, options_),
      spread: this.spread,
      now: this.now,
      isTrusted: (index) => this.coherence.isTrusted(index),
      declare: (key, dependsOn, options_) => this.dependencies.declare(key, dependsOn, options_),
    })
    this.source = new Source<V>(resolved.store, { cacheName: this.name, now: this.now, tell })
    this.opened = this.#open()
    // Why: who does not ask for `ready()` is told by events.
    this.opened.catch(() => {})
  }

  /** What holds for a key, whatever a call says. */
  optionsOf(key: string): ResolvedEntryOptions {
    return this.#profiles?.resolve(key) ?? this.defaults
  }

  /** @throws InvalidOptionError */
  resolve(key: string, options: EntryOptions | undefined): ResolvedEntryOptions {
    const below = this.optionsOf(key)
    return options === undefined ? below : resolveEntryOptions(options, below, '', this.tierNames)
  }

  /** By what a value of the key is stored, with these options. */
  termsOf(key: string, options: ResolvedEntryOptions): Terms {
    return { options, usual: this.optionsOf(key), tiers: this.#tiers }
  }

  /** @throws CacheClosedError */
  checkOpen(): void {
    if (this.#closing !== undefined) throw new CacheClosedError(this.name)
  }

  /** Ends everything: what was begun is waited for, what is pending in a store's journal stays there. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #open(): Promise<void> {
    const opening = [...this.lower.map(({ guard }) => guard.open()), this.source.open()]
    await Promise.allSettled(opening)
    await Promise.all(opening)
    await this.dependencies.open()
  }

  async #close(): Promise<void> {
    await this.background.drain()
    this.coherence.close()
    await this.source.close()
    await this.dependencies.close()
    await Promise.all(this.lower.map(({ guard }) => guard.close()))
    this.memory.close()
  }

  #hostFor(tier: Tier, index: number): TierHost {
    return {
      cacheName: this.name,
      now: () => this.now(),
      news: (news) => {
        if (this.#closing === undefined) this.coherence.onNews(index, news)
      },
      problem: (problem) => {
        if (problem.kind === 'connection') this.coherence.onUnreachable(index, problem.error)
        this.#report(tier.name, problem)
      },
    }
  }

  #report(tier: string, { kind, key, error }: TierProblem): void {
    const { tell } = this.telling
    if (kind === 'corrupt') tell('corrupt', { tier, key, error })
    else if (kind === 'set-aside') tell('set-aside', { tier, error })
    else if (kind === 'full') tell('full', { tier, key, error })
    else tell('tier-error', { tier, operation: 'connect', error, count: 1 })
  }
}

export type { CallOptions }
