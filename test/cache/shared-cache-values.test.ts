/** Values of every kind go in and come out equal, by the near cache and by the engine alone. */
import { describe, expect, it, vi } from 'vitest'
import { type CustomCodec, SharedCache, UnserializableValueError } from '../../src/index.js'
import { type AnyCache, createCache, warm } from './shared-cache-helpers.js'

function createCyclic(): Record<string, unknown> {
  const list: unknown[] = []
  const cyclic: Record<string, unknown> = { name: 'cyclic', list }
  cyclic.self = cyclic
  list.push(cyclic, 1)
  return cyclic
}

const VALUES: [string, unknown][] = [
  ['an empty string', ''],
  ['a Latin-1 string', 'grüße \0 ÿ'],
  ['a wide string', '日本 😀 \ud800'],
  ['a Latin-1 string of 17 KiB', 'é'.repeat(17 * 1024)],
  ['a wide string of 17 Ki characters', '日'.repeat(17 * 1024)],
  ['a string as long as the staging', 'x'.repeat(16 * 1024)],
  ['a string one longer than the staging', 'x'.repeat(16 * 1024 + 1)],
  ['a string of 1 MB', 'abcdefghij'.repeat(100_000)],
  ['a wide string of 2 MB', '日本'.repeat(500_000)],
  ['zero', 0],
  ['minus zero', -0],
  ['NaN', Number.NaN],
  ['minus infinity', Number.NEGATIVE_INFINITY],
  ['a fraction', 1 / 3],
  ['the smallest number', Number.MIN_VALUE],
  ['true', true],
  ['false', false],
  ['null', null],
  ['a bigint', -(2n ** 63n)],
  ['a long bigint', 2n ** 1000n + 1n],
  ['a very long bigint', -(3n ** 100_000n)],
  ['an empty Buffer', Buffer.alloc(0)],
  ['a Buffer', Buffer.from([0, 1, 254, 255])],
  ['a Buffer of 1 MB', Buffer.alloc(1_000_000, 'hotset')],
  ['a Uint8Array', Uint8Array.of(1, 2, 3)],
  ['a Uint8ClampedArray', Uint8ClampedArray.of(1, 255)],
  ['an Int8Array', Int8Array.of(-1, 2)],
  ['a Uint16Array', Uint16Array.of(1, 65_535)],
  ['an Int16Array', Int16Array.of(-1, 2)],
  ['a Uint32Array', Uint32Array.of(1, 2 ** 32 - 1)],
  ['an Int32Array', Int32Array.of(-1, 2)],
  ['a Float32Array', Float32Array.of(0.5, -0)],
  ['a Float64Array of 80 KB', Float64Array.from({ length: 10_000 }, (_, index) => index / 7)],
  ['a BigInt64Array', BigInt64Array.of(-1n, 2n)],
  ['a BigUint64Array', BigUint64Array.of(2n ** 64n - 1n)],
  ['an empty object', {}],
  ['an object', { id: 1, name: 'Ada', tags: ['x', 'y'], nested: { deep: [null, true, -0] } }],
  ['an array with holes in meaning', [undefined, null, [], [[]]]],
  [
    'an object of 1 MB',
    { rows: Array.from({ length: 20_000 }, (_, id) => ({ id, name: `row ${id}` })) },
  ],
  ['a Date', new Date('2026-01-02T03:04:05.678Z')],
  [
    'a Map',
    new Map<unknown, unknown>([
      ['a', 1],
      [2, new Map([['b', new Set([1])]])],
    ]),
  ],
  ['a Set', new Set([1, 'a', null])],
  ['a RegExp', /^a+\/b$/giu],
  ['an Error', new RangeError('too much')],
  [
    'objects of all kinds in one',
    { date: new Date(0), bytes: Buffer.from('x'), big: 10n ** 30n, list: [new Set([{}])] },
  ],
  ['a cyclic structure', createCyclic()],
]

describe.each([
  ['with a near cache', undefined],
  ['without a near cache', false as const],
])('%s', (_, near) => {
  it.each(VALUES)('%s comes back equal', (_name, value) => {
    const { cache } = createCache({ near, maxBytes: '32mb', maxEntryBytes: '8mb' })
    expect(cache.set('a', value)).toBe(true)
    expectSame(cache.get('a'), value)
    warm(cache, 'a')
    expectSame(cache.get('a'), value)
    if (near === false) expect(cache.stats().nearHits).toBe(0)
    expectSame(cache.peek('a'), value)
    expectSame([...cache.values()][0], value)
    expectSame(cache.take('a'), value)
    expect(cache.has('a')).toBe(false)
  })

  it('all of them live side by side', () => {
    const { cache } = createCache({ near, maxBytes: '64mb', maxEntryBytes: '8mb' })
    for (const [name, value] of VALUES) cache.set(name, value)
    for (const [name, value] of VALUES) expectSame(cache.get(name), value)
    warm(cache, ...VALUES.map(([name]) => name))
    for (const [name, value] of VALUES) expectSame(cache.get(name), value)
  })
})

function expectSame(actual: unknown, expected: unknown): void {
  // Why first: printing a difference of a megabyte takes longer than all other tests.
  if (typeof expected === 'string') expect(actual === expected).toBe(true)
  else if (Buffer.isBuffer(expected)) expect(expected.equals(actual as Buffer)).toBe(true)
  else expect(actual).toStrictEqual(expected)
}

describe('what comes back', () => {
  it('is a fresh copy each time without a near cache', () => {
    const { cache } = createCache({ near: false })
    cache.set('a', { n: 1 })
    const first = cache.get('a')
    first.n = 2
    expect(cache.get('a')).toEqual({ n: 1 })
    expect(cache.get('a')).not.toBe(cache.get('a'))
  })

  it('is one object for many near hits, and another after a write', () => {
    const { cache } = createCache()
    cache.set('a', { n: 1 })
    warm(cache, 'a')
    const near = cache.get('a')
    expect(cache.get('a')).toBe(near)
    expect(cache.peek('a')).toBe(near)
    cache.set('a', { n: 1 })
    expect(cache.get('a')).not.toBe(near)
  })

  it('has nothing to do with what was stored, nor with the memory of the cache', () => {
    const { cache } = createCache({ near: false })
    for (const bytes of [Buffer.from('abc'), Buffer.alloc(100_000, 'abc')]) {
      const stored = Buffer.from(bytes)
      cache.set('a', stored)
      stored.fill(0)
      const read = cache.get('a') as Buffer
      expect(read.equals(bytes)).toBe(true)
      expect(read.buffer).toBeInstanceOf(ArrayBuffer)
      cache.set('a', Buffer.alloc(bytes.length, 'z'))
      expect(read.equals(bytes)).toBe(true)
    }
  })
})

describe('what cannot be stored', () => {
  it('raises an error that names the path, and leaves the cache as it was', () => {
    const { cache } = createCache()
    cache.set('a', 'old')
    const cases: [unknown, string][] = [
      [() => 1, 'value'],
      [Symbol('s'), 'value'],
      [new WeakMap(), 'value'],
      [{ user: { onSave() {} } }, 'value.user.onSave'],
      [{ list: [0, Symbol('s')] }, 'value.list[1]'],
      [new Map([['k', new WeakSet()]]), expect.any(String) as never],
      [{ task: Promise.resolve() }, 'value.task'],
    ]
    for (const [value, path] of cases) {
      const attempt = () => cache.set('a', value)
      expect(attempt).toThrow(UnserializableValueError)
      expect(attempt).toThrow(expect.objectContaining({ path }))
    }
    expect(cache.get('a')).toBe('old')
    expect(cache.stats().sets).toBe(1)
  })

  it('undefined is a TypeError for every method', async () => {
    const { cache } = createCache()
    expect(() => cache.set('a', undefined)).toThrow(TypeError)
    expect(() => cache.add('a', undefined)).toThrow(TypeError)
    expect(() => cache.compareAndSet('a', 1, undefined)).toThrow(TypeError)
    expect(() => cache.setMany([['a', undefined]])).toThrow(TypeError)
    expect(cache.size).toBe(0)
  })
})

describe('a value whose encoding calls the cache', () => {
  it('is stored whole, and so is what was stored meanwhile', () => {
    const { cache } = createCache({ near: false })
    const value = {
      before: 'x'.repeat(100),
      get inner() {
        cache.set('inner', { a: 'y'.repeat(200), b: [1, 2, 3] })
        cache.get('inner')
        return 'inner'
      },
      after: 'z'.repeat(100),
    }
    cache.set('outer', value)
    expect(cache.get('outer')).toEqual({
      before: 'x'.repeat(100),
      inner: 'inner',
      after: 'z'.repeat(100),
    })
    expect(cache.get('inner')).toEqual({ a: 'y'.repeat(200), b: [1, 2, 3] })
  })

  it('may close it: the write is refused with CacheClosedError', () => {
    const { cache } = createCache({
      codec: {
        encode() {
          cache.close()
          return Buffer.from('x')
        },
        decode: () => 'x',
      },
    })
    expect(() => cache.set('a', 'x')).toThrow(expect.objectContaining({ name: 'CacheClosedError' }))
  })
})

describe('the codec', () => {
  it("'json' stores what JSON can write", () => {
    const { cache } = createCache({ codec: 'json', near: false })
    cache.set('a', { date: new Date(0), none: undefined, n: -0, list: [1, 'ä日'] })
    expect(cache.get('a')).toEqual({ date: '1970-01-01T00:00:00.000Z', n: 0, list: [1, 'ä日'] })
    expect(cache.info('a')?.type).toBe('json')
    cache.set('large', { text: '日'.repeat(100_000) })
    expect(cache.get('large')).toEqual({ text: '日'.repeat(100_000) })
    expect(() => cache.set('a', { n: 1n })).toThrow(UnserializableValueError)
    expect(cache.increment('n', 2)).toBe(2)
  })

  it("'string' and 'bytes' store nothing else", () => {
    const strings = createCache<string>({ codec: 'string', near: false }).cache
    strings.set('a', 'x')
    expect(strings.get('a')).toBe('x')
    expect(() => strings.set('a', 1 as never)).toThrow(TypeError)
    const bytes = createCache<Uint8Array>({ codec: 'bytes', near: false }).cache
    bytes.set('a', Uint8Array.of(1, 2))
    expect(bytes.get('a')).toEqual(Buffer.of(1, 2))
    expect(() => bytes.set('a', 'x' as never)).toThrow(TypeError)
  })

  it('of the user sees every value, and what it makes may be of any size', () => {
    const codec: CustomCodec<string> = {
      encode: (value) => Buffer.from(value, 'hex'),
      decode: (bytes) => Buffer.from(bytes).toString('hex'),
    }
    const { cache } = createCache({ codec, near: false })
    for (const value of ['', '00ff', 'ab'.repeat(100_000)]) {
      expect(cache.set('a', value)).toBe(true)
      expect(cache.get('a')).toBe(value)
      expect(cache.take('a')).toBe(value)
    }
    cache.set('a', '00')
    expect(cache.info('a')?.type).toBe('custom')
  })

  it('that throws while encoding fails the set with its own error', () => {
    const { cache } = createCache({
      codec: {
        encode() {
          throw new RangeError('no')
        },
        decode: () => 1,
      },
    })
    expect(() => cache.set('a', 1)).toThrow(RangeError)
    expect(cache.size).toBe(0)
  })
})

describe('a value that cannot be decoded', () => {
  function createBroken(onError?: (error: unknown, key: string) => void): AnyCache {
    const codec: CustomCodec = {
      encode: (value) => Buffer.from(value),
      decode: (bytes) => {
        if (bytes[0] === 0x21) throw new SyntaxError('broken')
        return Buffer.from(bytes).toString()
      },
    }
    return createCache({ codec, near: false, onError }).cache
  }

  it.each([
    ['small', '!'],
    ['large', `!${'x'.repeat(100_000)}`],
  ])('is a miss, is removed, counted and reported: %s', (_, value) => {
    const onError = vi.fn()
    const cache = createBroken(onError)
    const readers: ((key: string) => unknown)[] = [
      (key) => cache.get(key),
      (key) => cache.peek(key),
      (key) => cache.take(key),
      (key) => cache.getMany([key])[0],
      () => [...cache.values()][0],
    ]
    readers.forEach((read, index) => {
      cache.set('a', value)
      expect(read('a')).toBeUndefined()
      expect(cache.has('a')).toBe(false)
      expect(cache.stats().corrupt).toBe(index + 1)
      expect(onError).toHaveBeenLastCalledWith(expect.any(SyntaxError), 'a')
    })
    expect(onError).toHaveBeenCalledTimes(readers.length)
    cache.set('a', 'whole')
    expect(cache.get('a')).toBe('whole')
  })

  it('is loaded anew by getOrSet', async () => {
    const cache = createBroken()
    cache.set('a', '!')
    expect(await cache.getOrSet('a', () => 'loaded')).toBe('loaded')
    expect(cache.get('a')).toBe('loaded')
  })

  it('is left alone where has, info and keys look at it', () => {
    const cache = createBroken()
    cache.set('a', '!')
    expect(cache.has('a')).toBe(true)
    expect(cache.info('a')?.type).toBe('custom')
    expect([...cache.keys()]).toEqual(['a'])
    expect(cache.stats().corrupt).toBe(0)
  })
})

it('keeps two caches apart', () => {
  using first = new SharedCache({ maxBytes: '1mb' })
  using second = new SharedCache({ maxBytes: '1mb' })
  first.set('a', 1)
  second.set('a', 2)
  first.clear()
  expect(second.get('a')).toBe(2)
})
