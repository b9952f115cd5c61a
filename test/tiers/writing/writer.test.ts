/** Writing: to all tiers, at once; nothing anywhere where the key, the value or an option is wrong. */
import { describe, expect, it } from 'vitest'
import type { TieredCache } from '../../../src/tiers/index.js'
import { writeAround, writeThrough } from '../../../src/tiers/index.js'
import { MemoryStore } from '../store/store-helpers.js'
import { createCache, createPair, createTwo, failing } from '../support/tiered-fixture.js'

const MINUTE = 60_000
const LONG_KEY = 'x'.repeat(2 ** 20)

describe('set', () => {
  it('stores in all tiers, and says so of each', async () => {
    const { cache } = createPair<number>()
    expect(await cache.set('a', 1)).toEqual({
      ok: true,
      tiers: { memory: 'stored', map: 'stored' },
    })
    expect(cache.getLocal('a')).toBe(1)
    cache.memory.clear()
    expect(await cache.get('a')).toBe(1)
  })

  it('is seen by this process at once, before the lower tiers have it', async () => {
    const { cache } = createPair<number>()
    const setting = cache.set('a', 1)
    expect(cache.getLocal('a')).toBe(1)
    await setting
  })

  it('reaches other processes', async () => {
    const { caches } = createTwo<number>()
    await caches[0].set('a', 1)
    expect(await caches[1].get('a')).toBe(1)
    await caches[0].set('a', 2)
    expect(await caches[1].get('a')).toBe(2)
  })

  it('keeps the order of the calls for a key, in the lower tiers too', async () => {
    const { cache } = createPair<number>()
    await Promise.all(Array.from({ length: 50 }, (_, index) => cache.set('a', index)))
    cache.memory.clear()
    expect(await cache.get('a')).toBe(49)
  })

  it('says that memory refused what does not fit, while the lower tiers have it', async () => {
    const { cache } = createPair<string>({ memory: { maxEntryBytes: '1kb' } })
    const big = 'x'.repeat(10_000)
    const { ok, tiers } = await cache.set('a', big)
    expect([ok, tiers]).toEqual([true, { memory: 'refused', map: 'stored' }])
    expect(await cache.get('a')).toBe(big)
  })
})

describe('setMany', () => {
  it('stores in all tiers, one call a tier', async () => {
    const { cache, tier } = createPair<number>()
    const entries = new Map([
      ['a', 1],
      ['b', 2],
    ])
    const result = await cache.setMany(entries, { tags: ['t'], ttl: '1m' })
    expect(result).toEqual({ ok: true, tiers: { memory: 'stored', map: 'stored' } })
    expect(tier.calls).toEqual(['setMany a,b'])
    expect(tier.entry('b')).toMatchObject({ tags: ['t'] })
    cache.memory.clear()
    expect(await cache.getMany(['b', 'a'])).toEqual([2, 1])
  })

  it('has the last value of a key that comes twice, in all tiers', async () => {
    const { cache } = createPair<number>()
    await cache.setMany([
      ['a', 1],
      ['a', 2],
    ])
    expect(cache.getLocal('a')).toBe(2)
    cache.memory.clear()
    expect(await cache.get('a')).toBe(2)
  })

  it('of nothing asks nobody', async () => {
    const { cache, tier } = createPair<number>()
    expect(await cache.setMany([])).toEqual({ ok: true, tiers: {} })
    expect(tier.calls).toEqual([])
  })
})

describe.each([
  ['a value that cannot be stored', 'a', () => {}, undefined, 'ERR_HOTSET_UNSERIALIZABLE_VALUE'],
  ['undefined', 'a', undefined, undefined, 'ERR_HOTSET_INVALID_VALUE'],
  ['a key that is no string', 7, 1, undefined, 'ERR_HOTSET_INVALID_KEY'],
  ['a key that is too long', LONG_KEY, 1, undefined, 'ERR_HOTSET_INVALID_KEY'],
  ['a wrong option', 'a', 1, { ttl: 'soon' }, 'ERR_HOTSET_INVALID_OPTION'],
  ['a tier that is not there', 'a', 1, { ttl: { tape: 1 } }, 'ERR_HOTSET_INVALID_OPTION'],
  ['a tag of its own kind', 'a', 1, { tags: ['\0hotset:absent'] }, 'ERR_HOTSET_INVALID_OPTION'],
] as const)('%s', (_, key, value, options, code) => {
  it.each(['set', 'setMany'])('rejects %s, and nothing is changed anywhere', async (method) => {
    const store = new MemoryStore<unknown>()
    const { cache, tier } = createPair<unknown>({ store: writeThrough(store) })
    const writing =
      method === 'set'
        ? cache.set(key as string, value, options as object)
        : cache.setMany(
            [
              ['fine', 1],
              [key as string, value],
            ],
            options as object,
          )
    await expect(writing).rejects.toMatchObject({ code })
    expect([store.calls, tier.calls, cache.memory.size]).toEqual([[], [], 0])
  })
})

describe.each([
  ['is no string', 7],
  ['is too long', LONG_KEY],
])('a key that %s', (_kind, key) => {
  it.each([
    ['get', (cache: TieredCache<number>) => cache.get(key as string)],
    ['getMany', (cache: TieredCache<number>) => cache.getMany(['fine', key as string])],
    ['getOrSet', (cache: TieredCache<number>) => cache.getOrSet(key as string, () => 1)],
    ['getEntry', (cache: TieredCache<number>) => cache.getEntry(key as string)],
    ['delete', (cache: TieredCache<number>) => cache.delete(key as string)],
    ['deleteMany', (cache: TieredCache<number>) => cache.deleteMany(['fine', key as string])],
    ['take', (cache: TieredCache<number>) => cache.take(key as string)],
    ['expire', (cache: TieredCache<number>) => cache.expire('fine', key as string)],
  ])('makes %s reject with InvalidKeyError, and nothing is changed', async (_, call) => {
    const store = new MemoryStore<number>()
    const { cache, tier } = createPair<number>({ store: writeThrough(store) })
    await cache.set('fine', 1)
    tier.calls.length = 0
    await expect(call(cache)).rejects.toMatchObject({ code: 'ERR_HOTSET_INVALID_KEY' })
    expect(cache.getLocal('fine')).toBe(1)
    expect([store.values.get('fine'), store.calls.length]).toEqual([1, 1])
    expect(tier.calls).toEqual([])
  })
})

describe('delete', () => {
  it('takes keys out of all tiers and counts those that some tier had', async () => {
    const { cache, tier } = createPair<number>()
    await cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    cache.memory.delete('b')
    expect(await cache.deleteMany(['a', 'b', 'c'])).toMatchObject({ ok: true, deleted: 2 })
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
    expect(await cache.delete('a')).toMatchObject({ deleted: 0 })
    expect(tier.callsOf('delete')).toEqual(['delete a,b,c', 'delete a'])
  })
})

describe('take', () => {
  it.each(['memory', 'map'])('gets and deletes, from %s', async (place) => {
    const { cache } = createPair<number>()
    await cache.set('a', 1)
    if (place === 'map') cache.memory.clear()
    expect(await cache.take('a')).toBe(1)
    expect([await cache.take('a'), await cache.get('a')]).toEqual([undefined, undefined])
  })

  it('is for one caller only, of those in two processes', async () => {
    const { caches } = createTwo<number>()
    await caches[0].set('a', 1)
    await caches[1].get('a')
    const takes = caches.flatMap((cache) => [cache.take('a'), cache.take('a')])
    expect((await Promise.all(takes)).filter((value) => value !== undefined)).toEqual([1])
  })

  it('is for one caller only where memory is all there is', async () => {
    const { cache } = createCache<number>()
    await cache.set('a', 1)
    const takes = await Promise.all([cache.take('a'), cache.take('a')])
    expect(takes.filter((value) => value !== undefined)).toEqual([1])
  })

  it('has nothing of a stale value', async () => {
    const { cache, clock } = createPair<number>({ ttl: '1m', grace: '1h' })
    await cache.set('a', 1)
    clock.advance(MINUTE)
    expect(await cache.take('a')).toBeUndefined()
    await expect(cache.getOrSet('a', failing('gone'))).rejects.toThrow('gone')
  })

  it('gets what only the store has, and removes it there', async () => {
    const store = new MemoryStore<number>()
    store.values.set('a', 1)
    const { cache } = createPair<number>({ store: writeThrough(store) })
    expect(await cache.take('a')).toBe(1)
    expect([store.values.size, await cache.take('a')]).toEqual([0, undefined])
  })
})

describe('expire', () => {
  it('makes keys stale in all tiers, counts them, and leaves what has no grace to go', async () => {
    const { cache } = createPair<number>()
    await cache.set('a', 1, { ttl: '1h', grace: '1h' })
    await cache.set('b', 1, { ttl: '1h' })
    expect(await cache.expire('a', 'b', 'c')).toMatchObject({ ok: true, deleted: 2 })
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
    expect(await cache.getOrSet('a', failing(), { grace: '1h' })).toBe(1)
    await expect(cache.getOrSet('b', failing('gone'), { grace: '1h' })).rejects.toThrow('gone')
  })
})

describe('cache-aside', () => {
  it('is get, load, set', async () => {
    const { cache } = createPair<number>()
    const database = new Map([['a', 1]])
    const read = async (key: string) => {
      const cached = await cache.get(key)
      if (cached !== undefined) return cached
      const value = database.get(key) as number
      await cache.set(key, value)
      return value
    }
    expect([await read('a'), await read('a')]).toEqual([1, 1])
    database.set('a', 2)
    await cache.delete('a')
    expect(await read('a')).toBe(2)
  })
})

describe('a store', () => {
  it('that is read only is read through, once a key, and not written to', async () => {
    const store = new MemoryStore<number>()
    store.values.set('a', 1)
    const { cache } = createPair<number>({ store })
    expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual([1, 1])
    expect([await cache.get('a'), store.loads]).toEqual([1, 1])
    await cache.set('b', 2)
    expect(store.calls).toEqual([])
  })

  it('is asked once for all that getMany lacks', async () => {
    const asked: (readonly string[])[] = []
    const store = {
      loadMany: (keys: readonly string[]) => {
        asked.push(keys)
        return keys.map((key) => (key === 'none' ? undefined : key.length))
      },
      save() {},
      remove() {},
    }
    const { cache, tier } = createPair<number>({ store })
    await cache.set('a', 1)
    expect(await cache.getMany(['ccc', 'a', 'none', 'bb', 'ccc'])).toEqual([3, 1, undefined, 2, 3])
    expect(asked).toEqual([['ccc', 'none', 'bb']])
    expect(tier.callsOf('get')).toEqual([])
    await cache.drain()
    expect([...tier.server.kept.keys()].sort()).toEqual(['a', 'bb', 'ccc'])
    expect(await cache.getMany(['bb', 'ccc'])).toEqual([2, 3])
    expect(asked.length).toBe(1)
  })

  it('that fails rejects the callers, or grace answers', async () => {
    const { cache, clock } = createPair<number>({
      store: { load: failing('store away'), save() {}, remove() {} },
      ttl: '1m',
      grace: '1h',
    })
    await expect(cache.get('a')).rejects.toThrow('store away')
    await expect(cache.getMany(['a', 'b'])).rejects.toThrow('store away')
    await cache.set('c', 3)
    clock.advance(MINUTE)
    expect(await cache.get('c')).toBe(3)
  })
})

describe('write-through', () => {
  it('has the store first, then the tiers', async () => {
    const store = new MemoryStore<number>()
    const { cache } = createPair<number>({ store: writeThrough(store) })
    store.hold = () => {
      expect(cache.getLocal('a')).toBeUndefined()
    }
    await cache.set('a', 1)
    expect([store.values.get('a'), cache.getLocal('a')]).toEqual([1, 1])
    store.hold = () => {
      expect(cache.getLocal('a')).toBe(1)
    }
    await cache.delete('a')
    expect([store.values.has('a'), cache.getLocal('a')]).toEqual([false, undefined])
  })

  it('leaves every tier as it was where the store fails', async () => {
    const store = new MemoryStore<number>()
    const { cache, tier } = createPair<number>({ store: writeThrough(store) })
    await cache.set('a', 1)
    tier.calls.length = 0
    store.refuse = () => {
      throw new Error('store full')
    }
    await expect(cache.set('a', 2)).rejects.toThrow('store full')
    await expect(cache.setMany([['a', 2]])).rejects.toThrow('store full')
    await expect(cache.delete('a')).rejects.toThrow('store full')
    expect(tier.calls).toEqual([])
    expect(await cache.get('a')).toBe(1)
  })

  it('stores of many those that the store took', async () => {
    const store = new MemoryStore<number>()
    store.refuse = (key) => {
      if (key === 'b') throw new Error('no b')
    }
    const { cache } = createPair<number>({ store: writeThrough(store) })
    const writing = cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    await expect(writing).rejects.toThrow('no b')
    expect([cache.getLocal('a'), cache.getLocal('b')]).toEqual([1, undefined])
  })
})

describe('write-around', () => {
  it('has the store written to, and the tiers emptied of the key, until it is read', async () => {
    const store = new MemoryStore<number>()
    const { cache, tier } = createPair<number>({ store: writeAround(store) })
    await cache.set('a', 1)
    expect([cache.getLocal('a'), tier.entry('a'), store.values.get('a')]).toEqual([
      undefined,
      undefined,
      1,
    ])
    expect(await cache.get('a')).toBe(1)
    expect(cache.getLocal('a')).toBe(1)
    await cache.set('a', 2)
    expect(await cache.get('a')).toBe(2)
  })
})
