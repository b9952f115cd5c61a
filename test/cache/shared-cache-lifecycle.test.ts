/** The life of a cache: empty, cleared, closed, gone. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CacheClosedError, HotsetError, SharedCache } from '../../src/index.js'
import { createCache, fill, warm } from './shared-cache-helpers.js'

describe('clear', () => {
  it('leaves nothing, and all memory free again', () => {
    const { cache, clock } = createCache()
    const emptyBytes = cache.bytes
    for (let round = 0; round < 5; round++) {
      fill(cache, 3000)
      cache.set('large', 'x'.repeat(300_000), { ttl: 10, tags: ['t'] })
      cache.set('sliding', 1, { ttl: 1000, sliding: true })
      warm(cache, 'key:1', 'large')
      cache.clear()
      expect(cache.size).toBe(0)
      expect(cache.bytes).toBe(emptyBytes)
      expect(cache.get('key:1')).toBeUndefined()
      expect(cache.get('large')).toBeUndefined()
      expect([...cache.keys()]).toEqual([])
      expect(cache.stats().payloadBytes).toBe(0)
      clock.advance(10_000)
      expect(cache.purgeExpired()).toBe(0)
    }
  })

  it('of an empty cache is nothing', () => {
    const { cache } = createCache()
    cache.clear()
    cache.clear()
    expect(cache.set('a', 1)).toBe(true)
    expect(cache.get('a')).toBe(1)
  })
})

describe('close', () => {
  it('makes every later call raise CacheClosedError, which names the cache', async () => {
    const { cache } = createCache({ name: 'users' })
    cache.set('a', 1, { tags: ['t'] })
    warm(cache, 'a')
    const view = cache.namespace('n')
    cache.close()
    const calls: (() => unknown)[] = [
      () => cache.get('a'),
      () => cache.peek('a'),
      () => cache.has('a'),
      () => cache.set('a', 1),
      () => cache.set('b', 1, { tags: ['t', 'new tag'] }),
      () => cache.add('a', 1),
      () => cache.delete('a'),
      () => cache.take('a'),
      () => cache.touch('a', 10),
      () => cache.increment('n'),
      () => cache.compareAndSet('a', 1, 1),
      () => cache.getMany(['a']),
      () => cache.setMany([['a', 1]]),
      () => cache.hasMany(['a']),
      () => cache.deleteMany(['a']),
      () => cache.info('a'),
      () => cache.invalidateTags('t'),
      () => cache.deleteByTag('t'),
      () => cache.deleteByTag('another new tag'),
      () => cache.deleteByPrefix('a'),
      () => cache.deleteByPattern('*'),
      () => [...cache.keys()],
      () => [...cache.values()],
      () => [...cache.entries()],
      () => [...cache],
      () => cache.forEach(() => {}),
      () => cache.size,
      () => cache.bytes,
      () => cache.purgeExpired(),
      () => cache.stats(),
      () => cache.clear(),
      () => cache.verify(),
      () => view.get('a'),
    ]
    for (const call of calls) {
      expect(call, String(call)).toThrow(CacheClosedError)
      expect(call).toThrow(
        expect.objectContaining({ code: 'ERR_HOTSET_CACHE_CLOSED', cache: 'users' }),
      )
    }
    await expect(cache.getOrSet('a', () => 1)).rejects.toThrow(CacheClosedError)
    expect(new CacheClosedError('x')).toBeInstanceOf(HotsetError)
  })

  it('may be called again', () => {
    const { cache } = createCache()
    cache.close()
    cache.close()
    cache[Symbol.dispose]()
  })

  it('rejects those who wait for a load, and aborts the loader', async () => {
    const { cache } = createCache()
    let signal: AbortSignal | undefined
    const load = cache.getOrSet('a', (context) => {
      signal = context.signal
      return new Promise(() => {})
    })
    cache.close()
    await expect(load).rejects.toThrow(CacheClosedError)
    expect(signal?.aborted).toBe(true)
  })

  it('happens at the end of a block with `using`', () => {
    let outside: SharedCache | undefined
    {
      using inside = new SharedCache({ maxBytes: '1mb' })
      inside.set('a', 1)
      outside = inside
    }
    expect(() => outside?.get('a')).toThrow(CacheClosedError)
  })

  it('lets the memory go, although the cache itself is still referred to', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const memories: WeakRef<object>[] = []
    const Original = WebAssembly.Memory
    onTestFinished(() => {
      WebAssembly.Memory = Original
    })
    WebAssembly.Memory = class extends Original {
      constructor(descriptor: ConstructorParameters<typeof Original>[0]) {
        super(descriptor)
        memories.push(new WeakRef(this.buffer))
      }
    }
    const { cache } = createCache()
    cache.set('a', 1, { tags: ['t'] })
    warm(cache, 'a')
    cache.invalidateTags('t')
    await cache.getOrSet('b', () => 1)
    const isHeld = () => memories.some((memory) => memory.deref() !== undefined)
    cache.close()
    for (let round = 0; round < 20 && isHeld(); round++) {
      await new Promise(setImmediate)
      collect()
    }
    expect(memories.length).toBeGreaterThan(0)
    expect(isHeld()).toBe(false)
    expect(() => cache.get('a')).toThrow(CacheClosedError)
  })
})

describe('verify', () => {
  it('finds nothing wrong with a cache after all kinds of use', () => {
    const { cache, clock } = createCache({ maxBytes: '2mb' })
    for (let index = 0; index < 3000; index++) {
      cache.set(`key:${index % 800}`, 'x'.repeat((index * 331) % 9000), {
        ttl: 1 + (index % 500),
        tags: index % 3 === 0 ? ['t'] : [],
        priority: index % 256,
        sliding: index % 7 === 0,
      })
      if (index % 5 === 0) cache.delete(`key:${index % 400}`)
      if (index % 11 === 0) cache.touch(`key:${index % 300}`, 5000)
      if (index % 500 === 0) cache.invalidateTags('t')
      clock.advance(1)
    }
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
    cache.clear()
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
  })
})

it('can be created and closed many times', () => {
  for (let round = 0; round < 50; round++) {
    using cache = new SharedCache({ maxBytes: '64mb' })
    cache.set('a', round)
    expect(cache.get('a')).toBe(round)
  }
})
