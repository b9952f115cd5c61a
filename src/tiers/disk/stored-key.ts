/**
 * Keys as LMDB has them: bytes, at most 1978 of them, never none.
 *
 *     1 and the key in UTF-8       a key that is short and whole: nearly all
 *     2 and the key in UTF-16BE    a short key with a surrogate that has no partner
 *     3 and its SHA-256            a long key; the key itself stands in the value, and is compared
 *
 * Keys of the first kind that share a prefix stand together; of the other two, all have to be looked at.
 */
import { createHash } from 'node:crypto'

export interface StoredKey {
  readonly bytes: Buffer
  /** UTF-16LE; for the value, where the bytes do not hold the key. */
  readonly whole: Buffer | undefined
}

export interface KeyRange {
  readonly start: Buffer
  /** Exclusive. */
  readonly end: Buffer
}

const WHOLE = 1
const WHOLE_TEXT = String.fromCharCode(WHOLE)
const BROKEN = 2
const HASHED = 3
const LAST = 4

/** Well below LMDB's 1978, so that the index of expiry could hold it beside its own. */
const MAX_SHORT_BYTES = 1900

/** With the flag u only what is half of nothing is a surrogate. */
const LONE_SURROGATE = /\p{Surrogate}/u

export function storedKeyOf(key: string): StoredKey {
  const bytes = LONE_SURROGATE.test(key)
    ? Buffer.concat([Buffer.of(BROKEN), Buffer.from(key, 'utf16le').swap16()])
    : Buffer.from(WHOLE_TEXT + key, 'utf8')
  if (bytes.length <= 1 + MAX_SHORT_BYTES) return { bytes, whole: undefined }
  const whole = Buffer.from(key, 'utf16le')
  const hash = createHash('sha256').update(whole).digest()
  return { bytes: Buffer.concat([Buffer.of(HASHED), hash]), whole }
}

/** Undefined: the bytes are no such key. */
export function readStoredKey(bytes: Buffer, whole: Buffer | undefined): string | undefined {
  switch (bytes[0]) {
    case WHOLE:
      return bytes.toString('utf8', 1)
    case BROKEN:
      return Buffer.from(bytes.subarray(1)).swap16().toString('utf16le')
    case HASHED:
      return whole?.toString('utf16le')
    default:
      return undefined
  }
}

/** Where all keys with the prefix are; others may be there too. */
export function rangesOf(prefix: string): KeyRange[] {
  // Why without the last: half of a character is in no UTF-8; the whole one may follow in a key.
  const text = /[\ud800-\udbff]$/.test(prefix) ? prefix.slice(0, -1) : prefix
  const broken: KeyRange = { start: Buffer.of(BROKEN), end: Buffer.of(HASHED) }
  const hashed: KeyRange = { start: Buffer.of(HASHED), end: Buffer.of(LAST) }
  if (LONE_SURROGATE.test(text)) return [broken, hashed]
  const start = Buffer.concat([Buffer.of(WHOLE), Buffer.from(text, 'utf8')])
  // Why: no UTF-8 has the byte 255, and keys are cut where a longer one would be hashed.
  const cut = start.subarray(0, MAX_SHORT_BYTES)
  return [{ start: cut, end: Buffer.concat([cut, Buffer.of(0xff)]) }, broken, hashed]
}
