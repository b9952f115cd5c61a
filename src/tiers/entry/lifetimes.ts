/**
 * How long an entry lives in each tier.
 *
 * 1. What the options say for a tier comes before what they say for all, and that before the tier's own default.
 * 2. One jitter is drawn for all tiers, so that those above do not outlive those below by chance.
 * 3. What comes from a lower tier lives no longer above than it would have below.
 * 4. An entry takes along what its call said of the tiers above, where that is not what holds for its key anyway:
 *    each tier keeps it for as long as the call says, wherever it comes from. What a process's own options say is
 *    that process's matter.
 * 5. A sliding entry is renewed by reads that go below memory (reading/renewal.ts). So memory has it for a part of
 *    its lifetime, HELD_SHARE: then a read goes below, and renews it in all lower tiers. None of them gives it a
 *    longer lifetime than those further down, as a read that finds it renews it there too. Where nothing below
 *    ends, memory renews it by itself.
 */

import type { MemoryLifetime } from '../memory/memory-tier.js'
import type { TierEntry } from '../tier.js'
import type { ResolvedEntryOptions } from './options.js'

/** Of the lifetime of a sliding entry: for how long it is used before it is renewed. */
export const HELD_SHARE = 1 / 8

/** What a tier is called, and the lifetime in it of what is stored without one. */
export interface TierLifetime {
  readonly name: string
  /** Infinity: for ever. */
  readonly defaultTtlMs: number
}

/** What holds for a value beside its lifetimes. */
export interface ValueFacts {
  readonly tags: readonly string[]
  readonly validator?: string
  readonly absent?: boolean
}

/** By what a value is stored. */
export interface Terms {
  readonly options: ResolvedEntryOptions
  /** What holds for the key, whatever the call says. */
  readonly usual: ResolvedEntryOptions
  /** From the top: memory first. */
  readonly tiers: readonly TierLifetime[]
}

/** Of a value that has just been made, or set. */
export class Lifetimes {
  readonly options: ResolvedEntryOptions
  readonly facts: ValueFacts
  /** Wall clock, ms. */
  readonly createdAt: number
  readonly #terms: Terms
  readonly #share: number

  /** @param random 0 to 1 */
  constructor(
    terms: Terms,
    facts: ValueFacts,
    createdAt: number,
    random: () => number = Math.random,
  ) {
    this.options = terms.options
    this.facts = facts
    this.createdAt = createdAt
    this.#terms = terms
    this.#share = jitteredShare(this.options, random)
  }

  /** What the tier by itself gives it. */
  ttlMs(tier: TierLifetime): number {
    if (this.facts.absent) return this.options.negativeTtlMs
    return Math.max(1, ttlMsIn(tier, this.options) * this.#share)
  }

  inMemory(): MemoryLifetime {
    const { keepMs, priority } = this.options
    const { tags, validator, absent } = this.facts
    const belowMs = this.#slidingTtlMs(1)
    const isHeld = belowMs !== undefined && belowMs !== Number.POSITIVE_INFINITY
    const ownTtlMs = this.ttlMs(this.#terms.tiers[0])
    return {
      ttlMs: isHeld ? Math.min(ownTtlMs, belowMs * HELD_SHARE) : ownTtlMs,
      staleMs: absent ? 0 : keepMs,
      tags,
      validator,
      priority,
      sliding: belowMs !== undefined && !isHeld,
    }
  }

  /** @param place of the tier, from the top: memory's is 0 */
  inTier(place: number, payload: Uint8Array): TierEntry {
    const slidingTtlMs = this.#slidingTtlMs(place)
    const expiresAt = this.createdAt + (slidingTtlMs ?? this.ttlMs(this.#terms.tiers[place]))
    return {
      payload,
      absent: this.facts.absent,
      createdAt: this.createdAt,
      expiresAt,
      keepUntil: expiresAt + (this.facts.absent ? 0 : this.options.keepMs),
      slidingTtlMs,
      ttlMsAbove: this.#ttlMsAbove(place),
      tags: this.facts.tags,
      validator: this.facts.validator,
    }
  }

  /** The shortest from there on down; undefined: it does not slide. */
  #slidingTtlMs(place: number): number | undefined {
    if (!this.options.sliding || this.facts.absent) return undefined
    return Math.min(...this.#terms.tiers.slice(place).map((tier) => this.ttlMs(tier)))
  }

  #ttlMsAbove(place: number): Record<string, number> | undefined {
    const { options, usual, tiers } = this.#terms
    if (options === usual || this.facts.absent) return undefined
    const longestMs = ttlMsIn(tiers[place], options)
    const isUnusual = (tier: TierLifetime): boolean =>
      Math.min(ttlMsIn(tier, options), longestMs) !== Math.min(ttlMsIn(tier, usual), longestMs)
    const unusual = tiers.slice(0, place).filter(isUnusual)
    if (unusual.length === 0) return undefined
    return Object.fromEntries(unusual.map((tier) => [tier.name, this.ttlMs(tier)]))
  }
}

/** What `ttlJitter` leaves of a lifetime. */
function jitteredShare({ ttlJitter }: ResolvedEntryOptions, random: () => number): number {
  return ttlJitter === 0 ? 1 : 1 - ttlJitter * random()
}

export function ttlMsIn(tier: TierLifetime, options: ResolvedEntryOptions): number {
  const own = options.ttlMsByTier?.get(tier.name) ?? options.ttlMs
  return own === Number.POSITIVE_INFINITY ? tier.defaultTtlMs : own
}

/** Of an entry that a lower tier had, in memory. */
export function promotedLifetime(
  entry: TierEntry,
  memory: TierLifetime,
  options: ResolvedEntryOptions,
  now: number,
): MemoryLifetime {
  const restMs = Math.max(0, entry.expiresAt - now)
  const ttlMs = Math.min(promotedTtlMs(entry, memory, options), restMs, heldMs(entry, now))
  // Why in all until then: below it is stale from `expiresAt` on, and kept until `keepUntil`.
  const keptMs = Math.max(0, entry.keepUntil - now)
  const staleMs = keptMs === restMs ? 0 : keptMs - ttlMs
  const { tags, validator } = entry
  const sliding = entry.slidingTtlMs === Number.POSITIVE_INFINITY
  return { ttlMs, staleMs, tags, validator, priority: options.priority, sliding }
}

/** The same in a tier between memory and the one that had it. */
export function promotedEntry(
  entry: TierEntry,
  tier: TierLifetime,
  options: ResolvedEntryOptions,
  now: number,
): TierEntry {
  const ttlMs = promotedTtlMs(entry, tier, options)
  const expiresAt = Math.min(entry.expiresAt, now + ttlMs)
  if (entry.slidingTtlMs === undefined) return { ...entry, expiresAt }
  return { ...entry, expiresAt, slidingTtlMs: Math.min(entry.slidingTtlMs, ttlMs) }
}

/** Whether an entry that was found fresh is to be renewed. */
export function isDueToRenew(entry: TierEntry, now: number): boolean {
  return untilDueMs(entry, now) <= 0
}

/** With its whole lifetime from now on, and its grace after that. */
export function renewedEntry(entry: TierEntry, now: number): TierEntry {
  const expiresAt = now + (entry.slidingTtlMs ?? Number.POSITIVE_INFINITY)
  return { ...entry, expiresAt, keepUntil: entry.keepUntil + (expiresAt - entry.expiresAt) }
}

/** How long memory holds it until a read has to go below; Infinity: it need not. */
function heldMs(entry: TierEntry, now: number): number {
  const { slidingTtlMs = Number.POSITIVE_INFINITY } = entry
  const dueMs = untilDueMs(entry, now)
  const wholeMs = slidingTtlMs * HELD_SHARE
  // Why the lesser: the clock of who wrote it may be ahead.
  return dueMs <= 0 ? wholeMs : Math.min(dueMs, wholeMs)
}

function untilDueMs(entry: TierEntry, now: number): number {
  const { slidingTtlMs = Number.POSITIVE_INFINITY, expiresAt } = entry
  if (slidingTtlMs === Number.POSITIVE_INFINITY) return slidingTtlMs
  return expiresAt - slidingTtlMs * (1 - HELD_SHARE) - now
}

function promotedTtlMs(
  { ttlMsAbove }: TierEntry,
  tier: TierLifetime,
  options: ResolvedEntryOptions,
): number {
  if (ttlMsAbove !== undefined && Object.hasOwn(ttlMsAbove, tier.name)) return ttlMsAbove[tier.name]
  return ttlMsIn(tier, options) * jitteredShare(options, Math.random)
}
