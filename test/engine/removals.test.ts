/** What a cache does about values it cannot decode, and whom it tells why entries went. */
import { describe, expect, test, vi } from 'vitest'
import { type CacheOptions, type CustomCodec, SharedCache } from '../../src/index.js'
import { ManualClock } from '../support/manual-clock.js'

type Told = [key: string, reason: string]

/** Text whose decoding can be made to fail. */
class FragileCodec implements CustomCodec<string> {
  broken = false

  encode(value: string): Uint8Array {
    return Buffer.from(value)
  }

  decode(bytes: Uint8Array): string {
    if (this.broken) throw new Error('broken')
    return Buffer.from(bytes).toString()
  }
}

describe('a value that cannot be decoded', () => {
  const reads: [string, (cache: SharedCache<string>) => unknown][] = [
    ['get', (cache) => cache.get('key')],
    ['peek', (cache) => cache.peek('key')],
    ['take', (cache) => cache.take('key')],
    ['getMany', (cache) => cache.getMany(['key'])[0]],
    ['values', (cache) => cache.values().next().value],
    ['entries', (cache) => [...cache][0]],
  ]

  describe.each([5, 20_000, 300_000])('of %i bytes', (bytes) => {
    test.each(reads)('is a miss for %s, removed, counted and reported', (_, read) => {
      const codec = new FragileCodec()
      const onError = vi.fn()
      const told: Told[] = []
      const cache = new SharedCache<string>({
        maxBytes: '4mb',
        codec,
        near: false,
        onError,
        onRemove: (...removal) => told.push(removal),
      })
      const emptyBytes = cache.bytes
      cache.set('key', 'v'.repeat(bytes))
      codec.broken = true
      expect(read(cache)).toBeUndefined()
      expect(onError.mock.calls).toEqual([[new Error('broken'), 'key']])
      expect(cache.stats().corrupt).toBe(1)
      expect(told).toEqual([['key', 'delete']])
      codec.broken = false
      expect(cache.get('key')).toBeUndefined()
      expect(cache.size).toBe(0)
      expect(cache.verify()).toEqual({ ok: true, problems: [] })
      cache.clear()
      expect(cache.bytes).toBe(emptyBytes)
    })
  })

  test('is not removed where the codec replaced it meanwhile', () => {
    const codec: CustomCodec<string> = {
      encode: (value) => Buffer.from(value),
      decode: (bytes) => {
        const text = Buffer.from(bytes).toString()
        if (text === 'new') return text
        cache.set('key', 'new')
        throw new Error('old')
      },
    }
    const cache: SharedCache<string> = new SharedCache<string>({ maxBytes: '1mb', codec })
    cache.set('key', 'old')
    expect(cache.get('key')).toBeUndefined()
    expect(cache.get('key')).toBe('new')
  })

  test('leaves nothing in the near cache', () => {
    const codec = new FragileCodec()
    const cache = new SharedCache<string>({ maxBytes: '1mb', codec })
    cache.set('key', 'value')
    cache.get('key')
    cache.set('other', '')
    codec.broken = true
    expect(cache.get('key')).toBeUndefined()
    codec.broken = false
    expect(cache.get('key')).toBeUndefined()
  })
})

describe('onRemove', () => {
  function create(options: Partial<CacheOptions<string>> = {}) {
    const told: Told[] = []
    const clock = new ManualClock()
    const cache = new SharedCache<string>({
      maxBytes: '1mb',
      policy: 'fifo',
      shards: 1,
      clock,
      onRemove: (...removal) => told.push(removal),
      ...options,
    })
    return { cache, clock, told }
  }

  const reasons: [string, (setting: ReturnType<typeof create>) => void, Told[]][] = [
    ['a delete', ({ cache }) => cache.delete('a'), [['a', 'delete']]],
    ['a take', ({ cache }) => cache.take('a'), [['a', 'delete']]],
    ['an overwrite', ({ cache }) => cache.set('a', 'new'), [['a', 'replace']]],
    [
      'an overwrite of another size',
      ({ cache }) => cache.set('a', 'n'.repeat(3000)),
      [['a', 'replace']],
    ],
    [
      'an overwrite by a large value',
      ({ cache }) => cache.set('a', 'n'.repeat(50_000)),
      [['a', 'replace']],
    ],
    ['a refused overwrite', ({ cache }) => cache.set('a', 'n'.repeat(500_000)), [['a', 'replace']]],
    [
      'an eviction',
      ({ cache }) => {
        cache.set('b', '')
        cache.set('c', '')
      },
      [['a', 'evict']],
    ],
    ['a clear', ({ cache }) => cache.clear(), [['a', 'clear']]],
    [
      'an expiry',
      ({ cache, clock }) => {
        cache.touch('a', 5)
        clock.advance(5)
        cache.purgeExpired()
      },
      [['a', 'expire']],
    ],
    ['a delete by tag', ({ cache }) => cache.deleteByTag('tag'), [['a', 'delete']]],
    ['a delete by prefix', ({ cache }) => cache.deleteByPrefix('a'), [['a', 'delete']]],
    [
      'a purge after its tag was invalidated',
      ({ cache }) => {
        cache.invalidateTags('tag')
        cache.purgeExpired()
      },
      [['a', 'delete']],
    ],
    [
      'an overwrite after its expiry',
      ({ cache, clock }) => {
        cache.touch('a', 5)
        clock.advance(5)
        cache.set('a', '')
      },
      [['a', 'expire']],
    ],
    [
      'an overwrite after its tag was invalidated',
      ({ cache }) => {
        cache.invalidateTags('tag')
        cache.set('a', '')
      },
      [['a', 'delete']],
    ],
    [
      'a delete after its expiry',
      ({ cache, clock }) => {
        cache.touch('a', 5)
        clock.advance(5)
        cache.delete('a')
      },
      [['a', 'expire']],
    ],
    [
      'an increment of the same key',
      ({ cache }) => expect(() => cache.increment('a')).toThrow(TypeError),
      [],
    ],
    ['an add of the same key', ({ cache }) => cache.add('a', 'new'), []],
  ]

  test.each(reasons)('is told of %s', (_, act, expected) => {
    const setting = create({ maxEntries: 2 })
    setting.cache.set('a', 'first', { tags: ['tag'] })
    act(setting)
    expect(setting.told).toEqual(expected)
  })

  test('may use the cache: what it removes is told of in turn', () => {
    const told: Told[] = []
    const cache: SharedCache<string> = new SharedCache<string>({
      maxBytes: '1mb',
      onRemove: (key, reason) => {
        told.push([key, reason])
        if (key === 'a') expect(cache.delete('b')).toBe(true)
        if (key === 'b') {
          expect(cache.has('a')).toBe(false)
          cache.set('a again', cache.get('c') ?? '')
          cache.clear()
        }
      },
    })
    cache.setMany([
      ['a', ''],
      ['b', ''],
      ['c', 'kept'],
    ])
    expect(cache.delete('a')).toBe(true)
    expect(told.slice(0, 2)).toEqual([
      ['a', 'delete'],
      ['b', 'delete'],
    ])
    expect(told.slice(2).sort()).toEqual([
      ['a again', 'clear'],
      ['c', 'clear'],
    ])
    expect(cache.size).toBe(0)
    expect(cache.verify().ok).toBe(true)
  })

  test('may put back what was evicted, without end neither of calls nor of entries', () => {
    let putBack = 0
    const cache: SharedCache<string> = new SharedCache<string>({
      maxBytes: '1mb',
      maxEntries: 10,
      shards: 1,
      policy: 'lru',
      onRemove: (key, reason) => {
        if (reason === 'evict' && putBack++ < 100) cache.set(key, 'again')
      },
    })
    for (let index = 0; index < 11; index++) cache.set(`${index}`, '')
    expect(putBack).toBe(101)
    expect(cache.size).toBe(10)
  })

  test('that throws is heard after all were told, and the cache is none the worse', () => {
    const told: string[] = []
    const cache = new SharedCache<string>({
      maxBytes: '1mb',
      onRemove: (key) => {
        told.push(key)
        throw new Error(`told of ${key}`)
      },
    })
    cache.setMany([
      ['a', ''],
      ['b', ''],
      ['c', ''],
    ])
    expect(() => cache.clear()).toThrow(/^told of [abc]$/)
    expect(told.sort()).toEqual(['a', 'b', 'c'])
    expect(cache.size).toBe(0)
    cache.set('a', 'new')
    expect(cache.get('a')).toBe('new')
  })
})
