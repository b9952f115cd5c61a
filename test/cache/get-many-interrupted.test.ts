/**
 * What comes between in a getMany: wrong keys, codecs and callbacks of the user's that call the cache,
 * values that cannot be decoded, a clock that throws, a full stack, a trap. What was half done then is
 * nothing that a later call can see.
 */
import { describe, expect, it, vi } from 'vitest'
import { CacheClosedError, type CustomCodec, InvalidKeyError } from '../../src/index.js'
import { wordsOf } from '../support/engine-memory.js'
import { type AnyCache, createCache, fill, START_MS } from './shared-cache-helpers.js'

const KEYS = Array.from({ length: 300 }, (_, index) => `key:${index}`)
const NUMBERS = KEYS.map((_, index) => index)

/** Text, with something done before each decoding. */
function textCodec(beforeDecode: (text: string) => void): CustomCodec<string> {
  return {
    encode: (value) => Buffer.from(value),
    decode(bytes) {
      const text = Buffer.from(bytes).toString()
      beforeDecode(text)
      return text
    },
  }
}

function expectAllRight(cache: AnyCache, values: readonly unknown[] = NUMBERS): void {
  for (let round = 0; round < 2; round++) expect(cache.getMany(KEYS)).toEqual(values)
  expect(cache.getMany(['none', ...KEYS.slice(5, 9)])).toEqual([undefined, ...values.slice(5, 9)])
}

describe.each([
  ['with a near cache', undefined],
  ['without a near cache', false as const],
])('in a cache %s', (_, near) => {
  const wrongKeys = [1, null, undefined, {}, Symbol('key'), ['key:1'], 'x'.repeat(65_537)]

  it.each([0, 1, 5, 127, 128, 129, 300])('a wrong key at place %i is refused', (place) => {
    const { cache } = createCache({ near })
    fill(cache, KEYS.length)
    for (const wrong of wrongKeys) {
      const keys = [...KEYS.slice(0, place), wrong as string, ...KEYS.slice(place)]
      expect(() => cache.getMany(keys)).toThrow(InvalidKeyError)
      expectAllRight(cache)
    }
    // A hole is no key either.
    // biome-ignore lint/suspicious/noSparseArray: that is the case
    expect(() => cache.getMany(['a', , 'b'] as string[])).toThrow(InvalidKeyError)
    expectAllRight(cache)
  })

  it('an exception of the iterable is handed on', () => {
    const { cache } = createCache({ near })
    fill(cache, KEYS.length)
    const keys = function* (): Generator<string> {
      yield* KEYS
      throw new RangeError('no more')
    }
    expect(() => cache.getMany(keys())).toThrow('no more')
    expectAllRight(cache)
  })

  it('a codec of the user is asked once for each value', () => {
    const decoded: string[] = []
    const codec = textCodec((text) => decoded.push(text))
    const { cache } = createCache<string>({ codec, near })
    for (const key of KEYS) cache.set(key, `of ${key}`)
    expect(cache.getMany([...KEYS, 'none', 'key:7'])).toEqual([
      ...KEYS.map((key) => `of ${key}`),
      undefined,
      'of key:7',
    ])
    expect(decoded).toEqual([...KEYS, 'key:7'].map((key) => `of ${key}`))
    expect(cache.stats()).toMatchObject({ hits: 301, misses: 1 })
  })

  it('a codec may call the cache', () => {
    const calls: ((cache: AnyCache, text: string) => void)[] = [
      (cache) => cache.getMany(['none', 'number', ...KEYS.slice(0, 3).map((key) => `${key}!`)]),
      (cache) => cache.get('number'),
      (cache, text) => cache.set(`copy of ${text}`, text),
      (cache, text) => cache.delete(`copy of ${text}`),
      (cache) => cache.increment('number', 1),
      (cache) => cache.set('large', 'x'.repeat(50_000)),
    ]
    for (const call of calls) {
      let depth = 0
      const { cache } = createCache<string>({
        codec: textCodec((text) => {
          if (depth++ === 0) call(cache, text)
          depth--
        }),
        near,
      })
      for (const key of KEYS) cache.set(key, `of ${key}`)
      cache.increment('number', 1)
      const values = KEYS.map((key) => `of ${key}`)
      expectAllRight(cache, values)
    }
  })

  it('a codec may change the list of keys', () => {
    const keys = [...KEYS]
    const { cache } = createCache<string>({ codec: textCodec(() => keys.reverse()), near })
    for (const key of KEYS) cache.set(key, `of ${key}`)
    expect(cache.getMany(keys)).toEqual(KEYS.map((key) => `of ${key}`))
  })

  it.each([0, 126, 127])('a codec may close the cache, at value %i', (place) => {
    const { cache } = createCache<string>({
      codec: textCodec((text) => {
        if (text === `of key:${place}`) cache.close()
      }),
      near,
    })
    for (const key of KEYS.slice(0, 128)) cache.set(key, `of ${key}`)
    // No user's code is asked for a number.
    for (const key of KEYS.slice(128)) cache.increment(key, 1)
    expect(() => cache.getMany(KEYS)).toThrow(CacheClosedError)
    expect(() => cache.getMany([])).toThrow(CacheClosedError)
  })

  it('what cannot be decoded is a miss, told of and removed once', () => {
    let isBroken = false
    const onError = vi.fn()
    const { cache } = createCache<string>({
      codec: textCodec((text) => {
        if (isBroken && text.endsWith('5')) throw new SyntaxError(text)
      }),
      near,
      onError,
    })
    for (const key of KEYS) cache.set(key, `of ${key}`)
    isBroken = true
    const broken = KEYS.filter((key) => key.endsWith('5'))
    const values = KEYS.map((key) => (key.endsWith('5') ? undefined : `of ${key}`))
    expect(cache.getMany([...KEYS, ...broken])).toEqual([...values, ...broken.map(() => undefined)])
    expect(onError.mock.calls).toEqual(
      broken.map((key) => [expect.objectContaining({ message: `of ${key}` }), key]),
    )
    expect(cache.stats()).toMatchObject({ corrupt: broken.length, size: 300 - broken.length })
    expectAllRight(cache, values)
  })

  it('onError may call the cache, and close it', () => {
    const onError = vi.fn((_: unknown, key: string) => {
      if (key === 'key:5') cache.set(key, 'mended')
      else cache.close()
    })
    const { cache } = createCache<string>({
      codec: textCodec((text) => {
        if (text === 'of key:5' || text === 'of key:200') throw new SyntaxError(text)
      }),
      near,
      onError,
    })
    for (const key of KEYS) cache.set(key, `of ${key}`)
    expect(cache.getMany(KEYS.slice(0, 200))).toContain('of key:199')
    expect(cache.getMany(['key:5'])).toEqual(['mended'])
    expect(() => cache.getMany(KEYS)).toThrow(CacheClosedError)
    expect(onError).toHaveBeenCalledTimes(2)
  })

  it('damaged bytes of a built-in codec are a miss, told of and removed once', () => {
    const onError = vi.fn()
    const { cache } = createCache({ codec: 'json', near, onError })
    fill(cache, KEYS.length)
    cache.set('key:9', { damaged: true })
    const { buffer } = wordsOf(cache.handle)
    const memory = Buffer.from(buffer)
    // The last one is that of the entry: the staging comes before.
    memory[memory.lastIndexOf('{"damaged":true}')] = 0x21
    const values = NUMBERS.map((value) => (value === 9 ? undefined : value))
    expect(cache.getMany([...KEYS, 'key:9'])).toEqual([...values, undefined])
    expect(onError.mock.calls).toEqual([[expect.any(SyntaxError), 'key:9']])
    expect(cache.stats().corrupt).toBe(1)
    expectAllRight(cache, values)
  })

  it('an exception of the clock is handed on, and the next call begins anew', () => {
    const thrown = new Error('no time')
    let readingsLeft = Number.POSITIVE_INFINITY
    const now = (): number => {
      if (readingsLeft-- === 0) throw thrown
      return START_MS
    }
    const { cache } = createCache({ near, clock: { now } })
    fill(cache, KEYS.length)
    for (const place of [0, 3, 77, 127, 128, 200]) cache.set(`key:${place}`, place, { ttl: 1000 })
    for (let reading = 0; reading < 6; reading++) {
      readingsLeft = reading
      expect(() => cache.getMany(KEYS)).toThrow(thrown)
      readingsLeft = Number.POSITIVE_INFINITY
      const one = cache.getMany(['key:150'])
      expect(one).toEqual([150])
      expect(Object.keys(one)).toEqual(['0'])
      expectAllRight(cache)
    }
  })

  it('the end of the stack leaves nothing of a batch behind', () => {
    let failures = 0
    // Why few keys: so no lock is taken, and the cache has no reason to close.
    const keys = KEYS.slice(0, 16)
    for (let words = 0; words < 40; words++) {
      const { cache } = createCache({ near })
      fill(cache, keys.length)
      const dig = (): void => {
        try {
          dig()
        } catch {
          failures++
          cache.getMany(keys)
        }
      }
      const digCloser = (..._words: number[]): void => dig()
      digCloser(...new Array<number>(words))
      expect(cache.getMany(['key:15', 'none'])).toEqual([15, undefined])
      expect(cache.getMany(keys)).toEqual(NUMBERS.slice(0, 16))
    }
    expect(failures).toBeGreaterThan(40)
  })
})
