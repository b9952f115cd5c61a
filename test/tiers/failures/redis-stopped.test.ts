/** A Redis that is stopped or killed: before the start, between calls, during calls and loads; and comes back. */
import { expect, it } from 'vitest'
import { diskTier, redisTier } from '../../../src/tiers/index.js'
import { startRedis } from '../support/redis-instance.js'
import { findRestartablePort } from '../support/restartable-port.js'
import { waitUntil } from '../support/wait-until.js'
import {
  everyCall,
  heldLoader,
  keysOf,
  loaderOf,
  openCache,
  rejectionsOf,
  temporaryFolder,
  untilDown,
  untilWhole,
  watchForUnhandled,
} from './failure-helpers.js'

watchForUnhandled()

const tierAt = (url: string) => redisTier({ url, pingInterval: '200ms' })

it('works from the start without a server, and with it once that is there', async () => {
  const port = await findRestartablePort()
  const opened = await openCache([tierAt(`redis://127.0.0.1:${port}`)], { disconnectedTtl: '1h' })
  const { cache, log } = opened
  expect(await cache.set('written', 'value')).toEqual({
    ok: false,
    tiers: { memory: 'stored', redis: 'failed' },
  })
  expect(await cache.get('written')).toBe('value')
  expect(await cache.get('missing')).toBeUndefined()
  expect(await cache.getOrSet('loaded', async () => 'by loader')).toBe('by loader')
  expect(log.failedKeys('set')).toEqual(['written'])
  expect(log.of('tier-down').map(({ tier }) => tier)).toEqual(['redis'])

  await startRedis({ port })
  await untilWhole(opened)
  expect(await cache.set('later', 'value')).toMatchObject({ ok: true })
  const other = await openCache([tierAt(`redis://127.0.0.1:${port}`)])
  expect(await other.cache.getMany(['later', 'written'])).toEqual(['value', undefined])
  expect(log.names()).toEqual(expect.arrayContaining(['tier-up', 'news-back']))
}, 30_000)

it('answers from memory and from the loader while the server is stopped, and tells of each write that failed', async () => {
  const server = await startRedis()
  const opened = await openCache([tierAt(server.url)], { disconnectedTtl: '1h' })
  const { cache, log } = opened
  await cache.setMany([
    ['above', 'in memory'],
    ['below', 'in Redis'],
    ['deleted', 'old'],
  ])
  cache.memory.delete('below')
  await server.stop()
  await untilDown(opened)

  const load = loaderOf('loaded')
  expect(await cache.get('above')).toBe('in memory')
  expect(await cache.get('below')).toBeUndefined()
  expect(await cache.getMany(['below', 'above'])).toEqual([undefined, 'in memory'])
  expect(await cache.getOrSet('above', load)).toBe('in memory')
  expect(await cache.getOrSet('below', load)).toBe('loaded')
  expect(await cache.getOrSet('below', load)).toBe('loaded')
  expect(load.calls).toBe(1)

  const failed = { ok: false, tiers: { memory: 'stored', redis: 'failed' } }
  expect(await cache.set('set', 'value')).toEqual(failed)
  expect(
    await cache.setMany([
      ['m1', 'value'],
      ['m2', 'value'],
    ]),
  ).toEqual(failed)
  expect(await cache.delete('deleted')).toEqual({ ...failed, deleted: 1 })
  expect(await cache.expire('above')).toEqual({ ...failed, deleted: 1 })
  expect(await cache.invalidateTags('tag')).toEqual(failed)
  expect(await cache.expireTags('tag')).toEqual(failed)
  expect(await cache.deleteByPrefix('m')).toEqual({ ...failed, deleted: 2 })
  expect(await cache.deleteByPattern('*x')).toEqual({ ...failed, deleted: 0 })
  expect(await cache.take('set')).toBe('value')
  expect(await cache.clear()).toEqual(failed)
  const told = log.of('write-failed').map(({ tier, operation }) => `${tier} ${operation}`)
  const operations = ['set', 'setMany', 'delete', 'expire', 'invalidateTags', 'take', 'clear']
  for (const operation of [...operations, 'deleteByPrefix', 'deleteByPattern']) {
    expect(told).toContain(`redis ${operation}`)
  }
  expect(log.failedKeys('setMany')).toEqual(['m1', 'm2'])
  expect(log.of('write-failed').every(({ error }) => error instanceof Error)).toBe(true)
}, 30_000)

it.each(['tracking', 'pubsub'] as const)(
  'answers nothing outdated when the server is back with its data, nor does anybody else: news by %s',
  async (news) => {
    const server = await startRedis({ appendOnly: true })
    const tier = () => redisTier({ url: server.url, pingInterval: '200ms', news })
    const opened = await openCache([tier()], { disconnectedTtl: '1h' })
    const { cache, log } = opened
    const old = ['set', 'deleted', 'taken', 'expired', 'p:1', 'glob', 'kept']
    await cache.setMany(old.map((key) => [key, 'old'] as const))
    await cache.set('tagged', 'old', { tags: ['tag'] })
    await server.kill()
    await untilDown(opened)
    await cache.set('set', 'new')
    await cache.delete('deleted')
    await cache.take('taken')
    await cache.expire('expired')
    await cache.deleteByPrefix('p:')
    await cache.deleteByPattern('gl*')
    await cache.invalidateTags('tag')
    expect(cache.stats().tiers.redis.pendingRepairs).toBeGreaterThanOrEqual(7)

    await server.start()
    const all = [...old, 'tagged']
    const expected = all.map((key) => (key === 'kept' ? 'old' : undefined))
    let answers = await cache.getMany(all)
    while (!log.names().includes('repaired')) {
      // Why either: memory has the new one until it hears that news is back.
      expect(['new', undefined]).toContain(answers[0])
      for (const answer of answers.slice(1, 6)) expect(answer).toBeUndefined()
      await new Promise(setImmediate)
      answers = await cache.getMany(all)
    }
    await untilWhole(opened)
    expect(await cache.getMany(all)).toEqual(expected)
    const second = await openCache([tier()])
    expect(await second.cache.getMany(all)).toEqual(expected)
    expect(await keysOf(second.cache)).toEqual(['kept'])
    expect(log.of('repaired').length).toBeGreaterThan(0)
  },
  30_000,
)

it.each([false, true])(
  'invalidates by prefix and pattern what only the server has, while it is away: with dependencies %s',
  async (hasDependencies) => {
    const server = await startRedis({ appendOnly: true })
    const opened = await openCache([tierAt(server.url)], { disconnectedTtl: '1h' })
    const { cache, log } = opened
    if (hasDependencies) await cache.dependsOn('other', ['key'])
    await cache.setMany(['p:1', 'glob', 'soft', 'kept'].map((key) => [key, 'old'] as const))
    cache.on('changed', ['so*'], { soft: true })
    cache.memory.clear()
    await server.kill()
    await untilDown(opened)
    const failed = { ok: false, tiers: { redis: 'failed' } }
    expect(await cache.deleteByPrefix('p:')).toMatchObject(failed)
    expect(await cache.deleteByPattern('gl*')).toMatchObject(failed)
    expect(await cache.emit('changed')).toMatchObject(failed)
    expect(log.of('write-failed').length).toBeGreaterThanOrEqual(3)
    await server.start()
    await untilWhole(opened)
    const second = await openCache([tierAt(server.url)])
    for (const one of [cache, second.cache]) {
      const answers = await one.getMany(['p:1', 'glob', 'soft', 'kept'])
      expect(answers).toEqual([undefined, undefined, undefined, 'old'])
    }
  },
  30_000,
)

it('lets a load end for its callers whose server stops meanwhile, and stores it nowhere below', async () => {
  const server = await startRedis({ appendOnly: true })
  const opened = await openCache([tierAt(server.url)], { disconnectedTtl: '1h' })
  const other = await openCache([tierAt(server.url)], { disconnectedTtl: '1h' })
  const { load, begun, release } = heldLoader('of before')
  const loading = opened.cache.getOrSet('key', load)
  await begun
  await server.kill()
  await Promise.all([untilDown(opened), untilDown(other)])
  await server.start()
  await Promise.all([untilWhole(opened), untilWhole(other)])
  await other.cache.set('key', 'of after')
  release()
  expect(await loading).toBe('of before')
  await opened.cache.drain()
  expect(await other.cache.get('key')).toBe('of after')
  other.cache.memory.clear()
  expect(await other.cache.get('key')).toBe('of after')
  await waitUntil('the first has dropped what it loaded', async () => {
    return (await opened.cache.get('key')) === 'of after'
  })
}, 30_000)

it('rejects no call that is under way as the server is killed, and none after that', async () => {
  const server = await startRedis()
  const opened = await openCache([tierAt(server.url)])
  for (let round = 0; round < 3; round++) {
    const calls = Array.from({ length: 20 }, (_, nth) =>
      everyCall(opened.cache, `${round}:${nth}:`),
    )
    const killed = server.kill()
    for (const call of calls) expect(await rejectionsOf(call)).toEqual([])
    await killed
    expect(await rejectionsOf(everyCall(opened.cache, 'away:'))).toEqual([])
    await server.start()
    await untilWhole(opened)
    expect(await rejectionsOf(everyCall(opened.cache, 'back:'))).toEqual([])
  }
}, 60_000)

it('answers from the disk that is above the server, and clears that as the server is back', async () => {
  const server = await startRedis({ appendOnly: true })
  const path = `${temporaryFolder()}/cache.lmdb`
  const opened = await openCache([diskTier({ path }), tierAt(server.url)], {
    disconnectedTtl: '1h',
  })
  const other = await openCache([tierAt(server.url)])
  const { cache } = opened
  await untilWhole(opened)
  await cache.drain()
  await cache.set('key', 'value')
  await server.kill()
  await untilDown(opened)
  cache.memory.clear()
  expect(await cache.getEntry('key')).toMatchObject({ value: 'value', tier: 'disk' })
  await server.start()
  await Promise.all([untilWhole(opened), untilWhole(other)])
  await other.cache.set('key', 'newer')
  await waitUntil('the newer is seen', async () => (await cache.get('key')) === 'newer')
  await cache.drain()
  cache.memory.clear()
  expect(await cache.get('key')).toBe('newer')
}, 30_000)

it('gives a stale value within its grace where the loader fails too, and tells of that', async () => {
  const server = await startRedis()
  let now = Date.now()
  const opened = await openCache([tierAt(server.url)], {
    disconnectedTtl: '1h',
    clock: { now: () => now },
  })
  const { cache, log } = opened
  await cache.set('key', 'stale', { ttl: '1m', grace: '1h' })
  await server.stop()
  await untilDown(opened)
  await cache.expire('key')
  now += 120_000
  const failing = async (): Promise<string> => {
    throw new Error('the origin is away too')
  }
  expect(await cache.getOrSet('key', failing, { grace: '1h' })).toBe('stale')
  expect(log.of('load-error').map(({ key }) => key)).toContain('key')
  await expect(cache.getOrSet('none', failing, { grace: '1h' })).rejects.toThrow('away too')
}, 30_000)
