/**
 * When tags were invalidated: a row a tag, written once an invalidation, however many entries have it.
 *
 *     0   8  hard       the ledger's clock when entries with the tag were made invalid; 0: never
 *     8   8  soft       the same for stale
 *     16  8  staleAt    when that was, ms since the epoch
 *     24  8  deadline   when no entry written before can be alive any more: the row may go
 *
 * An entry is valid as far as a tag goes where `hard` is not beyond the entry's epoch.
 */
import { type Databases, toBuffer } from './databases.js'
import { storedKeyOf } from './stored-key.js'

export interface TagRecord {
  readonly hard: number
  readonly soft: number
  readonly staleAt: number
  readonly deadline: number
}

const NEVER: TagRecord = { hard: 0, soft: 0, staleAt: 0, deadline: 0 }
const BYTES = 32
/** A row with its node; the tag comes on top. */
export const TAG_ROW_BYTES = BYTES + 10

export function tagKeyOf(tag: string): Buffer {
  return storedKeyOf(tag).bytes
}

export function readTagRecord({ tags }: Databases, key: Buffer): TagRecord {
  const row = tags.getBinary(key)
  return row === undefined ? NEVER : decodeTagRecord(toBuffer(row))
}

export function decodeTagRecord(row: Buffer): TagRecord {
  if (row.length !== BYTES) return NEVER
  return {
    hard: row.readDoubleLE(0),
    soft: row.readDoubleLE(8),
    staleAt: row.readDoubleLE(16),
    deadline: row.readDoubleLE(24),
  }
}

export function encodeTagRecord(record: TagRecord): Buffer {
  const row = Buffer.allocUnsafe(BYTES)
  row.writeDoubleLE(record.hard, 0)
  row.writeDoubleLE(record.soft, 8)
  row.writeDoubleLE(record.staleAt, 16)
  row.writeDoubleLE(record.deadline, 24)
  return row
}

/** Since when an entry is stale by its tags, or Infinity; undefined: it is not valid any more. */
export function staleByTagsAt(
  databases: Databases,
  tags: readonly string[],
  epoch: number,
): number | undefined {
  let staleAt = Number.POSITIVE_INFINITY
  for (const tag of tags) {
    const record = readTagRecord(databases, tagKeyOf(tag))
    if (record.hard > epoch) return undefined
    if (record.soft > epoch) staleAt = Math.min(staleAt, record.staleAt)
  }
  return staleAt
}

/** Whether one of the tags was invalidated, hard or soft, after the epoch. */
export function isAnyInvalidatedAfter(
  databases: Databases,
  tags: readonly string[],
  epoch: number,
): boolean {
  return staleByTagsAt(databases, tags, epoch) !== Number.POSITIVE_INFINITY
}
