/** Stores of the user's while Redis is away, or the store itself. */
import { expect, it } from 'vitest'
import { redisTier, writeBehind, writeThrough } from '../../../src/tiers/index.js'
import { startRedis } from '../support/redis-instance.js'
import {
  openCache,
  temporaryFolder,
  untilDown,
  untilWhole,
  watchForUnhandled,
} from './failure-helpers.js'

watchForUnhandled()

function mapStore() {
  const saved = new Map<string, string>()
  const store = {
    saved,
    isAway: false,
    load: async (key: string) => {
      if (store.isAway) throw new Error('the store is away')
      return saved.get(key)
    },
    save: async (key: string, value: string) => {
      if (store.isAway) throw new Error('the store is away')
      saved.set(key, value)
    },
    remove: async (key: string) => {
      if (store.isAway) throw new Error('the store is away')
      saved.delete(key)
    },
  }
  return store
}

it('writes behind while Redis is away: all of it reaches the store, and nobody reads what was before', async () => {
  const server = await startRedis({ appendOnly: true })
  const store = mapStore()
  const journal = `${temporaryFolder()}/journal.lmdb`
  const opened = await openCache([redisTier({ url: server.url, pingInterval: '200ms' })], {
    store: writeBehind<string>(store, { journal, flushInterval: '20ms' }),
    disconnectedTtl: '50ms',
  })
  const { cache } = opened
  await cache.set('changed', 'old')
  await cache.set('deleted', 'old')
  await cache.flush()
  await server.kill()
  await untilDown(opened)
  expect(await cache.set('changed', 'new')).toEqual({
    ok: false,
    tiers: { memory: 'stored', redis: 'failed' },
  })
  expect(await cache.set('added', 'new')).toMatchObject({ ok: false })
  expect(await cache.delete('deleted')).toMatchObject({ ok: false })
  expect(await cache.getMany(['changed', 'added', 'deleted'])).toEqual(['new', 'new', undefined])
  expect(await cache.flush()).toMatchObject({ complete: true, pending: 0, dead: 0 })
  expect([...store.saved]).toEqual([
    ['changed', 'new'],
    ['added', 'new'],
  ])
  await server.start()
  await untilWhole(opened)
  expect(await cache.getMany(['changed', 'added', 'deleted'])).toEqual(['new', 'new', undefined])
  const second = await openCache([redisTier({ url: server.url })])
  for (const answer of await second.cache.getMany(['changed', 'added'])) {
    expect([undefined, 'new']).toContain(answer)
  }
  expect(await second.cache.get('deleted')).toBeUndefined()
}, 30_000)

it('changes no tier where the store does not take a write, whether Redis is there or not', async () => {
  const server = await startRedis({ appendOnly: true })
  const store = mapStore()
  const opened = await openCache([redisTier({ url: server.url, pingInterval: '200ms' })], {
    store: writeThrough<string>(store),
    disconnectedTtl: '1h',
  })
  const { cache, log } = opened
  await cache.set('key', 'old')
  for (const isRedisAway of [false, true]) {
    if (isRedisAway) {
      await server.stop()
      await untilDown(opened)
    }
    store.isAway = true
    await expect(cache.set('key', 'new')).rejects.toThrow('the store is away')
    await expect(cache.delete('key')).rejects.toThrow('the store is away')
    await expect(
      cache.setMany([
        ['key', 'new'],
        ['other', 'new'],
      ]),
    ).rejects.toThrow()
    expect(await cache.get('key')).toBe('old')
    await expect(cache.get('missing')).rejects.toThrow('the store is away')
    store.isAway = false
    expect(await cache.get('missing')).toBeUndefined()
  }
  expect(log.of('write-failed')).toEqual([])
  expect([...store.saved]).toEqual([['key', 'old']])
}, 30_000)
