/**
 * Buffers, typed arrays, DataViews and ArrayBuffers: their bytes as they are.
 *
 * 1. What comes back is a copy of the same kind; a SharedArrayBuffer comes back as an ArrayBuffer,
 *    a subclass of a typed array as that typed array.
 * 2. A typed array that comes back owns an ArrayBuffer of just its length. A Buffer may come from
 *    Buffer's pool, as any small Buffer does: an allocation of its own costs eight times as much.
 * 3. The kind's byte stands last, so that the elements begin where the value does.
 */
import { VALUE_BUFFER, VALUE_TYPED_ARRAY } from '../value-type.js'
import { corrupt, DID_NOT_FIT, type EncodeState, place, spill } from './encoding.js'

export type Binary = NodeJS.ArrayBufferView | ArrayBufferLike

// Part of the encoding: append only. Float16Array is missing where the runtime lacks it.
const ARRAY_NAMES = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Float16Array',
] as const

type ViewConstructor = new (buffer: ArrayBuffer) => NodeJS.ArrayBufferView
const CONSTRUCTORS = ARRAY_NAMES.map(
  (name) => (globalThis as Record<string, unknown>)[name] as ViewConstructor | undefined,
)

const KIND_DATA_VIEW = 0x40
const KIND_ARRAY_BUFFER = 0x41
const KIND_BUFFER = 0x42

// Why by this getter: it names the kind whatever subclass or realm the array is of.
const kindNameOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as () => (typeof ARRAY_NAMES)[number] | undefined

export function isBinary(value: object): value is Binary {
  return (
    ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer
  )
}

export function encodeBinary(
  state: EncodeState,
  value: Binary,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  if (Buffer.isBuffer(value)) return place(state, VALUE_BUFFER, value, target, offset, limit)

  const bytes = bytesOf(value)
  state.type = VALUE_TYPED_ARRAY
  if (bytes.length + 1 > limit - offset) {
    const overflow = spill(state, bytes.length + 1)
    overflow.set(bytes)
    overflow[bytes.length] = kindOf(value)
    return DID_NOT_FIT
  }
  target.set(bytes, offset)
  target[offset + bytes.length] = kindOf(value)
  return bytes.length + 1
}

export function decodeBuffer(source: Buffer, start: number, end: number): Buffer {
  // Why: bytes that are nothing but the value were copied for it already.
  if (start === 0 && end === source.length && !isShared(source)) return source
  const bytes = Buffer.allocUnsafe(end - start)
  source.copy(bytes, 0, start, end)
  return bytes
}

function isShared({ buffer }: Buffer): boolean {
  return buffer instanceof SharedArrayBuffer
}

export function decodeTypedArray(source: Buffer, start: number, end: number): Binary {
  if (end <= start) throw corrupt('a typed array without its kind')
  return revive(source[end - 1], source.subarray(start, end - 1))
}

/** The byte that names what kind of binary value this is. */
export function kindOf(value: Binary): number {
  if (!ArrayBuffer.isView(value)) return KIND_ARRAY_BUFFER
  if (Buffer.isBuffer(value)) return KIND_BUFFER
  const name = kindNameOf.call(value)
  return name === undefined ? KIND_DATA_VIEW : ARRAY_NAMES.indexOf(name)
}

/** A binary value of that kind over a copy of the bytes. */
export function revive(kind: number, bytes: Uint8Array): Binary {
  if (kind === KIND_BUFFER) return Buffer.from(bytes)
  const buffer = new ArrayBuffer(bytes.length)
  new Uint8Array(buffer).set(bytes)
  if (kind === KIND_ARRAY_BUFFER) return buffer
  if (kind === KIND_DATA_VIEW) return new DataView(buffer)
  const TypedArray = CONSTRUCTORS[kind]
  if (TypedArray === undefined) throw corrupt(`typed array of unknown kind ${kind}`)
  return new TypedArray(buffer)
}

/** The bytes of a binary value, without a copy. */
export function bytesOf(value: Binary): Uint8Array {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value)
}
