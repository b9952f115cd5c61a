/** Flat objects, which have an encoding of their own, over memory shared as the engine shares it. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCodec } from '../../src/cache/value-codec.js'
import { VALUE_RECORD, VALUE_STRUCTURED } from '../../src/cache/value-type.js'

const SEED = 20_26
const OFFSET = 1003
const shared = Buffer.from(new SharedArrayBuffer(1024 * 1024))
const codec = createCodec('structured')

const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
const latin1Unit = fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code))
const text = fc.oneof(
  fc.string({ unit, maxLength: 300 }),
  fc.string({ unit: latin1Unit, maxLength: 300 }),
)
const field = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, Number.NaN, 2 ** 31, -(2 ** 31), 255, 256),
)
const name = fc.oneof(
  { weight: 1, arbitrary: fc.string({ unit, maxLength: 20 }) },
  { weight: 50, arbitrary: fc.string({ unit: latin1Unit, maxLength: 20 }) },
)
const flat = fc.dictionary(name, field, { maxKeys: 40, noNullPrototype: true })

function encode(value: unknown, limit = shared.length): number {
  return codec.encode(value, shared, OFFSET, limit)
}

function decode(bytes: number): unknown {
  return codec.decode(codec.type, shared, OFFSET, OFFSET + bytes)
}

function typeOf(value: unknown): number {
  encode(value)
  return codec.type
}

describe('a flat object', () => {
  test('comes back with its fields in their order, whatever they are called and hold', () => {
    fc.assert(
      fc.property(flat, (value) => {
        const back = decode(encode(value)) as object
        expect(back).toStrictEqual({ ...value })
        expect(Object.keys(back)).toEqual(Object.keys(value))
      }),
      { seed: SEED, numRuns: 3000 },
    )
  })

  test('comes back the same the first time and the thousandth', () => {
    for (let round = 0; round < 1000; round++) {
      const value = {
        id: round,
        name: `user ${round}`,
        'odd "name"\n\u00e9': round / 7,
        last: null,
      }
      const bytes = encode(value)
      expect(codec.type).toBe(VALUE_RECORD)
      expect(decode(bytes)).toStrictEqual(value)
    }
  })

  test('is told from others with as many fields and as long names, however many there are', () => {
    for (let round = 0; round < 3; round++) {
      for (let number = 0; number < 1000; number++) {
        const value = { [`a${1000 + number}`]: number, [`b${2000 - number}`]: 'x' }
        expect(decode(encode(value))).toStrictEqual(value)
      }
    }
  })

  test('refers to nothing of the memory that it was read from', () => {
    const value = { short: 'short', long: 'long '.repeat(100), wide: '\u0416'.repeat(30) }
    const bytes = encode(value)
    const back = decode(bytes)
    shared.fill(0xa5, OFFSET, OFFSET + bytes)
    expect(back).toStrictEqual(value)
  })

  test('has no setter called and no prototype changed by what its fields are called', () => {
    const value = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}')
    const back = decode(encode(value)) as object
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(Object.entries(back)).toEqual(Object.entries(value))
  })

  test('is whole in what overflows where it does not fit', () => {
    const value = { name: 'x'.repeat(50), rest: 1 }
    const bytes = encode(value)
    for (let room = 0; room < bytes; room++) {
      const written = encode(value, OFFSET + room)
      const [source, start] = written < 0 ? [codec.overflow, 0] : [shared, OFFSET]
      const end = written < 0 ? (codec.overflow?.length ?? 0) : OFFSET + written
      expect(codec.decode(codec.type, source as Buffer, start, end)).toStrictEqual(value)
    }
  })

  test('comes back where the process may not make code of strings', () => {
    const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
    const script = `
      import { SharedCache } from ${JSON.stringify(built)}
      const cache = new SharedCache({ maxBytes: '1mb', near: false })
      cache.set('key', { id: 1, name: 'a' })
      for (let round = 0; round < 200; round++) cache.get('key')
      console.log(JSON.stringify(cache.get('key')))`
    const args = ['--disallow-code-generation-from-strings', '--input-type=module', '-e', script]
    expect(execFileSync(process.execPath, args).toString().trim()).toBe('{"id":1,"name":"a"}')
  })
})

describe('what is not quite a flat object', () => {
  test('is encoded as all objects are', () => {
    class User {
      id = 1
    }
    const others = [
      {},
      { nested: {} },
      { big: 1n },
      { date: new Date(0) },
      new User(),
      Object.create(null, { id: { value: 1, enumerable: true } }),
      [1, 2],
      Object.fromEntries(Array.from({ length: 33 }, (_, number) => [`f${number}`, number])),
      { ['n'.repeat(256)]: 1 },
      { '\u0416': 1 },
    ]
    for (const value of others) expect([value, typeOf(value)]).toEqual([value, VALUE_STRUCTURED])
  })

  test('is refused with its path where a field cannot be stored', () => {
    expect(() => encode({ id: 1, save() {} })).toThrow(/value\.save/)
  })

  test('is refused where a getter raises an error, and the next value is not disturbed', () => {
    const hostile = {
      id: 1,
      get name(): string {
        throw new Error('no name')
      },
    }
    expect(() => encode(hostile)).toThrow(/no name/)
    expect(decode(encode({ id: 2 }))).toStrictEqual({ id: 2 })
  })
})

describe('damaged bytes', () => {
  const value = { id: 70_000, name: 'user 1', isActive: true, score: 0.5, text: 'x'.repeat(300) }

  test('each changed byte raises an error or answers an object with as plain fields', () => {
    const bytes = encode(value)
    const { type } = codec
    const whole = Buffer.from(shared.subarray(OFFSET, OFFSET + bytes))
    for (let place = 0; place < bytes; place++) {
      for (let bits = 1; bits < 256; bits++) {
        const damaged = Buffer.from(whole)
        damaged[place] ^= bits
        expectPlain(() => codec.decode(type, damaged, 0, bytes))
      }
    }
  })

  test('each shorter part raises an error, and so does a byte too many', () => {
    const bytes = encode(value)
    for (let part = 0; part < bytes; part++) expect(() => decode(part)).toThrow(/Corrupt/)
    expect(() => decode(bytes + 1)).toThrow(/Corrupt/)
  })

  test('a name that would set a prototype raises an error', () => {
    const bytes = encode({ __prote__: null })
    shared[OFFSET + 3 + 7] = 'o'.charCodeAt(0)
    expect(() => decode(bytes)).toThrow(/Corrupt/)
  })
})

function expectPlain(read: () => unknown): void {
  let back: unknown
  try {
    back = read()
  } catch (error) {
    expect((error as Error).message).toMatch(/Corrupt/)
    return
  }
  expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
}
