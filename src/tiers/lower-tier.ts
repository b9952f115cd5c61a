/**
 * A tier below memory, as the cache uses it: behind its guard, with values instead of bytes.
 *
 * 1. Nothing here rejects: a tier that fails answers as one that has nothing, and bytes that cannot be opened are
 *    a miss; the guard and `corrupt` tell of it.
 */
import type { PackedValue } from '../cache/packed-value.js'
import type { TierLifetime } from './entry/lifetimes.js'
import type { TellEvent } from './events.js'
import type { GuardedTier } from './guard/guarded-tier.js'
import type { TierEntry, TierFinding } from './tier.js'
import type { Opened, Values } from './values.js'
import type { TierOutcome } from './writing/result.js'

/** What a lower tier had under a key. */
export interface Found<V> {
  readonly entry: TierEntry
  /** Undefined: the entry is absent. */
  readonly value: V | undefined
  /** The value as memory would store it. */
  readonly packed: PackedValue | undefined
}

/** What a look at a lower tier has brought. */
export interface Look<V> {
  readonly found: Found<V> | undefined
  /** For a conditional set; undefined: the tier did not answer. */
  readonly seen: { readonly seen: unknown } | undefined
}

const NOTHING: Look<never> = { found: undefined, seen: undefined }

export class LowerTier<V> implements TierLifetime {
  readonly name: string
  readonly defaultTtlMs: number
  readonly guard: GuardedTier
  hits = 0
  misses = 0
  readonly #values: Values<V>
  readonly #tell: TellEvent

  constructor(guard: GuardedTier, defaultTtlMs: number, values: Values<V>, tell: TellEvent) {
    this.name = guard.name
    this.defaultTtlMs = defaultTtlMs
    this.guard = guard
    this.#values = values
    this.#tell = tell
  }

  async look(key: string): Promise<Look<V>> {
    const finding = await this.guard.get(key)
    return finding === undefined ? NOTHING : this.#open(key, finding)
  }

  /** In the order of the keys. */
  async lookMany(keys: readonly string[]): Promise<Look<V>[]> {
    const findings = await this.guard.getMany(keys)
    if (findings === undefined) return keys.map(() => NOTHING)
    return Promise.all(findings.map((finding, index) => this.#open(keys[index], finding)))
  }

  async take(key: string): Promise<{ outcome: TierOutcome; found: Found<V> | undefined }> {
    const { outcome, entry } = await this.guard.take(key)
    const { found } = await this.#open(key, { entry, seen: undefined })
    return { outcome, found }
  }

  #open(key: string, { entry, seen }: TierFinding): Look<V> | Promise<Look<V>> {
    if (entry === undefined) {
      this.misses++
      return { found: undefined, seen: { seen } }
    }
    this.hits++
    if (entry.absent) {
      return { found: { entry, value: undefined, packed: undefined }, seen: { seen } }
    }
    const found = ({ value, packed }: Opened<V>): Look<V> => ({
      found: { entry, value, packed },
      seen: { seen },
    })
    const corrupt = (error: unknown): Look<V> => {
      this.hits--
      this.misses++
      this.#tell('corrupt', { tier: this.name, key, error })
      return { found: undefined, seen: { seen } }
    }
    try {
      const opened = this.#values.open(key, entry.payload)
      return opened instanceof Promise ? opened.then(found).catch(corrupt) : found(opened)
    } catch (error) {
      return corrupt(error)
    }
  }
}
