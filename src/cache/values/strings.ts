/**
 * Strings: one byte a character where all of them are below 256, else two.
 *
 * 1. Every JavaScript string comes back as it went in: lone surrogates, NUL and the empty one too.
 *
 * Costs, for ASCII: about 2 ns a character up to LOOPED_CHARACTERS, from there on about 60 ns and
 * 20 ns a kilobyte. Why a loop for short ones: a call into Buffer's C++ costs 40 ns at any length.
 */
import { VALUE_LATIN1, VALUE_UTF16 } from '../value-type.js'
import { corrupt, DID_NOT_FIT, type EncodeState, type RawBuffer, spill } from './encoding.js'
import { buildLatin1, MAX_SHORT_CHARACTERS } from './short-strings.js'

/** Up to here a loop over the characters is faster than a call into C++. */
export const LOOPED_CHARACTERS = 20
const MAX_LATIN1 = 0xff
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole first page of Unicode is meant
export const BEYOND_LATIN1 = /[^\x00-\xff]/

export function encodeString(
  state: EncodeState,
  text: string,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  const characters = text.length
  if (characters > limit - offset) return spillString(state, text)
  if (characters > LOOPED_CHARACTERS) return encodeLong(state, text, target, offset, limit)

  // Why no early exit: one test at the end is cheaper than one a character, and the bytes written
  // in vain are written again as UTF-16.
  let bits = 0
  for (let index = 0; index < characters; index++) {
    const unit = text.charCodeAt(index)
    bits |= unit
    target[offset + index] = unit
  }
  if (bits > MAX_LATIN1) return encodeWide(state, text, target, offset, limit)
  state.type = VALUE_LATIN1
  return characters
}

export function decodeLatin1(source: Buffer, start: number, end: number): string {
  const characters = end - start
  return characters <= MAX_SHORT_CHARACTERS
    ? buildLatin1(source, start, characters)
    : (source as RawBuffer).latin1Slice(start, end)
}

export function decodeUtf16(source: Buffer, start: number, end: number): string {
  if (((end - start) & 1) !== 0) throw corrupt('half a UTF-16 unit')
  return (source as RawBuffer).ucs2Slice(start, end)
}

function encodeLong(
  state: EncodeState,
  text: string,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  if (BEYOND_LATIN1.test(text)) return encodeWide(state, text, target, offset, limit)
  state.type = VALUE_LATIN1
  return (target as RawBuffer).latin1Write(text, offset, text.length)
}

function encodeWide(
  state: EncodeState,
  text: string,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  const bytes = 2 * text.length
  if (bytes > limit - offset) return spillString(state, text)
  state.type = VALUE_UTF16
  return (target as RawBuffer).ucs2Write(text, offset, bytes)
}

function spillString(state: EncodeState, text: string): number {
  const wide = BEYOND_LATIN1.test(text)
  state.type = wide ? VALUE_UTF16 : VALUE_LATIN1
  spill(state, wide ? 2 * text.length : text.length).write(text, 0, wide ? 'utf16le' : 'latin1')
  return DID_NOT_FIT
}
