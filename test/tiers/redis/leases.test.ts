/** Leases: one holder at a time, fenced, and over when they are over. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RedisTier } from '../../../src/tiers/redis/redis-tier.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import { waitUntil } from '../support/wait-until.js'
import { entryOf, MINUTE_MS, openTier, read } from './tier-helpers.js'

let redis: RedisInstance
let mine: RedisTier
let theirs: RedisTier

beforeAll(async () => {
  redis = await startRedis()
  return () => redis.close()
})

beforeEach(async () => {
  await redis.run('FLUSHALL')
  ;({ tier: mine } = await openTier({ url: redis.url }))
  ;({ tier: theirs } = await openTier({ url: redis.url }))
})

describe('a lease', () => {
  it('is had by one process at a time, with a growing token', async () => {
    const first = await mine.lease('k', MINUTE_MS)
    expect(await theirs.lease('k', MINUTE_MS)).toBeUndefined()
    expect(await theirs.lease('other', MINUTE_MS)).toBeDefined()
    await first?.release()
    const second = await theirs.lease('k', MINUTE_MS)
    expect(second?.fencingToken).toBeGreaterThan(first?.fencingToken ?? 0)
  })

  it('is over by itself when its holder does nothing', async () => {
    await mine.lease('k', 50)
    await theirs.leaseEnd('k', MINUTE_MS)
    expect(await theirs.lease('k', MINUTE_MS)).toBeDefined()
  })

  it('is not given back by one who has it no more', async () => {
    const first = await mine.lease('k', 10)
    await theirs.leaseEnd('k', MINUTE_MS)
    await theirs.lease('k', MINUTE_MS)
    await first?.release()
    expect(await mine.lease('k', MINUTE_MS)).toBeUndefined()
  })

  it('that holds lets its value be stored; one that is lost does not', async () => {
    const { seen } = await mine.get('k')
    const first = await mine.lease('k', 10)
    await theirs.leaseEnd('k', MINUTE_MS)
    const second = await theirs.lease('k', MINUTE_MS)
    const options = { ifUnchanged: { seen } }
    expect(await mine.set('k', entryOf('late'), { ...options, lease: first })).toBe(false)
    expect(await mine.set('k', entryOf('late'), { lease: first })).toBe(false)
    expect(await theirs.set('k', entryOf('held'), { ...options, lease: second })).toBe(true)
    expect(await theirs.set('k', entryOf('again'), { lease: second })).toBe(true)
    expect(await read(mine, 'k')).toBe('again')
  })

  it('that is given back wakes those who wait for its end', async () => {
    const lease = await mine.lease('k', MINUTE_MS)
    let isOver = false
    const waiting = theirs.leaseEnd('k', MINUTE_MS).then(() => {
      isOver = true
    })
    await theirs.get('k')
    expect(isOver).toBe(false)
    await lease?.release()
    await waiting
    await theirs.leaseEnd('never taken', MINUTE_MS)
  })

  it('is waited for no longer than asked', async () => {
    await mine.lease('k', MINUTE_MS)
    await theirs.leaseEnd('k', 30)
    expect(await theirs.lease('k', MINUTE_MS)).toBeUndefined()
  })

  it.each(['}', '{}', 'a}b', '{x}y', ''])('works for the key %j', async (key) => {
    const lease = await mine.lease(key, MINUTE_MS)
    expect(await mine.set(key, entryOf('value'), { lease })).toBe(true)
    await waitUntil('it is read', async () => (await read(theirs, key)) === 'value')
  })
})
