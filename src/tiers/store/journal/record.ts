/**
 * One write in the journal, as bytes.
 *
 *     0   1  format version
 *     1   1  1 save, 2 remove
 *     2   1  type of the value (src/cache/value-type.ts)
 *     3   1  0
 *     4   4  length of the key in bytes
 *     8   8  the first bytes of the SHA-256 of all that follows, and of the 8 bytes before
 *     16     the key in UTF-16 (so that any string is kept as it is), then the value's bytes
 *
 * Numbers are little-endian. Bytes that are no such record raise BadRecordError.
 */
import { createHash } from 'node:crypto'

export type WriteKind = 'save' | 'remove'

export interface JournalRecord {
  readonly kind: WriteKind
  readonly key: string
  readonly valueType: number
  /** The value's bytes; of `remove` there are none. */
  readonly value: Uint8Array
}

export class BadRecordError extends Error {
  override get name(): string {
    return 'BadRecordError'
  }
}

const FORMAT_VERSION = 1
const KINDS: readonly (WriteKind | undefined)[] = [undefined, 'save', 'remove']
const KIND_AT = 1
const VALUE_TYPE_AT = 2
const KEY_BYTES_AT = 4
const SUM_AT = 8
const SUM_BYTES = 8
const KEY_AT = 16

export function encodeJournalRecord({ kind, key, valueType, value }: JournalRecord): Buffer {
  const keyBytes = 2 * key.length
  const record = Buffer.allocUnsafe(KEY_AT + keyBytes + value.length)
  record[0] = FORMAT_VERSION
  record[KIND_AT] = KINDS.indexOf(kind)
  record[VALUE_TYPE_AT] = valueType
  record[VALUE_TYPE_AT + 1] = 0
  record.writeUInt32LE(keyBytes, KEY_BYTES_AT)
  record.write(key, KEY_AT, 'utf16le')
  record.set(value, KEY_AT + keyBytes)
  sumOf(record).copy(record, SUM_AT)
  return record
}

/**
 * @param record what the value's bytes go on to refer to
 * @throws BadRecordError
 */
export function decodeJournalRecord(record: Buffer): JournalRecord {
  if (record.length < KEY_AT) throw new BadRecordError(`${record.length} bytes are no record`)
  if (record[0] !== FORMAT_VERSION) {
    throw new BadRecordError(`format version ${record[0]} is not ${FORMAT_VERSION}`)
  }
  if (!sumOf(record).equals(record.subarray(SUM_AT, SUM_AT + SUM_BYTES))) {
    throw new BadRecordError('a record does not agree with its checksum')
  }
  const kind = KINDS[record[KIND_AT]]
  const valueAt = KEY_AT + record.readUInt32LE(KEY_BYTES_AT)
  if (kind === undefined || valueAt > record.length) throw new BadRecordError('no known record')
  return {
    kind,
    key: record.toString('utf16le', KEY_AT, valueAt),
    valueType: record[VALUE_TYPE_AT],
    value: record.subarray(valueAt),
  }
}

function sumOf(record: Buffer): Buffer {
  const hash = createHash('sha256').update(record.subarray(0, SUM_AT))
  return hash.update(record.subarray(KEY_AT)).digest().subarray(0, SUM_BYTES)
}
