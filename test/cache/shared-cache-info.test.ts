/** What info() and stats() tell, field by field. */
import { describe, expect, it } from 'vitest'
import { createCache, fill, START_MS, warm } from './shared-cache-helpers.js'

describe('info', () => {
  it('tells everything of an entry with every option', () => {
    const { cache, clock } = createCache()
    clock.advance(50)
    cache.set('user:1', 'x'.repeat(100), { ttl: '1m', tags: ['user', 'ä日'], priority: 200 })
    clock.advance(10)
    expect(cache.info('user:1')).toEqual({
      bytes: expect.any(Number),
      createdAt: START_MS + 50,
      expiresAt: START_MS + 60_050,
      remainingTtl: 59_990,
      version: expect.any(Number),
      hits: 0,
      tags: ['user', 'ä日'],
      priority: 200,
      type: 'string',
    })
  })

  it('tells of an entry without options that it lives for ever', () => {
    const { cache } = createCache()
    cache.set('a', 1)
    expect(cache.info('a')).toEqual({
      bytes: expect.any(Number),
      createdAt: START_MS,
      expiresAt: Number.POSITIVE_INFINITY,
      remainingTtl: Number.POSITIVE_INFINITY,
      version: expect.any(Number),
      hits: 0,
      tags: [],
      priority: 0,
      type: 'number',
    })
  })

  it('counts all bytes of an entry, its key and header included', () => {
    const { cache } = createCache({ maxBytes: '16mb' })
    for (const length of [0, 16, 100, 1000, 10_000, 100_000, 1_000_000]) {
      cache.set('key', 'x'.repeat(length))
      const bytes = cache.info('key')?.bytes ?? 0
      expect(bytes).toBeGreaterThanOrEqual(length + 'key'.length)
      expect(bytes).toBeLessThan(length * 1.2 + 80)
    }
  })

  it('names the type without decoding', () => {
    const { cache } = createCache()
    const types = [
      ['x', 'string'],
      ['日', 'string'],
      ['x'.repeat(100_000), 'string'],
      [1, 'number'],
      [null, 'constant'],
      [true, 'constant'],
      [1n, 'bigint'],
      [Buffer.from('x'), 'buffer'],
      [Buffer.alloc(100_000), 'buffer'],
      [Float32Array.of(1), 'typed-array'],
      [{ a: 1 }, 'object'],
      [[1], 'object'],
      [new Date(), 'object'],
    ]
    for (const [value, type] of types) {
      cache.set('a', value)
      expect(cache.info('a')?.type).toBe(type)
    }
  })

  it('counts hits since the key was inserted, over replacements', () => {
    const { cache } = createCache({ near: false })
    cache.set('a', 1)
    for (let round = 0; round < 5; round++) cache.get('a')
    expect(cache.info('a')?.hits).toBe(5)
    cache.set('a', 2)
    cache.get('a')
    expect(cache.info('a')?.hits).toBe(6)
    cache.delete('a')
    cache.set('a', 3)
    expect(cache.info('a')?.hits).toBe(0)
  })

  it('sees a new birth with each set, and none with touch and increment', () => {
    const { cache, clock } = createCache()
    cache.set('a', 1)
    clock.advance(10)
    cache.touch('a', 1000)
    cache.increment('a')
    expect(cache.info('a')?.createdAt).toBe(START_MS)
    cache.set('a', 1)
    expect(cache.info('a')?.createdAt).toBe(START_MS + 10)
  })

  it('takes 32 tags of 1024 bytes in all', () => {
    const { cache } = createCache()
    const tags = Array.from({ length: 32 }, (_, index) => String(index).padEnd(32, '#'))
    cache.set('a', 1, { tags })
    cache.set('b', 'x'.repeat(50_000), { tags: ['y'.repeat(255)] })
    expect(cache.info('a')?.tags).toEqual(tags)
    expect(cache.info('b')?.tags).toEqual(['y'.repeat(255)])
  })
})

describe('stats', () => {
  it('of a new cache are all zero', () => {
    const { cache } = createCache({ name: 'users', policy: 'lru', shards: 2 })
    const stats = cache.stats()
    expect(stats).toMatchObject({
      name: 'users',
      policy: { name: 'lru' },
      hits: 0,
      misses: 0,
      nearHits: 0,
      sets: 0,
      deletes: 0,
      replacements: 0,
      evictions: 0,
      expirations: 0,
      invalidations: 0,
      rejected: { tooLarge: 0, lockTimeout: 0 },
      corrupt: 0,
      size: 0,
      maxBytes: 4 * 1024 * 1024,
      payloadBytes: 0,
      moves: 0,
      banks: 1,
    })
    expect(stats.bytes).toBe(cache.bytes)
    expect(stats.fragmentation).toBeGreaterThanOrEqual(0)
    expect(stats.fragmentation).toBeLessThanOrEqual(1)
    expect(stats.perShard).toHaveLength(2)
    expect(stats.perShard[0]).toMatchObject({ entries: 0, sets: 0, evictions: 0, expirations: 0 })
  })

  it('count what happened', () => {
    const { cache, clock } = createCache()
    cache.set('a', 'value')
    cache.set('a', 'other')
    cache.add('a', 'refused')
    cache.set('b', 'x', { ttl: 10 })
    cache.set('c', 'x', { tags: ['t'] })
    cache.set('d', 'x')
    warm(cache, 'a')
    for (let round = 0; round < 8; round++) cache.get('a')
    cache.get('none')
    cache.delete('d')
    cache.delete('none')
    clock.advance(10)
    cache.invalidateTags('t')
    cache.get('c')
    cache.purgeExpired()
    const stats = cache.stats()
    expect(stats).toMatchObject({
      hits: 10,
      misses: 2,
      sets: 5,
      replacements: 1,
      deletes: 1,
      expirations: 1,
      invalidations: 1,
      evictions: 0,
      size: 1,
      payloadBytes: 'a'.length + 'other'.length,
    })
    expect(stats.nearHits).toBe(8)
    expect(stats.perShard.reduce((sum, shard) => sum + shard.entries, 0)).toBe(1)
  })

  it('count no near hits without a near cache', () => {
    const { cache } = createCache({ near: false })
    cache.set('a', 1)
    warm(cache, 'a')
    for (let round = 0; round < 8; round++) cache.get('a')
    expect(cache.stats()).toMatchObject({ hits: 10, nearHits: 0 })
  })

  it('list the size classes that hold something', () => {
    const { cache } = createCache()
    fill(cache, 1000)
    const { perClass } = cache.stats()
    expect(perClass.length).toBeGreaterThan(0)
    for (const { chunkBytes, pages, freeChunks } of perClass) {
      expect(chunkBytes).toBeGreaterThan(0)
      expect(pages).toBeGreaterThan(0)
      expect(freeChunks).toBeGreaterThanOrEqual(0)
    }
  })

  it('are of bytes that grow with the entries and are those of an empty cache after clear', () => {
    const { cache } = createCache()
    const emptyBytes = cache.bytes
    expect(emptyBytes).toBeGreaterThan(0)
    fill(cache, 5000)
    expect(cache.bytes).toBeGreaterThan(emptyBytes)
    expect(cache.stats().bytes).toBe(cache.bytes)
    cache.clear()
    expect(cache.bytes).toBe(emptyBytes)
  })
})
