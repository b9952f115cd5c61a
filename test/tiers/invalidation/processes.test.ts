/** What one TieredCache changes, another with the same Redis and its own memory and disk hears of; what that costs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { diskTier, memoryTier, redisTier, TieredCache } from '../../../src/tiers/index.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import { waitUntil } from '../support/wait-until.js'

type Cache = TieredCache<string>
type News = 'tracking' | 'pubsub'

const folder = mkdtempSync(join(tmpdir(), 'hotset-invalidation-'))
let redis: RedisInstance
let names = 0

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(async () => {
  await redis.close()
  rmSync(folder, { recursive: true, force: true })
})

async function openCache(name: string, news: News, path = `${++names}`): Promise<Cache> {
  const cache = new TieredCache<string>({
    name,
    tiers: [
      memoryTier({ maxBytes: '2mb' }),
      diskTier({ path: join(folder, path) }),
      redisTier({ url: redis.url, news }),
    ],
  })
  onTestFinished(() => cache.close())
  await cache.ready()
  await cache.drain()
  return cache
}

async function openTwo(news: News): Promise<[Cache, Cache]> {
  const name = `shared-${++names}`
  return [await openCache(name, news), await openCache(name, news)]
}

/** How often the server has run each command. */
async function commandCounts(): Promise<Map<string, number>> {
  const text = String(await redis.run('INFO', 'commandstats'))
  const lines = text.matchAll(/cmdstat_(\S+?):calls=(\d+)/g)
  return new Map(Array.from(lines, ([, name, calls]) => [name, Number(calls)]))
}

const CHANGES: [string, string | undefined, (cache: Cache) => Promise<unknown>][] = [
  ['set', 'new', (cache) => cache.set('a:1', 'new')],
  ['setMany', 'new', (cache) => cache.setMany([['a:1', 'new']])],
  ['delete', undefined, (cache) => cache.delete('a:1')],
  ['take', undefined, (cache) => cache.take('a:1')],
  ['expire', undefined, (cache) => cache.expire('a:1')],
  ['invalidateTags', undefined, (cache) => cache.invalidateTags('x', 't')],
  ['expireTags', undefined, (cache) => cache.expireTags('x', 't')],
  ['deleteByPrefix', undefined, (cache) => cache.deleteByPrefix('a:')],
  ['deleteByPattern', undefined, (cache) => cache.deleteByPattern('?:1')],
  ['emit', undefined, (cache) => cache.emit('changed', { id: 1 })],
  ['clear', undefined, (cache) => cache.clear()],
  ['a change of what it depends on', undefined, (cache) => cache.set('c', 'new')],
]

describe.each<News>(['tracking', 'pubsub'])('with news: %s', (news) => {
  it.each(CHANGES)('another process hears of %s', async (_, after, change) => {
    const [one, two] = await openTwo(news)
    one.on('changed', 'a:{id}')
    // Why by two: a chain over a key that is not cached.
    await two.dependsOn('a:1', ['b'])
    await two.dependsOn('b', ['c'])
    await two.set('a:1', 'old', { tags: ['t'] })
    await one.set('other', 'kept', { tags: ['u'] })
    expect([await one.get('a:1'), await two.get('a:1')]).toEqual(['old', 'old'])
    await change(one)
    expect(await one.get('a:1')).toBe(after)
    await waitUntil('the other has heard of it', async () => (await two.get('a:1')) === after)
    await two.drain()
    two.memory.clear()
    expect(await two.get('a:1')).toBe(after)
  })

  it('keys that depend on each other go together, whoever has declared it', async () => {
    const [one, two] = await openTwo(news)
    await one.set('c', '1', { dependsOn: ['b'] })
    await two.set('b', '1', { dependsOn: ['a'] })
    await one.set('a', '1', { dependsOn: ['c'] })
    await one.setMany([
      ['b', '1'],
      ['unrelated', '1'],
    ])
    await one.getOrSet('c', () => '1')
    await two.set('a', '2')
    expect(await two.getMany(['a', 'b', 'c', 'unrelated'])).toEqual([
      '2',
      undefined,
      undefined,
      '1',
    ])
    await waitUntil('the other agrees', async () => {
      const values = await one.getMany(['a', 'b', 'c'])
      return values.join() === '2,,'
    })
  })
})

describe('an invalidation', () => {
  it('costs Redis as many commands for a thousand tagged entries as for ten', async () => {
    const [cache] = await openTwo('tracking')
    const costs: string[] = []
    for (const count of [10, 1000]) {
      const entries = Array.from({ length: count }, (_, index) => [`k${index}`, 'v'] as const)
      await cache.setMany(entries, { tags: [`t${count}`] })
      const before = await commandCounts()
      await cache.invalidateTags(`t${count}`)
      const after = await commandCounts()
      const names = ['evalsha', 'eval', 'get', 'del', 'unlink', 'set', 'scan', 'zadd']
      costs.push(names.map((name) => (after.get(name) ?? 0) - (before.get(name) ?? 0)).join())
      expect(await cache.get('k1')).toBeUndefined()
    }
    expect(costs[1]).toBe(costs[0])
  })

  it('by prefix or pattern scans in batches, and never asks for KEYS', async () => {
    const [cache] = await openTwo('tracking')
    const entries = Array.from({ length: 2000 }, (_, index) => [`user:${index}`, 'v'] as const)
    await cache.setMany(entries)
    await cache.set('other', 'kept')
    const before = await commandCounts()
    expect(await cache.deleteByPattern('user:*9')).toMatchObject({ ok: true, deleted: 200 })
    expect(await cache.deleteByPrefix('user:')).toMatchObject({ ok: true, deleted: 1800 })
    const after = await commandCounts()
    expect(after.get('keys')).toBe(before.get('keys'))
    expect((after.get('scan') ?? 0) - (before.get('scan') ?? 0)).toBeGreaterThanOrEqual(8)
    expect(await cache.getMany(['user:1', 'user:9', 'other'])).toEqual([
      undefined,
      undefined,
      'kept',
    ])
  })
})

describe('dependencies', () => {
  it('of a cache on disk hold after a restart', async () => {
    const create = (): Cache =>
      new TieredCache({
        tiers: [memoryTier({ maxBytes: '2mb' }), diskTier({ path: join(folder, 'restart') })],
      })
    const before = create()
    await before.set('b', '1', { dependsOn: ['a'] })
    await before.set('c', '1', { dependsOn: ['b'] })
    await before.close()
    const cache = create()
    onTestFinished(() => cache.close())
    // Why at once: what was not waited for counts as well.
    expect(await cache.set('a', '2')).toMatchObject({ ok: true })
    expect(await cache.getMany(['a', 'b', 'c'])).toEqual(['2', undefined, undefined])
  })

  it('make nobody fail while Redis is away, and what was missed goes when it is back', async () => {
    const own = await startRedis({ appendOnly: true })
    const create = (): Cache =>
      new TieredCache({
        tiers: [memoryTier({ maxBytes: '2mb' }), redisTier({ url: own.url, pingInterval: 100 })],
      })
    const [cache, other] = [create(), create()]
    onTestFinished(() => cache.close())
    onTestFinished(() => other.close())
    await Promise.all([cache.ready(), other.ready()])
    await cache.set('b', '1', { dependsOn: ['a'] })
    await own.kill()
    expect(await cache.set('a', '2')).toMatchObject({ ok: false })
    expect(await cache.getOrSet('c', () => '1', { dependsOn: ['d'] })).toBe('1')
    expect(await cache.get('c')).toBe('1')
    await cache.set('d', '2')
    expect(await cache.get('c')).toBeUndefined()
    await own.start()
    await waitUntil('the other reaches Redis again', async () => (await other.set('x', '1')).ok)
    await waitUntil('b has gone', async () => (await other.get('b')) === undefined)
    await waitUntil('it is written again', async () => (await cache.set('b', '2')).ok)
    await waitUntil('edges are there again', async () => {
      await cache.set('c', '2')
      await other.set('d', '3')
      return (await other.get('c')) === undefined
    })
  })
})
