/**
 * What makes many entries go, or stale: tags, prefixes, patterns, events; in memory at once, then in the lower
 * tiers, which carry it to other processes.
 *
 * 1. What is being loaded meanwhile is stored in no tier, where it is affected.
 * 2. What depends on keys that go by a prefix, a pattern or an event goes too. Which keys a tag concerns is not
 *    known, so dependents of tagged entries need the tag themselves.
 */
import { compilePattern } from '../cache/key-pattern.js'
import type { TieredCore } from './core.js'
import type { LowerTier } from './lower-tier.js'
import type { EventTargets, InvalidationTargets } from './rules/event-rules.js'
import { type Affects, affectsPrefix, affectsTags } from './writing/changes.js'
import {
  createResult,
  type DeleteResult,
  type TierOutcome,
  type WriteResult,
  worstOf,
} from './writing/result.js'
import type { Writer } from './writing/writer.js'

const BATCH = 500

/** Which of the keys may be touched; undefined: all. */
export type KeyFilter = ((key: string) => boolean) | undefined

/** What is done to a tier whose keys could not be listed: it may have some that nobody else has. */
type CoverUnlisted<V> = (tier: LowerTier<V>) => Promise<{ outcome: TierOutcome }>

export class Invalidation<V> {
  readonly #core: TieredCore<V>
  readonly #writer: Writer<V>

  constructor(core: TieredCore<V>, writer: Writer<V>) {
    this.#core = core
    this.#writer = writer
  }

  async tags(tags: readonly string[], soft: boolean): Promise<WriteResult> {
    if (tags.length === 0) return createResult({})
    const { memory, spread, changes } = this.#core
    const outcomes = await changes.ofRange(affectsTags(tags), () => {
      if (soft) memory.expireTags(tags)
      else memory.cache.invalidateTags(...tags)
      return spread.each(({ guard }) => guard.invalidateTags(tags, soft))
    })
    return createResult({ memory: 'stored', ...this.#byName(outcomes) })
  }

  /** @param mayTouch where not all keys that begin so may go */
  async prefix(prefix: string, mayTouch: KeyFilter): Promise<DeleteResult> {
    const drop = (keys: string[]) => this.#writer.drop(keys)
    if (mayTouch !== undefined) return this.#eachKey(prefix, mayTouch, drop)
    const dependents = this.#core.dependencies.isUsed
      ? await this.#eachKey(prefix, () => true, drop)
      : undefined
    const ranged = await this.#ranged(
      affectsPrefix(prefix),
      () => this.#core.memory.cache.deleteByPrefix(prefix),
      ({ guard }) => guard.deleteByPrefix(prefix),
    )
    return sumOf(ranged, dependents)
  }

  async pattern(pattern: string, mayTouch: KeyFilter): Promise<DeleteResult> {
    const compiled = compilePattern(pattern)
    const mayGo = (key: string): boolean => compiled.test(key) && (mayTouch?.(key) ?? true)
    const drop = (keys: string[]) => this.#writer.drop(keys)
    if (mayTouch !== undefined) return this.#eachKey(compiled.prefix, mayGo, drop)
    const dependents = this.#core.dependencies.isUsed
      ? await this.#eachKey(compiled.prefix, mayGo, drop)
      : undefined
    const ranged = await this.#ranged(
      (key) => compiled.test(key),
      () => this.#core.memory.cache.deleteByPattern(pattern),
      ({ guard }) => guard.deleteByPattern(pattern),
    )
    return sumOf(ranged, dependents)
  }

  /** Makes what matches stale. */
  async expirePattern(pattern: string, mayTouch: KeyFilter): Promise<DeleteResult> {
    const compiled = compilePattern(pattern)
    const mayGo = (key: string): boolean => compiled.test(key) && (mayTouch?.(key) ?? true)
    const expire = (keys: string[]): Promise<DeleteResult> => this.#writer.expire(keys)
    return this.#eachKey(compiled.prefix, mayGo, expire, this.#unlisted(pattern, mayTouch))
  }

  #unlisted(pattern: string, mayTouch: KeyFilter): CoverUnlisted<V> | undefined {
    if (mayTouch !== undefined) return undefined
    return ({ guard }) => guard.deleteByPattern(pattern)
  }

  async event(targets: EventTargets, mayTouch: KeyFilter): Promise<WriteResult> {
    const results = [await this.#targets(targets, false, mayTouch)]
    results.push(await this.#targets(targets.soft, true, mayTouch))
    return worstOf(results)
  }

  /** The keys of all tiers, live ones and stale ones; each once. None that memory knows to be absent. */
  keys(prefix = '', mayRead?: KeyFilter): AsyncGenerator<string, void, undefined> {
    return this.#keys(prefix, mayRead, false)
  }

  async *#keys(
    prefix: string,
    mayRead: KeyFilter,
    withAbsent: boolean,
    unlisted?: Set<LowerTier<V>>,
  ): AsyncGenerator<string, void, undefined> {
    const { memory, lower } = this.#core
    // Why a set: what the tiers have they have in no common order.
    const seen = lower.length === 0 ? undefined : new Set<string>()
    for (const key of memory.cache.keys()) {
      if (!key.startsWith(prefix) || mayRead?.(key) === false) continue
      seen?.add(key)
      if (withAbsent || !memory.isAbsent(key)) yield key
    }
    for (const tier of lower) {
      const walked = tier.guard.keys(prefix, () => unlisted?.add(tier))
      for await (const key of walked) {
        if (seen?.has(key) || mayRead?.(key) === false) continue
        seen?.add(key)
        yield key
      }
    }
  }

  async #targets(
    { keys, patterns, tags }: InvalidationTargets,
    soft: boolean,
    mayTouch: KeyFilter,
  ): Promise<WriteResult> {
    const results = [await this.tags(tags, soft)]
    if (keys.length > 0) {
      results.push(await (soft ? this.#writer.expire(keys) : this.#writer.drop(keys)))
    }
    for (const pattern of patterns) {
      results.push(
        await (soft ? this.expirePattern(pattern, mayTouch) : this.pattern(pattern, mayTouch)),
      )
    }
    return worstOf(results)
  }

  async #ranged(
    affects: Affects,
    inMemory: () => number,
    work: (tier: LowerTier<V>) => Promise<{ outcome: TierOutcome; count: number }>,
  ): Promise<DeleteResult> {
    let fromMemory = 0
    const answers = await this.#core.changes.ofRange(affects, () => {
      fromMemory = inMemory()
      return this.#core.spread.each(work)
    })
    const tiers = this.#byName(answers.map(({ outcome }) => outcome))
    // Why the most of one tier: what is in several is counted in each.
    const deleted = Math.max(fromMemory, ...answers.map(({ count }) => count))
    return { ...createResult({ memory: 'stored', ...tiers }), deleted }
  }

  /** Key by key, in batches; loads of keys that no tier has are made void where they are run. */
  async #eachKey(
    prefix: string,
    mayGo: (key: string) => boolean,
    work: (keys: string[]) => Promise<DeleteResult>,
    coverUnlisted?: CoverUnlisted<V>,
  ): Promise<DeleteResult> {
    const unlisted = new Set<LowerTier<V>>()
    let result: DeleteResult = { ...createResult({ memory: 'stored' }), deleted: 0 }
    const flush = async (batch: string[]): Promise<void> => {
      const one = await work(batch)
      result = { ...worstOf([result, one]), deleted: result.deleted + one.deleted }
    }
    this.#core.memory.inside.loads.forgetWhere(mayGo)
    let batch: string[] = []
    for await (const key of this.#keys(prefix, undefined, true, unlisted)) {
      if (!mayGo(key)) continue
      batch.push(key)
      if (batch.length < BATCH) continue
      await flush(batch)
      batch = []
    }
    if (batch.length > 0) await flush(batch)
    const outcomes: Record<string, TierOutcome> = {}
    for (const tier of unlisted) {
      outcomes[tier.name] = coverUnlisted ? (await coverUnlisted(tier)).outcome : 'failed'
    }
    return { ...worstOf([result, createResult(outcomes)]), deleted: result.deleted }
  }

  #byName(outcomes: readonly TierOutcome[]): Record<string, TierOutcome> {
    return Object.fromEntries(
      outcomes.map((outcome, index) => [this.#core.lower[index].name, outcome]),
    )
  }
}

/**
 * Key by key, where keys have dependents, then the rest: what no walk finds, as it is being loaded or its tier is
 * away.
 */
function sumOf(ranged: DeleteResult, byKey: DeleteResult | undefined): DeleteResult {
  if (byKey === undefined) return ranged
  return { ...worstOf([byKey, ranged]), deleted: byKey.deleted + ranged.deleted }
}
