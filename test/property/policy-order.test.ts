/** With one shard and maxEntries each policy evicts exactly what a plain model of it does (lru: lru-cache). */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LRUCache } from 'lru-cache'
import { describe, test } from 'vitest'
import { type Policy, SharedCache } from '../../src/index.js'
import {
  FifoModel,
  LfuModel,
  PriorityModel,
  TtlModel,
  type WriteOptions,
} from '../models/policy-models.js'
import { checkProperty } from '../support/check-property.js'
import { BUILDS, type Build, withBuild } from '../support/engine-builds.js'
import { ManualClock } from '../support/manual-clock.js'
import { Random } from '../support/random.js'

/** What the cache is compared with. */
interface Reference {
  readonly evicted: string[]
  set(key: string, options: WriteOptions): void
  get(key: string): boolean
  has(key: string): boolean
  delete(key: string): boolean
  touch(key: string, ttl?: number): boolean
  expire(): void
  keys(): string[]
}

type Step =
  | { does: 'set'; key: number; bytes: number; options: WriteOptions }
  | { does: 'get'; key: number; times: number }
  | { does: 'has' | 'peek' | 'delete' | 'increment'; key: number }
  | { does: 'touch'; key: number; ttl?: number }
  | { does: 'wait'; ms: number }

const RUNS: Record<Build, number> = { release: 80, debug: 25 }
const LONG_STEPS = 30_000
const KEYS = 30

/** lru-cache by reads and writes; it has no use for the rest. */
class LruCacheReference implements Reference {
  readonly evicted: string[] = []
  readonly #cache: LRUCache<string, true>

  constructor(max: number) {
    this.#cache = new LRUCache<string, true>({
      max,
      dispose: (_, key, reason) => {
        if (reason === 'evict') this.evicted.push(key)
      },
    })
  }

  set(key: string): void {
    this.#cache.set(key, true)
  }

  get(key: string): boolean {
    return this.#cache.get(key) === true
  }

  has(key: string): boolean {
    return this.#cache.has(key)
  }

  delete(key: string): boolean {
    return this.#cache.delete(key)
  }

  touch(key: string): boolean {
    return this.#cache.has(key)
  }

  expire(): void {}

  keys(): string[] {
    return [...this.#cache.keys()]
  }
}

const REFERENCES = {
  lru: LruCacheReference,
  lfu: LfuModel,
  fifo: FifoModel,
  ttl: TtlModel,
  priority: PriorityModel,
}

class Comparison {
  readonly #clock = new ManualClock()
  readonly #evicted: string[] = []
  readonly #cache: SharedCache<string | number>
  readonly #reference: Reference

  constructor(policy: keyof typeof REFERENCES, maxEntries: number) {
    this.#cache = new SharedCache({
      maxBytes: '32mb',
      maxEntries,
      policy: policy as Policy,
      shards: 1,
      near: false,
      clock: this.#clock,
      onRemove: (key, reason) => {
        if (reason === 'evict') this.#evicted.push(key)
      },
    })
    this.#reference = new REFERENCES[policy](maxEntries, () => this.#clock.now())
  }

  run(steps: Iterable<Step>): void {
    for (const step of steps) {
      this.#do(step)
      assert.equal(this.#evicted.at(-1), this.#reference.evicted.at(-1))
    }
    assert.deepEqual(this.#evicted, this.#reference.evicted)
    assert.deepEqual([...this.#cache.keys()].sort(), this.#reference.keys().sort())
    assert.deepEqual(this.#cache.verify(), { ok: true, problems: [] })
  }

  #do(step: Step): void {
    const cache = this.#cache
    const reference = this.#reference
    if (step.does === 'wait') {
      this.#clock.advance(step.ms)
      cache.purgeExpired()
      reference.expire()
      return
    }
    const key = `key ${step.key}`
    switch (step.does) {
      case 'set':
        assert.equal(cache.set(key, 'v'.repeat(step.bytes), step.options), true)
        reference.set(key, step.options)
        return
      case 'increment':
        // On a number it is a write that keeps lifetime and priority: tested apart.
        if (reference.has(key)) return
        assert.equal(cache.increment(key, 1), 1)
        reference.set(key, {})
        return
      case 'get':
        for (let time = 0; time < step.times; time++) {
          assert.equal(cache.get(key) !== undefined, reference.get(key))
        }
        return
      case 'has':
        assert.equal(cache.has(key), reference.has(key))
        return
      case 'peek':
        assert.equal(cache.peek(key) !== undefined, reference.has(key))
        return
      case 'delete':
        assert.equal(cache.delete(key), reference.delete(key))
        return
      case 'touch':
        assert.equal(cache.touch(key, step.ttl), reference.touch(key, step.ttl))
    }
  }
}

const key = fc.nat(KEYS - 1)

/** lru-cache knows neither, as they stand here. */
function steps(policy: string): fc.Arbitrary<Step[]> {
  const ttl =
    policy === 'lru'
      ? fc.constant(undefined)
      : fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined })
  const options: fc.Arbitrary<WriteOptions> = fc
    .record({ priority: fc.option(fc.nat(3), { nil: undefined }), ttl })
    .map(({ priority, ttl }) => ({
      ...(priority !== undefined && { priority }),
      ...(ttl !== undefined && { ttl }),
    }))
  const bytes = fc.oneof(fc.nat(100), fc.nat(3000))
  const times = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 300 }) },
  )
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({ does: fc.constant('set' as const), key, bytes, options }),
    },
    { weight: 10, arbitrary: fc.record({ does: fc.constant('get' as const), key, times }) },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constantFrom('has' as const, 'peek', 'delete', 'increment'),
        key,
      }),
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('touch' as const), key, ttl }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.nat(20) }) },
  )
  return fc.array(step, { minLength: 1, maxLength: 300, size: 'max' })
}

/** Reads and writes with a few hot keys and many cold ones, longer than any counter of a policy wraps. */
function* longRun(random: Random, keys: number): Generator<Step> {
  for (let done = 0; done < LONG_STEPS; done++) {
    const chosen = Math.floor(keys * random.next() ** 3)
    if (random.chance(0.5)) yield { does: 'get', key: chosen, times: 1 }
    else
      yield {
        does: 'set',
        key: chosen,
        bytes: random.below(200),
        options: { priority: random.below(4) },
      }
  }
}

describe.each(BUILDS)('%s build', (build) => {
  test.each(Object.keys(REFERENCES) as (keyof typeof REFERENCES)[])(
    '%s evicts what its reference evicts, in the same order',
    (policy) => {
      const run = (maxEntries: number, list: Step[]): void => {
        withBuild(build, () => new Comparison(policy, maxEntries).run(list))
      }
      const property = fc.property(fc.integer({ min: 1, max: 20 }), steps(policy), run)
      checkProperty(property, RUNS[build])
    },
  )
})

test.each(['lru', 'lfu', 'fifo', 'priority'] as const)(
  '%s evicts what its reference evicts over a long run',
  (policy) => {
    new Comparison(policy, 100).run(longRun(new Random(7), 1000))
  },
)
