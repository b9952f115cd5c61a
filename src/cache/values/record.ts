/**
 * Flat records: plain objects whose fields are strings, numbers, booleans, null or undefined, as rows, users and
 * sessions are.
 *
 * 1. What is not quite that is left to the encoding of all objects (structured.ts), and so is what does not fit.
 * 2. Every such object comes back as it was: order of fields, -0, NaN and lone surrogates too.
 *
 * Why beside msgpackr, which takes them too: a get of five fields takes 230 ns instead of 830, a set 400 instead of
 * 1,050, and with the names of the fields kept apart, in a place that all threads would have to share, msgpackr alone
 * takes as long as all of this (bench/scenarios/floors.mjs).
 *
 * The bytes: names (record-shape.ts), then of each field a tag and what it says.
 */
import { VALUE_RECORD } from '../value-type.js'
import { corrupt, type EncodeState, type RawBuffer } from './encoding.js'
import { type FieldReader, shapeOfBytes, shapeOfNames } from './record-shape.js'
import { buildLatin1, MAX_SHORT_CHARACTERS } from './short-strings.js'
import { BEYOND_LATIN1, LOOPED_CHARACTERS } from './strings.js'

export const NOT_A_RECORD = -2

type Field = string | number | boolean | null | undefined

const TAG_UNDEFINED = 0
const TAG_NULL = 1
const TAG_FALSE = 2
const TAG_TRUE = 3
/** 1 byte. */
const TAG_BYTE = 4
/** 4 bytes, little-endian. */
const TAG_INT32 = 5
/** 8 bytes, little-endian. */
const TAG_DOUBLE = 6
/** Length, 1 byte, then a byte a character. */
const TAG_SHORT = 7
/** Length in bytes, 4, then a byte a character. */
const TAG_LATIN1 = 8
/** Length in bytes, 4, then two bytes a character. */
const TAG_UTF16 = 9

const MAX_BYTE = 0xff
/** A tag and a number; a string says itself what it needs. */
const NUMBER_BYTES = 9
const STRING_HEAD_BYTES = 5

/** @returns how many bytes were written, or NOT_A_RECORD */
export function encodeRecord(
  state: EncodeState,
  value: object,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  const names = namesOf(value)
  const shape = names && shapeOfNames(names)
  if (shape === undefined || shape.bytes.length > limit - offset) return NOT_A_RECORD
  const fields = fieldsOf(value as Record<string, unknown>, shape.names)
  if (fields === undefined) return NOT_A_RECORD
  const { bytes } = shape
  for (let at = 0; at < bytes.length; at++) target[offset + at] = bytes[at]
  let at = offset + bytes.length
  for (let index = 0; index < fields.length; index++) {
    at = writeField(fields[index], target, at, limit)
    if (at < 0) return NOT_A_RECORD
  }
  state.type = VALUE_RECORD
  return at - offset
}

// Why nothing of an error: it is one of the user's, of a proxy or a getter, and whoever looks through all objects
// comes upon it again and says where it is.
function namesOf(value: object): string[] | undefined {
  try {
    return Object.getPrototypeOf(value) === Object.prototype ? Object.keys(value) : undefined
  } catch {
    return undefined
  }
}

/**
 * Undefined where one is no field of a record. Why all before the first is written: a getter may call the cache,
 * which writes to the same memory.
 */
function fieldsOf(
  value: Record<string, unknown>,
  names: readonly string[],
): readonly Field[] | undefined {
  const fields: Field[] = []
  try {
    for (let index = 0; index < names.length; index++) {
      const field = value[names[index]]
      if (!isField(field)) return undefined
      fields.push(field)
    }
    return fields
  } catch {
    return undefined
  }
}

function isField(value: unknown): value is Field {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'undefined':
      return true
    default:
      return value === null
  }
}

export function decodeRecord(source: Buffer, start: number, end: number): object {
  const shape = shapeOfBytes(source, start, end)
  reader.begin(source as RawBuffer, start + shape.bytes.length, end)
  const value = shape.create(reader)
  reader.finish()
  return value
}

/** @returns where the next field begins, or NOT_A_RECORD */
function writeField(field: Field, target: Buffer, at: number, limit: number): number {
  if (typeof field === 'string') return writeString(field, target, at, limit)
  if (limit - at < NUMBER_BYTES) return NOT_A_RECORD
  switch (typeof field) {
    case 'number':
      return writeNumber(field, target, at)
    case 'boolean':
      target[at] = field ? TAG_TRUE : TAG_FALSE
      return at + 1
    default:
      target[at] = field === null ? TAG_NULL : TAG_UNDEFINED
      return at + 1
  }
}

function writeNumber(field: number, target: Buffer, at: number): number {
  const whole = field | 0
  if (!Object.is(whole, field)) {
    target[at] = TAG_DOUBLE
    return target.writeDoubleLE(field, at + 1)
  }
  if (whole >= 0 && whole <= MAX_BYTE) {
    target[at] = TAG_BYTE
    target[at + 1] = whole
    return at + 2
  }
  target[at] = TAG_INT32
  target[at + 1] = whole
  target[at + 2] = whole >>> 8
  target[at + 3] = whole >>> 16
  target[at + 4] = whole >>> 24
  return at + 5
}

function writeString(text: string, target: Buffer, at: number, limit: number): number {
  const { length } = text
  if (length > LOOPED_CHARACTERS) return writeLongString(text, target, at, limit)
  if (limit - at < STRING_HEAD_BYTES + 2 * length) return NOT_A_RECORD
  target[at] = TAG_SHORT
  target[at + 1] = length
  let bits = 0
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index)
    bits |= unit
    target[at + 2 + index] = unit
  }
  return bits > MAX_BYTE ? writeWide(text, target, at) : at + 2 + length
}

function writeLongString(text: string, target: Buffer, at: number, limit: number): number {
  const { length } = text
  if (limit - at < STRING_HEAD_BYTES + 2 * length) return NOT_A_RECORD
  if (BEYOND_LATIN1.test(text)) return writeWide(text, target, at)
  if (length <= MAX_BYTE) {
    target[at] = TAG_SHORT
    target[at + 1] = length
    return at + 2 + (target as RawBuffer).latin1Write(text, at + 2, length)
  }
  target[at] = TAG_LATIN1
  const from = target.writeUInt32LE(length, at + 1)
  return from + (target as RawBuffer).latin1Write(text, from, length)
}

function writeWide(text: string, target: Buffer, at: number): number {
  const bytes = 2 * text.length
  target[at] = TAG_UTF16
  const from = target.writeUInt32LE(bytes, at + 1)
  return from + (target as RawBuffer).ucs2Write(text, from, bytes)
}

/** Reads fields where it was told to begin; one for all records, as no code of the user's runs in between. */
class Fields implements FieldReader {
  #source = Buffer.alloc(0) as RawBuffer
  #at = 0
  #end = 0

  begin(source: RawBuffer, start: number, end: number): void {
    this.#source = source
    this.#at = start
    this.#end = end
  }

  finish(): void {
    if (this.#at !== this.#end) throw corrupt('bytes behind the fields of a record')
  }

  next(): unknown {
    const source = this.#source
    switch (source[this.#take(1)]) {
      case TAG_SHORT:
        return this.#latin1(source[this.#take(1)])
      case TAG_BYTE:
        return source[this.#take(1)]
      case TAG_INT32:
        return source.readInt32LE(this.#take(4))
      case TAG_DOUBLE:
        return source.readDoubleLE(this.#take(8))
      case TAG_TRUE:
        return true
      case TAG_FALSE:
        return false
      case TAG_NULL:
        return null
      case TAG_UNDEFINED:
        return undefined
      case TAG_LATIN1:
        return this.#latin1(source.readUInt32LE(this.#take(4)))
      case TAG_UTF16:
        return this.#utf16(source.readUInt32LE(this.#take(4)))
      default:
        throw corrupt('a field of an unknown kind')
    }
  }

  #latin1(characters: number): string {
    const start = this.#take(characters)
    return characters <= MAX_SHORT_CHARACTERS
      ? buildLatin1(this.#source, start, characters)
      : this.#source.latin1Slice(start, start + characters)
  }

  #utf16(bytes: number): string {
    if ((bytes & 1) !== 0) throw corrupt('half a UTF-16 unit')
    const start = this.#take(bytes)
    return this.#source.ucs2Slice(start, start + bytes)
  }

  /** Where the next bytes are. @throws where there are not so many */
  #take(bytes: number): number {
    const start = this.#at
    this.#at = start + bytes
    if (this.#at > this.#end) throw corrupt('a record that ends too soon')
    return start
  }
}

const reader = new Fields()
