/** What a caller sees of single entries: reading, writing, and the atomic steps, near cache on and off. */
import { describe, expect, expectTypeOf, it } from 'vitest'
import { InvalidKeyError, InvalidOptionError, type SharedCache } from '../../src/index.js'
import { createCache, warm } from './shared-cache-helpers.js'

describe.each([
  ['with a near cache', undefined],
  ['without a near cache', false as const],
])('a cache %s', (_, near) => {
  const create = () => createCache({ near }).cache

  it('answers undefined for a key that was never set', () => {
    const cache = create()
    expect(cache.get('a')).toBeUndefined()
    expect(cache.peek('a')).toBeUndefined()
    expect(cache.has('a')).toBe(false)
    expect(cache.info('a')).toBeUndefined()
  })

  it('answers what was set last, however often it is asked', () => {
    const cache = create()
    expect(cache.set('a', 1)).toBe(true)
    warm(cache, 'a')
    expect(cache.get('a')).toBe(1)
    expect(cache.set('a', 'two')).toBe(true)
    warm(cache, 'a')
    expect(cache.get('a')).toBe('two')
    expect(cache.has('a')).toBe(true)
    expect(cache.size).toBe(1)
  })

  it('keeps a value through changes of its size, back and forth', () => {
    const cache = create()
    for (const length of [0, 10, 100, 5_000, 40_000, 300_000, 40_000, 17, 0, 70_000, 1]) {
      expect(cache.set('a', 'x'.repeat(length))).toBe(true)
      warm(cache, 'a')
      expect(cache.get('a')).toBe('x'.repeat(length))
      expect(cache.size).toBe(1)
    }
  })

  it('tells with delete whether there was anything', () => {
    const cache = create()
    cache.set('a', 1)
    warm(cache, 'a')
    expect(cache.delete('a')).toBe(true)
    expect(cache.delete('a')).toBe(false)
    expect(cache.get('a')).toBeUndefined()
    expect(cache.has('a')).toBe(false)
    expect(cache.size).toBe(0)
  })

  it('adds only where the key is absent', () => {
    const cache = create()
    expect(cache.add('a', 1)).toBe(true)
    expect(cache.add('a', 2)).toBe(false)
    expect(cache.get('a')).toBe(1)
    cache.delete('a')
    expect(cache.add('a', 3)).toBe(true)
    expect(cache.get('a')).toBe(3)
  })

  it('adds where the old entry has expired', () => {
    const { cache, clock } = createCache({ near })
    cache.set('a', 1, { ttl: 10 })
    clock.advance(10)
    expect(cache.add('a', 2)).toBe(true)
    expect(cache.get('a')).toBe(2)
    expect(cache.info('a')?.expiresAt).toBe(Number.POSITIVE_INFINITY)
  })

  it('adds a value larger than a page only where the key is absent', () => {
    const cache = create()
    const large = 'x'.repeat(100_000)
    expect(cache.add('a', large)).toBe(true)
    expect(cache.add('a', 'y'.repeat(100_000))).toBe(false)
    expect(cache.get('a')).toBe(large)
  })

  it('takes a value once', () => {
    const cache = create()
    cache.set('a', { n: 1 })
    warm(cache, 'a')
    expect(cache.take('a')).toEqual({ n: 1 })
    expect(cache.take('a')).toBeUndefined()
    expect(cache.get('a')).toBeUndefined()
    cache.set('large', 'x'.repeat(100_000))
    expect(cache.take('large')).toBe('x'.repeat(100_000))
    expect(cache.has('large')).toBe(false)
    expect(cache.size).toBe(0)
  })

  it('increments a number, from nothing on', () => {
    const cache = create()
    expect(cache.increment('n')).toBe(1)
    warm(cache, 'n')
    expect(cache.get('n')).toBe(1)
    expect(cache.increment('n', 41)).toBe(42)
    expect(cache.get('n')).toBe(42)
    expect(cache.increment('n', -0.5)).toBe(41.5)
    cache.set('n', 10)
    expect(cache.increment('n', 0)).toBe(10)
    expect(cache.info('n')?.type).toBe('number')
  })

  it('starts from nothing again where the number has expired', () => {
    const { cache, clock } = createCache({ near })
    cache.increment('n', 5, { ttl: 10 })
    expect(cache.increment('n', 1, { ttl: 1000 })).toBe(6)
    expect(cache.info('n')?.remainingTtl).toBe(10)
    clock.advance(10)
    expect(cache.increment('n', 1)).toBe(1)
    expect(cache.info('n')?.expiresAt).toBe(Number.POSITIVE_INFINITY)
  })

  it('refuses to increment what is no number, and leaves it as it was', () => {
    const cache = create()
    for (const value of ['1', 1n, true, null, { n: 1 }, 'x'.repeat(100_000)]) {
      cache.set('a', value)
      warm(cache, 'a')
      expect(() => cache.increment('a')).toThrow(TypeError)
      expect(cache.get('a')).toEqual(value)
    }
    expect(() => cache.increment('a', Number.NaN)).toThrow(TypeError)
    expect(() => cache.increment('a', '1' as never)).toThrow(TypeError)
  })

  it('compares the version before it sets', () => {
    const cache = create()
    expect(cache.compareAndSet('a', 0, 1)).toBe(false)
    cache.set('a', 1)
    const version = cache.info('a')?.version ?? -1
    expect(cache.compareAndSet('a', version + 1, 2)).toBe(false)
    expect(cache.get('a')).toBe(1)
    expect(cache.compareAndSet('a', version, 2)).toBe(true)
    expect(cache.get('a')).toBe(2)
    expect(cache.compareAndSet('a', version, 3)).toBe(false)
    expect(cache.get('a')).toBe(2)
    const large = 'x'.repeat(100_000)
    expect(cache.compareAndSet('a', version, large)).toBe(false)
    expect(cache.compareAndSet('a', cache.info('a')?.version ?? -1, large)).toBe(true)
    expect(cache.get('a')).toBe(large)
  })

  it('gives a key another version with every write, and none with a read or a touch', () => {
    const cache = create()
    const versions = new Set<number>()
    const note = () => versions.add(cache.info('a')?.version ?? -1)
    cache.set('a', 1)
    note()
    cache.set('a', 1)
    note()
    cache.increment('a')
    note()
    cache.delete('a')
    cache.set('a', 1)
    note()
    cache.set('a', 'x'.repeat(100_000))
    note()
    expect(versions.size).toBe(5)
    cache.get('a')
    cache.touch('a', 100)
    note()
    expect(versions.size).toBe(5)
  })
})

describe('many keys in one call', () => {
  it('are read, looked for, written and deleted in their order', () => {
    const { cache } = createCache<number>()
    expect(
      cache.setMany(
        new Map([
          ['a', 1],
          ['b', 2],
          ['c', 3],
        ]),
      ),
    ).toBe(3)
    expect(cache.getMany(['c', 'none', 'a', 'a'])).toEqual([3, undefined, 1, 1])
    expect(cache.hasMany(new Set(['none', 'b']))).toEqual([false, true])
    expect(cache.deleteMany(['a', 'none', 'c', 'a'])).toBe(2)
    expect([...cache.keys()]).toEqual(['b'])
  })

  it('are nothing where there are none', () => {
    const { cache } = createCache()
    expect(cache.setMany([])).toBe(0)
    expect(cache.getMany([])).toEqual([])
    expect(cache.hasMany([])).toEqual([])
    expect(cache.deleteMany([])).toBe(0)
  })

  it('share the options, and what is refused is not counted', () => {
    const { cache } = createCache({ maxEntryBytes: 1000 })
    const entries: [string, string][] = [
      ['a', 'x'],
      ['b', 'x'.repeat(2000)],
      ['c', 'y'],
    ]
    expect(cache.setMany(entries, { ttl: 500, tags: ['t'], priority: 3 })).toBe(2)
    expect(cache.info('a')).toMatchObject({ remainingTtl: 500, tags: ['t'], priority: 3 })
    expect(cache.info('c')).toMatchObject({ remainingTtl: 500, tags: ['t'], priority: 3 })
    expect(cache.has('b')).toBe(false)
  })
})

describe('a key', () => {
  const keys = [
    '',
    '\0',
    'a\0b',
    '__proto__',
    'constructor',
    'ä',
    'ÿ'.repeat(100),
    'Ā',
    '日本',
    '\ud800',
    'x\udfffy',
    '😀',
    'a'.repeat(23),
    'a'.repeat(24),
    'a'.repeat(25),
    `${'a'.repeat(24)}Ā`,
    'k'.repeat(20_000),
    'Ā'.repeat(20_000),
    'k'.repeat(65_536),
    'Ā'.repeat(65_536),
  ]

  it('is any string up to 64 Ki characters, and comes back as it was', () => {
    const { cache } = createCache()
    for (const key of keys) expect(cache.set(key, `value of ${key.slice(0, 20)}`)).toBe(true)
    for (const key of keys) {
      expect(cache.get(key)).toBe(`value of ${key.slice(0, 20)}`)
      expect(cache.peek(key)).toBe(`value of ${key.slice(0, 20)}`)
    }
    expect([...cache.keys()].sort()).toEqual([...keys].sort())
    expect(cache.size).toBe(keys.length)
  })

  it('may stand beside its like: the same bytes in another width are another key', () => {
    const { cache } = createCache()
    // As UTF-16, 'ab' has the bytes of 'a\0b\0' in Latin-1.
    const pairs = ['a\0b\0', 'ab', '\u0161\0', 'a\x01\0\0', 'š\0']
    pairs.forEach((key, index) => {
      cache.set(key, index)
    })
    expect(cache.get('a\0b\0')).toBe(0)
    expect(cache.get('ab')).toBe(1)
    expect(cache.size).toBe(4)
  })

  it('that is no string, or too long, is refused by every method', async () => {
    const { cache } = createCache()
    for (const key of [1, null, undefined, Symbol('s'), {}, ['a'], 'k'.repeat(65_537)]) {
      const wrong = key as string
      expect(() => cache.get(wrong)).toThrow(InvalidKeyError)
      expect(() => cache.peek(wrong)).toThrow(InvalidKeyError)
      expect(() => cache.has(wrong)).toThrow(InvalidKeyError)
      expect(() => cache.set(wrong, 1)).toThrow(InvalidKeyError)
      expect(() => cache.add(wrong, 1)).toThrow(InvalidKeyError)
      expect(() => cache.delete(wrong)).toThrow(InvalidKeyError)
      expect(() => cache.take(wrong)).toThrow(InvalidKeyError)
      expect(() => cache.touch(wrong)).toThrow(InvalidKeyError)
      expect(() => cache.increment(wrong)).toThrow(InvalidKeyError)
      expect(() => cache.compareAndSet(wrong, 1, 1)).toThrow(InvalidKeyError)
      expect(() => cache.info(wrong)).toThrow(InvalidKeyError)
      expect(() => cache.getMany([wrong])).toThrow(InvalidKeyError)
      await expect(cache.getOrSet(wrong, () => 1)).rejects.toThrow(InvalidKeyError)
    }
    expect(cache.size).toBe(0)
  })
})

describe('reading', () => {
  it('counts for get, and not for peek and has', () => {
    const { cache } = createCache()
    cache.set('a', 1)
    cache.peek('a')
    cache.has('a')
    cache.peek('none')
    cache.has('none')
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 0 })
    expect(cache.info('a')?.hits).toBe(0)
    cache.get('a')
    cache.get('none')
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1 })
    expect(cache.info('a')?.hits).toBe(1)
  })

  it('promotes with get, and not with peek, has and info', () => {
    const { cache } = createCache({ policy: 'lru', shards: 1, maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) cache.set(key, key)
    cache.peek('a')
    cache.has('a')
    cache.info('a')
    cache.set('d', 'd')
    expect(cache.has('a')).toBe(false)
    cache.get('b')
    cache.set('e', 'e')
    expect(cache.hasMany(['b', 'c', 'd', 'e'])).toEqual([true, false, true, true])
  })
})

describe('the options of an entry', () => {
  it('that are wrong are refused before anything is written', () => {
    const { cache } = createCache()
    cache.set('a', 'old')
    const wrong = [
      { ttl: 0 },
      { ttl: -1 },
      { ttl: Number.NaN },
      { ttl: 'soon' },
      { ttl: '200000d' },
      { tags: 'user' },
      { tags: [''] },
      { tags: [1] },
      { tags: Array.from({ length: 33 }, (_, index) => `${index}`) },
      { priority: -1 },
      { priority: 256 },
      { priority: 1.5 },
      { sliding: 'yes' },
    ] as object[]
    for (const options of wrong) {
      expect(() => cache.set('a', 'new', options)).toThrow(InvalidOptionError)
      expect(() => cache.add('b', 'new', options)).toThrow(InvalidOptionError)
      expect(() => cache.increment('c', 1, options)).toThrow(InvalidOptionError)
      expect(() => cache.compareAndSet('a', 1, 'new', options)).toThrow(InvalidOptionError)
    }
    expect(() => cache.touch('a', 0)).toThrow(InvalidOptionError)
    expect(cache.get('a')).toBe('old')
    expect(cache.size).toBe(1)
  })

  it('do not stick to the next entry', () => {
    const { cache } = createCache()
    cache.set('a', 1, { ttl: 10, tags: ['t', 'u'], priority: 9, sliding: true })
    cache.set('b', 1)
    cache.set('large', 'x'.repeat(100_000), { tags: ['v'] })
    cache.set('a', 1)
    for (const key of ['a', 'b']) {
      expect(cache.info(key)).toMatchObject({
        tags: [],
        priority: 0,
        expiresAt: Number.POSITIVE_INFINITY,
      })
    }
    cache.increment('n', 1, { tags: ['w'] })
    cache.touch('large', 100)
    cache.increment('m')
    expect(cache.info('n')?.tags).toEqual(['w'])
    expect(cache.info('large')?.tags).toEqual(['v'])
    expect(cache.info('m')?.tags).toEqual([])
  })
})

it('is typed by its values', () => {
  const { cache } = createCache<{ id: number }>()
  expectTypeOf(cache).toEqualTypeOf<SharedCache<{ id: number }>>()
  expectTypeOf(cache.get('a')).toEqualTypeOf<{ id: number } | undefined>()
  expectTypeOf(cache.take('a')).toEqualTypeOf<{ id: number } | undefined>()
  expectTypeOf(cache.getMany(['a'])).toEqualTypeOf<({ id: number } | undefined)[]>()
  // @ts-expect-error: another type of value
  cache.set('a', { id: 'one' })
  expectTypeOf<SharedCache>().toEqualTypeOf<SharedCache<unknown>>()
})
