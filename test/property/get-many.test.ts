/** getMany against a twin that is asked key by key: the same values, the same counts, the same evictions. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CacheOptions, SharedCache } from '../../src/index.js'
import { checkProperty } from '../support/check-property.js'
import { BUILDS, type Build, withBuild } from '../support/engine-builds.js'
import { ManualClock } from '../support/manual-clock.js'
import { keyNamed, SAMPLE_KEYS } from '../support/sample-keys.js'
import { buildValue, VALUE_KINDS, type ValueSpec } from '../support/sample-values.js'

const RUNS: Record<Build, number> = { release: 40, debug: 14 }
const PLAIN_KEYS = Array.from({ length: 150 }, (_, index) => `plain:${index}`)
const KEYS = [...SAMPLE_KEYS, ...PLAIN_KEYS]

interface Write {
  key: string
  value: ValueSpec
  ttl?: number
  sliding: boolean
  tags: string[]
}

type Step =
  | { does: 'setMany'; writes: Write[] }
  | { does: 'getMany'; keys: string[] }
  | { does: 'delete'; key: string }
  | { does: 'invalidateTags' }
  | { does: 'wait'; ms: number }

const key = fc.oneof(fc.constantFrom(...SAMPLE_KEYS), fc.constantFrom(...PLAIN_KEYS))
const bytes = fc.oneof(
  { weight: 6, arbitrary: fc.nat(300) },
  { weight: 2, arbitrary: fc.nat(9000) },
  { weight: 1, arbitrary: fc.integer({ min: 16_360, max: 16_400 }) },
  { weight: 1, arbitrary: fc.constant(40_000) },
)
const value = fc.record({ kind: fc.constantFrom(...VALUE_KINDS), bytes, salt: fc.nat(50) })
const write: fc.Arbitrary<Write> = fc.record(
  {
    key,
    value,
    ttl: fc.integer({ min: 1, max: 100 }),
    sliding: fc.boolean(),
    tags: fc.constantFrom([], ['red'], ['red', 'blue']),
  },
  { requiredKeys: ['key', 'value', 'sliding', 'tags'] },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('setMany' as const),
      writes: fc.array(write, { maxLength: 60, size: 'max' }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constant('getMany' as const),
      keys: fc.array(key, { maxLength: 300, size: 'max' }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('invalidateTags' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.nat(60) }) },
)
const steps = fc.array(step, { minLength: 1, maxLength: 25, size: 'max' })

/** A batch seldom takes a value into the near cache: of so many, one does. */
const HITS_NEAR: Step[] = [
  ...PLAIN_KEYS.slice(0, 4).map((key): Step => {
    const value: ValueSpec = { kind: 'number', bytes: 0, salt: 1 }
    return { does: 'setMany', writes: [{ key, value, sliding: false, tags: [] }] }
  }),
  ...Array.from({ length: 150 }, (): Step => ({ does: 'getMany', keys: PLAIN_KEYS.slice(0, 4) })),
]

class Twins {
  readonly #clock = new ManualClock()
  readonly #removed: [string[], string[]] = [[], []]
  readonly #batched: SharedCache
  readonly #single: SharedCache

  constructor(options: CacheOptions) {
    const [batched, single] = this.#removed.map((removed) => {
      return new SharedCache({
        clock: this.#clock,
        onRemove: (key, reason) => removed.push(`${key.slice(0, 50)} ${reason}`),
        ...options,
      })
    })
    this.#batched = batched
    this.#single = single
  }

  /** @returns near hits of the one that is asked for many at once */
  run(list: readonly Step[], hasSameEvictions: boolean): number {
    for (const step of list) {
      this.#do(step)
      if (hasSameEvictions) assert.deepEqual(this.#removed[0], this.#removed[1])
    }
    const [batched, single] = [this.#batched, this.#single].map((cache) => {
      // Which have gone by themselves depends on their shards, and so on the seed.
      cache.purgeExpired()
      const { hits, misses, sets, size, evictions } = cache.stats()
      return { hits, misses, sets, size, evictions, keys: [...cache.keys()].sort() }
    })
    assert.deepEqual(batched, single)
    const infos = KEYS.map((name) => {
      return [this.#batched, this.#single].map((cache) => cache.info(keyNamed(name))?.hits)
    })
    if (hasSameEvictions) for (const [batched, single] of infos) assert.equal(batched, single)
    assert.deepEqual(this.#batched.verify(), { ok: true, problems: [] })
    const { nearHits } = this.#batched.stats()
    this.#batched.close()
    this.#single.close()
    return nearHits
  }

  #do(step: Step): void {
    const both = [this.#batched, this.#single]
    switch (step.does) {
      case 'setMany':
        for (const { key, value, ...options } of step.writes) {
          for (const cache of both) cache.set(keyNamed(key), buildValue(value), options)
        }
        return
      case 'getMany': {
        const keys = step.keys.map(keyNamed)
        assert.deepEqual(
          this.#batched.getMany(keys),
          keys.map((key) => this.#single.get(key)),
        )
        return
      }
      case 'delete':
        for (const cache of both) cache.delete(keyNamed(step.key))
        return
      case 'invalidateTags':
        for (const cache of both) cache.invalidateTags('red')
        return
      case 'wait':
        this.#clock.advance(step.ms)
    }
  }
}

const crowded = fc.record({
  maxBytes: fc.constant('8mb'),
  maxEntries: fc.constantFrom(5, 40, 120),
  // Why not adaptive: its sketch hashes by a seed, and no two caches have the same.
  policy: fc.constantFrom('lru', 'lfu', 'fifo', 'ttl', 'priority'),
  shards: fc.constant(1),
  near: fc.constant(false),
})

const roomy = fc.record({
  maxBytes: fc.constantFrom('64mb', '64mb', '64mb', '5gb'),
  maxEntryBytes: fc.constant('1mb'),
  policy: fc.constantFrom('adaptive', 'lru'),
  shards: fc.constantFrom(1, 8),
  near: fc.constantFrom(undefined, { maxEntries: 20 }),
})

describe.each(BUILDS)('%s build', (build) => {
  test('it evicts as the same gets one by one would, and counts the same hits', () => {
    const run = (options: object, list: Step[]): void => {
      withBuild(build, () => new Twins(options as CacheOptions).run(list, true))
    }
    checkProperty(fc.property(crowded, steps, run), RUNS[build])
  })

  test('with a near cache, and with several memories, it answers and counts the same', () => {
    const run = (options: object, list: Step[]): void => {
      // Why first: what follows may by chance never ask for a key again.
      const steps = [...HITS_NEAR, ...list]
      const nearHits = withBuild(build, () => {
        return new Twins(options as CacheOptions).run(steps, false)
      })
      expect(nearHits).toBeGreaterThan(0)
    }
    checkProperty(fc.property(roomy, steps, run), RUNS[build] / 2)
  })
})
