/** What docs/tiers.md says beside its code, under "Guarantees and limits", sentence by sentence. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import {
  diskTier,
  memoryTier,
  type RedisTierOptions,
  redisTier,
  type Store,
  TieredCache,
  type TieredCacheOptions,
  writeBehind,
  writeThrough,
} from '../../src/tiers/index.js'
import { type RedisInstance, startRedis } from '../tiers/support/redis-instance.js'
import { waitUntil } from '../tiers/support/wait-until.js'

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hotset-guarantees-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function openCache(options: TieredCacheOptions): Promise<TieredCache> {
  const cache = new TieredCache(options)
  onTestFinished(() => cache.close())
  await cache.ready()
  return cache
}

function withRedis(
  redis: RedisInstance,
  options: TieredCacheOptions = {},
  tier: RedisTierOptions = {},
): Promise<TieredCache> {
  return openCache({ tiers: [memoryTier(), redisTier({ url: redis.url, ...tier })], ...options })
}

it('changes no tier where the store refuses a write', async () => {
  const refused = new Error('refused')
  const store: Store<unknown> = {
    save: () => Promise.reject(refused),
    remove: () => {},
  }
  const cache = await openCache({ store: writeThrough(store) })
  await expect(cache.set('a', 1)).rejects.toBe(refused)
  expect(cache.memory.has('a')).toBe(false)
})

it('gives a taken value to one process, and to none where the lowest tier has lost it', async () => {
  await using redis = await startRedis()
  const [one, other] = [await withRedis(redis), await withRedis(redis)]
  await one.set('a', 1)
  expect(await other.get('a')).toBe(1)
  const taken = await Promise.all([one.take('a'), other.take('a')])
  expect(taken.filter((value) => value !== undefined)).toEqual([1])

  await using silent = await withRedis(redis, {}, { news: false })
  await silent.set('b', 2)
  await redis.run('FLUSHALL')
  expect(silent.getLocal('b')).toBe(2)
  expect(await silent.take('b')).toBeUndefined()
})

it('gives each process its own copy while the lowest tier is away', async () => {
  await using redis = await startRedis()
  const cache = await withRedis(redis)
  await cache.set('a', 1)
  await redis.kill()
  expect(await cache.take('a')).toBe(1)
  expect(await cache.take('a')).toBeUndefined()
})

it('hears of what somebody changes by hand, and has one connection', async () => {
  await using redis = await startRedis()
  const cache = await withRedis(redis, { name: 'shop' })
  await cache.set('a', 1)
  const clients = String(await redis.run('CLIENT', 'LIST'))
    .trim()
    .split('\n')
  // The other is the one that asks.
  expect(clients).toHaveLength(2)
  expect(await redis.run('KEYS', 'hotset:shop:*')).toContain('hotset:shop:{a}')
  await redis.run('DEL', 'hotset:shop:{a}')
  await waitUntil('memory has dropped it', () => cache.getLocal('a') === undefined)
})

it('by pubsub hears of what other caches write', async () => {
  await using redis = await startRedis()
  const one = await withRedis(redis, {}, { news: 'pubsub' })
  const other = await withRedis(redis, {}, { news: 'pubsub' })
  await one.set('a', 1)
  expect(await other.get('a')).toBe(1)
  await one.set('a', 2)
  await waitUntil('the other has dropped it', async () => (await other.get('a')) === 2)
})

it('hides what Redis has missed, tells of it, and makes it good when it is back', async () => {
  await using redis = await startRedis({ appendOnly: true })
  const cache = await withRedis(redis, { disconnectedTtl: '100ms' })
  await cache.set('a', 1)
  const repaired = new Promise((resolve) => cache.events.once('repaired', resolve))
  await redis.kill()
  const written = await cache.set('a', 2)
  expect(written).toEqual({ ok: false, tiers: { memory: 'stored', redis: 'failed' } })
  await waitUntil('memory was dropped', () => cache.getLocal('a') === undefined)
  expect(await cache.get('a')).toBeUndefined()
  await redis.start()
  await repaired
  expect(await cache.get('a')).toBeUndefined()
})

it('empties a disk tier above Redis as it starts, and keeps one without', async () => {
  await using redis = await startRedis()
  const folder = makeFolder()
  const alone = { tiers: [memoryTier(), diskTier({ path: join(folder, 'alone') })] }
  const above = () => ({
    tiers: [memoryTier(), diskTier({ path: join(folder, 'above') }), redisTier({ url: redis.url })],
  })
  const first = [new TieredCache(alone), new TieredCache(above())]
  for (const cache of first) {
    await cache.ready()
    await cache.set('a', 1)
    await cache.close()
  }
  await redis.run('FLUSHALL')
  const again = { tiers: [memoryTier(), diskTier({ path: join(folder, 'alone') })] }
  expect(await (await openCache(again)).get('a')).toBe(1)
  expect(await (await openCache(above())).get('a')).toBeUndefined()
})

it('takes what it cannot decrypt for a miss, tells of it, and reads with an older key', async () => {
  const path = join(makeFolder(), 'cache.lmdb')
  const [old, next] = [randomBytes(32), randomBytes(32)]
  const tiers = () => [memoryTier(), diskTier({ path })]
  const writer = new TieredCache({ tiers: tiers(), encryption: { keys: { old }, current: 'old' } })
  await writer.set('a', 'secret')
  await writer.close()

  const rotated = { keys: { old, next }, current: 'next' }
  const reader = new TieredCache({ tiers: tiers(), encryption: rotated })
  expect(await reader.get('a')).toBe('secret')
  await reader.close()

  const stranger = new TieredCache({
    tiers: tiers(),
    encryption: { keys: { next }, current: 'next' },
  })
  onTestFinished(() => stranger.close())
  const corrupt: unknown[] = []
  stranger.events.on('corrupt', ({ tier, key }) => corrupt.push([tier, key]))
  expect(await stranger.get('a')).toBeUndefined()
  expect(corrupt).toEqual([['disk', 'a']])
})

it('gives a journal to one owner, and refuses a write that it has no room for', async () => {
  const journal = join(makeFolder(), 'journal')
  const store: Store<unknown> = { save: () => new Promise(() => {}), remove: () => {} }
  const limits = { maxPending: 1, onFull: 'reject', closeTimeout: '1ms' } as const
  const cache = await openCache({ store: writeBehind(store, { journal, ...limits }) })
  const second = new TieredCache({ store: writeBehind(store, { journal }) })
  await expect(second.ready()).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_HOTSET_JOURNAL_LOCKED' }),
  )
  await second.close()
  await cache.set('a', 1)
  await expect(cache.set('b', 1)).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_HOTSET_JOURNAL_FULL' }),
  )
  expect(cache.getLocal('b')).toBeUndefined()
})

it('waits no longer than hardTimeout, and answers with an old value after timeout', async () => {
  const cache = await openCache({ grace: '1h' })
  const never = () => new Promise<number>(() => {})
  await expect(cache.getOrSet('a', never, { hardTimeout: 20 })).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_HOTSET_LOADER_TIMEOUT' }),
  )
  await cache.set('b', 1)
  await cache.expire('b')
  expect(await cache.getOrSet('b', never, { timeout: 20, hardTimeout: 1_000 })).toBe(1)
  await cache.set('c', 1)
  await cache.expire('c')
  expect(await cache.getOrSet('c', () => Promise.reject(new Error('down')))).toBe(1)
})

it('remembers that there is nothing for negativeTtl, until somebody writes it', async () => {
  await using redis = await startRedis()
  const [one, other] = [await withRedis(redis), await withRedis(redis)]
  let loads = 0
  const nothing = () => {
    loads++
    return undefined
  }
  for (const cache of [one, one, other]) {
    expect(await cache.getOrSet('a', nothing, { negativeTtl: '1h' })).toBeUndefined()
    await cache.drain()
  }
  expect(loads).toBe(1)
  await one.set('a', 1)
  await waitUntil('the other finds it', async () => (await other.get('a')) === 1)
})

it('denies everything that no rule allows, to the cache itself too', async () => {
  const cache = await openCache({ allow: [{ pattern: 'a', roles: ['reader'] }] })
  await expect(cache.get('a')).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_HOTSET_ACCESS_DENIED' }),
  )
  expect(await cache.as({ roles: ['reader'] }).get('a')).toBeUndefined()
})
