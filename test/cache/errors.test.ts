/** The errors: their codes, their fields, and that a message can always be made. */
import { describe, expect, test } from 'vitest'
import {
  CacheClosedError,
  CorruptSnapshotError,
  describe as describeValue,
  HotsetError,
  IncompatibleSnapshotError,
  InvalidKeyError,
  InvalidOptionError,
  invalidValueError,
  LoaderTimeoutError,
  UnserializableValueError,
} from '../../src/cache/errors.js'

const cause = new Error('below')

describe('every error', () => {
  const cases = [
    [
      new InvalidOptionError('ttl', -1, '1 ms or more'),
      'InvalidOptionError',
      'ERR_HOTSET_INVALID_OPTION',
    ],
    [new InvalidKeyError(5, 'a string'), 'InvalidKeyError', 'ERR_HOTSET_INVALID_KEY'],
    [
      new UnserializableValueError('value.a', 'it is a function', { cause }),
      'UnserializableValueError',
      'ERR_HOTSET_UNSERIALIZABLE_VALUE',
    ],
    [
      new CacheClosedError('users', 'the engine failed', { cause }),
      'CacheClosedError',
      'ERR_HOTSET_CACHE_CLOSED',
    ],
    [
      new CorruptSnapshotError('/a.snap', 'its checksum is wrong', { cause }),
      'CorruptSnapshotError',
      'ERR_HOTSET_CORRUPT_SNAPSHOT',
    ],
    [
      new IncompatibleSnapshotError('/a.snap', 'its layout is 3', { cause }),
      'IncompatibleSnapshotError',
      'ERR_HOTSET_INCOMPATIBLE_SNAPSHOT',
    ],
    [
      new LoaderTimeoutError('user:1', 200, { cause }),
      'LoaderTimeoutError',
      'ERR_HOTSET_LOADER_TIMEOUT',
    ],
  ] as const

  test('extends HotsetError and Error and has a name and a stable code', () => {
    for (const [error, name, code] of cases) {
      expect(error).toBeInstanceOf(HotsetError)
      expect(error).toBeInstanceOf(Error)
      expect([error.name, error.code]).toEqual([name, code])
      expect(String(error)).toBe(`${name}: ${error.message}`)
      expect(error.stack).toContain(error.message)
    }
  })

  test('hands on what caused it', () => {
    for (const [error] of cases.slice(2)) expect(error.cause).toBe(cause)
  })
})

test('an option error names the option, the value and what is allowed', () => {
  const error = new InvalidOptionError('policy', 'best', "'lru', 'lfu'")
  expect(error).toMatchObject({ option: 'policy', value: 'best', allowed: "'lru', 'lfu'" })
  expect(error.message).toBe("Option 'policy' cannot be 'best'; allowed: 'lru', 'lfu'")
})

test('a key error shows the beginning and the length of a long key', () => {
  const error = new InvalidKeyError('k'.repeat(70_000), 'at most 65536 characters')
  expect(error.message.length).toBeLessThan(300)
  expect(error.message).toContain('70000 characters')
})

test('the other errors carry what they are about', () => {
  expect(new UnserializableValueError('value.a', 'no').path).toBe('value.a')
  expect(new CacheClosedError('users').cache).toBe('users')
  expect(new CorruptSnapshotError('/a', 'no').path).toBe('/a')
  expect(new IncompatibleSnapshotError('/a', 'no').path).toBe('/a')
  expect(new LoaderTimeoutError('k', 200)).toMatchObject({ key: 'k', timeoutMs: 200 })
})

test('a wrong value is a TypeError with a code', () => {
  const error = invalidValueError('undefined cannot be stored')
  expect(error).toBeInstanceOf(TypeError)
  expect(error.code).toBe('ERR_HOTSET_INVALID_VALUE')
})

test('a value is described in one bounded line without running its code', () => {
  const hostile = {
    toString() {
      throw new Error('ran')
    },
    [Symbol.for('nodejs.util.inspect.custom')]() {
      throw new Error('ran')
    },
  }
  const values = [
    hostile,
    'x'.repeat(1e5),
    Array.from({ length: 1000 }, (_, index) => index),
    Symbol('s'),
    5n,
    undefined,
    -0,
  ]
  for (const value of values) {
    const text = describeValue(value)
    expect(text).not.toContain('\n')
    expect(text.length).toBeLessThan(200)
  }
})

test('an error is shown by its name and message, in one line and without running its code', () => {
  expect(describeValue(new RangeError('too\nmuch'))).toBe('RangeError: too much')
  expect(describeValue(new InvalidKeyError(5, 'a string'))).toBe(
    'Error: A key cannot be 5; allowed: a string',
  )
  const sly = new Error('plain')
  Object.defineProperty(sly, 'name', { get: () => expect.unreachable() })
  expect(describeValue(sly)).toBe('Error: plain')
  expect(describeValue(new Error('x'.repeat(500))).length).toBeLessThan(200)
})
