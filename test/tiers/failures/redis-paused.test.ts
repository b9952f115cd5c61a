/** A Redis that is stopped with SIGSTOP, and goes on later; and one that somebody else empties. */
import { expect, it } from 'vitest'
import { redisTier } from '../../../src/tiers/index.js'
import { startRedis } from '../support/redis-instance.js'
import { waitUntil } from '../support/wait-until.js'
import {
  everyCall,
  openCache,
  rejectionsOf,
  untilDown,
  untilWhole,
  watchForUnhandled,
} from './failure-helpers.js'

watchForUnhandled()

const PATIENT = { disconnectedTtl: '1h' }

it('answers on while the server is paused, and nothing outdated whenever its writes arrive', async () => {
  const server = await startRedis()
  const tier = () => redisTier({ url: server.url, pingInterval: '1m' })
  const opened = await openCache([tier()], PATIENT)
  const { cache, log } = opened
  await cache.setMany([
    ['set', 'old'],
    ['deleted', 'old'],
    ['above', 'in memory'],
  ])
  server.pause()
  expect(await cache.set('set', 'lost')).toMatchObject({ tiers: { redis: 'failed' } })
  expect(await cache.set('set', 'new')).toMatchObject({ tiers: { redis: 'failed' } })
  expect(await cache.delete('deleted')).toMatchObject({ tiers: { redis: 'failed' } })
  expect(await cache.get('set')).toBe('new')
  expect(await cache.get('above')).toBe('in memory')
  expect(await cache.getOrSet('loaded', async () => 'by loader')).toBe('by loader')
  expect(log.failedKeys('set')).toEqual(['set'])
  expect(cache.stats().tiers.redis.timeouts).toBeGreaterThan(0)
  server.resume()
  await untilWhole(opened)
  cache.memory.clear()
  expect([undefined, 'new']).toContain(await cache.get('set'))
  expect(await cache.get('deleted')).toBeUndefined()
  const second = await openCache([tier()])
  expect([undefined, 'new']).toContain(await second.cache.get('set'))
  expect(await second.cache.get('deleted')).toBeUndefined()
}, 30_000)

it('notices a paused server, and that it goes on, over several rounds of every call', async () => {
  const server = await startRedis()
  const opened = await openCache([redisTier({ url: server.url, pingInterval: '100ms' })])
  for (let round = 0; round < 2; round++) {
    server.pause()
    const calls = everyCall(opened.cache, `paused ${round}:`)
    await untilDown(opened)
    expect(await rejectionsOf(calls)).toEqual([])
    expect(await rejectionsOf(everyCall(opened.cache, `down ${round}:`))).toEqual([])
    server.resume()
    await untilWhole(opened)
    expect(await opened.cache.set(`round ${round}`, 'value')).toMatchObject({ ok: true })
  }
  const names = opened.log.names()
  expect(names).toEqual(expect.arrayContaining(['tier-down', 'tier-up', 'news-lost', 'news-back']))
}, 30_000)

it.each(['FLUSHALL', 'FLUSHDB'])(
  'drops what is in memory where somebody else sends %s',
  async (command) => {
    const server = await startRedis()
    const opened = await openCache([redisTier({ url: server.url })], PATIENT)
    const { cache } = opened
    await cache.setMany(Array.from({ length: 100 }, (_, nth) => [`k${nth}`, 'old'] as const))
    await cache.set('tagged', 'old', { tags: ['tag'] })
    await server.run(command)
    await waitUntil('memory hears of it', () => cache.getLocal('k0') === undefined)
    expect(cache.getLocal('tagged')).toBeUndefined()
    expect(await cache.getMany(['k0', 'k99', 'tagged'])).toEqual(new Array(3).fill(undefined))
    expect(await cache.set('tagged', 'new', { tags: ['tag'] })).toMatchObject({ ok: true })
    cache.memory.clear()
    expect(await cache.get('tagged')).toBe('new')
    expect(await cache.invalidateTags('tag')).toMatchObject({ ok: true })
    expect(await cache.get('tagged')).toBeUndefined()
    expect(await cache.getOrSet('k0', async () => 'loaded')).toBe('loaded')
  },
  30_000,
)

it('drops from memory what somebody deletes or overwrites in Redis by hand', async () => {
  const server = await startRedis()
  const { cache, log } = await openCache([redisTier({ url: server.url })], PATIENT)
  await cache.setMany([
    ['deleted', 'old'],
    ['overwritten', 'old'],
  ])
  await server.run('DEL', 'hotset:cache:{deleted}')
  await server.run('SET', 'hotset:cache:{overwritten}', 'by hand')
  await waitUntil('memory hears of both', () => {
    return cache.getLocal('deleted') === undefined && cache.getLocal('overwritten') === undefined
  })
  expect(await cache.getMany(['deleted', 'overwritten'])).toEqual([undefined, undefined])
  expect(log.of('corrupt').map(({ key }) => key)).toEqual(['overwritten'])
  expect(await cache.getOrSet('overwritten', async () => 'loaded')).toBe('loaded')
  await cache.drain()
  cache.memory.clear()
  expect(await cache.get('overwritten')).toBe('loaded')
}, 30_000)
