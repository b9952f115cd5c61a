/** What the parts of a TieredCache are together: views, statistics, its end, and a process that can end too. */
import { describe, expect, it } from 'vitest'
import { SharedCache } from '../../src/index.js'
import { memoryTier, TieredCache, writeThrough } from '../../src/tiers/index.js'
import { MemoryStore } from './store/store-helpers.js'
import { startProcess } from './support/child-process.js'
import { MapTier } from './support/map-tier.js'
import { startRedis } from './support/redis-instance.js'
import { createCache, createPair, HeldLoader } from './support/tiered-fixture.js'

describe('without options', () => {
  it('has memory alone, and works', async () => {
    await using cache = new TieredCache<number>()
    await cache.ready()
    expect(await cache.set('a', 1)).toEqual({ ok: true, tiers: { memory: 'stored' } })
    expect(await cache.getOrSet('b', () => 2)).toBe(2)
    expect(await cache.getMany(['a', 'b', 'c'])).toEqual([1, 2, undefined])
    expect(await cache.getEntry('a')).toMatchObject({ value: 1, tier: 'memory', stale: false })
    expect(await cache.take('a')).toBe(1)
    expect(await cache.delete('b')).toMatchObject({ deleted: 1 })
    expect(cache.name).toBe('cache')
  })
})

describe('options', () => {
  it.each([
    ['tiers', [new MapTier()]],
    ['tiers', [memoryTier(), new MapTier(), new MapTier()]],
    ['tiers', [memoryTier(), {}]],
    ['name', ''],
    ['ttl', { tape: 1 }],
    ['grace', 'long'],
    ['refreshAhead', 2],
    ['store', {}],
    ['clocks', {}],
    ['disconnectedTtl', '2d'],
  ])('%s that are wrong are told of at once: %j', (name, value) => {
    const create = () => new TieredCache({ [name]: value } as object)
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_HOTSET_INVALID_OPTION' }))
  })
})

describe('a view', () => {
  const allow = [
    { pattern: 'public:*', roles: ['guest', 'admin'] },
    { pattern: '*', roles: ['admin'] },
  ]

  it('is the same cache, for those with its roles', async () => {
    const { cache } = createPair<number>({ allow })
    const admin = cache.as({ roles: ['admin'] })
    const guest = cache.as({ roles: ['guest'] })
    await admin.setMany([
      ['public:a', 1],
      ['secret:a', 2],
    ])
    expect(await guest.get('public:a')).toBe(1)
    const denied = { code: 'ERR_HOTSET_ACCESS_DENIED' }
    await expect(guest.get('secret:a')).rejects.toMatchObject(denied)
    await expect(guest.getOrSet('secret:a', () => 3)).rejects.toMatchObject(denied)
    await expect(guest.set('secret:a', 3)).rejects.toMatchObject(denied)
    await expect(cache.get('public:a')).rejects.toMatchObject(denied)
    expect(() => guest.getLocal('secret:a')).toThrow(expect.objectContaining(denied))
    const listed: string[] = []
    for await (const key of guest.keys()) listed.push(key)
    expect(listed).toEqual(['public:a'])
    expect([guest.memory, guest.events, guest.stats().name]).toEqual([
      admin.memory,
      admin.events,
      'cache',
    ])
  })

  it('closes with the cache', async () => {
    const { cache } = createPair<number>({ allow })
    const admin = cache.as({ roles: ['admin'] })
    await cache.close()
    await expect(admin.get('a')).rejects.toMatchObject({ code: 'ERR_HOTSET_CACHE_CLOSED' })
  })
})

describe('stats', () => {
  it('tells of memory, of each tier, of loads, and of the store', async () => {
    const { cache } = createPair<number>({ store: writeThrough(new MemoryStore<number>()) })
    await cache.set('a', 1)
    await cache.get('a')
    cache.memory.clear()
    await cache.get('a')
    await cache.get('b')
    await cache.getOrSet('c', () => Promise.reject(new Error('away'))).catch(() => {})
    const stats = cache.stats()
    expect(stats).toMatchObject({
      name: 'cache',
      memory: { hits: 1 },
      tiers: { map: { hits: 1, misses: 2, breaker: 'closed', pendingRepairs: 0 } },
      loads: { count: 2, failed: 1 },
      store: { saved: 1, pending: 0 },
    })
    expect(structuredClone(stats)).toEqual(stats)
  })
})

describe('drain', () => {
  it('resolves when what was loaded is in the lower tiers', async () => {
    const { cache, tier } = createPair<number>()
    await cache.getOrSet('a', () => 1)
    await cache.drain()
    expect(tier.entry('a')).toBeDefined()
    expect(cache.stats().background).toBe(0)
  })
})

describe('close', () => {
  it('waits for what was begun', async () => {
    const { cache, tier } = createPair<number>()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    tier.before = () => held
    const setting = cache.set('a', 1)
    const closing = cache.close()
    release()
    await closing
    expect(await setting).toMatchObject({ ok: true })
    expect([tier.isClosed, tier.entry('a') !== undefined]).toEqual([true, true])
  })

  it('rejects all later calls with CacheClosedError, and may be called again', async () => {
    const { cache } = createPair<number>()
    await cache.close()
    await cache.close()
    const calls = [
      () => cache.get('a'),
      () => cache.getMany(['a']),
      () => cache.getOrSet('a', () => 1),
      () => cache.getEntry('a'),
      () => cache.set('a', 1),
      () => cache.setMany([['a', 1]]),
      () => cache.delete('a'),
      () => cache.take('a'),
      () => cache.expire('a'),
      () => cache.invalidateTags('t'),
      () => cache.expireTags('t'),
      () => cache.deleteByPrefix('a'),
      () => cache.deleteByPattern('a*'),
      () => cache.clear(),
      async () => cache.getLocal('a'),
      async () => cache.keys().next(),
    ]
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({ code: 'ERR_HOTSET_CACHE_CLOSED' })
    }
  })

  it('rejects those who wait for a load, and aborts it', async () => {
    const { cache } = createPair<number>()
    const loader = new HeldLoader<number>()
    let signal: AbortSignal | undefined
    const answer = cache.getOrSet('a', (context) => {
      signal = context.signal
      return loader.load()
    })
    const settled = expect(answer).rejects.toMatchObject({ code: 'ERR_HOTSET_CACHE_CLOSED' })
    await loader.begun()
    await cache.close()
    await settled
    expect(signal?.aborted).toBe(true)
    loader.resolve(1)
  })

  it('leaves a given SharedCache open, and what is in it', async () => {
    using shared = new SharedCache<number>({ maxBytes: '1mb' })
    const cache = new TieredCache<number>({ tiers: [memoryTier({ cache: shared })] })
    await cache.set('a', 1)
    await cache.close()
    await expect(cache.get('a')).rejects.toMatchObject({ code: 'ERR_HOTSET_CACHE_CLOSED' })
    expect(shared.get('a')).toBe(1)
  })
})

describe('events', () => {
  it('of a listener that throws disturb nothing', async () => {
    const { cache, clock } = createCache<number>({ ttl: '1m', grace: '1h' })
    cache.events.on('load-error', () => {
      throw new Error('listener')
    })
    await cache.set('a', 1)
    clock.advance(60_000)
    expect(await cache.getOrSet('a', () => Promise.reject(new Error('away')))).toBe(1)
  })
})

describe('a process', () => {
  const script = new URL('support/workers/ending.mjs', import.meta.url)

  it.each([
    'memory, closed',
    'memory, open',
    'disk, closed',
    'redis, closed',
    'all, closed',
    'all, closed while a lease is waited for',
  ])('ends by itself: %s', async (scenario) => {
    const redis = await startRedis()
    await using child = startProcess(script, [scenario, redis.url])
    expect(await child.next()).toBe('done')
    expect(await child.exited).toEqual({ code: 0, signal: null })
    expect(child.output).toBe('')
  })
})
