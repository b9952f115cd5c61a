/** One tier on one server: what it keeps, finds, deletes and refuses. */
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type RedisTier, redisTier } from '../../../src/tiers/redis/redis-tier.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import {
  entryOf,
  listKeys,
  MINUTE_MS,
  openTier,
  type RecordingHost,
  read,
  textOf,
} from './tier-helpers.js'

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

describe('an entry', () => {
  it('comes back with all that it had', async () => {
    const entry = entryOf('value', {
      tags: ['a', 'b'],
      validator: '"etag"',
      ttlMsAbove: { memory: 500 },
      absent: false,
      keepUntil: Number.POSITIVE_INFINITY,
      expiresAt: Number.POSITIVE_INFINITY,
    })
    expect(await tier.set('k', entry)).toBe(true)
    const { entry: found } = await tier.get('k')
    expect({ ...found, payload: textOf(found) }).toEqual({ ...entry, payload: 'value' })
  })

  it.each(['', '}', '{}', '}{', '{a}b', 'a}b{c', '~', '"', '\ud800', 'emoji 🎉', 'a*b?[c]', '\0'])(
    'is found under the key %j, and listed under it',
    async (key) => {
      expect(await tier.set(key, entryOf('value'))).toBe(true)
      expect(await read(tier, key)).toBe('value')
      expect(await listKeys(tier)).toEqual([key])
      expect(await listKeys(tier, key)).toEqual([key])
      expect(await tier.deleteByPrefix(key)).toBe(1)
      expect(await read(tier, key)).toBeUndefined()
    },
  )

  it('is gone when its keepUntil is over, and no longer than maxTtl in Redis', async () => {
    const { tier: short } = await openTier({ url: redis.url, maxTtl: '10s' })
    await short.set('k', entryOf('value', { keepUntil: Number.POSITIVE_INFINITY }))
    const [name] = (await redis.run('KEYS', '*{k}')) as string[]
    expect(Number(await redis.run('PTTL', name))).toBeLessThanOrEqual(10_000)
    await tier.set('k', entryOf('value'))
    host.ahead = 2 * MINUTE_MS
    expect(await read(tier, 'k')).toBeUndefined()
    expect(await listKeys(tier)).toEqual([])
  })

  it('is not written when its keepUntil is over already, and takes the place of what was there', async () => {
    await tier.set('k', entryOf('old'))
    expect(await tier.set('k', entryOf('over', { keepUntil: Date.now() - 1 }))).toBe(false)
    expect(await read(tier, 'k')).toBeUndefined()
  })

  it('of bytes that make no sense is a miss and a problem, and can be written over', async () => {
    await tier.set('k', entryOf('value'))
    const [name] = (await redis.run('KEYS', '*{k}')) as string[]
    for (const bytes of ['', 'x', 'something else that is no entry at all']) {
      await redis.run('SET', name, bytes)
      host.problems.length = 0
      const { entry, seen } = await tier.get('k')
      expect(entry).toBeUndefined()
      expect(host.problems).toMatchObject([{ kind: 'corrupt', key: 'k' }])
      expect(await tier.delete(['k'])).toEqual([false])
      await redis.run('SET', name, bytes)
      expect(await tier.set('k', entryOf('new'), { ifUnchanged: { seen } })).toBe(true)
      expect(await read(tier, 'k')).toBe('new')
    }
  })
})

describe('many keys', () => {
  it('are written and read in the order of the caller, missing ones too', async () => {
    const items = ['a', 'b', 'c'].map((key) => ({ key, entry: entryOf(`value ${key}`) }))
    expect(await tier.setMany(items)).toEqual([true, true, true])
    const found = await tier.getMany(['c', 'none', 'a', 'c'])
    expect(found.map(({ entry }) => textOf(entry))).toEqual([
      'value c',
      undefined,
      'value a',
      'value c',
    ])
    expect(await tier.getMany([])).toEqual([])
    expect(await tier.delete(['a', 'none', 'c'])).toEqual([true, false, true])
    expect(await listKeys(tier)).toEqual(['b'])
  })
})

describe('an entry that is larger than what is read of it at first', () => {
  it('is listed, and counted when it is deleted or expired', async () => {
    const big = entryOf('x'.repeat(20_000), { tags: ['t'] })
    await tier.setMany(['a', 'b', 'c'].map((key) => ({ key, entry: big })))
    expect(await listKeys(tier)).toEqual(['a', 'b', 'c'])
    expect(await tier.delete(['a'])).toEqual([true])
    expect(await tier.expire(['b'])).toEqual([true])
    expect(await tier.deleteByPrefix('c')).toBe(1)
  })
})

describe('take', () => {
  it('gives an entry to one caller only', async () => {
    await tier.set('k', entryOf('value'))
    const taken = await Promise.all([tier.take('k'), tier.take('k'), tier.take('k')])
    expect(taken.map(textOf)).toEqual(['value', undefined, undefined])
    expect(await tier.take('k')).toBeUndefined()
  })
})

describe('expire', () => {
  it('makes an entry stale, and keeps it for its grace', async () => {
    const entry = entryOf('value')
    await tier.set('k', entry)
    expect(await tier.expire(['k', 'none'])).toEqual([true, false])
    const { entry: found } = await tier.get('k')
    expect(textOf(found)).toBe('value')
    expect(found?.expiresAt).toBeLessThanOrEqual(host.now())
    expect(found?.keepUntil).toBe(entry.keepUntil)
    const [name] = (await redis.run('KEYS', '*{k}')) as string[]
    expect(Number(await redis.run('PTTL', name))).toBeGreaterThan(MINUTE_MS)
    expect(await tier.expire(['k'])).toEqual([true])
  })

  it('is found so with its value whole, and lasts no longer when it is expired again', async () => {
    await tier.set('k', entryOf('value', { tags: ['t'], validator: 'v' }))
    await tier.expire(['k'])
    const { entry: first } = await tier.get('k')
    host.ahead += 1000
    await tier.expire(['k'])
    const { entry: second } = await tier.get('k')
    expect(second).toEqual(first)
    expect(host.problems).toEqual([])
  })

  it('keeps out what was being loaded for a key that is not there, or is stale already', async () => {
    const { seen } = await tier.get('k')
    expect(await tier.expire(['k'])).toEqual([false])
    expect(await tier.set('k', entryOf('loaded'), { ifUnchanged: { seen } })).toBe(false)
    await tier.set('k', entryOf('value'))
    await tier.expire(['k'])
    const { seen: stale } = await tier.get('k')
    await tier.expire(['k'])
    expect(await tier.set('k', entryOf('loaded'), { ifUnchanged: { seen: stale } })).toBe(false)
  })

  it('deletes an entry without grace', async () => {
    const entry = entryOf('value')
    await tier.set('k', { ...entry, keepUntil: entry.expiresAt })
    expect(await tier.expire(['k'])).toEqual([true])
    expect(await read(tier, 'k')).toBeUndefined()
  })
})

describe('ifUnchanged', () => {
  const load = (seen: unknown) => tier.set('k', entryOf('loaded'), { ifUnchanged: { seen } })

  it('stores over what was seen, once', async () => {
    const { seen } = await tier.get('k')
    expect(await load(seen)).toBe(true)
    expect(await load(seen)).toBe(false)
    const { seen: again } = await tier.get('k')
    expect(await load(again)).toBe(true)
    expect(await load(again)).toBe(false)
  })

  it.each<[string, () => Promise<unknown>]>([
    ['set', () => tier.set('k', entryOf('other'))],
    ['deleted', () => tier.delete(['k'])],
    ['taken', () => tier.take('k')],
    ['expired', () => tier.expire(['k'])],
    ['deleted by prefix', () => tier.deleteByPrefix('k')],
    ['deleted by pattern', () => tier.deleteByPattern('?')],
    ['cleared', () => tier.clear()],
  ])('stores nothing where the key was %s since', async (_what, change) => {
    await tier.set('k', entryOf('before'))
    const { seen } = await tier.get('k')
    await change()
    const after = await read(tier, 'k')
    expect(await load(seen)).toBe(false)
    expect(await read(tier, 'k')).toBe(after)
  })

  it('stores nothing where a key that was not there was deleted or set since', async () => {
    const { seen } = await tier.get('k')
    await tier.delete(['k'])
    expect(await load(seen)).toBe(false)
    const { seen: later } = await tier.get('k')
    await tier.set('k', entryOf('other'))
    expect(await load(later)).toBe(false)
    expect(await read(tier, 'k')).toBe('other')
  })

  it('stores after a delete what was loaded after it', async () => {
    await tier.set('k', entryOf('before'))
    await tier.delete(['k'])
    const { seen } = await tier.get('k')
    expect(await load(seen)).toBe(true)
    expect(await read(tier, 'k')).toBe('loaded')
  })

  it('stores nothing when a tombstone might be over', async () => {
    const { seen } = await tier.get('k')
    host.ahead = MINUTE_MS
    const entry = entryOf('loaded', { keepUntil: Date.now() + 10 * MINUTE_MS })
    expect(await tier.set('k', entry, { ifUnchanged: { seen } })).toBe(false)
  })

  it('stores nothing with a tag that was invalidated since', async () => {
    const { seen } = await tier.get('k')
    await tier.invalidateTags(['t'], false)
    const entry = entryOf('loaded', { tags: ['t'] })
    expect(await tier.set('k', entry, { ifUnchanged: { seen } })).toBe(false)
    expect(await load(seen)).toBe(true)
  })
})

describe('scripts', () => {
  it('are sent again to a server that has forgotten them', async () => {
    await tier.set('k', entryOf('value'))
    await tier.expire(['k'])
    await redis.run('SCRIPT', 'FLUSH')
    await tier.set('k', entryOf('value'))
    expect(await tier.expire(['k'])).toEqual([true])
    await redis.run('SCRIPT', 'FLUSH')
    await tier.invalidateTags(['t'], false)
  })
})

describe('a tier', () => {
  it('shares nothing with one of another prefix', async () => {
    const { tier: other } = await openTier({ url: redis.url, prefix: 'other:' })
    await tier.set('k', entryOf('mine'))
    expect(await read(other, 'k')).toBeUndefined()
    await other.set('k', entryOf('theirs'))
    await other.clear()
    expect(await read(tier, 'k')).toBe('mine')
  })

  it('rejects everything when it is closed, and before it is open', async () => {
    await tier.close()
    await tier.close()
    const fresh = redisTier({ url: redis.url })
    for (const unusable of [tier, fresh]) {
      await expect(unusable.get('k')).rejects.toMatchObject({
        code: 'ERR_HOTSET_REDIS_UNAVAILABLE',
      })
      await expect(unusable.clear()).rejects.toMatchObject({ code: 'ERR_HOTSET_REDIS_UNAVAILABLE' })
    }
    await fresh.close()
  })

  it('says which option is wrong', () => {
    for (const [options, option] of [
      [{ url: 'http://x' }, 'url'],
      [{ ulr: 'redis://x' }, 'ulr'],
      [{ news: 'all' }, 'news'],
      [{ prefix: '{}' }, 'prefix'],
      [{ prefix: 'a{b' }, 'prefix'],
      [{ maxTtl: 'soon' }, 'maxTtl'],
      [{ url: 'redis://x', cluster: { rootNodes: [] } }, 'cluster'],
    ] as const) {
      expect(() => redisTier(options as never)).toThrow(
        expect.objectContaining({ code: 'ERR_HOTSET_INVALID_OPTION', option }),
      )
    }
  })
})

describe('a full server that evicts nothing', () => {
  it('refuses writes and tells of that, deletes all the same, and serves reads', async () => {
    const full = await startRedis({ policy: 'noeviction' })
    onTestFinished(() => full.close())
    const { tier: crowded, host } = await openTier({ url: full.url })
    await crowded.set('k', entryOf('value'))
    await crowded.set('taken', entryOf('value'))
    await full.run('CONFIG', 'SET', 'maxmemory', '1')
    expect(await crowded.set('other', entryOf('value'))).toBe(false)
    await expect(crowded.invalidateTags(['t'], false)).rejects.toThrow(/OOM/)
    const { seen } = await crowded.get('other')
    const options = { ifUnchanged: { seen } }
    expect(await crowded.set('other', entryOf('value'), options)).toBe(false)
    expect(host.problems).toMatchObject(new Array(2).fill({ kind: 'full', key: 'other' }))
    expect(await read(crowded, 'k')).toBe('value')
    expect(await crowded.delete(['k'])).toEqual([true])
    expect(textOf(await crowded.take('taken'))).toBe('value')
    expect(await read(crowded, 'k')).toBeUndefined()
    expect(await read(crowded, 'taken')).toBeUndefined()
  })
})
