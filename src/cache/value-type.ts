/**
 * The 4-bit number in an entry's header that says how its value's bytes are to be read.
 *
 * 1. These numbers are part of the memory layout and of snapshots: they are never reused.
 * 2. 0 marks a free chunk and 15 the continuation of a large entry; neither is ever a value's.
 */

/** One byte a character. */
export const VALUE_LATIN1 = 1
/** Two bytes a character, little-endian, lone surrogates included. */
export const VALUE_UTF16 = 2
/** A float64, 8 bytes, little-endian. */
export const VALUE_NUMBER = 3
/** One byte: null, false or true. */
export const VALUE_CONSTANT = 4
/** Two's complement in 8 bytes, or a sign byte and the magnitude, most significant byte first. */
export const VALUE_BIGINT = 5
/** The bytes themselves. */
export const VALUE_BUFFER = 6
/** A typed array, DataView or ArrayBuffer: its bytes, then one byte that names the kind. */
export const VALUE_TYPED_ARRAY = 7
/** msgpackr's or V8's structured encoding; the first byte tells which. */
export const VALUE_STRUCTURED = 8
/** JSON text in UTF-8. */
export const VALUE_JSON = 9
/** What the user's own codec made. */
export const VALUE_CUSTOM = 10
/** A flat object: names of its fields, then their values (values/record.ts). */
export const VALUE_RECORD = 11

const NAMES = [
  undefined,
  'string',
  'string',
  'number',
  'constant',
  'bigint',
  'buffer',
  'typed-array',
  'object',
  'json',
  'custom',
  'object',
] as const

/** What `info(key).type` says; `'constant'` is null, true or false. */
export type ValueTypeName = Exclude<(typeof NAMES)[number], undefined> | 'unknown'

export function typeName(type: number): ValueTypeName {
  return NAMES[type] ?? 'unknown'
}
