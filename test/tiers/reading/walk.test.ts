/** get and getMany: down the tiers on a miss, and up again, with each tier's own lifetime. */
import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../support/manual-clock.js'
import { MapTier } from '../support/map-tier.js'
import { createCache, createPair, createTwo } from '../support/tiered-fixture.js'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Memory over `near` over `far`. */
function createThree(options: Parameters<typeof createCache>[0] = {}) {
  const clock = new ManualClock()
  const near = new MapTier({ name: 'near', clock })
  const far = new MapTier({ name: 'far', clock })
  const { cache } = createCache<unknown>({ ...options, clock, lower: [near, far] })
  return { cache, clock, near, far }
}

describe('get', () => {
  it('asks the tiers from the top down, and none below the one that has the key', async () => {
    const { cache, near, far } = createThree()
    await cache.set('a', 1)
    cache.memory.clear()
    expect(await cache.get('a')).toBe(1)
    expect(near.callsOf('get')).toEqual(['get a'])
    expect(far.callsOf('get')).toEqual([])
  })

  it('puts what a tier below had into all tiers above', async () => {
    const { cache, near, far } = createThree()
    await cache.set('a', { deep: [1] }, { tags: ['t'] })
    cache.memory.clear()
    await near.clear()
    expect(await cache.get('a')).toEqual({ deep: [1] })
    await cache.drain()
    expect(cache.getLocal('a')).toEqual({ deep: [1] })
    expect(near.entry('a')).toEqual(far.entry('a'))
    await cache.invalidateTags('t')
    expect(await cache.get('a')).toBeUndefined()
  })

  it('is undefined for what no tier has, and asks each once', async () => {
    const { cache, near, far } = createThree()
    expect(await cache.get('a')).toBeUndefined()
    expect([near.calls, far.calls]).toEqual([['get a'], ['get a']])
  })

  it('promotes nothing that was set meanwhile to something else', async () => {
    const { cache, tier } = createPair<number>()
    await cache.set('a', 1)
    cache.memory.clear()
    let written: Promise<unknown> | undefined
    tier.before = (operation) => {
      if (operation !== 'get') return undefined
      return Promise.resolve().then(() => cache.memory.set('a', 2))
    }
    const reading = cache.get('a')
    await reading
    await written
    expect(cache.getLocal('a')).toBe(2)
  })
})

describe("a memory with favor: 'cost'", () => {
  it('weighs how long it took to find a value in the tiers below', async () => {
    const maxEntries = 1000
    const memory = { favor: 'cost', maxEntries, shards: 1, near: false } as const
    const { cache, clock, tier } = createPair<number>({ memory })
    const keys = Array.from({ length: 600 }, (_, index) => `key ${index}`)
    const isSlow = (key: string): boolean => Number(key.slice(4)) % 3 === 0
    for (const key of keys) await cache.set(key, 1, { ttl: '1d' })
    cache.memory.clear()
    for (const key of keys) {
      tier.before = () => {
        clock.advance(isSlow(key) ? 500 : 1)
        return undefined
      }
      await cache.get(key)
    }
    for (let index = 0; index < maxEntries; index++) {
      cache.memory.set(`other ${index}`, 1, { cost: 1 })
    }
    const kept = keys.filter((key) => cache.memory.has(key))
    expect(kept.filter(isSlow).length).toBeGreaterThan(180)
    expect(kept.length).toBeLessThan(240)
  })
})

describe('a lifetime', () => {
  it('is that of each tier', async () => {
    const { cache, clock, near, far } = createThree()
    await cache.set('a', 1, { ttl: { memory: '1s', near: '1m', far: '1h' } })
    const start = clock.now()
    expect(near.entry('a')?.expiresAt).toBe(start + MINUTE)
    expect(far.entry('a')?.expiresAt).toBe(start + HOUR)
    clock.advance(SECOND)
    expect(cache.getLocal('a')).toBeUndefined()
    expect(await cache.get('a')).toBe(1)
    clock.advance(SECOND - 1)
    expect(cache.getLocal('a')).toBe(1)
    clock.advance(1)
    expect(cache.getLocal('a')).toBeUndefined()
  })

  it('comes from the tier where the entry is given none', async () => {
    const clock = new ManualClock()
    const tier = new MapTier({ clock, ttl: MINUTE })
    const { cache } = createCache({ clock, memory: { ttl: '1s' }, lower: [tier] })
    await cache.set('a', 1)
    expect(tier.entry('a')?.expiresAt).toBe(clock.now() + MINUTE)
    clock.advance(SECOND)
    expect(cache.getLocal('a')).toBeUndefined()
    expect(await cache.get('a')).toBe(1)
    clock.advance(MINUTE - SECOND)
    expect(await cache.get('a')).toBeUndefined()
  })

  it('never becomes longer on the way up than it is below', async () => {
    const { cache, clock, near } = createThree()
    await cache.set('a', 1, { ttl: '1m' })
    clock.advance(50 * SECOND)
    cache.memory.clear()
    await near.clear()
    expect(await cache.get('a')).toBe(1)
    await cache.drain()
    const end = clock.now() + 10 * SECOND
    expect((await cache.getEntry('a'))?.expiresAt).toBe(end)
    expect(near.entry('a')?.expiresAt).toBe(end)
    clock.advance(10 * SECOND)
    expect(await cache.get('a')).toBeUndefined()
  })

  it('that a call gave to memory holds for promotions in other processes too', async () => {
    const { caches, clock } = createTwo<number>()
    await caches[0].set('a', 1, { ttl: { memory: '1s', map: '1h' } })
    expect(await caches[1].get('a')).toBe(1)
    clock.advance(SECOND)
    expect(caches[1].getLocal('a')).toBeUndefined()
    expect(await caches[1].get('a')).toBe(1)
  })

  it('is shortened by a random share of ttlJitter, the same in all tiers', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const { cache, clock, near, far } = createThree({ ttl: '10s', ttlJitter: 0.2 })
    await cache.set('a', 1)
    random.mockRestore()
    const expected = clock.now() + 9 * SECOND
    expect(near.entry('a')?.expiresAt).toBe(expected)
    expect(far.entry('a')?.expiresAt).toBe(expected)
    expect((await cache.getEntry('a'))?.expiresAt).toBe(expected)
  })

  it('is drawn anew for each entry', async () => {
    const { cache, tier } = createPair({ ttl: '1h', ttlJitter: 1 })
    await cache.setMany(Array.from({ length: 20 }, (_, index) => [`k${index}`, index]))
    const ends = Array.from({ length: 20 }, (_, index) => tier.entry(`k${index}`)?.expiresAt)
    expect(new Set(ends).size).toBeGreaterThan(10)
  })
})

describe('getMany', () => {
  it('answers in the order of the keys, the same key twice too', async () => {
    const { cache, near, far } = createThree()
    await cache.setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    cache.memory.delete('b')
    cache.memory.delete('c')
    await near.delete(['c'])
    expect(await cache.getMany(['c', 'x', 'a', 'b', 'c', 'b'])).toEqual([3, undefined, 1, 2, 3, 2])
    expect(near.callsOf('getMany')).toEqual(['getMany c,x,b'])
    expect(far.callsOf('getMany')).toEqual(['getMany c,x'])
    expect([...near.callsOf('get'), ...far.callsOf('get')]).toEqual([])
  })

  it('promotes what it found', async () => {
    const { cache, near } = createThree()
    await cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    cache.memory.clear()
    await near.clear()
    await cache.getMany(['a', 'b'])
    await cache.drain()
    expect([cache.getLocal('a'), cache.getLocal('b')]).toEqual([1, 2])
    expect([...near.server.kept.keys()].sort()).toEqual(['a', 'b'])
  })

  it('asks no tier where memory has all, and takes any iterable', async () => {
    const { cache, tier } = createPair<number>()
    await cache.set('a', 1)
    expect(await cache.getMany(new Set(['a']))).toEqual([1])
    expect(await cache.getMany([])).toEqual([])
    expect(tier.callsOf('getMany')).toEqual([])
  })

  it('asks a tier for promotions between two others in one call', async () => {
    const { cache, near } = createThree()
    await cache.setMany(Array.from({ length: 5 }, (_, index) => [`k${index}`, index]))
    cache.memory.clear()
    await near.clear()
    near.calls.length = 0
    await cache.getMany(['k0', 'k1', 'k2', 'k3', 'k4'])
    await cache.drain()
    expect(near.calls).toEqual(['getMany k0,k1,k2,k3,k4', 'setMany k0,k1,k2,k3,k4'])
  })
})

describe('getLocal', () => {
  it('answers from memory alone, at once', async () => {
    const { cache, tier } = createPair<number>()
    await cache.set('a', 1)
    expect(cache.getLocal('a')).toBe(1)
    cache.memory.clear()
    expect(cache.getLocal('a')).toBeUndefined()
    expect(tier.callsOf('get')).toEqual([])
  })
})

describe('getEntry', () => {
  it('tells of the tier, the times, the tags, and whether it is stale', async () => {
    const { cache, clock } = createPair<number>()
    const createdAt = clock.now()
    await cache.set('a', 1, { ttl: '1m', grace: '1h', tags: ['t'] })
    const expiresAt = createdAt + MINUTE
    const fresh = { value: 1, createdAt, expiresAt, stale: false, tags: ['t'] }
    expect(await cache.getEntry('a')).toEqual({ ...fresh, tier: 'memory' })
    cache.memory.clear()
    expect(await cache.getEntry('a')).toEqual({ ...fresh, tier: 'map' })
    clock.advance(MINUTE)
    expect(await cache.getEntry('a')).toEqual({ ...fresh, stale: true, tier: 'memory' })
    cache.memory.clear()
    expect(await cache.getEntry('a')).toEqual({ ...fresh, stale: true, tier: 'map' })
    clock.advance(HOUR)
    expect(await cache.getEntry('a')).toBeUndefined()
  })

  it('says that an entry without a lifetime is for ever, also one with a grace', async () => {
    const { cache } = createPair<number>()
    await cache.set('a', 1)
    await cache.set('b', 2, { grace: '1h' })
    for (const key of ['a', 'b']) {
      expect((await cache.getEntry(key))?.expiresAt).toBe(Number.POSITIVE_INFINITY)
      cache.memory.clear()
      expect((await cache.getEntry(key))?.expiresAt).toBe(Number.POSITIVE_INFINITY)
    }
  })
})
