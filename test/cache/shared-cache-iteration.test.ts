/** Walking over a cache: every live key once, whatever is written meanwhile. */
import { describe, expect, it } from 'vitest'
import { createCache, fill, sorted } from './shared-cache-helpers.js'

const COUNT = 5000

describe('iteration', () => {
  it('meets every live entry exactly once', () => {
    const { cache } = createCache({ shards: 4, maxBytes: '16mb' })
    fill(cache, COUNT)
    const keys = Array.from({ length: COUNT }, (_, index) => `key:${index}`)
    expect(sorted(cache.keys())).toEqual(keys.toSorted())
    expect([...cache.values()].sort((a, b) => a - b)).toEqual(keys.map((_, index) => index))
    expect(new Map(cache.entries())).toEqual(new Map(keys.map((key, index) => [key, index])))
    expect(new Map(cache)).toEqual(new Map(cache.entries()))
    const seen = new Map()
    cache.forEach((value, key, owner) => {
      expect(owner).toBe(cache)
      seen.set(key, value)
    })
    expect(seen).toEqual(new Map(cache))
  })

  it('is nothing for an empty cache, and may be ended early', () => {
    const { cache } = createCache()
    expect([...cache]).toEqual([])
    fill(cache, 100)
    for (const [key] of cache) {
      expect(cache.has(key)).toBe(true)
      break
    }
    const keys = cache.keys()
    keys.next()
    keys.return()
    expect(keys.next().done).toBe(true)
  })

  it('counts no access and promotes nothing', () => {
    const { cache } = createCache({ policy: 'lru', shards: 1, maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) cache.set(key, key)
    for (const _ of cache) cache.peek('a')
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 0 })
    cache.set('d', 'd')
    expect(cache.has('a')).toBe(false)
  })

  it('leaves out what was deleted meanwhile, and meets what stays once', () => {
    const { cache } = createCache()
    fill(cache, COUNT)
    const seen: string[] = []
    for (const key of cache.keys()) {
      seen.push(key)
      const number = Number(key.slice(4))
      if (number % 2 === 0) cache.delete(`key:${number + 1}`)
    }
    expect(new Set(seen).size).toBe(seen.length)
    for (let index = 0; index < COUNT; index += 2) expect(seen).toContain(`key:${index}`)
  })

  it('meets what stays once although the index grows many times over meanwhile', () => {
    const { cache } = createCache({ maxBytes: '32mb' })
    fill(cache, 1000)
    const seen: string[] = []
    let written = 0
    for (const key of cache.keys()) {
      if (key.startsWith('key:')) seen.push(key)
      for (let index = 0; index < 30 && written < 40_000; index++) {
        cache.set(`new:${written++}`, 'x')
      }
    }
    expect(written).toBeGreaterThan(20_000)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toHaveLength(1000)
  })

  it('ends although every key is written anew while it is met', () => {
    const { cache } = createCache()
    fill(cache, 1000)
    let met = 0
    for (const [key, value] of cache) {
      cache.set(key, 'x'.repeat((value as number) % 500))
      met++
    }
    expect(met).toBe(1000)
  })

  it('ends when the cache is cleared meanwhile, and throws when it is closed', () => {
    const { cache } = createCache()
    fill(cache, COUNT)
    let met = 0
    for (const _ of cache.keys()) if (++met === 10) cache.clear()
    expect(met).toBe(10)
    fill(cache, COUNT)
    const keys = cache.keys()
    keys.next()
    cache.close()
    expect(() => [...keys]).toThrow(expect.objectContaining({ name: 'CacheClosedError' }))
  })

  it('can run several times side by side, with other calls in between', () => {
    const { cache } = createCache()
    fill(cache, 2000)
    const first = cache.entries()
    const second = cache.keys()
    const met = [0, 0]
    for (let round = 0; round < 2000; round++) {
      if (!first.next().done) met[0]++
      cache.get('key:1')
      cache.info('key:2')
      if (!second.next().done) met[1]++
      cache.set('key:3', 'x'.repeat(round))
    }
    expect(first.next().done).toBe(true)
    expect(second.next().done).toBe(true)
    expect(met).toEqual([2000, 2000])
  })

  it('finds values of every size', () => {
    const { cache } = createCache({ maxBytes: '16mb' })
    for (let index = 0; index < 40; index++) cache.set(`${index}`, 'x'.repeat(index * 2000))
    let characters = 0
    for (const [key, value] of cache) {
      expect(value).toHaveLength(Number(key) * 2000)
      characters += value.length
    }
    expect(characters).toBe((2000 * 39 * 40) / 2)
  })
})
