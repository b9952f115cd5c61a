/** A Redis that answers with errors: to all commands, to writes as it is full, to some keys as they are no entries. */
import { expect, it } from 'vitest'
import { redisTier } from '../../../src/tiers/index.js'
import { startProxy } from '../support/delay-proxy.js'
import { startRedis } from '../support/redis-instance.js'
import { waitUntil } from '../support/wait-until.js'
import {
  everyCall,
  keysOf,
  loaderOf,
  openCache,
  rejectionsOf,
  untilWhole,
  watchForUnhandled,
} from './failure-helpers.js'

watchForUnhandled()

it('answers from memory and the loader while each command is answered with an error', async () => {
  const server = await startRedis()
  const proxy = await startProxy(server.port)
  const tier = redisTier({ url: proxy.url, pingInterval: '1m' })
  const opened = await openCache([tier], { disconnectedTtl: '1h' })
  const other = await openCache([redisTier({ url: server.url })])
  const { cache, log } = opened
  await cache.setMany([
    ['above', 'in memory'],
    ['changed', 'old'],
  ])
  await other.cache.set('below', 'in Redis')
  proxy.replyError = true
  const load = loaderOf('loaded')
  expect(await cache.get('above')).toBe('in memory')
  expect(await cache.get('below')).toBeUndefined()
  expect(await cache.getOrSet('below', load)).toBe('loaded')
  expect(await cache.set('changed', 'new')).toMatchObject({ tiers: { redis: 'failed' } })
  expect(log.failedKeys('set')).toEqual(['changed'])
  expect(log.of('tier-error')[0].error?.message).toContain('injected')
  expect(await rejectionsOf(everyCall(cache, 'errors:'))).toEqual([])
  expect(log.names()).toContain('tier-down')

  proxy.replyError = false
  await untilWhole(opened)
  expect([undefined, 'new']).toContain(await other.cache.get('changed'))
  expect(await rejectionsOf(everyCall(cache, 'after:'))).toEqual([])
  expect(await cache.set('changed', 'newest')).toMatchObject({ ok: true })
  await waitUntil('the other has it', async () => (await other.cache.get('changed')) === 'newest')
}, 30_000)

it('serves all other keys, and this one from the loader, where something else is under its name', async () => {
  const server = await startRedis()
  const opened = await openCache([redisTier({ url: server.url })])
  const { cache, log } = opened
  await cache.set('good', 'value')
  cache.memory.delete('good')
  for (const key of ['listed', 'hashed', 'counted', 'many', 'taken', 'deleted', 'expired']) {
    await server.run('RPUSH', `hotset:cache:{${key}}`, 'not ours')
  }
  // Why so often: one key must not make the whole tier count as broken.
  for (let read = 0; read < 10; read++) expect(await cache.get('listed')).toBeUndefined()
  expect(await cache.getMany(['many', 'good'])).toEqual([undefined, 'value'])
  expect(log.of('corrupt').map(({ key }) => key)).toContain('listed')
  expect(log.names()).not.toContain('tier-down')

  for (const key of ['listed', 'many']) {
    expect(await cache.getOrSet(key, async () => 'loaded')).toBe('loaded')
  }
  await cache.drain()
  cache.memory.clear()
  expect(await cache.getMany(['listed', 'many'])).toEqual(['loaded', 'loaded'])
  expect(await cache.set('counted', 'set')).toMatchObject({ ok: true })
  expect(await cache.take('taken')).toBeUndefined()
  expect(await cache.delete('deleted')).toMatchObject({ deleted: 0 })
  await cache.expire('expired')
  await untilWhole(opened)
  cache.memory.clear()
  expect(await cache.getMany(['counted', 'taken', 'deleted', 'expired'])).toEqual([
    'set',
    undefined,
    undefined,
    undefined,
  ])
  expect(await cache.deleteByPrefix('hash')).toMatchObject({ ok: true })
  expect(await keysOf(cache)).toEqual(['counted', 'good', 'listed', 'many'])
}, 30_000)

it('goes on where its record of invalidations is something else', async () => {
  const server = await startRedis()
  const opened = await openCache([redisTier({ url: server.url })])
  const { cache } = opened
  await cache.set('key', 'value', { tags: ['tag'] })
  await server.run('SET', 'hotset:cache:invalidations', 'not ours')
  expect(await rejectionsOf(everyCall(cache, 'wrong:'))).toEqual([])
  await server.run('DEL', 'hotset:cache:invalidations')
  await untilWhole(opened)
  expect(await cache.invalidateTags('tag')).toMatchObject({ ok: true })
  cache.memory.clear()
  expect(await cache.get('key')).toBeUndefined()
}, 30_000)
