/**
 * An entry as Redis keeps it: a header that scripts can read, then the record.
 *
 *     0   1  magic byte, another one with every format
 *     1   1  kind: 1 live, 2 a tombstone: nothing is there, and what was loaded before is not to be stored
 *     2   8  stamp, another one with every write but those that renew what is there
 *     10  8  epoch, float64: all invalidations up to it were known when the value was loaded
 *     18  8  float64, ms since the epoch: since when it is stale by `expire`; Infinity: it is not
 *     26  4  CRC-32 of all before it
 *     30     the record (record/record.ts), which has a checksum of its own; nothing after a tombstone
 *
 * 1. All numbers are little-endian.
 * 2. An entry with any byte changed raises CorruptRecordError: it is a miss. So does one of another format.
 *
 * Why two checksums: a script changes the header where the record may have 512 MB, and the first bytes alone
 * tell whether the header is whole. Why none with a key, as a payload's tag: the script has none.
 */
import { randomFillSync } from 'node:crypto'
import { checksumOf } from '../../cache/checksum.js'
import {
  CorruptRecordError,
  decodeRecord,
  decodeRecordHead,
  encodeRecord,
} from '../record/record.js'
import type { TierEntry } from '../tier.js'

/** 0xb7 was the format without a checksum of the header. */
const MAGIC = 0xb8
const KIND_AT = 1
const STAMP_AT = 2
const EPOCH_AT = 10
export const EXPIRED_AT_OFFSET = 18
export const HEADER_CHECKSUM_OFFSET = 26
const RECORD_AT = 30

const LIVE = 1
const TOMBSTONE = 2

const STAMP_BYTES = 8
const STAMPS_AT_ONCE = 512

/** Where scripts find the times, counted from 0; see record.ts. */
export const EXPIRES_AT_OFFSET = RECORD_AT + 12
export const KEEP_UNTIL_OFFSET = RECORD_AT + 20
/** As much of a value as tells whether it is live, with the tags of all but unusual entries. */
export const HEAD_BYTES = 4096

export interface StoredEntry {
  readonly stamp: Buffer
  readonly epoch: number
  /** Undefined: a tombstone. */
  readonly entry: TierEntry | undefined
}

let stamps = Buffer.alloc(0)
let nextStamp = 0

/** Why not a counter: two processes must not come to the same one. */
export function newStamp(): Buffer {
  if (nextStamp === stamps.length) {
    stamps = randomFillSync(Buffer.allocUnsafeSlow(STAMP_BYTES * STAMPS_AT_ONCE))
    nextStamp = 0
  }
  nextStamp += STAMP_BYTES
  return stamps.subarray(nextStamp - STAMP_BYTES, nextStamp)
}

export function encodeStored(entry: TierEntry, stamp: Buffer, epoch: number): Buffer {
  return Buffer.concat([header(LIVE, stamp, epoch), encodeRecord(entry)])
}

export function encodeTombstone(stamp: Buffer): Buffer {
  return header(TOMBSTONE, stamp, 0)
}

/** @throws CorruptRecordError */
export function decodeStored(bytes: Buffer): StoredEntry {
  return decode(bytes, decodeRecord)
}

/** The same of the first HEAD_BYTES bytes: the payload is cut off or empty, and the record's checksum not looked at. */
export function decodeStoredHead(bytes: Buffer): StoredEntry {
  return decode(bytes, decodeRecordHead)
}

function decode(bytes: Buffer, decodeEntry: (record: Buffer) => TierEntry): StoredEntry {
  const kind = bytes[KIND_AT]
  if (bytes.length < RECORD_AT || bytes[0] !== MAGIC || (kind !== LIVE && kind !== TOMBSTONE)) {
    throw new CorruptRecordError(`${bytes.length} bytes are no entry of this tier`)
  }
  if (headerChecksum(bytes) !== bytes.readUInt32LE(HEADER_CHECKSUM_OFFSET)) {
    throw new CorruptRecordError('the checksum of the header does not match')
  }
  const stamp = bytes.subarray(STAMP_AT, EPOCH_AT)
  const epoch = bytes.readDoubleLE(EPOCH_AT)
  if (kind === TOMBSTONE) return { stamp, epoch, entry: undefined }
  const entry = decodeEntry(bytes.subarray(RECORD_AT))
  const expiredAt = bytes.readDoubleLE(EXPIRED_AT_OFFSET)
  const isExpired = expiredAt < entry.expiresAt
  return { stamp, epoch, entry: isExpired ? { ...entry, expiresAt: expiredAt } : entry }
}

/** For what decodeStored does not take, but may still be compared: what stands where the stamp does. */
export function stampOf(bytes: Buffer): Buffer {
  return bytes.subarray(STAMP_AT, EPOCH_AT)
}

function header(kind: number, stamp: Buffer, epoch: number): Buffer {
  const bytes = Buffer.alloc(RECORD_AT)
  bytes[0] = MAGIC
  bytes[KIND_AT] = kind
  stamp.copy(bytes, STAMP_AT)
  bytes.writeDoubleLE(epoch, EPOCH_AT)
  bytes.writeDoubleLE(Number.POSITIVE_INFINITY, EXPIRED_AT_OFFSET)
  bytes.writeUInt32LE(headerChecksum(bytes), HEADER_CHECKSUM_OFFSET)
  return bytes
}

function headerChecksum(bytes: Buffer): number {
  return checksumOf(bytes.subarray(0, HEADER_CHECKSUM_OFFSET))
}
