/**
 * What stands under a key: an entry, or a tombstone that says when there was one last.
 *
 *     0   4  checksum     sealed-row.ts
 *     4   1  kind         1 an entry, 2 a tombstone
 *     5   3  length of the whole key, where the key's bytes are its hash; else 0
 *     8   8  stamp        float64: no two writes of a file have the same, but those that renew what is there
 *     16  8  epoch        float64: up to when the entry knows of invalidations
 *     24  8  keepUntil    float64, ms since the epoch by the wall clock; of a tombstone: when it was made
 *     32     the whole key, then the record (record/record.ts); a tombstone has none
 *
 * All numbers are little-endian. Bytes whose checksum is wrong are `undefined` here: a miss.
 */
import { isWhole, seal } from './sealed-row.js'

export interface StoredEntry {
  readonly isTombstone: boolean
  readonly stamp: number
  readonly epoch: number
  readonly keepUntil: number
  readonly whole: Buffer | undefined
  /** Empty in a tombstone. */
  readonly record: Buffer
}

const KIND_AT = 4
const WHOLE_LENGTH_AT = 5
const WHOLE_LENGTH_BYTES = 3
const STAMP_AT = 8
const EPOCH_AT = 16
const KEEP_UNTIL_AT = 24
const HEADER_BYTES = 32

const ENTRY = 1
const TOMBSTONE = 2

export function encodeStoredEntry(key: Buffer, entry: StoredEntry): Buffer {
  const { whole, record } = entry
  const wholeLength = whole === undefined ? 0 : whole.length
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + wholeLength + record.length)
  bytes[KIND_AT] = entry.isTombstone ? TOMBSTONE : ENTRY
  bytes.writeUIntLE(wholeLength, WHOLE_LENGTH_AT, WHOLE_LENGTH_BYTES)
  bytes.writeDoubleLE(entry.stamp, STAMP_AT)
  bytes.writeDoubleLE(entry.epoch, EPOCH_AT)
  bytes.writeDoubleLE(entry.keepUntil, KEEP_UNTIL_AT)
  if (whole !== undefined) bytes.set(whole, HEADER_BYTES)
  bytes.set(record, HEADER_BYTES + wholeLength)
  return seal(key, bytes)
}

/** Undefined: no such bytes. */
export function decodeStoredEntry(key: Buffer, bytes: Buffer): StoredEntry | undefined {
  if (bytes.length < HEADER_BYTES || !isWhole(key, bytes)) return undefined
  const wholeLength = bytes.readUIntLE(WHOLE_LENGTH_AT, WHOLE_LENGTH_BYTES)
  const recordAt = HEADER_BYTES + wholeLength
  return {
    isTombstone: bytes[KIND_AT] === TOMBSTONE,
    stamp: bytes.readDoubleLE(STAMP_AT),
    epoch: bytes.readDoubleLE(EPOCH_AT),
    keepUntil: bytes.readDoubleLE(KEEP_UNTIL_AT),
    whole: wholeLength === 0 ? undefined : bytes.subarray(HEADER_BYTES, recordAt),
    record: bytes.subarray(recordAt),
  }
}

const PAGE_BYTES = 4096
const PAGE_HEADER_BYTES = 24
/** The header of a node and its place in the page. */
const NODE_BYTES = 10
/** Longer ones get pages of their own. */
const MAX_NODE_BYTES = 2034
/** A row of the index of expiry, beside the key. */
const INDEX_ROW_BYTES = 16 + NODE_BYTES

/** What an entry takes of the file, about; pages that are not quite full not counted. */
export function bytesOf(keyLength: number, valueLength: number): number {
  const node = NODE_BYTES + keyLength + valueLength
  const own =
    node <= MAX_NODE_BYTES
      ? node
      : NODE_BYTES +
        keyLength +
        PAGE_HEADER_BYTES +
        Math.ceil((PAGE_HEADER_BYTES + valueLength) / PAGE_BYTES) * PAGE_BYTES
  return own + INDEX_ROW_BYTES + keyLength
}
