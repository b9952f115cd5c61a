/**
 * Reading numbers and fields straight from a file's bytes, without a string in between.
 *
 * Why: a slice of a decoded chunk keeps the whole chunk alive for as long as a cache keeps the key,
 * and costs more than reading the digits.
 */
import { latin1 } from '../latin1.js'

export const TAB = 9
export const LINE_FEED = 10
export const CARRIAGE_RETURN = 13
export const SPACE = 32
export const QUOTE = 34
export const COMMA = 44
export const BACKSLASH = 92

const ZERO = 48
/** More digits than this can pass 2^53. */
const EXACT_DIGITS = 15

export const NOT_A_NUMBER = -1

/** Beyond so many bytes, a search by Node, 40 ns a call, is the faster one. */
const NEAR_BYTES = 48

/** The unsigned whole number in [start, end), or NOT_A_NUMBER. */
export function readUnsigned(bytes: Buffer, start: number, end: number): number {
  const digits = end - start
  if (digits <= 0) return NOT_A_NUMBER
  if (digits > EXACT_DIGITS) return readLong(bytes, start, end)
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO
    if (digit < 0 || digit > 9) return NOT_A_NUMBER
    value = value * 10 + digit
  }
  return value
}

/** The unsigned number in [start, end), decimals and exponents allowed, or NOT_A_NUMBER. */
export function readDecimal(bytes: Buffer, start: number, end: number): number {
  const whole = readUnsigned(bytes, start, end)
  if (whole !== NOT_A_NUMBER || start === end) return whole
  const value = Number(latin1(bytes, start, end))
  return Number.isFinite(value) && value >= 0 ? value : NOT_A_NUMBER
}

export function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN
}

/** The first position from `start` on that holds `byte`, or `end`. */
export function find(bytes: Buffer, byte: number, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== byte) at++
  return at
}

/** As `find`, for what may be far away, in all that follows in `bytes`. */
export function findFar(bytes: Buffer, byte: number, start: number): number {
  const near = Math.min(start + NEAR_BYTES, bytes.length)
  const at = find(bytes, byte, start, near)
  if (at < near) return at
  const found = bytes.indexOf(byte, near)
  return found === -1 ? bytes.length : found
}

function readLong(bytes: Buffer, start: number, end: number): number {
  const text = latin1(bytes, start, end)
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : NOT_A_NUMBER
}
