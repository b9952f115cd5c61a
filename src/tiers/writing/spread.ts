/**
 * Writing to the lower tiers, all of them at once.
 *
 * 1. Nothing here rejects for a tier's sake: each answers with an outcome. A value that cannot be encoded rejects
 *    before any tier is touched.
 * 2. The writes of a key reach every tier in the order in which they were begun.
 */
import type { Lifetimes } from '../entry/lifetimes.js'
import type { Look, LowerTier } from '../lower-tier.js'
import type { TierItem, TierLease, TierSetOptions } from '../tier.js'
import type { Values } from '../values.js'
import type { Background } from './background.js'
import { KeyOrder } from './key-order.js'
import type { TierOutcome } from './result.js'

const NO_BYTES = new Uint8Array(0)

/** What a load has seen of the tiers, so that its result does not replace what is newer. */
export interface LoadConditions<V> {
  /** By the tiers' order; of one that did not answer nothing is known, and it is left alone. */
  readonly seen: readonly Look<V>['seen'][]
  readonly lease: { readonly tier: string; readonly lease: TierLease } | undefined
}

/** What one key is to hold. */
export interface SpreadItem<V> {
  readonly key: string
  readonly value: V
  readonly lifetimes: Lifetimes
}

export class Spread<V> {
  readonly #lower: readonly LowerTier<V>[]
  readonly #values: Values<V>
  readonly #background: Background
  readonly #order = new KeyOrder()

  constructor(lower: readonly LowerTier<V>[], values: Values<V>, background: Background) {
    this.#background = background
    this.#lower = lower
    this.#values = values
  }

  /** @param value undefined: it is known that there is none */
  async set(
    key: string,
    value: V | undefined,
    lifetimes: Lifetimes,
    conditions?: LoadConditions<V>,
  ): Promise<Record<string, TierOutcome>> {
    if (this.#lower.length === 0) return {}
    return this.#background.during(this.#set(key, value, lifetimes, conditions))
  }

  async #set(
    key: string,
    value: V | undefined,
    lifetimes: Lifetimes,
    conditions: LoadConditions<V> | undefined,
  ): Promise<Record<string, TierOutcome>> {
    const sealed = value === undefined ? NO_BYTES : this.#values.seal(key, value)
    return this.#order.write(key, sealed, async (payload) => {
      const outcomes = await Promise.all(
        this.#lower.map((tier, index) => {
          const options = optionsFor(tier, index, conditions)
          if (options === 'leave') return 'refused'
          return tier.guard.set(key, this.#entry(lifetimes, index, payload), options)
        }),
      )
      return this.#byName(outcomes)
    })
  }

  /** One question a tier for all keys. */
  async setMany(items: readonly SpreadItem<V>[]): Promise<Record<string, TierOutcome>> {
    if (this.#lower.length === 0 || items.length === 0) return {}
    return this.#background.during(this.#setMany(items))
  }

  async #setMany(items: readonly SpreadItem<V>[]): Promise<Record<string, TierOutcome>> {
    const keys = items.map(({ key }) => key)
    const payloads = Promise.all(items.map(({ key, value }) => this.#values.seal(key, value)))
    const before = this.#order.sent(keys)
    const ready = before === undefined ? payloads : before.then(() => payloads)
    const sending = ready.then((sealed) => ({
      outcomes: this.#lower.map((tier, index) =>
        tier.guard.setMany(
          items.map(
            ({ key, lifetimes }, nth): TierItem => ({
              key,
              entry: this.#entry(lifetimes, index, sealed[nth]),
            }),
          ),
        ),
      ),
    }))
    // Why held: a later write of one of the keys has to come after these.
    for (const key of keys) this.#order.write(key, sending, async () => {}).catch(() => {})
    const outcomes = await Promise.all((await sending).outcomes)
    return this.#byName(outcomes.map(worst))
  }

  /** Whether each was there in some tier, and what became of it. */
  async delete(
    keys: readonly string[],
  ): Promise<{ found: boolean[]; tiers: Record<string, TierOutcome> }> {
    return this.#forKeys(keys, (tier) => tier.guard.delete(keys))
  }

  /** The same, to be made stale. */
  async expire(
    keys: readonly string[],
  ): Promise<{ found: boolean[]; tiers: Record<string, TierOutcome> }> {
    return this.#forKeys(keys, (tier) => tier.guard.expire(keys))
  }

  /** For what concerns any number of keys: sent after every write that was begun before. */
  async each<Result>(work: (tier: LowerTier<V>) => Promise<Result>): Promise<Result[]> {
    await this.#order.allSent()
    return this.#background.during(Promise.all(this.#lower.map(work)))
  }

  async #forKeys(
    keys: readonly string[],
    work: (tier: LowerTier<V>) => Promise<{ outcome: TierOutcome; found: boolean[] }>,
  ): Promise<{ found: boolean[]; tiers: Record<string, TierOutcome> }> {
    const before = this.#order.sent(keys)
    if (before !== undefined) await before
    const answers = await this.#background.during(Promise.all(this.#lower.map(work)))
    return {
      found: keys.map((_, nth) => answers.some(({ found }) => found[nth])),
      tiers: this.#byName(answers.map(({ outcome }) => outcome)),
    }
  }

  #entry(lifetimes: Lifetimes, index: number, payload: Uint8Array) {
    return lifetimes.inTier(index + 1, payload)
  }

  #byName(outcomes: readonly TierOutcome[]): Record<string, TierOutcome> {
    return Object.fromEntries(outcomes.map((outcome, index) => [this.#lower[index].name, outcome]))
  }
}

function optionsFor<V>(
  tier: LowerTier<V>,
  index: number,
  conditions: LoadConditions<V> | undefined,
): TierSetOptions | undefined | 'leave' {
  if (conditions === undefined) return undefined
  const ifUnchanged = conditions.seen[index]
  if (ifUnchanged === undefined) return 'leave'
  const { lease } = conditions
  return { ifUnchanged, lease: lease?.tier === tier.name ? lease.lease : undefined }
}

function worst(outcomes: readonly TierOutcome[]): TierOutcome {
  if (outcomes.includes('failed')) return 'failed'
  return outcomes.includes('refused') ? 'refused' : 'stored'
}
