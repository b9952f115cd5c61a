/** The near cache is exact: a value it has is answered by reference until anything changes its key. */
import { describe, expect, it } from 'vitest'
import { type AnyCache, createCache, type ManualClock, warm } from './shared-cache-helpers.js'

/** A key whose value the near cache answers. */
function createNear(options = {}): { cache: AnyCache; clock: ManualClock } {
  const created = createCache({ shards: 1, ...options })
  created.cache.set('a', { n: 0 }, { ttl: 1000, tags: ['t'] })
  warm(created.cache, 'a')
  expect(created.cache.get('a')).toBe(created.cache.get('a'))
  return created
}

describe('a near value', () => {
  const changes: [string, (cache: AnyCache, clock: ManualClock) => unknown, unknown][] = [
    ['set', (cache) => cache.set('a', 1), 1],
    ['set of an equal value', (cache) => cache.set('a', { n: 0 }), { n: 0 }],
    ['set of a large value', (cache) => cache.set('a', 'x'.repeat(50_000)), 'x'.repeat(50_000)],
    ['setMany', (cache) => cache.setMany([['a', 1]]), 1],
    ['compareAndSet', (cache) => cache.compareAndSet('a', cache.info('a')?.version ?? 0, 1), 1],
    ['delete', (cache) => cache.delete('a'), undefined],
    ['take', (cache) => cache.take('a'), undefined],
    ['deleteMany', (cache) => cache.deleteMany(['a']), undefined],
    ['deleteByTag', (cache) => cache.deleteByTag('t'), undefined],
    ['deleteByPrefix', (cache) => cache.deleteByPrefix(''), undefined],
    ['deleteByPattern', (cache) => cache.deleteByPattern('*'), undefined],
    ['invalidateTags', (cache) => cache.invalidateTags('t'), undefined],
    ['clear', (cache) => cache.clear(), undefined],
    ['expiry', (_, clock) => clock.advance(1000), undefined],
    ['a shorter life', (cache, clock) => cache.touch('a', 10) && clock.advance(10), undefined],
    ['a refused set', (cache) => cache.set('a', 'x'.repeat(3_000_000)), undefined],
    ['delete and set', (cache) => cache.delete('a') && cache.set('a', 2), 2],
  ]

  it.each(changes)('is not answered after %s', (_, change, expected) => {
    const { cache, clock } = createNear()
    change(cache, clock)
    expect(cache.peek('a')).toEqual(expected)
    expect(cache.get('a')).toEqual(expected)
    expect(cache.has('a')).toBe(expected !== undefined)
  })

  it('is not answered after its eviction', () => {
    const { cache } = createNear({ maxEntries: 3, policy: 'fifo' })
    for (const key of ['b', 'c', 'd']) cache.set(key, 1)
    expect(cache.get('a')).toBeUndefined()
  })

  it('is not answered after an increment', () => {
    const { cache } = createCache()
    cache.set('n', 1)
    warm(cache, 'n')
    cache.increment('n', 1)
    expect(cache.get('n')).toBe(2)
  })

  it('outlives changes of other keys', () => {
    const { cache } = createNear()
    const value = cache.get('a')
    for (let index = 0; index < 100; index++) cache.set(`other:${index}`, index)
    cache.delete('other:1')
    expect(cache.get('a')).toBe(value)
  })

  it('is asked for again after the invalidation of another tag, and is still there', () => {
    const { cache } = createNear()
    cache.invalidateTags('another')
    expect(cache.get('a')).toEqual({ n: 0 })
  })

  it('lives as long as touch says, however long it was near', () => {
    const { cache, clock } = createNear()
    clock.advance(999)
    cache.touch('a', 1000)
    clock.advance(999)
    expect(cache.get('a')).toEqual({ n: 0 })
    clock.advance(1)
    expect(cache.get('a')).toBeUndefined()
  })

  it('with a sliding lifetime stays with the engine, which renews it', () => {
    const { cache, clock } = createCache()
    cache.set('a', { n: 0 }, { ttl: 100, sliding: true })
    for (let round = 0; round < 5; round++) {
      warm(cache, 'a')
      clock.advance(99)
      expect(cache.get('a')).toEqual({ n: 0 })
    }
    expect(cache.stats().nearHits).toBe(0)
  })
})

describe('near hits', () => {
  it('count for the policy', () => {
    const { cache } = createCache({ policy: 'lru', maxEntries: 3, shards: 1 })
    for (const key of ['a', 'b', 'c']) cache.set(key, key)
    warm(cache, 'a')
    cache.getMany(['b', 'c'])
    cache.info('b')
    for (let hit = 0; hit < 16; hit++) cache.get('a')
    expect(cache.stats().nearHits).toBeGreaterThan(10)
    cache.set('d', 'd')
    expect(cache.has('a')).toBe(true)
    expect(cache.has('b')).toBe(false)
  })

  it('are at most for maxEntries values', () => {
    const { cache } = createCache({ near: { maxEntries: 10 } })
    const keys = Array.from({ length: 100 }, (_, index) => `key:${index}`)
    for (const key of keys) cache.set(key, key)
    warm(cache, ...keys)
    const before = cache.stats().nearHits
    for (const key of keys) cache.peek(key)
    for (const key of keys) expect(cache.get(key)).toBe(key)
    expect(cache.stats().nearHits - before).toBeLessThanOrEqual(10)
  })

  it('are none with maxEntries 0', () => {
    const { cache } = createCache({ near: { maxEntries: 0 } })
    cache.set('a', 1)
    warm(cache, 'a')
    cache.get('a')
    expect(cache.stats().nearHits).toBe(0)
  })

  it('come of themselves for a small hot set', () => {
    const { cache } = createCache()
    for (let index = 0; index < 10; index++) cache.set(`key:${index}`, index)
    for (let round = 0; round < 100; round++) {
      for (let index = 0; index < 10; index++) expect(cache.get(`key:${index}`)).toBe(index)
    }
    expect(cache.stats().nearHits).toBeGreaterThan(500)
    expect(cache.stats().hits).toBe(1000)
  })
})
