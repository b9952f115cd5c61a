/**
 * Writing: to the store first where there is one, then to memory, then to the lower tiers at once.
 *
 * 1. A value that cannot be stored raises its error before anything is changed; so does a store that fails.
 * 2. Memory has the new value before the first other tier is asked, so that this process reads what it has written.
 *    What another process wrote meanwhile makes memory drop it again (coherence.ts).
 * 3. What depends on a written key goes, in all tiers.
 */
import { checkKey } from '../../cache/banks.js'
import type { TieredCore } from '../core.js'
import { Lifetimes } from '../entry/lifetimes.js'
import type { EntryOptions } from '../entry/options.js'
import type { Found } from '../lower-tier.js'
import type { StoreWriter } from '../store/store-writer.js'
import {
  createResult,
  type DeleteResult,
  type TierOutcome,
  type WriteResult,
  worstOf,
} from './result.js'
import type { SpreadItem } from './spread.js'

export class Writer<V> {
  readonly #core: TieredCore<V>

  constructor(core: TieredCore<V>) {
    this.#core = core
  }

  /** @throws what is wrong with key, value or options, and what the store raised */
  async set(key: string, value: V, options: EntryOptions | undefined): Promise<WriteResult> {
    const item = this.#prepare(key, value, options)
    const saving = this.#saveTo()
    const writer = saving === undefined ? undefined : await saving
    if (writer !== undefined) {
      // Why packed first: what cannot be stored must not have reached the store.
      this.#core.memory.inside.pack(value)
      await writer.save(key, value)
      if (writer.afterSave === 'delete') return this.drop([key])
    }
    const { dependsOn } = item.lifetimes.options
    if (dependsOn.length > 0) {
      this.#core.memory.inside.pack(value)
      await this.#core.dependencies.declare(key, dependsOn, item.lifetimes.options)
    }
    const result = await this.#core.changes.ofKeys([key], async () => {
      const memory = this.#setMemory(item)
      return createResult({ memory, ...(await this.#core.spread.set(key, value, item.lifetimes)) })
    })
    return this.#withDependents([key], result)
  }

  /** The same for many, one question a tier. What the store did not take is in none of the tiers. */
  async setMany(
    entries: Iterable<readonly [string, V]>,
    options: EntryOptions | undefined,
  ): Promise<WriteResult> {
    let items = [...entries].map(([key, value]) => this.#prepare(key, value, options))
    if (items.length === 0) return createResult({})
    // Why packed first: where one cannot be stored, none of them must have been.
    for (const { value } of items) this.#core.memory.inside.pack(value)
    const writer = await this.#saveTo()
    const refused: unknown[] = []
    if (writer !== undefined) {
      const outcomes = await writer.saveMany(items)
      items = items.filter((_, nth) => {
        const outcome = outcomes[nth]
        if (!outcome.saved) refused.push(outcome.error)
        return outcome.saved
      })
      if (writer.afterSave === 'delete') {
        const dropped = await this.drop(items.map(({ key }) => key))
        return finish(dropped, refused)
      }
    }
    for (const { key, lifetimes } of items) {
      const { dependsOn } = lifetimes.options
      if (dependsOn.length === 0) continue
      await this.#core.dependencies.declare(key, dependsOn, lifetimes.options)
    }
    const keys = items.map(({ key }) => key)
    const result = await this.#core.changes.ofKeys(keys, async () => {
      const inMemory = items.map((item) => this.#setMemory(item))
      const memory: TierOutcome = inMemory.includes('refused') ? 'refused' : 'stored'
      return createResult({ memory, ...(await this.#core.spread.setMany(items)) })
    })
    return finish(await this.#withDependents(keys, result), refused)
  }

  /** From the store too. */
  async delete(keys: readonly string[]): Promise<DeleteResult> {
    for (const key of keys) checkKey(key)
    const writer = await this.#saveTo()
    const refused: unknown[] = []
    if (writer !== undefined) {
      const outcomes = await writer.removeMany(keys)
      for (const outcome of outcomes) if (!outcome.saved) refused.push(outcome.error)
      const gone = keys.filter((_, nth) => outcomes[nth].saved)
      return finish(await this.drop(gone), refused)
    }
    return this.drop(keys)
  }

  /** From the tiers, and with them what depends on them. */
  async drop(keys: readonly string[]): Promise<DeleteResult> {
    if (keys.length === 0) return { ...createResult({}), deleted: 0 }
    const result = await this.#drop(keys)
    return { ...(await this.#withDependents(keys, result)), deleted: result.deleted }
  }

  /**
   * Of the tiers that several processes share, at most one caller gets it: the lowest tier decides. What only the
   * store has comes from there.
   */
  async take(key: string): Promise<V | undefined> {
    checkKey(key)
    const { memory, source } = this.#core
    const held = memory.take(key)
    const taken = await this.#core.changes.ofKeys([key], () =>
      this.#core.spread.each((tier) => tier.take(key)),
    )
    const lowest = taken.at(-1)
    const value =
      lowest === undefined || lowest.outcome === 'failed'
        ? (held ?? taken.map(({ found }) => this.#freshIn(found)).find(isThere))
        : this.#freshIn(lowest.found)
    const result = value ?? (await source.loadOne(key))
    const writer = await source.ready()
    if (writer !== undefined) await writer.remove(key)
    await this.#withDependents([key], createResult({}))
    return result
  }

  #freshIn(found: Found<V> | undefined): V | undefined {
    const isFresh = found !== undefined && this.#core.now() < found.entry.expiresAt
    return isFresh ? found.value : undefined
  }

  /** Stale from now on, kept for their grace; what depends on them goes. */
  async expire(keys: readonly string[]): Promise<DeleteResult> {
    if (keys.length === 0) return { ...createResult({}), deleted: 0 }
    for (const key of keys) checkKey(key)
    const { memory, spread, changes } = this.#core
    let inMemory: boolean[] = []
    const { found, tiers } = await changes.ofKeys(keys, () => {
      // Why deleted where there is nothing: what is on its way up is not to be promoted.
      inMemory = keys.map((key) => memory.expire(key) || memory.delete(key))
      return spread.expire(keys)
    })
    const result = createResult({ memory: 'stored', ...tiers })
    const deleted = keys.filter((_, nth) => inMemory[nth] || found[nth]).length
    return { ...(await this.#withDependents(keys, result)), deleted }
  }

  /** Empties all tiers; the store keeps what it has. */
  async clear(): Promise<WriteResult> {
    const { memory, spread, changes } = this.#core
    const outcomes = await changes.ofRange(
      () => true,
      () => {
        memory.cache.clear()
        return spread.each(({ guard }) => guard.clear())
      },
    )
    const names = this.#core.lower.map(({ name }, index) => [name, outcomes[index]] as const)
    return createResult({ memory: 'stored', ...Object.fromEntries(names) })
  }

  #prepare(key: string, value: V, options: EntryOptions | undefined): SpreadItem<V> {
    checkKey(key)
    const resolved = this.#core.resolve(key, options)
    const terms = this.#core.termsOf(key, resolved)
    const facts = { tags: resolved.tags }
    return { key, value, lifetimes: new Lifetimes(terms, facts, this.#core.now()) }
  }

  #setMemory({ key, value, lifetimes }: SpreadItem<V>): TierOutcome {
    const { memory } = this.#core
    return memory.set(key, value, lifetimes.inMemory()) ? 'stored' : 'refused'
  }

  #saveTo(): Promise<StoreWriter<V> | undefined> | undefined {
    return this.#core.source.writer === undefined ? undefined : this.#core.source.ready()
  }

  async #drop(keys: readonly string[]): Promise<DeleteResult> {
    let inMemory: boolean[] = []
    const { found, tiers } = await this.#core.changes.ofKeys(keys, () => {
      inMemory = keys.map((key) => this.#core.memory.delete(key))
      return this.#core.spread.delete(keys)
    })
    const deleted = keys.filter((_, nth) => inMemory[nth] || found[nth]).length
    return { ...createResult({ memory: 'stored', ...tiers }), deleted }
  }

  /** Removes what depends on keys that have changed. */
  async #withDependents(keys: readonly string[], result: WriteResult): Promise<WriteResult> {
    if (!this.#core.dependencies.isUsed) return result
    const results = [result]
    const isDone = await this.#core.dependencies.removeDependents(keys, async (dependents) => {
      results.push(await (dependents === 'all' ? this.clear() : this.#drop(dependents)))
    })
    const worst = worstOf(results)
    return isDone ? worst : { ...worst, ok: false }
  }
}

function isThere<V>(value: V | undefined): value is V {
  return value !== undefined
}

/** @throws the first error of those that the store did not take; with more than one, all of them */
function finish<Result extends WriteResult>(result: Result, refused: readonly unknown[]): Result {
  if (refused.length === 1) throw refused[0]
  if (refused.length > 1)
    throw new AggregateError(refused, `The store failed ${refused.length} times`)
  return result
}
