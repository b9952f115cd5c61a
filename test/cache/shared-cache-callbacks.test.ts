/** onRemove and onError: who is told what, when, and what happens when they misbehave. */
import { describe, expect, it, vi } from 'vitest'
import type { CacheOptions, RemoveReason } from '../../src/index.js'
import { createCache, fill } from './shared-cache-helpers.js'

function createRecorded(options: Partial<CacheOptions> = {}) {
  const removed: [string, RemoveReason][] = []
  const created = createCache({
    ...options,
    onRemove: (key, reason) => {
      removed.push([key, reason])
    },
  })
  return { ...created, removed, takeRemoved: () => removed.splice(0).sort() }
}

describe('onRemove', () => {
  it("tells 'delete' for every way of deleting", () => {
    const { cache, takeRemoved } = createRecorded()
    const set = () => {
      cache.set('a', 1, { tags: ['t'] })
      takeRemoved()
    }
    const ways: (() => void)[] = [
      () => cache.delete('a'),
      () => cache.take('a'),
      () => cache.deleteMany(['a', 'none']),
      () => cache.deleteByTag('t'),
      () => cache.deleteByPrefix('a'),
      () => cache.deleteByPattern('?'),
    ]
    for (const way of ways) {
      set()
      way()
      expect(takeRemoved()).toEqual([['a', 'delete']])
      way()
      expect(takeRemoved()).toEqual([])
    }
  })

  it("tells 'delete' of a value too large for one page that is taken", () => {
    const { cache, takeRemoved } = createRecorded()
    cache.set('a', 'x'.repeat(100_000))
    cache.take('a')
    expect(takeRemoved()).toEqual([['a', 'delete']])
  })

  it("tells 'delete' of what its tags have invalidated, once it goes", () => {
    const { cache, takeRemoved } = createRecorded()
    cache.set('a', 1, { tags: ['t'] })
    cache.invalidateTags('t')
    expect(takeRemoved()).toEqual([])
    cache.purgeExpired()
    expect(takeRemoved()).toEqual([['a', 'delete']])
  })

  it("tells 'replace' for a set over a value, whatever the sizes", () => {
    const { cache, takeRemoved } = createRecorded()
    const sizes = [10, 10, 1000, 100_000, 100_000, 5]
    cache.set('日本', '')
    for (const size of sizes) cache.set('日本', 'x'.repeat(size))
    expect(takeRemoved()).toEqual(sizes.map(() => ['日本', 'replace']))
    cache.add('日本', 'refused')
    expect(takeRemoved()).toEqual([])
    cache.compareAndSet('日本', cache.info('日本')?.version ?? -1, 'x')
    expect(takeRemoved()).toEqual([['日本', 'replace']])
  })

  it("tells 'replace' of the old value of a set that was refused", () => {
    const { cache, takeRemoved } = createRecorded({ maxEntryBytes: 1000 })
    for (const bytes of [2000, 100_000]) {
      cache.set('a', 'old')
      expect(cache.set('a', 'x'.repeat(bytes))).toBe(false)
      expect(takeRemoved()).toEqual([['a', 'replace']])
    }
  })

  it("tells 'expire' when an expired entry is taken away", () => {
    const { cache, clock, takeRemoved } = createRecorded()
    cache.set('a', 1, { ttl: 10 })
    cache.set('b', 1, { ttl: 20 })
    clock.advance(10)
    cache.purgeExpired()
    expect(takeRemoved()).toEqual([['a', 'expire']])
    clock.advance(10)
    expect(cache.size).toBe(0)
    expect(takeRemoved()).toEqual([['b', 'expire']])
  })

  it("tells 'evict' for what had to make room", () => {
    const { cache, takeRemoved } = createRecorded({ policy: 'lru', maxEntries: 2, shards: 1 })
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, 1)
    expect(takeRemoved()).toEqual([
      ['a', 'evict'],
      ['b', 'evict'],
    ])
  })

  it("tells 'clear' of every entry", () => {
    const { cache, takeRemoved } = createRecorded()
    fill(cache, 2000)
    takeRemoved()
    cache.clear()
    const removed = takeRemoved()
    expect(removed).toHaveLength(2000)
    expect(new Set(removed.map(([key]) => key)).size).toBe(2000)
    expect(new Set(removed.map(([, reason]) => reason))).toEqual(new Set(['clear']))
  })

  it('names keys of every kind whole', () => {
    const { cache, takeRemoved } = createRecorded()
    const keys = ['', '\0', 'ä', '日本', '\ud800', 'k'.repeat(60_000), '日'.repeat(60_000)]
    for (const key of keys) cache.set(key, 1)
    for (const key of keys) {
      cache.delete(key)
      expect(takeRemoved()).toEqual([[key, 'delete']])
    }
  })

  it('is told all that went: entries in, less entries out, are those that are left', () => {
    const { cache, clock, removed } = createRecorded({ maxBytes: '2mb' })
    const live = new Set<string>()
    let random = 1
    for (let step = 0; step < 5000; step++) {
      random = (random * 48_271) % 2_147_483_647
      const key = `key:${random % 700}`
      clock.advance(1)
      const isSet = random % 5 !== 0
      const isStored =
        isSet && cache.set(key, 'x'.repeat(random % 9000), { ttl: 1 + (random % 3000) })
      if (!isSet) cache.delete(key)
      for (const [gone] of removed.splice(0)) live.delete(gone)
      // Why after: what a set removes, an expired entry of its own key too, goes before it is stored.
      if (isStored) live.add(key)
      if (cache.has(key)) expect(live.has(key)).toBe(true)
    }
    cache.purgeExpired()
    for (const [gone] of removed.splice(0)) live.delete(gone)
    expect([...live].sort()).toEqual([...cache.keys()].sort())
  })

  it('may use the cache: it is called when the call is over', () => {
    const seen: unknown[] = []
    const { cache } = createCache({
      onRemove: (key, reason) => {
        seen.push([key, reason, cache.get(key)])
        if (reason === 'delete') cache.set(`${key} again`, 1)
        if (key === 'b' && reason === 'replace') cache.delete('b')
      },
    })
    cache.set('a', 1)
    cache.delete('a')
    cache.set('b', 1)
    cache.set('b', 2)
    expect(seen).toEqual([
      ['a', 'delete', undefined],
      ['b', 'replace', 2],
      ['b', 'delete', undefined],
    ])
    expect([...cache.keys()].sort()).toEqual(['a again', 'b again'])
  })

  it('that throws makes the call throw, once all have been told and all is done', () => {
    const told: string[] = []
    const { cache } = createCache({
      onRemove: (key) => {
        told.push(key)
        throw new RangeError(key)
      },
    })
    fill(cache, 3)
    expect(() => cache.clear()).toThrow(RangeError)
    expect(told.sort()).toEqual(['key:0', 'key:1', 'key:2'])
    expect(cache.size).toBe(0)
    cache.set('a', 1)
    expect(() => cache.set('a', 2)).toThrow(RangeError)
    expect(cache.get('a')).toBe(2)
  })

  it('is told of what went during each kind of call, not later', () => {
    const { cache, clock, takeRemoved } = createRecorded()
    const calls: (() => unknown)[] = [
      () => cache.set('new', 1),
      () => cache.touch('new', 1000),
      () => cache.increment('n'),
      () => cache.size,
      () => cache.purgeExpired(),
      () => cache.set('large', 'x'.repeat(100_000)),
    ]
    for (const call of calls) {
      cache.clear()
      cache.set('new', 1)
      cache.set('old', 1, { ttl: 10 })
      takeRemoved()
      clock.advance(20)
      call()
      expect(cache.has('old')).toBe(false)
      const removed = takeRemoved()
      cache.size
      expect([...removed, ...takeRemoved()]).toContainEqual(['old', 'expire'])
    }
  })
})

describe('onError', () => {
  it('gets the error and the key of a value that cannot be decoded', () => {
    const onError = vi.fn()
    const onRemove = vi.fn()
    const { cache } = createCache({
      onError,
      onRemove,
      codec: {
        encode: () => Buffer.from('x'),
        decode(): number {
          throw new SyntaxError('broken')
        },
      },
    })
    cache.set('a', 1)
    expect(cache.get('a')).toBeUndefined()
    expect(onError.mock.calls).toEqual([[expect.any(SyntaxError), 'a']])
    expect(onRemove.mock.calls).toEqual([['a', 'delete']])
  })

  it('gets the error of a loader that failed in the background', async () => {
    const onError = vi.fn()
    const { cache, clock } = createCache({ onError })
    const options = { ttl: 10, staleWhileRevalidate: 100 }
    await cache.getOrSet('a', () => 1, options)
    clock.advance(10)
    const failing = async () => {
      throw new RangeError('no')
    }
    expect(await cache.getOrSet('a', failing, options)).toBe(1)
    await new Promise(setImmediate)
    expect(onError.mock.calls).toEqual([[expect.any(RangeError), 'a']])
  })

  it('may throw without harm to a background load', async () => {
    const { cache, clock } = createCache({
      onError() {
        throw new Error('from onError')
      },
    })
    const options = { ttl: 10, staleIfError: 100 }
    await cache.getOrSet('a', () => 1, options)
    clock.advance(10)
    expect(await cache.getOrSet('a', () => Promise.reject(new Error('no')), options)).toBe(1)
  })
})

it('removes a value whose codec fails, also where the codec has called the cache meanwhile', () => {
  const errors: string[] = []
  const codec = {
    encode: (value: string) => Buffer.from(value),
    decode: (bytes: Uint8Array): string => {
      const text = Buffer.from(bytes).toString()
      if (text !== 'broken') return text
      cache.get('other')
      throw new Error('no such value')
    },
  }
  const { cache } = createCache<string>({
    codec,
    near: false,
    onError: (_, key) => errors.push(key),
  })
  cache.set('other', 'fine')
  cache.set('a', 'broken')
  expect(cache.get('a')).toBeUndefined()
  expect(cache.has('a')).toBe(false)
  expect(errors).toEqual(['a'])
  expect(cache.stats().corrupt).toBe(1)
})
