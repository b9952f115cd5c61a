/**
 * Values that tell which write they are of, and whether they are whole.
 *
 * 1. A value is made from its key and its number alone, so that a reader can make it again and compare.
 * 2. Each names key and number, and goes on with noise from a place that depends on the number: a piece of
 *    another value is noticed. A number that is a value ends in a checksum.
 * 3. From one number to the next, type, size and size class change.
 */
import { isDeepStrictEqual } from 'node:util'
import { randomFrom } from './meeting.mjs'

const NOISE_BYTES = 131_072
const STARTS = 4096
const CHECKSUMS = 2 ** 20
const HEADER_BYTES = 16
const WRITES_A_THREAD = 2 ** 26

const random = randomFrom(7)
const noise = Buffer.from(Array.from({ length: NOISE_BYTES }, () => random(256)))
const text = noise.toString('latin1')
const wideText = noise.toString('utf16le')

/** Never two threads the same, nor one thread twice. */
export function valueId(thread, sequence) {
  return (thread + 1) * WRITES_A_THREAD + sequence
}

const SHAPES = {
  number: (key, id) => id * CHECKSUMS + (mix(key, id) % CHECKSUMS),
  short: (key, id) => `${key}|${id}|${mix(key, id) % 1000}`,
  long: (key, id) => texts(text, key, id, 100, 9000),
  wide: (key, id) => texts(wideText, key, id, 10, 3000),
  bytes: (key, id) => bytes(key, id, 0, 12_000),
  even: (key, id) => bytes(key, id, 12_000, 12_100),
  object: (key, id) => ({
    key,
    id,
    list: [id % 7, { text: texts(text, key, id, 0, 400) }],
    at: new Date(id),
  }),
  largeBytes: (key, id) => bytes(key, id, 17_000, 40_000),
  largeText: (key, id) => texts(wideText, key, id, 9000, 15_000),
}

/** The names of shapes that a run may be made of. */
const SETS = {
  small: ['number', 'short', 'short'],
  mixed: ['number', 'short', 'long', 'wide', 'bytes', 'object'],
  even: ['even'],
  large: ['short', 'largeBytes', 'number', 'bytes', 'largeText'],
}

export function buildValue(set, key, id) {
  return SHAPES[SETS[set][id % SETS[set].length]](key, id)
}

/** Which write of the key a value is of; undefined: of none, it is torn. */
export function identify(set, key, value) {
  const id = claimedId(value)
  if (!Number.isInteger(id)) return undefined
  const whole = buildValue(set, key, id)
  const isWhole =
    value instanceof Uint8Array && whole instanceof Uint8Array
      ? whole.equals(value)
      : isDeepStrictEqual(value, whole)
  return isWhole ? id : undefined
}

function claimedId(value) {
  if (typeof value === 'number') return Math.floor(value / CHECKSUMS)
  if (typeof value === 'string') return Number(value.split('|', 2)[1])
  if (value instanceof Uint8Array) return value.length < 8 ? undefined : value.readDoubleLE(0)
  return value?.id
}

function texts(source, key, id, least, most) {
  return `${key}|${id}|${source.slice(id % STARTS, (id % STARTS) + sizeOf(key, id, least, most))}`
}

function bytes(key, id, least, most) {
  const size = sizeOf(key, id, least, most)
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + size)
  buffer.writeDoubleLE(id, 0)
  buffer.writeDoubleLE(mix(key, id), 8)
  noise.copy(buffer, HEADER_BYTES, id % STARTS, (id % STARTS) + size)
  return buffer
}

function sizeOf(key, id, least, most) {
  return least + (mix(key, id) % (most - least))
}

function mix(key, id) {
  let hash = Math.imul(id, 0x9e3779b1) ^ Math.imul(Math.floor(id / 2 ** 20), 0x85ebca6b)
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  return (hash ^ (hash >>> 15)) >>> 0
}
