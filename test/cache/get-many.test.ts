/** What a caller of getMany sees, however its keys and values come to be cut into batches. */
import assert from 'node:assert/strict'
import { describe, expect, it } from 'vitest'
import { BUILDS, withBuild } from '../support/engine-builds.js'
import { Random } from '../support/random.js'
import { buildValue, VALUE_KINDS } from '../support/sample-values.js'
import { type AnyCache, createCache, fill } from './shared-cache-helpers.js'

/** So many keys of a batch, and characters of a key in one. */
const BATCH_KEYS = 128
const BATCHED_CHARS = 1024
const STAGING_BYTES = 16_384

const numberedKeys = (count: number, prefix = 'key:'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items]
  return Array.from(items, () => left.splice(random.below(left.length), 1)[0])
}

/** Sets each key to a value that tells it apart, and expects them back in any order. */
function expectBack(cache: AnyCache, values: ReadonlyMap<string, unknown>, rounds = 5): void {
  for (const [key, value] of values) expect(cache.set(key, value)).toBe(true)
  const random = new Random(values.size)
  for (let round = 0; round < rounds; round++) {
    const keys = shuffled([...values.keys(), ...values.keys(), 'no such key'], random)
    // Why not toEqual: on large buffers it takes seconds.
    assert.deepEqual(
      cache.getMany(keys),
      keys.map((key) => values.get(key)),
    )
  }
}

describe.each(BUILDS)('%s build', (build) => {
  describe.each([
    ['with a near cache', undefined],
    ['without a near cache', false as const],
  ])('getMany of a cache %s', (_, near) => {
    const create = (options = {}): AnyCache =>
      withBuild(build, () => createCache({ maxBytes: '16mb', near, ...options }).cache)

    const aBatch = BATCH_KEYS
    const counts = [0, 1, 2, aBatch - 1, aBatch, aBatch + 1, 2 * aBatch, 2 * aBatch + 1, 1000]

    it.each(counts)('answers %i keys in their order, misses among them', (count) => {
      const cache = create()
      const keys = numberedKeys(count).reverse()
      const values = keys.map((key, index) => (index % 3 === 1 ? undefined : `of ${key}`))
      keys.forEach((key, index) => {
        if (values[index] !== undefined) cache.set(key, values[index])
      })
      for (let round = 0; round < 4; round++) expect(cache.getMany(keys)).toEqual(values)
      const { hits, misses } = cache.stats()
      const missing = values.filter((value) => value === undefined).length
      expect({ hits, misses }).toEqual({ hits: 4 * (count - missing), misses: 4 * missing })
    })

    it('answers a key as often as it is asked for', () => {
      const cache = create()
      fill(cache, 3)
      const keys = Array.from({ length: 500 }, (_, index) => `key:${index % 4}`)
      expect(cache.getMany(keys)).toEqual(
        keys.map((_, index) => (index % 4 === 3 ? undefined : index % 4)),
      )
      expect(cache.stats()).toMatchObject({ hits: 375, misses: 125 })
    })

    it('tells keys of all lengths and alphabets apart', () => {
      const lengths = [0, 1, 3, 4, 24, 25, 26, 1000, BATCHED_CHARS, BATCHED_CHARS + 1, 65_536]
      // The last two and their likes have the same bytes, once as Latin-1 and once as UTF-16.
      const letters = ['k', 'ÿ', 'ж', '\ud800', '\udc00', 'a\x01', '\u0161']
      const keys = lengths.flatMap((length) =>
        letters.map((letter) => letter.repeat(length).slice(0, length)),
      )
      const wideAtTheEnd = [24, 25, BATCHED_CHARS].map((length) => `${'k'.repeat(length - 1)}ж`)
      const distinct = new Set([...keys, ...wideAtTheEnd, 'ab', '\u6261'])
      expectBack(create(), new Map(Array.from(distinct, (key, index) => [key, index])))
    })

    it('answers more long keys than a batch has room for', () => {
      const keys = numberedKeys(200).map((key) => key.padEnd(BATCHED_CHARS, 'ж'))
      expectBack(create(), new Map(keys.map((key) => [key, key.slice(0, 8)])), 2)
    })

    it('answers values of all sizes in any order', () => {
      const sizes = [
        ...[0, 1, 15, 16, 17, 31, 32, 33, 255, 256, 257, 2000, 4097, 8192],
        ...[-17, -16, -15, -1, 0, 1, 17].map((more) => STAGING_BYTES + more),
        ...[20_000, 100_000, 300_000],
      ]
      const values = sizes.map((bytes, salt): [string, unknown] => [
        `of ${bytes}`,
        buildValue({ kind: 'buffer', bytes, salt }),
      ])
      expectBack(create(), new Map(values), 10)
    })

    it('answers each size before and behind each other one', () => {
      const cache = create()
      const sizes = [0, 7, 16, 300, 8184, 8192, STAGING_BYTES - 16, STAGING_BYTES, 17_000]
      const valueFor = (bytes: number): unknown =>
        buildValue({ kind: 'buffer', bytes, salt: bytes % 997 })
      for (const bytes of sizes) cache.set(`${bytes}`, valueFor(bytes))
      for (const first of sizes) {
        for (const second of sizes) {
          const values = cache.getMany([`${first}`, 'none', `${second}`, `${first}`])
          assert.deepEqual(values, [valueFor(first), undefined, valueFor(second), valueFor(first)])
        }
      }
    })

    it('answers many values that together overflow the staging', () => {
      const entries = numberedKeys(300).map((key, salt): [string, unknown] => {
        return [key, buildValue({ kind: 'latin1', bytes: 400 + ((salt * 37) % 700), salt })]
      })
      expectBack(create(), new Map(entries))
    })

    it('answers every type of value, side by side', () => {
      const entries = VALUE_KINDS.flatMap((kind) =>
        [0, 1, 3, 9, 40, 700].map((bytes, salt): [string, unknown] => [
          `${kind} ${bytes}`,
          buildValue({ kind, bytes, salt }),
        ]),
      )
      expectBack(create(), new Map(entries))
    })

    it('takes any iterable of strings', () => {
      const cache = create()
      fill(cache, 200)
      const keys = numberedKeys(200)
      const expected = keys.map((_, index) => index)
      function* lazily() {
        yield* keys
      }
      expect(cache.getMany(new Set(keys))).toEqual(expected)
      expect(cache.getMany(lazily())).toEqual(expected)
      expect(cache.getMany(new Map(keys.map((key) => [key, 1])).keys())).toEqual(expected)
      expect(cache.getMany('ab')).toEqual([undefined, undefined])
    })

    it('lets keys be made by code that calls the cache', () => {
      const cache = create()
      fill(cache, 300)
      const ask = (index: number): string => {
        expect(cache.getMany([`key:${299 - index}`, 'none'])).toEqual([299 - index, undefined])
        cache.set(`another ${index}`, index)
        return `key:${index}`
      }
      const expected = Array.from({ length: 300 }, (_, index) => index)
      const lazily = function* (): Generator<string> {
        for (let index = 0; index < 300; index++) yield ask(index)
      }
      expect(cache.getMany(lazily())).toEqual(expected)
      const getters: string[] = []
      for (let index = 0; index < 300; index++) {
        Object.defineProperty(getters, index, { get: () => ask(index), enumerable: true })
      }
      expect(cache.getMany(getters)).toEqual(expected)
    })

    it('answers what lives: not what has expired, was invalidated or is stale', async () => {
      const { cache, clock } = withBuild(build, () => createCache({ near }))
      cache.set('eternal', 1)
      cache.set('short', 2, { ttl: 10 })
      cache.set('sliding', 3, { ttl: 100, sliding: true })
      cache.set('red', 4, { tags: ['red'] })
      cache.set('blue', 5, { tags: ['blue'] })
      const stale = { ttl: 50, staleWhileRevalidate: 1000, staleIfError: 1000 }
      await cache.getOrSet('stale', () => 6, stale)
      const keys = ['eternal', 'short', 'sliding', 'red', 'blue', 'stale']
      for (let round = 0; round < 3; round++) {
        expect(cache.getMany(keys)).toEqual([1, 2, 3, 4, 5, 6])
        cache.set(`another ${round}`, 0)
      }
      clock.advance(9)
      expect(cache.getMany(keys)).toEqual([1, 2, 3, 4, 5, 6])
      cache.invalidateTags('red')
      clock.advance(1)
      expect(cache.getMany(keys)).toEqual([1, undefined, 3, undefined, 5, 6])
      clock.advance(98)
      // Read 98 ms ago, and so renewed until then.
      expect(cache.getMany(keys)).toEqual([1, undefined, 3, undefined, 5, undefined])
      clock.advance(99)
      expect(cache.getMany(keys)).toEqual([1, undefined, 3, undefined, 5, undefined])
      clock.advance(100)
      expect(cache.getMany(keys)).toEqual([1, undefined, undefined, undefined, 5, undefined])
      expect(cache.info('sliding')).toBeUndefined()
    })

    it('answers from several memories', () => {
      const cache = create({ maxBytes: '5gb' })
      const keys = numberedKeys(300)
      expectBack(cache, new Map(keys.map((key, index) => [key, index])), 3)
      expect(cache.stats()).toMatchObject({ hits: 1800, misses: 3 })
      expect(() => cache.getMany([...keys, 1 as never])).toThrow('key')
    })
  })
})

describe('getMany and the near cache', () => {
  it('fills it by itself, and is answered by it', () => {
    const { cache } = createCache()
    const keys = numberedKeys(50)
    for (const key of keys) cache.set(key, { key })
    cache.getMany(keys)
    // The policy hears of the first hits, which make the values worth keeping near.
    for (const key of keys) cache.info(key)
    const near = cache.getMany(keys)
    expect(cache.stats().nearHits).toBe(0)
    cache.getMany(keys).forEach((value, index) => {
      expect(value).toBe(near[index])
    })
    expect(cache.stats()).toMatchObject({ nearHits: 50, hits: 150, misses: 0 })
  })

  it('asks the engine only for what is not near any more', () => {
    const { cache } = createCache()
    const keys = numberedKeys(20)
    for (const key of keys) cache.set(key, { key })
    for (let round = 0; round < 3; round++) {
      cache.getMany(keys)
      for (const key of keys) cache.info(key)
    }
    const before = cache.getMany(keys)
    const { nearHits } = cache.stats()
    cache.set('key:3', { changed: true })
    cache.delete('key:4')
    const after = cache.getMany(keys)
    expect(cache.stats().nearHits).toBe(nearHits + 18)
    expect(after[3]).toEqual({ changed: true })
    expect(after[4]).toBeUndefined()
    after.forEach((value, index) => {
      if (index !== 3 && index !== 4) expect(value).toBe(before[index])
    })
  })

  it('is answered by it right after any number of misses of get', () => {
    const { cache } = createCache()
    cache.set('near', { is: 'near' })
    for (let round = 0; round < 3; round++) {
      cache.getMany(['near'])
      cache.info('near')
    }
    const [value] = cache.getMany(['near'])
    for (let miss = 0; miss < 64; miss++) {
      cache.get(`none ${miss}`)
      expect(cache.getMany(['near'])[0]).toBe(value)
    }
  })

  it('keeps no large values there', () => {
    const { cache } = createCache()
    cache.set('large', Buffer.alloc(100_000, 1))
    for (let round = 0; round < 3; round++) {
      cache.getMany(['large'])
      cache.info('large')
    }
    expect(cache.stats()).toMatchObject({ nearHits: 0, hits: 3 })
  })
})
