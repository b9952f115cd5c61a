/**
 * The names of a record's fields, as its bytes begin with them, and how objects with these fields are made.
 *
 * | byte | |
 * |---|---|
 * | 0 | fields, 1 to MAX_FIELDS |
 * | 1 | bytes up to the first field's value, 2, little-endian |
 * | 3 | of each name its length, 1, and its characters, one byte each |
 *
 * 1. Two shapes are the same when these bytes are.
 * 2. Known shapes are kept in a table of fixed size, in which one may take another's place: it only saves time.
 *
 * Why names in each value: it can be read by any thread, and by any process it is sent to, that knows nothing else.
 * Costs about 25 ns to find the shape of a record, 100 ns a name where it is not known.
 */
import { corrupt, type RawBuffer } from './encoding.js'
import { BEYOND_LATIN1 } from './strings.js'

/** Answers the values of a record's fields, one after the other. */
export interface FieldReader {
  next(): unknown
}

export interface RecordShape {
  readonly names: readonly string[]
  readonly bytes: Uint8Array
  create(fields: FieldReader): object
}

export const MAX_FIELDS = 32
const MAX_NAME = 255
const HEADER_BYTES = 3
const TABLE_MASK = 255
/** An object made by code of its own takes 10 ns instead of 100, and the code 20 us to compile. */
const USES_TO_COMPILE = 64

const byNames: (RecordShape | undefined)[] = new Array(TABLE_MASK + 1).fill(undefined)
const byBytes: (RecordShape | undefined)[] = new Array(TABLE_MASK + 1).fill(undefined)

/** The shape of an object with these own fields; undefined: none that a record can have. */
export function shapeOfNames(names: readonly string[]): RecordShape | undefined {
  const count = names.length
  if (count === 0 || count > MAX_FIELDS) return undefined
  const last = names[count - 1]
  const slot = (count * 31 + names[0].length * 7 + last.length + last.charCodeAt(0)) & TABLE_MASK
  const known = byNames[slot]
  if (known !== undefined && haveSameNames(known.names, names)) return known
  const shape = createShape(names)
  byNames[slot] = shape
  return shape
}

/** The shape that a record's bytes begin with. @throws where they begin with none */
export function shapeOfBytes(source: Buffer, start: number, end: number): RecordShape {
  const bytes = end - start < HEADER_BYTES ? 0 : source[start + 1] | (source[start + 2] << 8)
  if (bytes <= HEADER_BYTES || bytes > end - start) throw corrupt('a record without names')
  const slot = (bytes * 31 + source[start + bytes - 1] * 7 + source[start]) & TABLE_MASK
  const known = byBytes[slot]
  if (known !== undefined && isAt(known.bytes, source, start, bytes)) return known
  const shape = createShape(readNames(source, start, start + bytes))
  if (shape === undefined) throw corrupt('a record with names that none has')
  byBytes[slot] = shape
  return shape
}

function haveSameNames(known: readonly string[], names: readonly string[]): boolean {
  if (known.length !== names.length) return false
  for (let index = 0; index < names.length; index++) {
    if (known[index] !== names[index]) return false
  }
  return true
}

function isAt(known: Uint8Array, source: Buffer, start: number, bytes: number): boolean {
  if (known.length !== bytes) return false
  for (let at = 0; at < bytes; at++) {
    if (known[at] !== source[start + at]) return false
  }
  return true
}

function readNames(source: Buffer, start: number, end: number): string[] {
  const names: string[] = []
  let at = start + HEADER_BYTES
  for (let index = 0; index < source[start]; index++) {
    const from = at + 1
    at = at < end ? from + source[at] : end + 1
    if (at > end) throw corrupt('a name that goes on behind the names')
    names.push((source as RawBuffer).latin1Slice(from, at))
  }
  if (at !== end) throw corrupt('bytes behind the names')
  return names
}

function createShape(names: readonly string[]): RecordShape | undefined {
  if (names.length === 0 || names.length > MAX_FIELDS || !names.every(isPlainName)) return undefined
  const bytes = Buffer.alloc(names.reduce((sum, { length }) => sum + 1 + length, HEADER_BYTES))
  bytes[0] = names.length
  bytes.writeUInt16LE(bytes.length, 1)
  let at = HEADER_BYTES
  for (const name of names) {
    bytes[at] = name.length
    at += 1 + bytes.write(name, at + 1, 'latin1')
  }
  return new Shape(names, bytes)
}

/** Why not `__proto__`: setting it would set the prototype. */
function isPlainName(name: string): boolean {
  return name.length <= MAX_NAME && name !== '__proto__' && !BEYOND_LATIN1.test(name)
}

class Shape implements RecordShape {
  readonly names: readonly string[]
  readonly bytes: Uint8Array
  #usesLeft = USES_TO_COMPILE
  #create: ((fields: FieldReader) => object) | undefined

  constructor(names: readonly string[], bytes: Uint8Array) {
    this.names = names
    this.bytes = bytes
  }

  create(fields: FieldReader): object {
    if (this.#create !== undefined) return this.#create(fields)
    if (--this.#usesLeft === 0) this.#create = compile(this.names)
    const value: Record<string, unknown> = {}
    for (const name of this.names) value[name] = fields.next()
    return value
  }
}

/** Undefined where the process may not make code of strings (`--disallow-code-generation-from-strings`). */
function compile(names: readonly string[]): ((fields: FieldReader) => object) | undefined {
  const fields = names.map((name) => `${JSON.stringify(name)}:fields.next()`)
  try {
    return new Function('fields', `return {${fields.join(',')}}`) as (fields: FieldReader) => object
  } catch {
    return undefined
  }
}
