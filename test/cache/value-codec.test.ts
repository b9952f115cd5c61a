/** Values through a codec and back, over memory shared as the engine shares it. */
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UnserializableValueError } from '../../src/cache/errors.js'
import { MAX_DEPTH } from '../../src/cache/unserializable.js'
import { createCodec, type ValueCodec } from '../../src/cache/value-codec.js'
import { typeName, VALUE_NUMBER } from '../../src/cache/value-type.js'

const SEED = 20_26
const OFFSET = 1003
const shared = Buffer.from(new SharedArrayBuffer(4 * 1024 * 1024))

const structured = createCodec('structured')
const json = createCodec('json')

/** Encodes with just as much room as asked for, checks the bounds, and decodes. */
function roundTrip(value: unknown, codec: ValueCodec = structured, limit = shared.length): unknown {
  const bytes = codec.encode(value, shared, OFFSET, limit)
  if (bytes < 0) {
    const overflow = Buffer.from(codec.overflow as Uint8Array)
    const copy = Buffer.alloc(overflow.length + 2, 0xee)
    copy.set(overflow, 1)
    return codec.decode(codec.type, copy, 1, copy.length - 1)
  }
  expect(codec.overflow).toBeUndefined()
  const result = codec.decode(codec.type, shared, OFFSET, OFFSET + bytes)
  // Whatever still referred to the shared memory would change now.
  shared.fill(0xa5, OFFSET, OFFSET + bytes)
  return result
}

function culprit(value: unknown, codec: ValueCodec = structured): string {
  try {
    codec.encode(value, shared, OFFSET, shared.length)
  } catch (error) {
    expect(error).toBeInstanceOf(UnserializableValueError)
    expect((error as Error).message).toContain((error as UnserializableValueError).path)
    return (error as UnserializableValueError).path
  }
  throw new Error('it was stored')
}

function nested(depth: number): unknown {
  let value: unknown = 'bottom'
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? { inner: value } : [value]
  return value
}

const anyString = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  maxLength: 80,
})
const asciiString = fc.string({ unit: 'binary-ascii', maxLength: 200 })
const latin1String = fc.string({
  unit: fc.integer({ min: 0, max: 0xff }).map((unit) => String.fromCharCode(unit)),
  maxLength: 80,
})
const storable = fc.anything({
  maxDepth: 4,
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: false,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
  key: fc.oneof(
    fc.string(),
    anyString,
    fc.constantFrom('__proto__', '__keys__', 'toJSON', 'hasOwnProperty', 'then', 'length', '0', ''),
  ),
  values: [
    fc.boolean(),
    fc.integer(),
    fc.double(),
    fc.bigInt(),
    anyString,
    asciiString,
    latin1String,
    fc.constantFrom(null, undefined, -0, Number.NaN, '\ufeff'.padEnd(90, 'x')),
    fc.date({ noInvalidDate: false }),
    fc.constantFrom(/a+/giu, new TypeError('wrong'), new Error('outer', { cause: 5 })),
  ],
})

describe('strings', () => {
  for (const [name, strings] of Object.entries({
    any: anyString,
    ascii: asciiString,
    latin1: latin1String,
  })) {
    test(`every ${name} string comes back, whatever room there is`, () => {
      fc.assert(
        fc.property(strings, fc.nat(500), (text, room) => {
          shared[OFFSET + room] = 0x5a
          const bytes = structured.encode(text, shared, OFFSET, OFFSET + room)
          expect(shared[OFFSET + room]).toBe(0x5a)
          expect(bytes === -1).toBe(structured.overflow !== undefined)
          expect(roundTrip(text, structured, OFFSET + room)).toBe(text)
        }),
        { seed: SEED, numRuns: 400 },
      )
    })
  }

  test('a string below 256 takes a byte a character and any other takes two', () => {
    for (const length of [0, 1, 19, 20, 21, 22, 300]) {
      expect(structured.encode('\xff'.repeat(length), shared, OFFSET, shared.length)).toBe(length)
      expect(structured.encode('\u0100'.repeat(length), shared, OFFSET, shared.length)).toBe(
        2 * length,
      )
    }
  })

  test('lone surrogates, NUL, the empty string and a byte order mark come back', () => {
    for (const text of [
      '',
      '\0',
      '\ud800',
      '\udc00\ud800',
      'a\0b',
      '\ufeffabc',
      `${'x'.repeat(40)}\udfff`,
    ]) {
      expect(roundTrip(text)).toBe(text)
    }
  })
})

describe('numbers, bigints and constants', () => {
  test('every number comes back: NaN, -0 and the infinities too', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(roundTrip(value)).toBe(value)
      }),
      { seed: SEED },
    )
    expect(roundTrip(-0)).toBe(-0)
    expect(structured.type).toBe(VALUE_NUMBER)
  })

  test('null, true and false come back', () => {
    for (const value of [null, true, false]) {
      expect(roundTrip(value)).toBe(value)
      expect(roundTrip(value, structured, OFFSET)).toBe(value)
    }
  })

  test('bigints of any length come back', () => {
    const edges = [
      0n,
      -1n,
      2n ** 63n - 1n,
      2n ** 63n,
      -(2n ** 63n),
      -(2n ** 63n) - 1n,
      2n ** 64n,
      -(2n ** 200_000n) + 7n,
    ]
    for (const value of edges) expect(roundTrip(value)).toBe(value)
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(40), (value, room) => {
        expect(roundTrip(value, structured, OFFSET + room)).toBe(value)
        expect(roundTrip(value ** 9n, structured, OFFSET + room)).toBe(value ** 9n)
      }),
      { seed: SEED },
    )
  })
})

describe('binary values', () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, index) => index * 5)
  const kinds: (new (buffer: ArrayBuffer, ...range: number[]) => NodeJS.ArrayBufferView)[] = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView,
  ]

  test('each typed array keeps its type and owns an ArrayBuffer of its length', () => {
    for (const Kind of kinds) {
      for (const value of [
        new Kind(bytes.buffer),
        new Kind(bytes.buffer, 8, 4),
        new Kind(new ArrayBuffer(0)),
      ]) {
        const result = roundTrip(value) as Uint8Array
        expect(result).toStrictEqual(value)
        expect(Object.getPrototypeOf(result)).toBe(Kind.prototype)
        expect(result.buffer.byteLength).toBe(value.byteLength)
        expect(roundTrip({ value })).toStrictEqual({ value })
      }
    }
  })

  test("a Buffer comes back as a Buffer, from Buffer's own pool too", () => {
    for (const value of [Buffer.alloc(0), Buffer.from('pooled'), Buffer.alloc(100_000, 7)]) {
      const result = roundTrip(value)
      expect(Buffer.isBuffer(result)).toBe(true)
      expect(result).toStrictEqual(value)
      expect(roundTrip({ value }, structured, OFFSET)).toStrictEqual({ value })
    }
  })

  test('an ArrayBuffer comes back, and a SharedArrayBuffer as a copy in an ArrayBuffer', () => {
    expect(roundTrip(bytes.buffer)).toStrictEqual(bytes.buffer)
    const sharedBytes = new SharedArrayBuffer(3)
    new Uint8Array(sharedBytes).set([1, 2, 3])
    expect(roundTrip(sharedBytes)).toStrictEqual(Uint8Array.of(1, 2, 3).buffer)
  })

  test('a view on shared memory and a subclass of a typed array come back as plain typed arrays', () => {
    class Pixels extends Uint16Array {}
    expect(roundTrip(new Uint8Array(new SharedArrayBuffer(4)))).toStrictEqual(new Uint8Array(4))
    expect(roundTrip(Pixels.of(1, 500))).toStrictEqual(Uint16Array.of(1, 500))
    expect(roundTrip([Pixels.of(1, 500)])).toStrictEqual([Uint16Array.of(1, 500)])
  })
})

describe('structured values', () => {
  test('every storable value comes back equal', () => {
    fc.assert(
      fc.property(storable, fc.nat(3000), (value, room) => {
        fc.pre(value !== undefined)
        expect(roundTrip({ value }, structured, OFFSET + room)).toStrictEqual({ value })
        expect(roundTrip(value)).toStrictEqual(value)
      }),
      { seed: SEED, numRuns: 1500 },
    )
  })

  test('dates, maps, sets, regular expressions and errors come back', () => {
    const value = {
      date: new Date(-1),
      never: new Date(Number.NaN),
      map: new Map<unknown, unknown>([
        ['a', new Map([[{ k: 1 }, new Set(['x'])]])],
        [2, undefined],
      ]),
      pattern: /^a.b$/su,
    }
    expect(roundTrip(value)).toStrictEqual(value)
    const error = roundTrip(new RangeError('far', { cause: new Error('near') })) as Error
    expect(error).toBeInstanceOf(RangeError)
    expect([error.message, (error.cause as Error).message]).toEqual(['far', 'near'])
  })

  test('cycles and shared parts come back as they were', () => {
    type Node = {
      name: string
      self?: unknown
      list: unknown[]
      map: Map<unknown, unknown>
      set: Set<unknown>
    }
    const node: Node = { name: 'n', list: [], map: new Map(), set: new Set() }
    const part = { part: true }
    node.self = node
    node.list.push(part, part, node.list, node)
    node.map.set('me', node.map).set(node, part)
    node.set.add(node.set).add(node)
    for (const extra of [undefined, -0]) {
      const result = roundTrip({ node, extra }) as { node: Node }
      const { self, list, map, set } = result.node
      expect(self).toBe(result.node)
      expect(list[0]).toBe(list[1])
      expect([list[2], list[3]]).toEqual([list, result.node])
      expect(list[2]).toBe(list)
      expect(map.get('me')).toBe(map)
      expect(map.get(result.node)).toBe(list[0])
      expect(set.has(set) && set.has(result.node)).toBe(true)
    }
  })

  test('an error whose cause leads back to a part around it comes back', () => {
    const around: { error?: Error } = {}
    around.error = new Error('round', { cause: [around] })
    const result = roundTrip(around) as { error: Error & { cause: unknown[] } }
    expect(result.error).toBeInstanceOf(Error)
    expect(result.error.cause[0]).toBe(result)
  })

  test('an object with a field named constructor comes back', () => {
    for (const named of [5, 'Map', null, { deep: [1] }]) {
      assert.deepStrictEqual(roundTrip([{ constructor: named }]), [{ constructor: named }])
    }
  })

  test('more record shapes than the encoder numbers come back, each twice', () => {
    const shapes = Array.from({ length: 300 }, (_, index) => ({
      [`field${index}`]: index,
      common: 1,
    }))
    const value = [...shapes, ...shapes.map((shape) => ({ ...shape }))]
    expect(roundTrip(value)).toStrictEqual(value)
  })

  test('what msgpackr alone would alter comes back unaltered', () => {
    const values = [
      { zero: -0 },
      ['\ud800'],
      { '\udfff': 1 },
      JSON.parse('{"__proto__":{"a":1}}'),
      // biome-ignore lint/suspicious/noSparseArray: holes are what is tested
      [1, , 3],
      Object.assign([], { 4: 1 }),
      Object(5),
      Object('text'),
      `\ufeff${'x'.repeat(100)}`,
      [`\ufeff${'x'.repeat(100)}`],
      { a: 1, __keys__: 2 },
      { a: 1 },
      { hasOwnProperty: 1, b: 2 },
    ]
    for (const value of values) expect(roundTrip(value)).toStrictEqual(value)
  })

  test('an array of four thousand million holes is stored in a moment', () => {
    const sparse = new Array(2 ** 32 - 1)
    sparse[7] = 'seven'
    const result = roundTrip(sparse) as unknown[]
    expect([result.length, result[7], 8 in result]).toEqual([2 ** 32 - 1, 'seven', false])
    sparse[9] = () => 1
    expect(culprit(sparse)).toBe('value[9]')
  })

  test('an instance of a class becomes a plain object of its own fields', () => {
    class User {
      static count = 0
      name = 'Ada'
      get upper() {
        return this.name.toUpperCase()
      }
      toJSON() {
        return 'unused'
      }
    }
    expect(roundTrip({ user: new User() })).toStrictEqual({ user: { name: 'Ada' } })
    expect(
      roundTrip(Object.create({ inherited: () => 1 }, { own: { value: 1, enumerable: true } })),
    ).toStrictEqual({ own: 1 })
    class Empty {}
    expect(roundTrip(new Empty())).toStrictEqual({})
  })

  test('a subclass of Map, Set, Date or Array comes back as its base', () => {
    class Registry extends Map<string, number> {}
    class Bag extends Set<string> {}
    class Day extends Date {}
    class Row extends Array<number> {}
    expect(roundTrip(new Registry([['a', 1]]))).toStrictEqual(new Map([['a', 1]]))
    expect(roundTrip(new Bag(['a']))).toStrictEqual(new Set(['a']))
    expect(roundTrip(new Day(5))).toStrictEqual(new Date(5))
    expect(roundTrip(Row.of(1, 2))).toStrictEqual([1, 2])
  })

  test("values of another realm come back as this realm's", () => {
    const foreign = runInNewContext(
      `({ map: new Map([['a', [1]]]), set: new Set([2]), date: new Date(3) })`,
    )
    expect(roundTrip(foreign)).toStrictEqual({
      map: new Map([['a', [1]]]),
      set: new Set([2]),
      date: new Date(3),
    })
  })

  test('a later value is not disturbed by one that failed', () => {
    const hostile = {
      get field() {
        throw new Error('no')
      },
    }
    expect(culprit({ hostile })).toBe('value')
    expect(roundTrip({ a: { b: 1 } })).toStrictEqual({ a: { b: 1 } })
  })

  test('what a large value needed is not kept and nothing of it is changed', () => {
    const large = {
      text: 'x'.repeat(2 ** 22),
      list: Array.from({ length: 5000 }, (_, index) => ({ index })),
    }
    expect(roundTrip(large, structured, OFFSET + 100)).toStrictEqual(large)
  })
})

describe('what cannot be stored', () => {
  test('the path of the culprit is named', () => {
    const noop = () => undefined
    expect(culprit(noop)).toBe('value')
    expect(culprit(Symbol('s'))).toBe('value')
    expect(culprit({ user: { onSave: noop } })).toBe('value.user.onSave')
    expect(culprit({ list: [1, 2, 3, noop] })).toBe('value.list[3]')
    expect(culprit({ 'odd key': { s: Symbol('s') } })).toBe('value["odd key"].s')
    expect(culprit(new Map([['k', { noop }]]))).toBe('value.get("k").noop')
    expect(culprit(new Map([[{ noop }, 1]]))).toBe('value.keys()[0].noop')
    expect(culprit({ set: new Set([1, noop]) })).toBe('value.set.values()[1]')
    expect(culprit(new Error('e', { cause: { noop } }))).toBe('value.cause.noop')
    const error = new Error('round')
    error.cause = { error }
    expect(culprit({ error })).toBe('value.error.cause.error')
    expect(culprit({ constructor: Object, x: 1 })).toBe('value.constructor')
  })

  test('what the runtime brings and nothing can rebuild is refused', () => {
    const parts = [
      new WeakMap(),
      new WeakSet(),
      new WeakRef({}),
      Promise.resolve(),
      new Socket(),
      new PassThrough(),
      new EventEmitter(),
      new URL('http://localhost/'),
      new Headers(),
      new AbortController().signal,
      new ReadableStream(),
      new Map().values(),
      (function* () {})(),
      new Intl.NumberFormat(),
      new AggregateError([]),
      new SharedArrayBuffer(8),
      new FinalizationRegistry(() => undefined),
      Object(Symbol('s')),
      new (class extends WeakMap {
        field = 1
      })(),
    ]
    for (const part of parts) expect([part, culprit({ part })]).toEqual([part, 'value.part'])
  })

  test('proxies of them are refused and proxies of plain objects are stored', () => {
    expect(culprit({ p: new Proxy(() => 1, {}) })).toBe('value.p')
    expect(culprit({ p: new Proxy(new WeakMap(), {}) })).toBe('value.p')
    expect(culprit({ p: new Proxy(new Map(), {}) })).toMatch(/^value/)
    expect(roundTrip({ p: new Proxy({ a: [1] }, {}) })).toStrictEqual({ p: { a: [1] } })
  })

  test('too deep a value is refused with the limit, and one just within it is stored', () => {
    expect(roundTrip(nested(MAX_DEPTH))).toStrictEqual(nested(MAX_DEPTH))
    for (const depth of [MAX_DEPTH + 1, 10_000, 100_000]) {
      expect(() => roundTrip(nested(depth))).toThrow(/nested more than 500 levels/)
    }
    expect(() => roundTrip({ zero: -0, deep: nested(10_000) })).toThrow(UnserializableValueError)
  })

  test('parts shared many times over do not make the check exponential', () => {
    let value: unknown = { leaf: 1 }
    for (let level = 0; level < 60; level++) value = [value, value]
    const result = roundTrip(value) as unknown[]
    expect(result[0]).toBe(result[1])
  })

  test('undefined is a TypeError with a code', () => {
    for (const codec of ['structured', 'json', 'string', 'bytes'] as const) {
      expect(() => roundTrip(undefined, createCodec(codec))).toThrow(TypeError)
    }
    expect(() => roundTrip(undefined)).toThrow(
      expect.objectContaining({ code: 'ERR_HOTSET_INVALID_VALUE' }),
    )
  })
})

describe('the other codecs', () => {
  test('json keeps what JSON keeps, whatever room there is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.nat(600), (value, room) => {
        const expected = typeof value === 'object' ? JSON.parse(JSON.stringify(value)) : value
        expect(roundTrip(value, json, OFFSET + room)).toStrictEqual(expected)
      }),
      { seed: SEED, numRuns: 500 },
    )
    expect(roundTrip(new Date(0), json)).toBe('1970-01-01T00:00:00.000Z')
  })

  test('json names where a cycle or a bigint stands', () => {
    const cyclic: { a: { list: unknown[] } } = { a: { list: [0] } }
    cyclic.a.list.push(cyclic.a)
    expect(culprit(cyclic, json)).toBe('value.a.list[1]')
    expect(culprit({ big: [5n] }, json)).toBe('value.big[0]')
    expect(culprit(5n, json)).toBe('value')
    expect(culprit(() => 1, json)).toBe('value')
    expect(culprit({ toJSON: () => undefined }, json)).toBe('value')
  })

  test('json stores what is nested very deep, or refuses it by name', () => {
    const deep = nested(100_000)
    // Newer versions of V8 write any depth, older ones run out of stack.
    try {
      roundTrip(deep, json)
    } catch {
      expect(culprit(deep, json)).toBe('value')
    }
  })

  test('string takes strings only and names what came', () => {
    const codec = createCodec('string')
    expect(roundTrip('text', codec)).toBe('text')
    expect(() => roundTrip({ a: 1 }, codec)).toThrow(TypeError)
    expect(() => roundTrip(5, codec)).toThrow(/strings only, not 5/)
  })

  test('bytes takes bytes only and gives Buffers', () => {
    const codec = createCodec('bytes')
    const result = roundTrip(Uint8Array.of(1, 2), codec)
    expect(Buffer.isBuffer(result)).toBe(true)
    expect(result).toEqual(Buffer.of(1, 2))
    for (const value of ['text', [1], new Uint16Array(1), null]) {
      expect(() => roundTrip(value, codec)).toThrow(/Uint8Array and Buffer only/)
    }
  })

  test('a codec of the user is given every value and must give bytes', () => {
    const seen: unknown[] = []
    const codec = createCodec({
      encode: (value: unknown) => {
        seen.push(value)
        return Buffer.from(String(value))
      },
      decode: (bytes) => `<${Buffer.from(bytes)}>`,
    })
    expect(roundTrip('text', codec)).toBe('<text>')
    expect(roundTrip(null, codec, OFFSET)).toBe('<null>')
    expect(seen).toEqual(['text', null])
    const wrong = createCodec({ encode: () => 'text' as unknown as Uint8Array, decode: () => 1 })
    expect(() => roundTrip(1, wrong)).toThrow(/must return a Uint8Array, not 'text'/)
  })

  test('every codec reads the numbers that increment writes', () => {
    structured.encode(41, shared, OFFSET, shared.length)
    for (const codec of ['json', 'string', 'bytes'] as const) {
      expect(createCodec(codec).decode(VALUE_NUMBER, shared, OFFSET, OFFSET + 8)).toBe(41)
    }
  })
})

describe('damaged bytes', () => {
  test('every type of value raises an error or answers something, and never hangs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 15 }),
        fc.uint8Array({ maxLength: 200 }),
        (type, bytes) => {
          shared.set(bytes, OFFSET)
          try {
            structured.decode(type, shared, OFFSET, OFFSET + bytes.length)
          } catch (error) {
            expect(error).toBeInstanceOf(Error)
          }
        },
      ),
      { seed: SEED, numRuns: 3000 },
    )
  })

  test('flipped bits in encoded values raise an error or answer something', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(storable, flips, (value, places) => {
        const bytes = structured.encode({ value }, shared, OFFSET, shared.length)
        for (const [place, bits] of places) shared[OFFSET + (place % bytes)] ^= bits
        try {
          structured.decode(structured.type, shared, OFFSET, OFFSET + bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
        expect(roundTrip({ after: [1] })).toStrictEqual({ after: [1] })
      }),
      { seed: SEED, numRuns: 3000 },
    )
  })

  test('a damaged value of parts shared many times over raises an error in a moment', () => {
    let value: unknown = { leaf: 1 }
    for (let level = 0; level < 60; level++) value = [value, value]
    const bytes = structured.encode(value, shared, OFFSET, shared.length)
    for (let place = 0; place < bytes; place++) {
      const before = shared[OFFSET + place]
      for (let bit = 1; bit < 256; bit *= 2) {
        shared[OFFSET + place] = before ^ bit
        try {
          structured.decode(structured.type, shared, OFFSET, OFFSET + bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }
      shared[OFFSET + place] = before
    }
    shared[OFFSET + bytes] = 0
    expect(() => structured.decode(structured.type, shared, OFFSET, OFFSET + bytes + 1)).toThrow(
      /left over/,
    )
  })

  test('impossible lengths raise an error', () => {
    expect(() => structured.decode(1, shared, 10, 9)).toThrow(/Corrupt/)
    expect(() => structured.decode(1, shared, 0, shared.length + 1)).toThrow(/Corrupt/)
    expect(() => structured.decode(2, shared, 0, 3)).toThrow(/Corrupt/)
    expect(() => structured.decode(3, shared, 0, 7)).toThrow(/Corrupt/)
    expect(() => structured.decode(0, shared, 0, 7)).toThrow(/Corrupt/)
  })
})

test('each type of value has a name', () => {
  const names = ['a', '\u0100', 1, null, 1n, Buffer.alloc(1), new Int8Array(1), {}].map((value) => {
    structured.encode(value, shared, OFFSET, shared.length)
    return typeName(structured.type)
  })
  expect(names).toEqual([
    'string',
    'string',
    'number',
    'constant',
    'bigint',
    'buffer',
    'typed-array',
    'object',
  ])
})
