/** Random operations on a TieredCache, and what each does to a cache and to the model of it. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { EntryOptions, TieredCache } from '../../../src/tiers/index.js'
import type { ManualClock } from '../../support/manual-clock.js'
import type { Kept, TieredModel } from './tiered-model.js'

const SECOND_MS = 1000
const KEYS = ['a:1', 'a:2', 'a:3', 'b:1', 'b:2', 'c']

const key = fc.constantFrom(...KEYS)
const keys = fc.array(key, { minLength: 1, maxLength: 3 })
const tag = fc.constantFrom('red', 'green', 'blue')
const tags = fc.array(tag, { minLength: 1, maxLength: 2 })
const options = fc.record({
  ttl: fc.constantFrom<EntryOptions['ttl']>('1m', { memory: '20s', disk: '1m', redis: '3m' }),
  grace: fc.constantFrom<EntryOptions['grace']>(0, '2m'),
  tags: fc.uniqueArray(tag, { maxLength: 2 }),
  dependsOn: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(key, { maxLength: 2 })),
})

type Options = {
  ttl: EntryOptions['ttl']
  grace: EntryOptions['grace']
  tags: string[]
  dependsOn: string[]
}

export type TieredOperation =
  | { op: 'set' | 'getOrSet'; key: string; options: Options }
  | { op: 'setMany'; keys: string[]; options: Options }
  | { op: 'get' | 'getEntry' | 'getLocal' | 'take' | 'forget' | 'failToLoad'; key: string }
  | { op: 'getMany' | 'delete' | 'expire'; keys: string[] }
  | { op: 'invalidateTags' | 'expireTags'; tags: string[] }
  | { op: 'prefix' | 'pattern'; text: string }
  | { op: 'dependsOn'; key: string; keys: string[] }
  | { op: 'emit'; event: string; key: string; tag: string }
  | { op: 'pass'; ms: number }
  | { op: 'clear' | 'keys' | 'drain' }

const one = fc.constantFrom(
  ...(['get', 'getEntry', 'getLocal', 'take', 'forget', 'failToLoad'] as const),
)

export const tieredOperations: fc.Arbitrary<TieredOperation[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ op: fc.constantFrom('set', 'getOrSet'), key, options }),
    },
    { weight: 2, arbitrary: fc.record({ op: fc.constant('setMany'), keys, options }) },
    { weight: 6, arbitrary: fc.record({ op: one, key }) },
    {
      weight: 4,
      arbitrary: fc.record({ op: fc.constantFrom('getMany', 'delete', 'expire'), keys }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ op: fc.constantFrom('invalidateTags', 'expireTags'), tags }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ op: fc.constant('prefix'), text: fc.constantFrom('a:', 'b:1', '') }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        op: fc.constant('pattern'),
        text: fc.constantFrom('*:1', '[ac]*', 'b:?', 'none*'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ op: fc.constant('dependsOn'), key, keys }) },
    {
      weight: 2,
      arbitrary: fc.record({
        op: fc.constant('emit'),
        event: fc.constantFrom('hard', 'soft'),
        key,
        tag,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        op: fc.constant('pass'),
        ms: fc.integer({ min: 1, max: 50 * SECOND_MS }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('clear', 'keys', 'drain') }) },
  ) as fc.Arbitrary<TieredOperation>,
  { minLength: 1, maxLength: 40, size: 'max' },
)

/** The rules of the events 'hard' and 'soft', whose data are a key and a tag. */
export function addRules(cache: TieredCache<string>): void {
  cache.on('hard', [{ key: '{key}' }, { tag: '{tag}' }])
  cache.on('soft', [{ key: '{key}' }, { tag: '{tag}' }], { soft: true })
}

/** Drives a cache and its model with the same operations, and compares what they answer. */
export class Driver {
  readonly #cache: TieredCache<string>
  readonly #model: TieredModel
  readonly #clock: ManualClock
  #values = 0

  constructor(cache: TieredCache<string>, model: TieredModel, clock: ManualClock) {
    this.#cache = cache
    this.#model = model
    this.#clock = clock
  }

  async run(operation: TieredOperation): Promise<void> {
    const cache = this.#cache
    const model = this.#model
    switch (operation.op) {
      case 'set': {
        const value = this.#nextValue()
        const result = await cache.set(operation.key, value, operation.options)
        expect(result.ok).toBe(true)
        return model.set([[operation.key, stored(value, operation.options)]])
      }
      case 'setMany': {
        const entries = operation.keys.map((each) => [each, this.#nextValue()] as const)
        await cache.setMany(entries, operation.options)
        return model.set(entries.map(([each, value]) => [each, stored(value, operation.options)]))
      }
      case 'getOrSet':
        return this.#getOrSet(operation.key, operation.options)
      case 'failToLoad':
        return this.#failToLoad(operation.key)
      case 'get':
        return this.#expectFresh(operation.key, await cache.get(operation.key))
      case 'getLocal': {
        const value = cache.getLocal(operation.key)
        if (value !== undefined) expect(value).toBe(model.fresh(operation.key)?.value)
        return
      }
      case 'getMany': {
        const values = await cache.getMany(operation.keys)
        for (const [index, each] of operation.keys.entries()) this.#expectFresh(each, values[index])
        return
      }
      case 'getEntry':
        return this.#getEntry(operation.key)
      case 'take':
        this.#expectFresh(operation.key, await cache.take(operation.key))
        return model.delete([operation.key])
      case 'forget':
        cache.memory.delete(operation.key)
        return
      case 'delete':
        await cache.deleteMany(operation.keys)
        return model.delete(operation.keys)
      case 'expire':
        await cache.expire(...operation.keys)
        return model.expire(operation.keys)
      case 'invalidateTags':
        await cache.invalidateTags(...operation.tags)
        return model.invalidateTags(operation.tags)
      case 'expireTags':
        await cache.expireTags(...operation.tags)
        return model.expireTags(operation.tags)
      case 'prefix':
        await cache.deleteByPrefix(operation.text)
        return model.deleteWhere(`${operation.text}*`)
      case 'pattern':
        await cache.deleteByPattern(operation.text)
        return model.deleteWhere(operation.text)
      case 'dependsOn':
        await cache.dependsOn(operation.key, operation.keys)
        return model.dependsOn(operation.key, operation.keys)
      case 'emit':
        return this.#emit(operation.event, operation.key, operation.tag)
      case 'pass':
        this.#clock.advance(operation.ms)
        model.now = this.#clock.now()
        return
      case 'clear':
        await cache.clear()
        return model.clear()
      case 'keys':
        return this.#keys()
      case 'drain':
        return cache.drain()
    }
  }

  #nextValue(): string {
    return `value ${++this.#values}`
  }

  /** The value of the model, or, where the model may be wrong, nothing. */
  #expectFresh(of: string, value: string | undefined): void {
    const kept = this.#model.fresh(of)
    if (value === undefined && isOptional(kept)) return
    expect(value).toBe(kept?.value)
  }

  async #getOrSet(of: string, given: Options): Promise<void> {
    const loaded = this.#nextValue()
    const value = await this.#cache.getOrSet(of, () => loaded, given)
    const kept = this.#model.fresh(of)
    if (value === loaded) {
      if (!isOptional(kept)) expect(value).toBe(kept?.value)
      await this.#cache.drain()
      this.#model.load(of, stored(loaded, given))
      return
    }
    expect(value).toBe(kept?.value)
    // Why: what a call says of dependencies holds, whether it has to load or not, where it asks the tiers.
    if (given.dependsOn.length > 0) await this.#cache.dependsOn(of, given.dependsOn)
    if (given.dependsOn.length > 0) this.#model.dependsOn(of, given.dependsOn)
  }

  async #failToLoad(of: string): Promise<void> {
    const fail = () => Promise.reject(new Error('away'))
    const value = await this.#cache.getOrSet(of, fail, { grace: '1h' }).catch(() => undefined)
    const fresh = this.#model.fresh(of)
    const stale = this.#model.stale(of)
    if (value === undefined && (isOptional(fresh) || fresh === undefined)) {
      // Where a grace was given, the value has to stand in.
      if (fresh === undefined && hasGrace(stale)) expect(isOptional(stale)).toBe(true)
      return
    }
    expect(value).toBe((fresh ?? stale)?.value)
  }

  async #getEntry(of: string): Promise<void> {
    const entry = await this.#cache.getEntry(of)
    const fresh = this.#model.fresh(of)
    if (fresh === undefined) {
      const stale = this.#model.stale(of)
      if (entry !== undefined) expect([entry.value, entry.stale]).toEqual([stale?.value, true])
      else if (hasGrace(stale)) expect(isOptional(stale)).toBe(true)
      return
    }
    if (entry === undefined && fresh.isOptional) return
    expect([entry?.value, entry?.stale]).toEqual([fresh.value, false])
    expect([...(entry?.tags ?? [])].sort()).toEqual([...fresh.tags].sort())
  }

  async #emit(event: string, of: string, tagOf: string): Promise<void> {
    await this.#cache.emit(event, { key: of, tag: tagOf })
    if (event === 'hard') {
      this.#model.invalidateTags([tagOf])
      this.#model.delete([of])
    } else {
      this.#model.expireTags([tagOf])
      this.#model.expire([of])
    }
  }

  async #keys(): Promise<void> {
    const found = new Set<string>()
    for await (const each of this.#cache.keys()) found.add(each)
    for (const each of KEYS) {
      const fresh = this.#model.fresh(each)
      if (fresh !== undefined && !fresh.isOptional) expect(found).toContain(each)
      if (fresh === undefined && this.#model.stale(each) === undefined) {
        expect(found).not.toContain(each)
      }
    }
  }
}

function stored(value: string, { ttl, grace, tags: own, dependsOn }: Options) {
  // Why the longest: lower tiers keep what those above have no more.
  const ttlMs = (typeof ttl === 'object' ? 180 : 60) * SECOND_MS
  return { value, tags: own, dependsOn, ttlMs, graceMs: grace === 0 ? 0 : 120 * SECOND_MS }
}

function isOptional(kept: Kept | undefined): boolean {
  return kept === undefined || kept.isOptional
}

/** Made stale before its time, an entry without grace may be kept for the rest of it, or not. */
function hasGrace(kept: Kept | undefined): boolean {
  return kept?.hasGrace === true
}
