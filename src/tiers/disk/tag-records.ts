/**
 * When tags were invalidated: a row a tag, written once an invalidation, however many entries have it.
 *
 *     0   4  checksum   sealed-row.ts
 *     4   4  checksum of the key alone
 *     8   8  hard       float64: the ledger's clock when entries with the tag were made invalid; 0: never
 *     16  8  soft       the same for stale
 *     24  8  staleAt    when that was, ms since the epoch
 *     32  8  deadline   when no entry written before can be alive any more: the row may go
 *
 * 1. An entry is valid as far as a tag goes where `hard` is not beyond the entry's epoch.
 * 2. A damaged row counts as if its tag had been invalidated by the latest write: no entry from before counts.
 *
 * Why a checksum of the key alone: in a damaged row it tells whether that was about this tag.
 */
import { checksumOf } from '../../cache/checksum.js'
import { readBytes } from './databases.js'
import type { Ledger } from './ledger.js'
import { isWhole, seal } from './sealed-row.js'
import { storedKeyOf } from './stored-key.js'
import type { Transaction } from './transaction.js'

export interface TagRecord {
  readonly hard: number
  readonly soft: number
  readonly staleAt: number
  readonly deadline: number
}

const NEVER: TagRecord = { hard: 0, soft: 0, staleAt: 0, deadline: 0 }
const KEY_CHECKSUM_AT = 4
const NUMBERS_AT = 8
const BYTES = 40
/** A row with its node; the tag comes on top. */
export const TAG_ROW_BYTES = BYTES + 10

export function tagKeyOf(tag: string): Buffer {
  return storedKeyOf(tag).bytes
}

export function readTagRecord(transaction: Transaction, key: Buffer): TagRecord {
  const row = readBytes(transaction.databases.tags, key)
  if (row === undefined) return NEVER
  const record = decodeTagRecord(key, row)
  if (record !== undefined) return record
  transaction.noteDamage('tags', key)
  return invalidatedNow(transaction.ledger)
}

/** What a damaged row counts as. */
export function invalidatedNow({ clock, latestKeepUntil }: Ledger): TagRecord {
  return { hard: clock, soft: 0, staleAt: 0, deadline: latestKeepUntil }
}

/** Undefined: the row is damaged. */
export function decodeTagRecord(key: Buffer, row: Buffer): TagRecord | undefined {
  if (row.length !== BYTES || !isWhole(key, row)) return undefined
  return {
    hard: row.readDoubleLE(NUMBERS_AT),
    soft: row.readDoubleLE(NUMBERS_AT + 8),
    staleAt: row.readDoubleLE(NUMBERS_AT + 16),
    deadline: row.readDoubleLE(NUMBERS_AT + 24),
  }
}

/** Whether a damaged row was about the tag of its key: else nobody knows which tag it was. */
export function isOfItsTag(key: Buffer, row: Buffer): boolean {
  return row.length >= NUMBERS_AT && row.readUInt32LE(KEY_CHECKSUM_AT) === checksumOf(key)
}

export function encodeTagRecord(key: Buffer, record: TagRecord): Buffer {
  const row = Buffer.allocUnsafe(BYTES)
  row.writeUInt32LE(checksumOf(key), KEY_CHECKSUM_AT)
  row.writeDoubleLE(record.hard, NUMBERS_AT)
  row.writeDoubleLE(record.soft, NUMBERS_AT + 8)
  row.writeDoubleLE(record.staleAt, NUMBERS_AT + 16)
  row.writeDoubleLE(record.deadline, NUMBERS_AT + 24)
  return seal(key, row)
}

/** Since when an entry is stale by its tags, or Infinity; undefined: it is not valid any more. */
export function staleByTagsAt(
  transaction: Transaction,
  tags: readonly string[],
  epoch: number,
): number | undefined {
  let staleAt = Number.POSITIVE_INFINITY
  for (const tag of tags) {
    const record = readTagRecord(transaction, tagKeyOf(tag))
    if (record.hard > epoch) return undefined
    if (record.soft > epoch) staleAt = Math.min(staleAt, record.staleAt)
  }
  return staleAt
}

/** Whether one of the tags was invalidated, hard or soft, after the epoch. */
export function isAnyInvalidatedAfter(
  transaction: Transaction,
  tags: readonly string[],
  epoch: number,
): boolean {
  return staleByTagsAt(transaction, tags, epoch) !== Number.POSITIVE_INFINITY
}
