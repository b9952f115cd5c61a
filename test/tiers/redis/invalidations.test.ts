/** Tags, prefixes and patterns, and what remains true when Redis loses its record of them. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RedisTier } from '../../../src/tiers/redis/redis-tier.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import { waitUntil } from '../support/wait-until.js'
import { entryOf, listKeys, openTier, type RecordingHost, read, textOf } from './tier-helpers.js'

const SET = 'hotset:test:invalidations'

let redis: RedisInstance
let tier: RedisTier
let host: RecordingHost

beforeAll(async () => {
  redis = await startRedis()
  return () => redis.close()
})

beforeEach(async () => {
  await redis.run('FLUSHALL')
  ;({ tier, host } = await openTier({ url: redis.url }))
})

describe('a tag', () => {
  it('that is invalidated takes the entries with it, and no others', async () => {
    await tier.set('both', entryOf('1', { tags: ['a', 'b'] }))
    await tier.set('b', entryOf('2', { tags: ['b'] }))
    await tier.set('none', entryOf('3'))
    await tier.invalidateTags(['a'], false)
    expect(await listKeys(tier)).toEqual(['b', 'none'])
    expect(await tier.delete(['both', 'b', 'none'])).toEqual([false, true, true])
    await tier.set('both', entryOf('4', { tags: ['a', 'b'] }))
    expect(await read(tier, 'both')).toBe('4')
    await tier.invalidateTags(['b'], false)
    expect(await tier.take('both')).toBeUndefined()
  })

  it('that is invalidated softly makes the entries stale', async () => {
    const entry = entryOf('value', { tags: ['a'] })
    await tier.set('k', entry)
    await tier.invalidateTags(['a'], true)
    const { entry: found } = await tier.get('k')
    expect(textOf(found)).toBe('value')
    expect(found?.expiresAt).toBeLessThanOrEqual(host.now())
    expect(found?.keepUntil).toBe(entry.keepUntil)
    await tier.invalidateTags(['a'], false)
    expect(await read(tier, 'k')).toBeUndefined()
  })

  it.each(['hard', 'soft'])(
    'whose %s invalidation a process has not heard of leaves what it sets afterwards fresh',
    async (kind) => {
      const { tier: one } = await openTier({ url: redis.url, news: false })
      const { tier: other } = await openTier({ url: redis.url, news: false })
      await one.invalidateTags(['a'], kind === 'soft')
      expect(await other.set('k', entryOf('new', { tags: ['a'] }))).toBe(true)
      for (const tier of [one, other]) {
        const { entry } = await tier.get('k')
        expect(textOf(entry)).toBe('new')
        expect(entry?.expiresAt).toBeGreaterThan(host.now())
      }
    },
  )

  it('costs one member of a set, however often it is invalidated', async () => {
    for (let round = 0; round < 5; round++) await tier.invalidateTags(['a', 'b'], false)
    expect(await redis.run('ZCARD', SET)).toBe(3)
  })
})

describe('prefixes and patterns', () => {
  it('take what they match, and tell how many that was', async () => {
    const keys = ['user:1', 'user:2', 'user:*', 'users', 'a:user:1']
    for (const key of keys) await tier.set(key, entryOf(key))
    await tier.set('user:3', entryOf('tagged', { tags: ['t'] }))
    await tier.set('user:4', entryOf('deleted'))
    await tier.delete(['user:4'])
    await tier.invalidateTags(['t'], false)
    expect(await tier.deleteByPrefix('user:*')).toBe(1)
    expect(await tier.deleteByPattern('*:[13]')).toBe(2)
    expect(await listKeys(tier)).toEqual(['user:2', 'users'])
    expect(await tier.deleteByPrefix('user')).toBe(2)
    expect(await tier.deleteByPrefix('user')).toBe(0)
    expect(await redis.run('KEYS', '*{*')).toEqual([])
  })

  it('count nothing that they had taken before it was stored, late, by a process that had not heard', async () => {
    for (const way of ['deleteByPattern', 'deleteByPrefix'] as const) {
      const text = way === 'deleteByPattern' ? 'a*' : 'a'
      const { tier: one } = await openTier({ url: redis.url, news: false })
      const { tier: other } = await openTier({ url: redis.url, news: false })
      const { seen } = await other.get('ab')
      expect(await one[way](text)).toBe(0)
      await other.set('ab', entryOf('late'), { ifUnchanged: { seen } })
      expect(await read(one, 'ab')).toBeUndefined()
      expect(await one[way](text)).toBe(0)
    }
  })

  it('reach thousands of entries, in batches', async () => {
    const items = Array.from({ length: 3000 }, (_, index) => ({
      key: `many:${index}`,
      entry: entryOf(String(index)),
    }))
    await tier.setMany(items)
    expect((await listKeys(tier, 'many:')).length).toBe(3000)
    expect(await tier.deleteByPrefix('many:1')).toBe(1111)
    await tier.clear()
    expect(await listKeys(tier)).toEqual([])
  })
})

describe('when the record of invalidations is lost', () => {
  it('older entries with tags are gone, and others are not', async () => {
    await tier.set('tagged', entryOf('1', { tags: ['a'] }))
    await tier.set('plain', entryOf('2'))
    await tier.invalidateTags(['a'], false)
    await redis.run('DEL', SET)
    const { tier: fresh } = await openTier({ url: redis.url })
    for (const one of [fresh, tier]) {
      expect(await read(one, 'tagged')).toBeUndefined()
      expect(await read(one, 'plain')).toBe('2')
    }
    await tier.set('tagged', entryOf('3', { tags: ['a'] }))
    expect(await read(fresh, 'tagged')).toBe('3')
  })

  it('in part, as in a failover, a process that knows of it makes all be gone for everybody', async () => {
    await tier.set('tagged', entryOf('1', { tags: ['a'] }))
    await tier.set('plain', entryOf('2'))
    await tier.invalidateTags(['a'], false)
    await redis.run('ZREM', SET, 'ta')
    await waitUntil('it is noticed', () => host.kinds().includes('all'))
    const { tier: fresh } = await openTier({ url: redis.url })
    for (const one of [fresh, tier]) {
      expect(await read(one, 'tagged')).toBeUndefined()
      expect(await read(one, 'plain')).toBeUndefined()
    }
    await tier.set('plain', entryOf('3'))
    expect(await read(fresh, 'plain')).toBe('3')
  })

  it('by age or number, the oldest go first, and what they concerned is gone', async () => {
    await tier.set('old', entryOf('1', { tags: ['rare'] }))
    await tier.invalidateTags(['rare'], false)
    await tier.set('untouched', entryOf('2', { tags: ['never'] }))
    const tags = Array.from({ length: 105_000 }, (_, index) => `t${index}`)
    for (let at = 0; at < tags.length; at += 5000) {
      await tier.invalidateTags(tags.slice(at, at + 5000), false)
    }
    expect(await redis.run('ZCARD', SET)).toBeLessThanOrEqual(100_001)
    const { tier: fresh } = await openTier({ url: redis.url })
    for (const one of [tier, fresh]) {
      expect(await read(one, 'old')).toBeUndefined()
      expect(await read(one, 'untouched')).toBeUndefined()
    }
    await tier.set('new', entryOf('3', { tags: ['never'] }))
    expect(await read(fresh, 'new')).toBe('3')
  })
})
