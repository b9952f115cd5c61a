/**
 * How long an entry lives in each tier.
 *
 * 1. What the options say for a tier comes before what they say for all, and that before the tier's own default.
 * 2. One jitter is drawn for all tiers, so that those above do not outlive those below by chance.
 * 3. What comes from a lower tier lives no longer above than it would have below.
 */

import type { MemoryLifetime } from '../memory/memory-tier.js'
import type { TierEntry } from '../tier.js'
import type { ResolvedEntryOptions } from './options.js'

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

/** Of a value that has just been made, or set. */
export class Lifetimes {
  readonly options: ResolvedEntryOptions
  readonly facts: ValueFacts
  /** Wall clock, ms. */
  readonly createdAt: number
  readonly #share: number

  /** @param random 0 to 1 */
  constructor(
    options: ResolvedEntryOptions,
    facts: ValueFacts,
    createdAt: number,
    random: () => number = Math.random,
  ) {
    this.options = options
    this.facts = facts
    this.createdAt = createdAt
    this.#share = options.ttlJitter === 0 ? 1 : 1 - options.ttlJitter * random()
  }

  ttlMs(tier: TierLifetime): number {
    if (this.facts.absent) return this.options.negativeTtlMs
    return Math.max(1, ttlMsIn(tier, this.options) * this.#share)
  }

  /** @param limitMs what the lifetime is limited to; Infinity: not at all */
  inMemory(memory: TierLifetime, limitMs = Number.POSITIVE_INFINITY): MemoryLifetime {
    const { keepMs, priority, sliding } = this.options
    const { tags, validator, absent } = this.facts
    const ttlMs = Math.min(this.ttlMs(memory), limitMs)
    return { ttlMs, staleMs: absent ? 0 : keepMs, tags, validator, priority, sliding }
  }

  /** @param above the tier right above */
  inTier(tier: TierLifetime, above: TierLifetime, payload: Uint8Array): TierEntry {
    const ttlMs = this.ttlMs(tier)
    const aboveTtlMs = this.ttlMs(above)
    const expiresAt = this.createdAt + ttlMs
    return {
      payload,
      absent: this.facts.absent,
      createdAt: this.createdAt,
      expiresAt,
      keepUntil: expiresAt + (this.facts.absent ? 0 : this.options.keepMs),
      aboveTtlMs: aboveTtlMs < ttlMs ? aboveTtlMs : undefined,
      tags: this.facts.tags,
      validator: this.facts.validator,
    }
  }
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
  const ttlMs = Math.min(ttlMsIn(memory, options), restMs, entry.aboveTtlMs ?? restMs)
  // Why in all until then: below it is stale from `expiresAt` on, and kept until `keepUntil`.
  const keptMs = Math.max(0, entry.keepUntil - now)
  const staleMs = keptMs === restMs ? 0 : keptMs - ttlMs
  const { tags, validator } = entry
  return { ttlMs, staleMs, tags, validator, priority: options.priority, sliding: options.sliding }
}

/** The same in a tier between memory and the one that had it. */
export function promotedEntry(
  entry: TierEntry,
  tier: TierLifetime,
  options: ResolvedEntryOptions,
  now: number,
): TierEntry {
  const ttlMs = Math.min(ttlMsIn(tier, options), entry.aboveTtlMs ?? Number.POSITIVE_INFINITY)
  return { ...entry, expiresAt: Math.min(entry.expiresAt, now + ttlMs) }
}
