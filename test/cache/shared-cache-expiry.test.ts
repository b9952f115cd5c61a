/** Lifetimes: an expired entry is never returned by anything; what renews one, and what does not. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createCache, fill, START_MS, warm } from './shared-cache-helpers.js'

afterEach(() => {
  vi.restoreAllMocks()
})

const DAY_MS = 86_400_000

describe.each([
  ['with a near cache', undefined],
  ['without a near cache', false as const],
])('a lifetime, %s', (_, near) => {
  it('ends on the millisecond, for every method', async () => {
    const { cache, clock } = createCache({ near })
    const setAgain = () => cache.set('a', 'old', { ttl: 100, tags: ['t'] })
    const lookups: [string, () => unknown, unknown][] = [
      ['get', () => cache.get('a'), undefined],
      ['peek', () => cache.peek('a'), undefined],
      ['has', () => cache.has('a'), false],
      ['info', () => cache.info('a'), undefined],
      ['take', () => cache.take('a'), undefined],
      ['delete', () => cache.delete('a'), false],
      ['touch', () => cache.touch('a', 1000), false],
      ['add', () => cache.add('a', 'new'), true],
      ['compareAndSet', () => cache.compareAndSet('a', version, 'new'), false],
      ['getMany', () => cache.getMany(['a']), [undefined]],
      ['hasMany', () => cache.hasMany(['a']), [false]],
      ['keys', () => [...cache.keys()], []],
      ['values', () => [...cache.values()], []],
      ['entries', () => [...cache.entries()], []],
      ['size', () => cache.size, 0],
      ['deleteByTag', () => cache.deleteByTag('t'), 0],
      ['deleteByPrefix', () => cache.deleteByPrefix('a'), 0],
      ['deleteByPattern', () => cache.deleteByPattern('*'), 0],
      ['getOrSet', () => cache.getOrSet('a', () => 'loaded'), 'loaded'],
    ]
    let version = 0
    for (const [name, look, expected] of lookups) {
      cache.clear()
      setAgain()
      version = cache.info('a')?.version ?? 0
      warm(cache, 'a')
      clock.advance(99)
      expect(cache.get('a'), name).toBe('old')
      clock.advance(1)
      expect(await look(), name).toEqual(expected)
    }
  })

  it('is the cache default where the entry has none of its own', () => {
    const { cache, clock } = createCache({ near, ttl: '1s' })
    cache.set('default', 1)
    cache.set('longer', 1, { ttl: '1m' })
    cache.set('eternal', 1, { ttl: Number.POSITIVE_INFINITY })
    clock.advance(1000)
    expect(cache.getMany(['default', 'longer', 'eternal'])).toEqual([undefined, 1, 1])
    clock.advance(59_000)
    expect(cache.getMany(['default', 'longer', 'eternal'])).toEqual([undefined, undefined, 1])
    clock.advance(36_525 * DAY_MS)
    expect(cache.get('eternal')).toBe(1)
  })

  it('is of any length from a millisecond to 100 years', () => {
    for (const ttlMs of [1, 2, 1000, 3_600_000, 30 * DAY_MS, 400 * DAY_MS, 36_525 * DAY_MS]) {
      const { cache, clock } = createCache({ near })
      cache.set('a', 1, { ttl: ttlMs })
      expect(cache.info('a')?.expiresAt).toBe(START_MS + ttlMs)
      clock.advance(ttlMs - 1)
      warm(cache, 'a')
      expect(cache.get('a')).toBe(1)
      expect(cache.purgeExpired()).toBe(0)
      clock.advance(1)
      expect(cache.get('a')).toBeUndefined()
      expect(cache.purgeExpired()).toBe(1)
    }
  })

  it('begins anew with each set, and is gone with a set that has none', () => {
    const { cache, clock } = createCache({ near })
    cache.set('a', 1, { ttl: 100 })
    clock.advance(60)
    cache.set('a', 2, { ttl: 100 })
    warm(cache, 'a')
    clock.advance(60)
    expect(cache.get('a')).toBe(2)
    cache.set('a', 3)
    clock.advance(1000)
    expect(cache.get('a')).toBe(3)
  })

  it('is not renewed by a hit', () => {
    const { cache, clock } = createCache({ near })
    cache.set('a', 1, { ttl: 100 })
    clock.advance(90)
    warm(cache, 'a')
    expect(cache.get('a')).toBe(1)
    clock.advance(10)
    expect(cache.get('a')).toBeUndefined()
  })
})

describe('touch', () => {
  it('gives a new lifetime, and tells whether the key was there', () => {
    const { cache, clock } = createCache()
    expect(cache.touch('a', 100)).toBe(false)
    cache.set('a', 1, { ttl: 100, tags: ['t'], priority: 7 })
    warm(cache, 'a')
    clock.advance(90)
    expect(cache.touch('a', '1s')).toBe(true)
    expect(cache.info('a')).toMatchObject({ remainingTtl: 1000, tags: ['t'], priority: 7 })
    clock.advance(999)
    expect(cache.get('a')).toBe(1)
    clock.advance(1)
    expect(cache.get('a')).toBeUndefined()
  })

  it('can shorten a lifetime, for a near hit too', () => {
    const { cache, clock } = createCache()
    cache.set('a', 1, { ttl: 1000 })
    warm(cache, 'a')
    cache.touch('a', 10)
    clock.advance(10)
    expect(cache.get('a')).toBeUndefined()
  })

  it('without one gives the default, or takes the lifetime away where there is none', () => {
    const eternal = createCache()
    eternal.cache.set('a', 1, { ttl: 100 })
    expect(eternal.cache.touch('a')).toBe(true)
    eternal.clock.advance(1000)
    expect(eternal.cache.get('a')).toBe(1)
    expect(eternal.cache.info('a')?.remainingTtl).toBe(Number.POSITIVE_INFINITY)

    const mortal = createCache({ ttl: 500 })
    mortal.cache.set('a', 1, { ttl: 100 })
    mortal.cache.touch('a')
    expect(mortal.cache.info('a')?.remainingTtl).toBe(500)
    mortal.cache.touch('a', Number.POSITIVE_INFINITY)
    expect(mortal.cache.info('a')?.remainingTtl).toBe(Number.POSITIVE_INFINITY)
  })

  it('gives a lifetime to an entry that had none, whatever its size', () => {
    const { cache, clock } = createCache()
    const values = ['x', 'x'.repeat(16_000), 'x'.repeat(200_000), { a: [1, 2, 3] }]
    values.forEach((value, index) => {
      const key = `Ā${index}`
      cache.set(key, value, { tags: ['t', 'u'], priority: 4 })
      const before = cache.info(key)
      clock.advance(5)
      expect(cache.touch(key, 100)).toBe(true)
      expect(cache.get(key)).toEqual(value)
      expect(cache.info(key)).toMatchObject({
        tags: ['t', 'u'],
        priority: 4,
        remainingTtl: 100,
        version: before?.version,
        createdAt: before?.createdAt,
        type: before?.type,
      })
    })
    clock.advance(100)
    expect(cache.size).toBe(0)
  })
})

describe('a sliding lifetime', () => {
  it('is what a touch gives to an entry that was set sliding and without a lifetime', () => {
    const { cache, clock } = createCache({ near: false })
    cache.set('a', 1, { sliding: true })
    cache.touch('a', 100)
    clock.advance(60)
    expect(cache.get('a')).toBe(1)
    clock.advance(60)
    expect(cache.get('a')).toBe(1)
    clock.advance(100)
    expect(cache.get('a')).toBeUndefined()
  })

  it('is renewed by each hit, and not by peek, has and info', () => {
    const { cache, clock } = createCache()
    cache.set('a', 1, { ttl: 100, sliding: true })
    for (let round = 0; round < 10; round++) {
      clock.advance(99)
      expect(cache.get('a')).toBe(1)
    }
    clock.advance(60)
    cache.peek('a')
    cache.has('a')
    cache.info('a')
    clock.advance(40)
    expect(cache.get('a')).toBeUndefined()
  })

  it('is the cache default, which an entry can do without', () => {
    const { cache, clock } = createCache({ ttl: 100, sliding: true })
    cache.set('sliding', 1)
    cache.set('fixed', 1, { sliding: false })
    clock.advance(60)
    cache.getMany(['sliding', 'fixed'])
    clock.advance(60)
    expect(cache.getMany(['sliding', 'fixed'])).toEqual([1, undefined])
    expect(cache.info('sliding')?.remainingTtl).toBe(100)
  })

  it('is as long as touch says, from then on', () => {
    const { cache, clock } = createCache()
    cache.set('a', 1, { ttl: 100, sliding: true })
    cache.touch('a', 1000)
    clock.advance(900)
    expect(cache.get('a')).toBe(1)
    expect(cache.info('a')?.remainingTtl).toBe(1000)
  })

  it('is renewed by getOrSet too', async () => {
    const { cache, clock } = createCache()
    const load = () => cache.getOrSet('a', () => 1, { ttl: 100, sliding: true })
    await load()
    for (let round = 0; round < 3; round++) {
      clock.advance(60)
      await load()
    }
    expect(cache.get('a')).toBe(1)
    expect(cache.stats().sets).toBe(1)
  })
})

describe('ttlJitter', () => {
  it('shortens each lifetime by a random share, up to its own', () => {
    const { cache } = createCache({ ttl: 1000, ttlJitter: 0.2 })
    for (const [random, lifetimeMs] of [
      [0, 1000],
      [0.5, 900],
      [0.999999, 800],
    ]) {
      vi.spyOn(Math, 'random').mockReturnValue(random)
      cache.set('a', 1)
      expect(cache.info('a')?.remainingTtl).toBeCloseTo(lifetimeMs, 0)
      cache.touch('a', 2000)
      expect(cache.info('a')?.remainingTtl).toBeCloseTo(2 * lifetimeMs, 0)
      cache.delete('n')
      cache.increment('n', 1)
      expect(cache.info('n')?.remainingTtl).toBeCloseTo(lifetimeMs, 0)
    }
  })

  it('spreads entries that were set together', () => {
    const { cache } = createCache({ ttl: 1000, ttlJitter: 1 })
    fill(cache, 200)
    const lifetimes = [...cache.keys()].map((key) => cache.info(key)?.remainingTtl ?? 0)
    expect(new Set(lifetimes).size).toBeGreaterThan(100)
    expect(Math.max(...lifetimes)).toBeLessThanOrEqual(1000)
    expect(Math.min(...lifetimes)).toBeGreaterThanOrEqual(1)
  })

  it('leaves entries without a lifetime alone', () => {
    const { cache } = createCache({ ttlJitter: 1 })
    cache.set('a', 1)
    expect(cache.info('a')?.expiresAt).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('purgeExpired', () => {
  it('takes what has expired, and tells how many', () => {
    const { cache, clock } = createCache()
    for (let index = 0; index < 5000; index++) {
      cache.set(`key:${index}`, index, { ttl: index % 2 === 0 ? 100 : 1000 })
    }
    const fullBytes = cache.bytes
    expect(cache.purgeExpired()).toBe(0)
    clock.advance(100)
    expect(cache.purgeExpired()).toBe(2500)
    expect(cache.size).toBe(2500)
    clock.advance(900)
    expect(cache.purgeExpired()).toBe(2500)
    expect(cache.purgeExpired()).toBe(0)
    expect(cache.stats()).toMatchObject({ size: 0, expirations: 5000 })
    expect(cache.bytes).toBeLessThan(fullBytes)
  })

  it('is not needed: later writes reuse the memory of what has expired', () => {
    const { cache, clock } = createCache({ maxBytes: '2mb', policy: 'lru' })
    for (let round = 0; round < 20; round++) {
      for (let index = 0; index < 300; index++) {
        expect(cache.set(`${round}:${index}`, 'x'.repeat(2000), { ttl: 50 })).toBe(true)
      }
      clock.advance(50)
    }
    expect(cache.stats().evictions).toBe(0)
  })
})

it('counts a lookup that finds only a stale value as a miss', async () => {
  const { cache, clock } = createCache()
  const load = () => cache.getOrSet('a', () => 1, { ttl: 100, staleIfError: 1000 })
  await load()
  clock.advance(100)
  await load()
  expect(cache.stats()).toMatchObject({ hits: 0, misses: 2 })
})

it('counts size without what has expired', () => {
  const { cache, clock } = createCache()
  fill(cache, 10)
  cache.set('short', 1, { ttl: 10 })
  expect(cache.size).toBe(11)
  clock.advance(10)
  expect(cache.size).toBe(10)
})

it('takes the time from the monotonic clock where none is given', () => {
  const { cache } = createCache({ clock: undefined })
  const before = Date.now()
  cache.set('a', 1, { ttl: '1h' })
  const info = cache.info('a')
  expect(Math.abs((info?.createdAt ?? 0) - before)).toBeLessThan(60_000)
  expect(info?.remainingTtl).toBeGreaterThan(3_500_000)
  expect(info?.remainingTtl).toBeLessThanOrEqual(3_600_000)
})
