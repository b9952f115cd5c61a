/**
 * A Redis that is slow, or answers nothing though it is connected: through a proxy that delays or holds. That
 * calls end in time is seen by their end while the proxy still holds.
 */
import { expect, it } from 'vitest'
import { redisTier } from '../../../src/tiers/index.js'
import { startProxy } from '../support/delay-proxy.js'
import { startRedis } from '../support/redis-instance.js'
import { waitUntil } from '../support/wait-until.js'
import {
  everyCall,
  heldLoader,
  loaderOf,
  openCache,
  rejectionsOf,
  untilDown,
  untilWhole,
  watchForUnhandled,
} from './failure-helpers.js'

watchForUnhandled()

/** Nothing but the guard notices that the server is slow. */
const UNWATCHED = { pingInterval: '1m' }
const WATCHED = { pingInterval: '200ms' }

async function start(options: { pingInterval: string }) {
  const server = await startRedis()
  const proxy = await startProxy(server.port)
  const opened = await openCache([redisTier({ url: proxy.url, ...options })], {
    disconnectedTtl: '1h',
  })
  const other = await openCache([redisTier({ url: server.url })])
  return { proxy, opened, other, cache: opened.cache, log: opened.log }
}

it.each([
  ['the guard alone notices', UNWATCHED],
  ['the connection is found dead', WATCHED],
])(
  'answers from memory and the loader while the server answers nothing: %s',
  async (_, options) => {
    const { proxy, opened, other, cache, log } = await start(options)
    log.told.length = 0
    await cache.set('above', 'in memory')
    await other.cache.setMany([
      ['below', 'in Redis'],
      ['changed', 'old'],
    ])
    proxy.hold()
    const load = loaderOf('loaded')
    expect(await cache.get('above')).toBe('in memory')
    expect(await cache.get('below')).toBeUndefined()
    expect(await cache.getMany(['above', 'below'])).toEqual(['in memory', undefined])
    expect(await cache.getOrSet('below', load)).toBe('loaded')
    expect(await cache.set('changed', 'new')).toEqual({
      ok: false,
      tiers: { memory: 'stored', redis: 'failed' },
    })
    expect(await cache.get('changed')).toBe('new')
    expect(log.failedKeys('set')).toEqual(['changed'])
    if (options === UNWATCHED) expect(cache.stats().tiers.redis.timeouts).toBeGreaterThan(0)

    proxy.release()
    await untilWhole(opened)
    expect([undefined, 'new']).toContain(await other.cache.get('changed'))
    expect(await cache.set('changed', 'newest')).toMatchObject({ ok: true })
    await waitUntil('the other has it', async () => (await other.cache.get('changed')) === 'newest')
  },
  30_000,
)

it('rejects no call while the server answers nothing', async () => {
  const { proxy, opened, cache } = await start(UNWATCHED)
  proxy.hold()
  expect(await rejectionsOf(everyCall(cache, 'held:'))).toEqual([])
  proxy.release()
  await untilWhole(opened)
  expect(await rejectionsOf(everyCall(cache, 'released:'))).toEqual([])
}, 30_000)

it('is right where each answer is late, but in time', async () => {
  const { proxy, opened, other, cache } = await start(UNWATCHED)
  await untilWhole(opened)
  proxy.delayMs = 60
  expect(await cache.set('key', 'value')).toMatchObject({ ok: true })
  cache.memory.delete('key')
  expect(await cache.getMany(['key', 'none'])).toEqual(['value', undefined])
  await other.cache.set('key', 'newer')
  await waitUntil('news arrives', async () => (await cache.get('key')) === 'newer')
  expect(await cache.getOrSet('loaded', async () => 'by loader')).toBe('by loader')
  await cache.drain()
  expect(await other.cache.get('loaded')).toBe('by loader')
}, 30_000)

it('takes a write whose answer came too late for one that may not have been done', async () => {
  const { proxy, opened, other, cache, log } = await start(UNWATCHED)
  await cache.set('key', 'first')
  proxy.delayMs = 1_000
  expect(await cache.set('key', 'second')).toMatchObject({ tiers: { redis: 'failed' } })
  expect(await cache.delete('key')).toMatchObject({ tiers: { redis: 'failed' } })
  expect(log.failedKeys('set')).toEqual(['key'])
  proxy.delayMs = 0
  await untilWhole(opened)
  expect(await cache.get('key')).toBeUndefined()
  await waitUntil('the other finds nothing', async () => {
    return (await other.cache.get('key')) === undefined
  })
  expect(log.names()).toContain('repaired')
}, 30_000)

it('lets a caller go after its hardTimeout, and one with a stale value after its timeout', async () => {
  const { proxy, cache } = await start(UNWATCHED)
  await cache.set('stale', 'of before', { ttl: '1h', grace: '1h' })
  await cache.expire('stale')
  proxy.hold()
  const { load, release } = heldLoader('at last')
  const soft = { grace: '1h', timeout: '50ms' }
  expect(await cache.getOrSet('stale', load, soft)).toBe('of before')
  await expect(cache.getOrSet('none', load, { hardTimeout: '50ms' })).rejects.toMatchObject({
    code: 'ERR_HOTSET_LOADER_TIMEOUT',
  })
  release()
}, 30_000)

it('loads on its own where the lease of another process cannot be asked for', async () => {
  const { proxy, other, cache } = await start(UNWATCHED)
  const { load, begun, release } = heldLoader('of the other')
  const locked = { lock: 'distributed', hardTimeout: '20s' } as const
  const theirs = other.cache.getOrSet('key', load, locked)
  await begun
  const ours = cache.getOrSet('key', async () => 'our own', locked)
  await waitUntil('it waits for the lease', () => cache.stats().tiers.redis.calls > 2)
  proxy.hold()
  expect(await ours).toBe('our own')
  proxy.release()
  release()
  expect(await theirs).toBe('of the other')
}, 30_000)

it.each([
  ['fails', { fail: true }],
  ['is not stored', { fail: false }],
])(
  'ends a load under a lease that %s, though the lease cannot be given back',
  async (_, { fail }) => {
    const { proxy, opened, cache } = await start(UNWATCHED)
    await untilWhole(opened)
    const loading = cache.getOrSet(
      'key',
      async (context) => {
        proxy.hold()
        if (fail) throw new Error('loader')
        context.skip()
        return 'skipped'
      },
      { lock: 'distributed' },
    )
    if (fail) await expect(loading).rejects.toThrow('loader')
    else expect(await loading).toBe('skipped')
  },
  30_000,
)

it('opens where the server answers nothing, and drops what it has while no news arrives', async () => {
  const server = await startRedis()
  const proxy = await startProxy(server.port)
  proxy.hold()
  const tier = redisTier({ url: proxy.url, ...WATCHED })
  const opened = await openCache([tier], { disconnectedTtl: '50ms' })
  const { cache, log } = opened
  await cache.set('key', 'ours')
  await waitUntil('it is dropped', () => cache.getLocal('key') === undefined)
  expect(log.names()).toContain('news-lost')
  proxy.release()
  await untilWhole(opened)
  expect(await cache.set('key', 'value')).toMatchObject({ ok: true })
  proxy.hold()
  await untilDown(opened)
}, 30_000)
