/** What is refused and what is evicted: entries too large, caches full, options that make no sense. */
import { describe, expect, it } from 'vitest'
import { type CacheOptions, InvalidOptionError, type Policy, SharedCache } from '../../src/index.js'
import { createCache, fill } from './shared-cache-helpers.js'

const GIB = 2 ** 30

describe('the options of a cache', () => {
  it.each([
    ['maxBytes', undefined, "cannot be undefined; allowed: bytes, or a string such as '256mb'"],
    ['maxBytes', '10xb', "cannot be '10xb'; allowed: a whole number of bytes"],
    ['maxBytes', 1000, 'from 1 MiB to 64 GiB'],
    ['maxEntries', 0, 'cannot be 0; allowed: a whole number from 1 to'],
    ['maxEntryBytes', '2gb', 'no more than maxBytes'],
    ['policy', 'mru', "cannot be 'mru'; allowed: 'adaptive', 'lru'"],
    ['ttl', '5 parsecs', "cannot be '5 parsecs'"],
    ['ttlJitter', 2, 'a number from 0 to 1'],
    ['sliding', 1, 'true or false'],
    ['codec', 'xml', "'structured', 'json', 'string', 'bytes', or { encode, decode }"],
    ['near', 10, 'false, or { maxEntries }'],
    ['shards', 3, 'a power of two from 1 to 64'],
    ['clock', {}, '{ now(): number }'],
    ['lockTimeout', 0, 'from 1 ms'],
    ['onRemove', 1, 'a function'],
    ['onError', 1, 'a function'],
    ['name', '', 'a string of at least one character'],
    ['maxSize', 1, 'only maxBytes, maxEntries'],
  ])('%s: %o is refused with name, value and what is allowed', (option, value, text) => {
    const options = { maxBytes: '4mb', [option]: value } as unknown as CacheOptions
    const create = () => new SharedCache(options)
    expect(create).toThrow(InvalidOptionError)
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_HOTSET_INVALID_OPTION' }))
    expect(create).toThrow(`'${option}'`)
    expect(create).toThrow(text)
  })

  it('refuse more shards than there is memory for', () => {
    expect(() => new SharedCache({ maxBytes: '1mb', shards: 64 })).toThrow(
      expect.objectContaining({ option: 'shards', value: 64 }),
    )
  })

  it('may all be given at once', () => {
    const { cache } = createCache({
      maxBytes: '8mb',
      maxEntries: 1000,
      maxEntryBytes: '1mb',
      policy: 'lfu',
      ttl: '5m',
      ttlJitter: 0.1,
      sliding: true,
      codec: 'json',
      near: { maxEntries: 10 },
      shards: 2,
      lockTimeout: '1s',
      onRemove() {},
      onError() {},
      name: 'all',
    })
    expect(cache.name).toBe('all')
    expect(cache.set('a', { n: 1 })).toBe(true)
    expect(cache.get('a')).toEqual({ n: 1 })
  })
})

describe('an entry that is too large', () => {
  it('is refused with false, counted, and leaves no older value behind', () => {
    const { cache } = createCache({ maxEntryBytes: 1000 })
    for (const bytes of [1001, 20_000, 3_000_000, 6_000_000]) {
      const refused = cache.stats().rejected.tooLarge
      cache.set('a', 'old')
      expect(cache.set('a', 'x'.repeat(bytes))).toBe(false)
      expect(cache.get('a')).toBeUndefined()
      expect(cache.has('a')).toBe(false)
      expect(cache.stats().rejected.tooLarge).toBe(refused + 1)
    }
    expect(cache.size).toBe(0)
  })

  it('is measured by key and value', () => {
    const { cache } = createCache({ maxEntryBytes: 1000 })
    expect(cache.set('k', 'x'.repeat(999))).toBe(true)
    expect(cache.set('k', 'x'.repeat(1000))).toBe(false)
    expect(cache.set('k'.repeat(900), 'x'.repeat(100))).toBe(true)
    expect(cache.set('k'.repeat(901), 'x'.repeat(100))).toBe(false)
    expect(cache.set('日', 'x'.repeat(999))).toBe(false)
    expect(cache.increment('k'.repeat(993), 1)).toBeNaN()
  })

  it('is one larger than a tenth of the cache where nothing else is said', () => {
    const { cache } = createCache({ maxBytes: '10mb' })
    expect(cache.set('k', 'x'.repeat(1024 * 1024 - 1))).toBe(true)
    expect(cache.set('k', 'x'.repeat(1024 * 1024))).toBe(false)
  })

  it('may nearly fill the cache where that is allowed', () => {
    const { cache } = createCache({ maxBytes: '8mb', maxEntryBytes: '6mb', shards: 1 })
    fill(cache, 1000)
    const value = Buffer.alloc(6_000_000, 'hotset')
    expect(cache.set('large', value)).toBe(true)
    expect(value.equals(cache.get('large'))).toBe(true)
    expect(cache.bytes).toBeLessThanOrEqual(8 * 1024 * 1024)
  })

  it('is refused, not thrown, by add and compareAndSet', () => {
    const { cache } = createCache({ maxEntryBytes: 1000 })
    expect(cache.add('a', 'x'.repeat(2000))).toBe(false)
    expect(cache.add('b', 'x'.repeat(20_000))).toBe(false)
    cache.set('a', 'old')
    expect(cache.add('a', 'x'.repeat(2000))).toBe(false)
    expect(cache.add('a', 'x'.repeat(20_000))).toBe(false)
    const version = cache.info('a')?.version ?? 0
    expect(cache.compareAndSet('a', version, 'x'.repeat(2000))).toBe(false)
    expect(cache.compareAndSet('a', version, 'x'.repeat(20_000))).toBe(false)
    expect(cache.get('a')).toBe('old')
  })

  it('is still returned by getOrSet', async () => {
    const { cache } = createCache({ maxEntryBytes: 1000 })
    expect(await cache.getOrSet('a', () => 'x'.repeat(2000))).toHaveLength(2000)
    expect(cache.has('a')).toBe(false)
  })
})

describe.each<Policy>(['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority'])(
  'a full cache with policy %s',
  (policy) => {
    it('makes room: no set is refused, and no bound is passed', () => {
      const { cache } = createCache({ maxBytes: '2mb', policy })
      for (let index = 0; index < 4000; index++) {
        const value = 'x'.repeat((index * 7919) % 4000)
        expect(cache.set(`key:${index}`, value, { ttl: 1000 + index })).toBe(true)
        expect(cache.bytes).toBeLessThanOrEqual(2 * 1024 * 1024)
      }
      expect(cache.stats().evictions).toBeGreaterThan(1000)
      expect(cache.stats().rejected).toEqual({ tooLarge: 0, lockTimeout: 0 })
      expect(cache.size).toBeGreaterThan(300)
    })

    it('never holds more than maxEntries', () => {
      const { cache } = createCache({ policy, maxEntries: 100, shards: 1 })
      for (let index = 0; index < 1000; index++) {
        cache.set(`key:${index}`, index, { ttl: 5000 - index })
        expect(cache.size).toBe(Math.min(index + 1, 100))
      }
      expect(cache.stats().evictions).toBe(900)
    })

    it('never holds more than maxEntries with several shards', () => {
      const { cache } = createCache({ policy, maxEntries: 1000, shards: 4, maxBytes: '16mb' })
      fill(cache, 5000)
      expect(cache.size).toBeLessThanOrEqual(1000)
      expect(cache.size).toBeGreaterThan(900)
    })
  },
)

describe('eviction', () => {
  it("takes the lowest priority first, then the least recently used, with 'priority'", () => {
    const { cache } = createCache({ policy: 'priority', maxEntries: 4, shards: 1 })
    cache.set('high', 1, { priority: 255 })
    cache.set('low 1', 1, { priority: 1 })
    cache.set('low 2', 1, { priority: 1 })
    cache.set('middle', 1, { priority: 100 })
    cache.get('low 1')
    const gone = (key: string) => {
      cache.set(`new ${key}`, 1, { priority: 200 })
      return !cache.has(key)
    }
    expect(gone('low 2')).toBe(true)
    expect(gone('low 1')).toBe(true)
    expect(gone('middle')).toBe(true)
    expect(cache.has('high')).toBe(true)
  })

  it("takes what expires soonest first, with 'ttl'", () => {
    const { cache } = createCache({ policy: 'ttl', maxEntries: 3, shards: 1 })
    cache.set('later', 1, { ttl: 5000 })
    cache.set('never', 1)
    cache.set('soon', 1, { ttl: 1000 })
    cache.set('new 1', 1, { ttl: 10_000 })
    expect(cache.hasMany(['later', 'never', 'soon'])).toEqual([true, true, false])
    cache.touch('later', 100_000)
    cache.set('new 2', 1, { ttl: 50_000 })
    expect(cache.hasMany(['later', 'never', 'new 1'])).toEqual([true, true, false])
  })

  it("takes the oldest first, read or not, with 'fifo'", () => {
    const { cache } = createCache({ policy: 'fifo', maxEntries: 3, shards: 1 })
    for (const key of ['a', 'b', 'c']) cache.set(key, 1)
    cache.get('a')
    cache.set('d', 1)
    expect([...cache.keys()].sort()).toEqual(['b', 'c', 'd'])
  })

  it("takes what is read least, with 'lfu'", () => {
    const { cache } = createCache({ policy: 'lfu', maxEntries: 3, shards: 1, near: false })
    for (const key of ['a', 'b', 'c']) cache.set(key, 1)
    for (const key of ['a', 'c', 'a', 'c']) cache.get(key)
    cache.set('d', 1)
    expect(cache.has('b')).toBe(false)
  })

  it('is never of the entry just written, however large', () => {
    const { cache } = createCache({ maxBytes: '2mb', maxEntryBytes: '1mb', shards: 1 })
    for (let index = 0; index < 50; index++) {
      const value = 'x'.repeat(20_000 * (index % 40))
      expect(cache.set(`key:${index}`, value)).toBe(true)
      expect(cache.get(`key:${index}`)).toBe(value)
    }
  })

  it('is undone by no near cache: what is evicted is not found', () => {
    const { cache } = createCache({ policy: 'lru', maxEntries: 10, shards: 1 })
    fill(cache, 10, 'old:')
    for (let index = 0; index < 10; index++)
      for (let hit = 0; hit < 60; hit++) cache.get(`old:${index}`)
    expect(cache.stats().nearHits).toBeGreaterThan(0)
    fill(cache, 10, 'new:')
    for (let index = 0; index < 10; index++) expect(cache.get(`old:${index}`)).toBeUndefined()
  })
})

describe('a cache of several banks', () => {
  // Why so large: only address space is reserved, and a page is used once something lies in it.
  it('stores, walks, invalidates and counts over all of them', async () => {
    const { cache, clock } = createCache({ maxBytes: 4.5 * GIB, shards: 2 })
    expect(cache.stats()).toMatchObject({ banks: 2, maxBytes: 4.5 * GIB, size: 0 })
    expect(cache.stats().perShard).toHaveLength(4)
    const emptyBytes = cache.bytes
    for (let index = 0; index < 1000; index++) {
      const value = index % 100 === 0 ? 'x'.repeat(50_000 + index) : `value ${index}`
      cache.set(`键:${index}`, value, { tags: [`t${index % 2}`], ttl: 1000 })
    }
    const perBank = cache.stats().perShard.map(({ entries }) => entries)
    expect(perBank[0] + perBank[1]).toBeGreaterThan(300)
    expect(perBank[2] + perBank[3]).toBeGreaterThan(300)
    expect(cache.size).toBe(1000)
    expect(cache.get('键:7')).toBe('value 7')
    expect(cache.get('键:500')).toBe('x'.repeat(50_500))
    expect(cache.take('键:600')).toBe('x'.repeat(50_600))
    expect(cache.info('键:9')).toMatchObject({ tags: ['t1'], remainingTtl: 1000 })
    expect(new Set(cache.keys()).size).toBe(999)
    expect([cache.increment('n'), cache.increment('m', 2), cache.increment('n')]).toEqual([1, 2, 2])
    expect(await cache.getOrSet('键:1000', () => 'loaded', { tags: ['t0'] })).toBe('loaded')
    cache.invalidateTags('t1')
    expect(cache.get('键:7')).toBeUndefined()
    expect(cache.purgeExpired()).toBe(500)
    expect(cache.deleteByTag('t0')).toBe(500)
    cache.set('short', 1, { ttl: 10 })
    clock.advance(10)
    expect(cache.size).toBe(2)
    expect(cache.deleteByPrefix('n')).toBe(1)
    cache.clear()
    expect(cache.size).toBe(0)
    expect(cache.bytes).toBe(emptyBytes)
  })
})
