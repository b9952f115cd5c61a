/** The options: defaults, limits, and errors that say what is allowed. */
import { describe, expect, test } from 'vitest'
import { InvalidOptionError } from '../../src/cache/errors.js'
import {
  type CacheOptions,
  checkTag,
  MAX_ENTRY_BYTES,
  resolveOptions,
  resolvePriority,
  resolveSliding,
  resolveTags,
  resolveTtlMs,
} from '../../src/cache/options.js'

const GIB = 2 ** 30
const withOption = (option: string, value: unknown) =>
  ({ maxBytes: '64mb', [option]: value }) as unknown as CacheOptions

test('only maxBytes is required and the rest has defaults', () => {
  expect(resolveOptions({ maxBytes: '64mb' })).toEqual({
    maxBytes: 67_108_864,
    maxEntries: 0,
    maxEntryBytes: 6_710_886,
    policy: 'adaptive',
    ttlMs: 0,
    ttlJitter: 0,
    sliding: false,
    codec: 'structured',
    nearMaxEntries: 4096,
    shards: 0,
    clock: undefined,
    favor: 'objects',
    lockTimeoutMs: 250,
    onRemove: undefined,
    onError: undefined,
    name: 'cache',
  })
})

test('every option is taken over in the smallest unit', () => {
  const clock = { now: () => 0 }
  const codec = { encode: () => new Uint8Array(), decode: () => 1 }
  const onRemove = () => undefined
  const onError = () => undefined
  const options: CacheOptions = {
    maxBytes: '1gb',
    maxEntries: 1000,
    maxEntryBytes: '1mb',
    policy: 'lfu',
    ttl: '5m',
    ttlJitter: 0.1,
    sliding: true,
    codec,
    near: { maxEntries: 10 },
    shards: 8,
    clock,
    lockTimeout: '1s',
    onRemove,
    onError,
    name: 'users',
  }
  expect(resolveOptions(options)).toEqual({
    maxBytes: GIB,
    maxEntries: 1000,
    maxEntryBytes: 2 ** 20,
    policy: 'lfu',
    ttlMs: 300_000,
    ttlJitter: 0.1,
    sliding: true,
    codec,
    nearMaxEntries: 10,
    shards: 8,
    clock,
    favor: 'objects',
    lockTimeoutMs: 1000,
    onRemove,
    onError,
    name: 'users',
  })
})

test('near: false turns the near cache off', () => {
  expect(resolveOptions({ maxBytes: '1mb', near: false }).nearMaxEntries).toBe(0)
  expect(resolveOptions({ maxBytes: '1mb', near: {} }).nearMaxEntries).toBe(4096)
})

test('an option that is undefined has its default', () => {
  const names = [
    'maxEntries',
    'policy',
    'ttl',
    'codec',
    'near',
    'shards',
    'clock',
    'onRemove',
    'name',
  ]
  for (const name of names) {
    expect(resolveOptions(withOption(name, undefined))).toEqual(
      resolveOptions({ maxBytes: '64mb' }),
    )
  }
})

test('an entry may be a tenth of the cache, and never 512 MiB', () => {
  expect(resolveOptions({ maxBytes: '64gb' }).maxEntryBytes).toBe(MAX_ENTRY_BYTES)
  expect(() => resolveOptions({ maxBytes: '64gb', maxEntryBytes: '512mb' })).toThrow(
    InvalidOptionError,
  )
  expect(() => resolveOptions({ maxBytes: '1mb', maxEntryBytes: '2mb' })).toThrow(
    InvalidOptionError,
  )
})

test('a wrong option is refused with its name, the value and what is allowed', () => {
  const wrong: Record<string, unknown[]> = {
    maxBytes: [undefined, null, 0, '1023kb', '65gb', 'big', -1],
    maxEntries: [0, -1, 1.5, '5', 2 ** 32, null],
    maxEntryBytes: [0, 'x', null],
    policy: ['LRU', '', 5, null],
    ttl: [0, -1, 'soon', null, '101y', Number.NaN],
    ttlJitter: [-0.1, 1.1, '0.5', Number.NaN, null],
    sliding: [1, 'yes', null],
    codec: ['msgpack', {}, { encode: () => 1 }, null, 5],
    near: [true, null, 5, 'off'],
    shards: [0, 3, 2048, -1, 1.5, '2'],
    clock: [null, {}, Date.now, { now: 5 }],
    lockTimeout: [0, -1, 'x', Infinity],
    onRemove: [null, 'f', {}],
    onError: [5],
    name: ['', 5, null],
  }
  for (const [option, values] of Object.entries(wrong)) {
    for (const value of values) {
      let error: unknown
      try {
        resolveOptions(withOption(option, value))
      } catch (thrown) {
        error = thrown
      }
      expect(error, `${option}: ${String(value)}`).toBeInstanceOf(InvalidOptionError)
      expect(error).toMatchObject({ option, value })
      const { message, allowed } = error as InvalidOptionError
      expect(message).toContain(`'${option}'`)
      expect(message).toContain(allowed)
    }
  }
})

test('an option nobody knows is refused, with the one that was probably meant', () => {
  expect(() => resolveOptions(withOption('maxByte', 5))).toThrow(
    /'maxByte'.*did you mean 'maxBytes'/,
  )
  expect(() => resolveOptions(withOption('TTL', 5))).toThrow(/did you mean 'ttl'/)
  expect(() => resolveOptions(withOption('colour', 5))).toThrow(
    /'colour'.*only maxBytes, (?!.*mean)/,
  )
  expect(() => resolveOptions(withOption('near', { max: 5 }))).toThrow(
    /'near.max'.*only maxEntries/,
  )
  expect(() => resolveOptions(withOption('near', { maxEntries: -1 }))).toThrow(/'near.maxEntries'/)
  for (const options of [undefined, null, 5, '64mb', []]) {
    expect(() => resolveOptions(options as unknown as CacheOptions)).toThrow(InvalidOptionError)
  }
})

describe('the options of one entry', () => {
  test('a lifetime is the default where absent, and none where it is Infinity', () => {
    expect(resolveTtlMs(undefined, 77)).toBe(77)
    expect(resolveTtlMs(Number.POSITIVE_INFINITY, 77)).toBe(0)
    expect(resolveTtlMs('30s', 77)).toBe(30_000)
    expect(resolveTtlMs(1.7, 77)).toBe(1)
    for (const ttl of [0, -1, Number.NaN, 'x', null]) {
      expect(() => resolveTtlMs(ttl as number, 77)).toThrow(InvalidOptionError)
    }
  })

  test('a priority is a whole number from 0 to 255', () => {
    expect([undefined, 0, 255].map(resolvePriority)).toEqual([0, 0, 255])
    for (const priority of [-1, 256, 1.5, Number.NaN, '5', null]) {
      expect(() => resolvePriority(priority as number)).toThrow(/'priority'.*0 to 255/)
    }
  })

  test('sliding is the default where absent', () => {
    expect([resolveSliding(undefined, true), resolveSliding(false, true)]).toEqual([true, false])
    expect(() => resolveSliding(1 as unknown as boolean, true)).toThrow(InvalidOptionError)
  })

  test('absent tags are one empty list for all', () => {
    expect(resolveTags(undefined)).toBe(resolveTags(undefined))
    expect(resolveTags(undefined)).toEqual([])
  })

  test('tags are at most 32 names of at most 255 bytes, 1024 together', () => {
    const tags = Array.from({ length: 32 }, (_, index) => `tag${index}`)
    expect(resolveTags(tags)).toBe(tags)
    expect(resolveTags(['é'.repeat(127)])).toHaveLength(1)
    const wrong = [
      [...tags, 'one more'],
      ['é'.repeat(128)],
      [''],
      [5],
      'tag',
      Array(5).fill('t'.repeat(255)),
      null,
    ]
    for (const value of wrong) {
      expect(() => resolveTags(value as string[])).toThrow(/'tags/)
    }
    expect(() => resolveTags(['ok', ''])).toThrow(/'tags\[1\]'/)
    expect(checkTag('é', 'tags', 0)).toBe(2)
  })
})
