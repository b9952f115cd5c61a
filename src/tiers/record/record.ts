/**
 * A TierEntry as one piece of bytes, for tiers that keep bytes (disk, Redis).
 *
 *     0     1  format version
 *     1     1  flags: bit 0 absent, bit 1 a validator follows, bit 2 slidingTtlMs follows
 *     2     2  number of tags
 *     4     8  createdAt    float64, ms since the epoch
 *     12    8  expiresAt    float64; Infinity: for ever
 *     20    8  keepUntil    float64
 *     28    1  number of lifetimes in ttlMsAbove
 *     29       tags, the validator, the names in ttlMsAbove: 4 bytes (twice the length, plus 1 if it is UTF-16)
 *              and UTF-8 each
 *              slidingTtlMs, the lifetimes in ttlMsAbove: float64 each
 *              the payload
 *     last  4  CRC-32 of all before it
 *
 * 1. All numbers are little-endian.
 * 2. A record with any byte changed, cut off or added raises CorruptRecordError: its entry is a miss.
 *
 * Why a checksum, where a payload has its own: that one covers no times and no tags, and other payloads may
 * have none. It takes 2 microseconds for 10 KB.
 */
import { checksumOf } from '../../cache/checksum.js'
import type { TierEntry } from '../tier.js'

export const RECORD_VERSION = 2

const FLAGS_AT = 1
const TAG_COUNT_AT = 2
const CREATED_AT = 4
const EXPIRES_AT = 12
const KEEP_UNTIL_AT = 20
const ABOVE_COUNT_AT = 28
const TEXTS_AT = 29
const LENGTH_BYTES = 4
const NUMBER_BYTES = 8
const CHECKSUM_BYTES = 4
const MAX_TAGS = 0xffff
const MAX_ABOVE = 0xff

const FLAG_ABSENT = 1
const FLAG_VALIDATOR = 2
const FLAG_SLIDING = 4

/** UTF-8 has no bytes for it. */
const LONE_SURROGATE = /\p{Surrogate}/u

export class CorruptRecordError extends Error {
  override get name(): string {
    return 'CorruptRecordError'
  }
}

/** @throws RangeError for more than 65,535 tags, or 255 lifetimes above */
export function encodeRecord(entry: TierEntry): Buffer {
  const { payload, tags, validator, slidingTtlMs, ttlMsAbove } = entry
  if (tags.length > MAX_TAGS) throw new RangeError(`${tags.length} tags are too many for a record`)
  const above = ttlMsAbove === undefined ? [] : Object.entries(ttlMsAbove)
  if (above.length > MAX_ABOVE) throw new RangeError(`${above.length} lifetimes are too many`)
  const texts = tags.map(encodeText)
  if (validator !== undefined) texts.push(encodeText(validator))
  for (const [name] of above) texts.push(encodeText(name))
  const numbers = above.map(([, ttlMs]) => ttlMs)
  if (slidingTtlMs !== undefined) numbers.unshift(slidingTtlMs)
  let payloadAt = TEXTS_AT + numbers.length * NUMBER_BYTES
  for (const { bytes } of texts) payloadAt += LENGTH_BYTES + bytes
  const end = payloadAt + payload.length
  const record = Buffer.allocUnsafe(end + CHECKSUM_BYTES)
  record[0] = RECORD_VERSION
  record[FLAGS_AT] =
    (entry.absent ? FLAG_ABSENT : 0) |
    (validator === undefined ? 0 : FLAG_VALIDATOR) |
    (slidingTtlMs === undefined ? 0 : FLAG_SLIDING)
  record.writeUInt16LE(tags.length, TAG_COUNT_AT)
  record.writeDoubleLE(entry.createdAt, CREATED_AT)
  record.writeDoubleLE(entry.expiresAt, EXPIRES_AT)
  record.writeDoubleLE(entry.keepUntil, KEEP_UNTIL_AT)
  record[ABOVE_COUNT_AT] = above.length
  let at = TEXTS_AT
  for (const { text, isWide, bytes } of texts) {
    record.writeUInt32LE(bytes * 2 + (isWide ? 1 : 0), at)
    record.write(text, at + LENGTH_BYTES, isWide ? 'utf16le' : 'utf8')
    at += LENGTH_BYTES + bytes
  }
  for (const number of numbers) at = record.writeDoubleLE(number, at)
  record.set(payload, payloadAt)
  record.writeUInt32LE(checksumOf(record.subarray(0, end)), end)
  return record
}

interface EncodedText {
  text: string
  isWide: boolean
  bytes: number
}

function encodeText(text: string): EncodedText {
  const isWide = LONE_SURROGATE.test(text)
  return { text, isWide, bytes: Buffer.byteLength(text, isWide ? 'utf16le' : 'utf8') }
}

/**
 * @param record what the entry's payload goes on to refer to
 * @throws CorruptRecordError
 */
export function decodeRecord(record: Buffer): TierEntry {
  checkFormat(record)
  const end = record.length - CHECKSUM_BYTES
  if (checksumOf(record.subarray(0, end)) !== record.readUInt32LE(end)) {
    throw new CorruptRecordError('the checksum does not match')
  }
  return decodeBody(record, end)
}

/**
 * The same of a record whose bytes have been looked at, with another checksum around them: its own is not.
 * @throws CorruptRecordError where it is of another version, or cut off
 */
export function decodeCheckedRecord(record: Buffer): TierEntry {
  checkFormat(record)
  return decodeBody(record, record.length - CHECKSUM_BYTES)
}

/**
 * The same of the first bytes of a record, with whatever is there of its payload: the checksum is not looked at.
 * @throws CorruptRecordError where the tags are not all there
 */
export function decodeRecordHead(head: Buffer): TierEntry {
  if (head.length < TEXTS_AT) throw new CorruptRecordError(`${head.length} bytes are no record`)
  if (head[0] !== RECORD_VERSION) {
    throw new CorruptRecordError(`format version ${head[0]} is not ${RECORD_VERSION}`)
  }
  return decodeBody(head, head.length)
}

/** @param bodyEnd where the payload ends */
function decodeBody(body: Buffer, bodyEnd: number): TierEntry {
  const flags = body[FLAGS_AT]
  const hasValidator = (flags & FLAG_VALIDATOR) !== 0
  const tagCount = body.readUInt16LE(TAG_COUNT_AT)
  const aboveCount = body[ABOVE_COUNT_AT]
  const { texts, end } = readTexts(body, bodyEnd, tagCount + (hasValidator ? 1 : 0) + aboveCount)
  const names = texts.splice(texts.length - aboveCount)
  const isSliding = (flags & FLAG_SLIDING) !== 0
  const aboveAt = isSliding ? end + NUMBER_BYTES : end
  const payloadAt = aboveAt + aboveCount * NUMBER_BYTES
  if (payloadAt > bodyEnd) throw new CorruptRecordError('the lifetimes are cut off')
  return {
    payload: body.subarray(payloadAt, bodyEnd),
    absent: (flags & FLAG_ABSENT) !== 0,
    createdAt: body.readDoubleLE(CREATED_AT),
    expiresAt: body.readDoubleLE(EXPIRES_AT),
    keepUntil: body.readDoubleLE(KEEP_UNTIL_AT),
    slidingTtlMs: isSliding ? body.readDoubleLE(end) : undefined,
    ttlMsAbove: readAbove(body, aboveAt, names),
    validator: hasValidator ? texts.pop() : undefined,
    tags: texts,
  }
}

function checkFormat(record: Buffer): void {
  if (record.length < TEXTS_AT + CHECKSUM_BYTES) {
    throw new CorruptRecordError(`${record.length} bytes are no record`)
  }
  if (record[0] !== RECORD_VERSION) {
    throw new CorruptRecordError(`format version ${record[0]} is not ${RECORD_VERSION}`)
  }
}

function readTexts(body: Buffer, bodyEnd: number, count: number): { texts: string[]; end: number } {
  const texts: string[] = []
  let at = TEXTS_AT
  for (let index = 0; index < count; index++) {
    const start = at + LENGTH_BYTES
    const length = start <= bodyEnd ? body.readUInt32LE(at) : 0
    const end = start + (length >>> 1)
    if (end > bodyEnd) throw new CorruptRecordError('a tag or validator is cut off')
    texts.push(body.toString((length & 1) === 0 ? 'utf8' : 'utf16le', start, end))
    at = end
  }
  return { texts, end: at }
}

function readAbove(
  body: Buffer,
  at: number,
  names: readonly string[],
): Record<string, number> | undefined {
  if (names.length === 0) return undefined
  return Object.fromEntries(
    names.map((name, nth) => [name, body.readDoubleLE(at + nth * NUMBER_BYTES)]),
  )
}
