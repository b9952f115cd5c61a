/** A Redis without room that evicts nothing: reads go on, writes are refused, deletes are done. */
import { expect, it } from 'vitest'
import { redisTier } from '../../../src/tiers/index.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import {
  everyCall,
  openCache,
  rejectionsOf,
  untilWhole,
  watchForUnhandled,
} from './failure-helpers.js'

watchForUnhandled()

async function fill(server: RedisInstance): Promise<void> {
  await server.run('CONFIG', 'SET', 'maxmemory', '1')
}

async function makeRoom(server: RedisInstance): Promise<void> {
  await server.run('CONFIG', 'SET', 'maxmemory', '0')
}

it('refuses writes, tells that it is full, leaves nothing outdated, and reads and deletes on', async () => {
  const server = await startRedis({ policy: 'noeviction' })
  const tier = () => redisTier({ url: server.url })
  const opened = await openCache([tier()])
  const other = await openCache([tier()])
  const { cache, log } = opened
  await cache.setMany([
    ['kept', 'value'],
    ['changed', 'old'],
    ['deleted', 'old'],
    ['taken', 'old'],
  ])
  await fill(server)
  expect(await cache.set('changed', 'new')).toEqual({
    ok: true,
    tiers: { memory: 'stored', redis: 'refused' },
  })
  expect(
    await cache.setMany([
      ['m1', 'value'],
      ['m2', 'value'],
    ]),
  ).toMatchObject({
    tiers: { redis: 'refused' },
  })
  expect(await cache.delete('deleted')).toMatchObject({ ok: true, deleted: 1 })
  expect(await cache.take('taken')).toBe('old')
  expect(log.of('full').map(({ tier, key }) => `${tier} ${key}`)).toContain('redis changed')
  expect(await cache.get('changed')).toBe('new')
  await untilWhole(opened)

  // Why so many: a server that is full is not one that is away.
  for (let nth = 0; nth < 10; nth++) await cache.set(`more ${nth}`, 'value')
  expect(await cache.getOrSet('loaded', async () => 'by loader')).toBe('by loader')
  await cache.drain()
  cache.memory.delete('kept')
  expect(await cache.get('kept')).toBe('value')
  expect(log.names()).not.toContain('tier-down')
  expect(await other.cache.getMany(['kept', 'changed', 'deleted', 'taken', 'loaded'])).toEqual([
    'value',
    ...new Array(4).fill(undefined),
  ])

  await makeRoom(server)
  expect(await cache.set('changed', 'newest')).toMatchObject({ tiers: { redis: 'stored' } })
  expect(await other.cache.get('changed')).toBe('newest')
}, 30_000)

it('rejects no call without room, and makes good what could not be invalidated as there is some', async () => {
  const server = await startRedis({ policy: 'noeviction' })
  const opened = await openCache([redisTier({ url: server.url })])
  const other = await openCache([redisTier({ url: server.url })])
  const { cache } = opened
  await cache.set('tagged', 'old', { tags: ['news'] })
  await cache.set('graced', 'old', { ttl: '1h', grace: '1h' })
  await fill(server)
  expect(await cache.invalidateTags('news')).toMatchObject({ tiers: { redis: 'failed' } })
  await cache.expire('graced')
  expect(await cache.get('tagged')).toBeUndefined()
  expect(await rejectionsOf(everyCall(cache, 'full:'))).toEqual([])
  await makeRoom(server)
  await untilWhole(opened)
  expect(await cache.getMany(['tagged', 'graced'])).toEqual([undefined, undefined])
  expect(await other.cache.getMany(['tagged', 'graced'])).toEqual([undefined, undefined])
  expect(await rejectionsOf(everyCall(cache, 'room:'))).toEqual([])
}, 30_000)
