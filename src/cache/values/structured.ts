/**
 * Objects of all kinds, by msgpackr; by V8's serializer where msgpackr would alter them.
 *
 * 1. Cycles and parts shared within a value come back as they were.
 * 2. What cannot be stored raises UnserializableValueError before a byte is written.
 * 3. What is decoded refers to no shared memory: the bytes are copied out before they are read, so
 *    nobody can change them meanwhile.
 * 4. Not kept: prototypes (an instance of a class, or an object without prototype, comes back as a
 *    plain object), symbols as keys, properties that are not enumerable, and fields added to arrays,
 *    maps, sets, dates and errors.
 *
 * Costs, for an object of five fields: encode 600 ns, decode 550 ns (flat ones do not come here: record.ts); of 200 fields, 10 KB: decode 34 us, three
 * times that without msgpackr's native addon.
 */
import { Packr, RESET_BUFFER_MODE, Unpackr } from 'msgpackr/pack'
import { checkStorable, EXACT, failedError } from '../unserializable.js'
import { VALUE_STRUCTURED } from '../value-type.js'
import { corrupt, type EncodeState, place } from './encoding.js'
import { decodeExactly, EXACT_FIRST_BYTE, encodeExactly } from './exact.js'

// Why useToJSON is off: what is stored shall not depend on which of the two encoders stores it.
const OPTIONS = { structuredClone: true, moreTypes: true, copyBuffers: true, useToJSON: false }

const SCRATCH_BYTES = 64 * 1024
const VIEWS = 1024
const PACK_BYTES = 8 * 1024
const KEPT_BYTES = 1024 * 1024
/** From here on the addon decodes faster than JavaScript does (strings of 30 characters: 0.7 times at 200 bytes). */
const NATIVE_BYTES = 128

const packr = new Packr(OPTIONS)
const unpackr = new Unpackr(OPTIONS)
let scratch: Buffer | undefined
/** The scratch's first bytes, by how many. */
const views = new Array<Buffer | undefined>(VIEWS)
let first: unknown
let firstEnd: number | undefined
let isNativeLoaded = false

export function encodeStructured(
  state: EncodeState,
  value: object,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  const bytes = checkStorable(value) === EXACT ? packStructured(value) : packExactly(value)
  return place(state, VALUE_STRUCTURED, bytes, target, offset, limit)
}

export function decodeStructured(source: Buffer, start: number, end: number): unknown {
  const bytes = end - start
  if (bytes <= 0) throw corrupt('an object of no bytes')
  if (source[start] === EXACT_FIRST_BYTE) return decodeExactly(privateCopy(source, start, end))
  if (bytes >= NATIVE_BYTES && !isNativeLoaded) loadNative()
  return unpackOnly(
    bytes > SCRATCH_BYTES ? privateCopy(source, start, end) : scratchCopy(source, start, end),
  )
}

/**
 * The package's main entry is the same code, into which it puts the addon.
 *
 * Why not from the start: it takes 10 ms, and who stores no large objects has no use for it.
 */
function loadNative(): void {
  isNativeLoaded = true
  // It is optional: without it the same is decoded by JavaScript.
  import('msgpackr').catch(() => {})
}

/**
 * Why not `unpack`: where bytes are left over, it puts the value into its error as JSON, and a
 * damaged value whose parts are shared many times over would make that text endless.
 */
function unpackOnly(bytes: Buffer): unknown {
  unpackr.unpackMultiple(bytes, keepFirst)
  const value = first
  first = undefined
  if (firstEnd !== bytes.length) throw corrupt('bytes are left over')
  return value
}

// Why not a closure for each call: this is in the path of every get.
function keepFirst(value: unknown, _start?: number, end?: number): false {
  first = value
  firstEnd = end
  return false
}

// Why views are kept: msgpackr needs a DataView over its source and leaves it there for the next time.
function scratchCopy(source: Buffer, start: number, end: number): Buffer {
  scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  source.copy(scratch, 0, start, end)
  const bytes = end - start
  if (bytes >= views.length) return scratch.subarray(0, bytes)
  views[bytes] ??= scratch.subarray(0, bytes)
  return views[bytes]
}

/** The result is msgpackr's own memory, which its next pack writes over. */
function packStructured(value: object): Buffer {
  try {
    const bytes = packr.pack(value, RESET_BUFFER_MODE)
    // Why: msgpackr would keep a buffer as large as the largest value there has ever been.
    if (bytes.buffer.byteLength > KEPT_BYTES) packr.useBuffer(Buffer.allocUnsafeSlow(PACK_BYTES))
    return bytes
  } catch (error) {
    throw failedError(error)
  }
}

function packExactly(value: object): Buffer {
  try {
    return encodeExactly(value)
  } catch (error) {
    throw failedError(error)
  }
}

function privateCopy(source: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(end - start)
  source.copy(copy, 0, start, end)
  return copy
}
