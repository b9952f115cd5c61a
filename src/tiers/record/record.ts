/**
 * A TierEntry as one piece of bytes, for tiers that keep bytes (disk, Redis).
 *
 *     0   1  format version
 *     1   1  flags: bit 0 absent, bit 1 a validator follows
 *     2   2  number of tags
 *     4   8  createdAt    float64, ms since the epoch
 *     12  8  expiresAt    float64; Infinity: for ever
 *     20  8  keepUntil    float64
 *     28  8  aboveTtlMs   float64; 0: none
 *     36     tags, then the validator: 2 bytes of length and UTF-8 each
 *            the payload, to the end
 *
 * All numbers are little-endian. Bytes that are no such record raise CorruptRecordError: their entry is a miss.
 */
import type { TierEntry } from '../tier.js'

export const RECORD_VERSION = 1

const FLAGS_AT = 1
const TAG_COUNT_AT = 2
const CREATED_AT = 4
const EXPIRES_AT = 12
const KEEP_UNTIL_AT = 20
const ABOVE_TTL_AT = 28
const TEXTS_AT = 36
const LENGTH_BYTES = 2

const FLAG_ABSENT = 1
const FLAG_VALIDATOR = 2

export class CorruptRecordError extends Error {
  override get name(): string {
    return 'CorruptRecordError'
  }
}

export function encodeRecord(entry: TierEntry): Buffer {
  const { payload, tags, validator } = entry
  const texts = validator === undefined ? tags : [...tags, validator]
  let payloadAt = TEXTS_AT
  for (const text of texts) payloadAt += LENGTH_BYTES + Buffer.byteLength(text)
  const record = Buffer.allocUnsafe(payloadAt + payload.byteLength)
  record[0] = RECORD_VERSION
  record[FLAGS_AT] =
    (entry.absent ? FLAG_ABSENT : 0) | (validator === undefined ? 0 : FLAG_VALIDATOR)
  record.writeUInt16LE(tags.length, TAG_COUNT_AT)
  record.writeDoubleLE(entry.createdAt, CREATED_AT)
  record.writeDoubleLE(entry.expiresAt, EXPIRES_AT)
  record.writeDoubleLE(entry.keepUntil, KEEP_UNTIL_AT)
  record.writeDoubleLE(entry.aboveTtlMs ?? 0, ABOVE_TTL_AT)
  let at = TEXTS_AT
  for (const text of texts) {
    const bytes = record.write(text, at + LENGTH_BYTES)
    record.writeUInt16LE(bytes, at)
    at += LENGTH_BYTES + bytes
  }
  record.set(payload, payloadAt)
  return record
}

/**
 * @param record what the entry's payload goes on to refer to
 * @throws CorruptRecordError
 */
export function decodeRecord(record: Buffer): TierEntry {
  if (record.length < TEXTS_AT) throw new CorruptRecordError(`${record.length} bytes are no record`)
  if (record[0] !== RECORD_VERSION) {
    throw new CorruptRecordError(`format version ${record[0]} is not ${RECORD_VERSION}`)
  }
  const flags = record[FLAGS_AT]
  const tagCount = record.readUInt16LE(TAG_COUNT_AT)
  const hasValidator = (flags & FLAG_VALIDATOR) !== 0
  const { texts, end } = readTexts(record, tagCount + (hasValidator ? 1 : 0))
  const aboveTtlMs = record.readDoubleLE(ABOVE_TTL_AT)
  return {
    payload: record.subarray(end),
    absent: (flags & FLAG_ABSENT) !== 0,
    createdAt: record.readDoubleLE(CREATED_AT),
    expiresAt: record.readDoubleLE(EXPIRES_AT),
    keepUntil: record.readDoubleLE(KEEP_UNTIL_AT),
    aboveTtlMs: aboveTtlMs === 0 ? undefined : aboveTtlMs,
    validator: hasValidator ? texts.pop() : undefined,
    tags: texts,
  }
}

function readTexts(record: Buffer, count: number): { texts: string[]; end: number } {
  const texts: string[] = []
  let at = TEXTS_AT
  for (let index = 0; index < count; index++) {
    const start = at + LENGTH_BYTES
    const end = start <= record.length ? start + record.readUInt16LE(at) : start
    if (end > record.length) throw new CorruptRecordError('a tag or validator is cut off')
    texts.push(record.toString('utf8', start, end))
    at = end
  }
  return { texts, end: at }
}
