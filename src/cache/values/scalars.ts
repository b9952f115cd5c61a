/**
 * Numbers, bigints, null and booleans.
 *
 * 1. Every float64 comes back: NaN, -0 and the infinities too.
 * 2. A bigint of 64 bits takes 8 bytes; a larger one always takes more, so the length tells which.
 *
 * Costs about 10 ns; a large bigint is linear in its length, since V8 converts to and from
 * hexadecimal, unlike decimal, in one pass.
 */
import { VALUE_BIGINT, VALUE_CONSTANT, VALUE_NUMBER } from '../value-type.js'
import { corrupt, DID_NOT_FIT, type EncodeState, place, type RawBuffer, spill } from './encoding.js'

const WORD_BYTES = 8
const CONSTANTS = [null, false, true] as const
const NULL_CODE = 0
const FALSE_CODE = 1
const TRUE_CODE = 2

export function encodeNumber(
  state: EncodeState,
  value: number,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  state.type = VALUE_NUMBER
  if (WORD_BYTES > limit - offset) {
    spill(state, WORD_BYTES).writeDoubleLE(value, 0)
    return DID_NOT_FIT
  }
  target.writeDoubleLE(value, offset)
  return WORD_BYTES
}

export function decodeNumber(source: Buffer, start: number, end: number): number {
  if (end - start !== WORD_BYTES) throw corrupt(`a number of ${end - start} bytes`)
  return source.readDoubleLE(start)
}

export function encodeConstant(
  state: EncodeState,
  value: null | boolean,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  const code = value === null ? NULL_CODE : value ? TRUE_CODE : FALSE_CODE
  state.type = VALUE_CONSTANT
  if (offset >= limit) {
    spill(state, 1)[0] = code
    return DID_NOT_FIT
  }
  target[offset] = code
  return 1
}

export function decodeConstant(source: Buffer, start: number, end: number): null | boolean {
  const value = end - start === 1 ? CONSTANTS[source[start]] : undefined
  if (value === undefined) throw corrupt('no such constant')
  return value
}

export function encodeBigint(
  state: EncodeState,
  value: bigint,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  if (BigInt.asIntN(64, value) !== value) {
    return place(state, VALUE_BIGINT, largeBigintBytes(value), target, offset, limit)
  }
  state.type = VALUE_BIGINT
  if (WORD_BYTES > limit - offset) {
    spill(state, WORD_BYTES).writeBigInt64LE(value, 0)
    return DID_NOT_FIT
  }
  target.writeBigInt64LE(value, offset)
  return WORD_BYTES
}

export function decodeBigint(source: Buffer, start: number, end: number): bigint {
  const bytes = end - start
  if (bytes === WORD_BYTES) return source.readBigInt64LE(start)
  const sign = source[start]
  if (bytes < WORD_BYTES || sign > 1) throw corrupt('not a bigint')
  const magnitude = BigInt(`0x${(source as RawBuffer).hexSlice(start + 1, end)}`)
  return sign === 1 ? -magnitude : magnitude
}

function largeBigintBytes(value: bigint): Buffer {
  const digits = (value < 0n ? -value : value).toString(16)
  const even = digits.length % 2 === 0 ? digits : `0${digits}`
  const bytes = Buffer.allocUnsafe(1 + even.length / 2)
  bytes[0] = value < 0n ? 1 : 0
  bytes.write(even, 1, 'hex')
  return bytes
}
