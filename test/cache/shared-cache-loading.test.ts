/**
 * getOrSet on a real cache (loading.test.ts has the rules by themselves): what is stored, for how
 * long it is fresh or stale, and what a write during a load does to its result.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  CacheClosedError,
  InvalidOptionError,
  LoaderTimeoutError,
  UnserializableValueError,
} from '../../src/index.js'
import { type AnyCache, createCache, START_MS, warm } from './shared-cache-helpers.js'

afterEach(() => {
  vi.useRealTimers()
})

function createLoad<V = unknown>() {
  let resolve: (value: V) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<V>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  const loader = vi.fn((_: { key: string; signal: AbortSignal }) => promise)
  return { loader, resolve, reject }
}

const settle = () => new Promise(setImmediate)

describe.each([
  ['with a near cache', undefined],
  ['without a near cache', false as const],
])('getOrSet, %s', (_, near) => {
  it('loads what is missing once, and answers it from the cache then', async () => {
    const { cache } = createCache({ near })
    const loader = vi.fn(async ({ key }: { key: string }) => ({ key }))
    for (let round = 0; round < 10; round++) {
      expect(await cache.getOrSet('a', loader)).toEqual({ key: 'a' })
      warm(cache, 'a')
    }
    expect(loader).toHaveBeenCalledTimes(1)
    expect(cache.get('a')).toEqual({ key: 'a' })
  })

  it('calls one loader for all who ask at the same time', async () => {
    const { cache } = createCache({ near })
    const { loader, resolve } = createLoad<string>()
    const waiting = Array.from({ length: 100 }, () => cache.getOrSet('a', loader))
    resolve('value')
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['value']))
    expect(loader).toHaveBeenCalledTimes(1)
  })

  it('stores with the options given', async () => {
    const { cache } = createCache({ near })
    await cache.getOrSet('a', () => 1, { ttl: '1m', tags: ['t'], priority: 9, sliding: true })
    expect(cache.info('a')).toMatchObject({ remainingTtl: 60_000, tags: ['t'], priority: 9 })
    cache.invalidateTags('t')
    expect(cache.has('a')).toBe(false)
  })

  it('stores and answers values of any size', async () => {
    const { cache } = createCache({ near })
    const large = 'x'.repeat(200_000)
    const loader = vi.fn(() => large)
    for (let round = 0; round < 3; round++) {
      expect(await cache.getOrSet('a', loader, { ttl: 100 })).toBe(large)
      warm(cache, 'a')
    }
    expect(loader).toHaveBeenCalledTimes(1)
  })

  it('loads anew once the lifetime is over', async () => {
    const { cache, clock } = createCache({ near })
    let loads = 0
    const load = () => cache.getOrSet('a', () => ++loads, { ttl: 100 })
    expect(await load()).toBe(1)
    warm(cache, 'a')
    clock.advance(99)
    expect(await load()).toBe(1)
    clock.advance(1)
    expect(await load()).toBe(2)
    expect(await load()).toBe(2)
  })

  it('loads although there is a value with forceFresh', async () => {
    const { cache } = createCache({ near })
    cache.set('a', 'old')
    warm(cache, 'a')
    expect(await cache.getOrSet('a', () => 'new', { forceFresh: true })).toBe('new')
    expect(cache.get('a')).toBe('new')
  })

  it('answers null and false as values, and does not store undefined', async () => {
    const { cache } = createCache({ near })
    for (const value of [null, false, 0, '']) {
      const loader = vi.fn(() => value)
      expect(await cache.getOrSet(`${value}`, loader)).toBe(value)
      expect(await cache.getOrSet(`${value}`, loader)).toBe(value)
      expect(loader).toHaveBeenCalledTimes(1)
    }
    expect(await cache.getOrSet('none', () => undefined)).toBeUndefined()
    expect(cache.has('none')).toBe(false)
  })

  it('rejects with the error of the loader, and stores nothing', async () => {
    const { cache } = createCache({ near })
    const error = new RangeError('no')
    await expect(cache.getOrSet('a', () => Promise.reject(error))).rejects.toBe(error)
    expect(cache.has('a')).toBe(false)
    expect(await cache.getOrSet('a', () => 1)).toBe(1)
  })

  it('rejects for a value that cannot be stored', async () => {
    const { cache } = createCache({ near })
    const load = cache.getOrSet('a', () => ({ fn() {} }))
    await expect(load).rejects.toThrow(UnserializableValueError)
  })
})

describe('a write during a load', () => {
  const large = 'x'.repeat(100_000)
  const writes: [string, (cache: AnyCache) => unknown, unknown][] = [
    ['set', (cache) => cache.set('a', 'written'), 'written'],
    ['set of a large value', (cache) => cache.set('a', large), large],
    ['add', (cache) => cache.add('a', 'written'), 'written'],
    ['setMany', (cache) => cache.setMany([['a', 'written']]), 'written'],
    ['increment', (cache) => cache.increment('a', 5), 5],
    ['delete', (cache) => cache.delete('a'), undefined],
    ['take', (cache) => cache.take('a'), undefined],
    ['deleteMany', (cache) => cache.deleteMany(['a']), undefined],
    ['deleteByPrefix', (cache) => cache.deleteByPrefix('a'), undefined],
    ['deleteByPattern', (cache) => cache.deleteByPattern('?'), undefined],
    ['deleteByTag', (cache) => cache.deleteByTag('t'), undefined],
    ['invalidateTags', (cache) => cache.invalidateTags('t'), undefined],
    ['clear', (cache) => cache.clear(), undefined],
    ['the clear of a namespace', (cache) => cache.namespace('n').clear(), 'loaded'],
    ['a deleteByPrefix of others', (cache) => cache.deleteByPrefix('b'), 'loaded'],
    ['a delete of another key', (cache) => cache.delete('b'), 'loaded'],
  ]

  it.each(writes)(
    '%s: the caller gets what was loaded, the cache keeps what is right',
    async (_, write, kept) => {
      const { cache } = createCache()
      const { loader, resolve } = createLoad<string>()
      const load = cache.getOrSet('a', loader, { tags: ['t'] })
      write(cache)
      resolve('loaded')
      expect(await load).toBe('loaded')
      expect(cache.get('a')).toBe(kept)
    },
  )

  it('makes those who ask afterwards load anew', async () => {
    const { cache } = createCache()
    const first = createLoad<string>()
    const second = createLoad<string>()
    const early = cache.getOrSet('a', first.loader)
    cache.delete('a')
    const late = cache.getOrSet('a', second.loader)
    second.resolve('new')
    expect(await late).toBe('new')
    first.resolve('old')
    expect(await early).toBe('old')
    expect(cache.get('a')).toBe('new')
  })
})

describe('staleWhileRevalidate', () => {
  const options = { ttl: 100, staleWhileRevalidate: 1000 }

  it('answers the stale value at once, and the fresh one from then on', async () => {
    const { cache, clock } = createCache()
    await cache.getOrSet('a', () => 'old', options)
    warm(cache, 'a')
    clock.advance(100)
    const { loader, resolve } = createLoad<string>()
    expect(await cache.getOrSet('a', loader, options)).toBe('old')
    expect(await cache.getOrSet('a', loader, options)).toBe('old')
    expect(loader).toHaveBeenCalledTimes(1)
    resolve('new')
    await settle()
    expect(await cache.getOrSet('a', loader, options)).toBe('new')
    expect(cache.get('a')).toBe('new')
    expect(cache.info('a')?.remainingTtl).toBe(100)
  })

  it('hides the stale value from everything else', async () => {
    const { cache, clock } = createCache()
    await cache.getOrSet('a', () => 'old', options)
    warm(cache, 'a')
    clock.advance(100)
    for (const isPurged of [false, true]) {
      if (isPurged) expect(cache.purgeExpired()).toBe(0)
      expect(cache.get('a')).toBeUndefined()
      expect(cache.peek('a')).toBeUndefined()
      expect(cache.has('a')).toBe(false)
      expect(cache.info('a')).toBeUndefined()
      expect(cache.size).toBe(0)
      expect([...cache.keys()]).toEqual([])
      expect(cache.touch('a', 1000)).toBe(false)
    }
    expect(await cache.getOrSet('a', () => 'new', options)).toBe('old')
  })

  it('ends after its time, and the memory is given back', async () => {
    const { cache, clock } = createCache()
    await cache.getOrSet('a', () => 'old', options)
    clock.advance(1099)
    expect(await cache.getOrSet('a', () => undefined, options)).toBe('old')
    clock.advance(1)
    expect(await cache.getOrSet('a', () => 'new', options)).toBe('new')
    await cache.getOrSet('b', () => 'x', options)
    clock.advance(1100)
    expect(cache.purgeExpired()).toBe(2)
    expect(cache.stats().payloadBytes).toBe(0)
  })

  it('is voided by a delete, a set and an invalidation', async () => {
    const { cache, clock } = createCache()
    const ways = [
      () => cache.delete('a'),
      () => cache.invalidateTags('t'),
      () => cache.clear(),
      () => cache.take('a'),
    ]
    for (const way of ways) {
      await cache.getOrSet('a', () => 'old', { ...options, tags: ['t'] })
      clock.advance(100)
      way()
      const value = await cache.getOrSet('a', () => 'new', options)
      if (way !== ways[3]) expect(value).toBe('new')
      cache.clear()
    }
  })

  it('works for values of any size, before and after the wheel has turned', async () => {
    const { cache, clock } = createCache()
    const large = 'x'.repeat(100_000)
    await cache.getOrSet('a', () => large, options)
    clock.advance(500)
    expect(await cache.getOrSet('a', () => undefined, options)).toBe(large)
    await settle()
    cache.purgeExpired()
    expect(await cache.getOrSet('a', () => undefined, options)).toBe(large)
  })
})

describe('staleIfError', () => {
  const options = { ttl: 100, staleIfError: 1000 }
  const fail = () => Promise.reject(new RangeError('no'))

  it('answers the stale value where the load fails, and reports the error', async () => {
    const onError = vi.fn()
    const { cache, clock } = createCache({ onError })
    await cache.getOrSet('a', () => 'old', options)
    clock.advance(500)
    expect(await cache.getOrSet('a', fail, options)).toBe('old')
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.any(RangeError), 'a')
    expect(await cache.getOrSet('a', () => 'new', options)).toBe('new')
  })

  it('rejects once its time is over, and where the value was deleted', async () => {
    const { cache, clock } = createCache()
    await cache.getOrSet('a', () => 'old', options)
    clock.advance(1100)
    await expect(cache.getOrSet('a', fail, options)).rejects.toThrow(RangeError)
    await cache.getOrSet('b', () => 'old', options)
    clock.advance(500)
    cache.delete('b')
    await expect(cache.getOrSet('b', fail, options)).rejects.toThrow(RangeError)
  })
})

describe('refreshAhead', () => {
  it('reloads in the background late in the lifetime, while the old value is answered', async () => {
    const { cache, clock } = createCache()
    let loads = 0
    const load = () => cache.getOrSet('a', () => ++loads, { ttl: 100, refreshAhead: 0.8 })
    expect(await load()).toBe(1)
    warm(cache, 'a')
    clock.advance(79)
    expect(await load()).toBe(1)
    expect(loads).toBe(1)
    clock.advance(1)
    expect(await load()).toBe(1)
    expect(loads).toBe(2)
    expect(await load()).toBe(2)
    expect(cache.info('a')).toMatchObject({ createdAt: START_MS + 80, remainingTtl: 100 })
  })
})

describe('timeout', () => {
  it('rejects the caller whose load is late, and aborts the loader nobody waits for', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { cache } = createCache()
    let signal: AbortSignal | undefined
    const load = cache.getOrSet(
      'a',
      (context) => {
        signal = context.signal
        return new Promise(() => {})
      },
      { timeout: '50ms' },
    )
    const failed = expect(load).rejects.toThrow(
      expect.objectContaining({ name: 'LoaderTimeoutError', key: 'a', timeoutMs: 50 }),
    )
    vi.advanceTimersByTime(50)
    await failed
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toBeInstanceOf(LoaderTimeoutError)
  })

  it('answers the stale value with staleIfError', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { cache, clock } = createCache()
    const options = { ttl: 10, staleIfError: 1000, timeout: 50 }
    await cache.getOrSet('a', () => 'old', options)
    clock.advance(10)
    const load = cache.getOrSet('a', () => new Promise(() => {}), options)
    vi.advanceTimersByTime(50)
    expect(await load).toBe('old')
  })
})

describe('signal', () => {
  it('rejects its caller with the reason, and leaves the others waiting', async () => {
    const { cache } = createCache()
    const { loader, resolve } = createLoad<string>()
    const controller = new AbortController()
    const impatient = cache.getOrSet('a', loader, { signal: controller.signal })
    const patient = cache.getOrSet('a', loader)
    controller.abort(new RangeError('enough'))
    await expect(impatient).rejects.toThrow('enough')
    expect(loader.mock.calls[0][0].signal.aborted).toBe(false)
    resolve('value')
    expect(await patient).toBe('value')
    expect(cache.get('a')).toBe('value')
  })

  it('aborts the loader once nobody is left, and nothing is stored', async () => {
    const { cache } = createCache()
    const { loader, resolve } = createLoad<string>()
    const controller = new AbortController()
    const load = cache.getOrSet('a', loader, { signal: controller.signal })
    const { signal } = loader.mock.calls[0][0]
    controller.abort()
    await expect(load).rejects.toMatchObject({ name: 'AbortError' })
    expect(signal.aborted).toBe(true)
    resolve('late')
    await settle()
    expect(cache.has('a')).toBe(false)
  })
})

it('rejects, never throws, for options that are wrong', async () => {
  const { cache } = createCache()
  const wrong = [
    { ttl: 0 },
    { tags: [''] },
    { priority: 300 },
    { refreshAhead: 2 },
    { timeout: -1 },
    { staleIfError: 'long' },
    { staleWhileRevalidate: Number.NaN },
    { signal: {} },
  ] as object[]
  for (const options of wrong) {
    await expect(cache.getOrSet('a', () => 1, options)).rejects.toThrow(InvalidOptionError)
  }
  expect(cache.size).toBe(0)
})

it('that is under way when the cache closes is rejected, whatever the loader does then', async () => {
  const { cache } = createCache()
  const { loader, resolve } = createLoad<string>()
  const load = cache.getOrSet('a', loader)
  cache.close()
  resolve('late')
  await expect(load).rejects.toThrow(CacheClosedError)
})

it('gives loaders a cache they can use', async () => {
  const { cache } = createCache()
  const value = await cache.getOrSet('a', async () => {
    const part = await cache.getOrSet('b', () => 2)
    cache.set('c', 3)
    return part + (cache.get('c') ?? 0)
  })
  expect(value).toBe(5)
  expect(cache.getMany(['a', 'b', 'c'])).toEqual([5, 2, 3])
})
