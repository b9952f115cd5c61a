/**
 * What the file has under a key, read in a transaction or in a snapshot.
 *
 * An entry counts only if its bytes are whole, its `keepUntil` is not over, and none of its tags was
 * invalidated since its epoch.
 */
import { decodeCheckedRecord } from '../record/record.js'
import type { TierEntry } from '../tier.js'
import { type Databases, readBytes } from './databases.js'
import { decodeStoredEntry, type StoredEntry } from './stored-entry.js'
import type { StoredKey } from './stored-key.js'
import { staleByTagsAt } from './tag-records.js'
import type { Transaction } from './transaction.js'

/** The state of a key when it was looked at: what `ifUnchanged` compares. */
export class Seen {
  /** Undefined: the file could not be read; nothing is unchanged since. */
  readonly fileId: string | undefined
  /** The ledger's clock. */
  readonly epoch: number
  /** Of what stood under the key; 0: nothing. */
  readonly stamp: number

  constructor(fileId: string | undefined, epoch: number, stamp: number) {
    this.fileId = fileId
    this.epoch = epoch
    this.stamp = stamp
  }
}

/** An entry or a tombstone as it stands in the file. */
export interface Row {
  readonly valueLength: number
  /** Undefined: the bytes are damaged. */
  readonly stored: StoredEntry | undefined
}

export function readRow({ entries }: Databases, key: StoredKey): Row | undefined {
  const bytes = readBytes(entries, key.bytes)
  if (bytes === undefined) return undefined
  return { valueLength: bytes.length, stored: decodeStoredEntry(key.bytes, bytes) }
}

/**
 * The entry, with an `expiresAt` as its tags have it.
 * @throws CorruptRecordError
 */
export function entryOf(
  transaction: Transaction,
  stored: StoredEntry | undefined,
  key: StoredKey,
): TierEntry | undefined {
  if (stored === undefined || stored.isTombstone) return undefined
  if (stored.keepUntil <= transaction.now) return undefined
  if (key.whole !== undefined && !stored.whole?.equals(key.whole)) return undefined
  const entry = decodeCheckedRecord(stored.record)
  const staleAt = staleByTagsAt(transaction, entry.tags, stored.epoch)
  if (staleAt === undefined) return undefined
  return staleAt < entry.expiresAt ? { ...entry, expiresAt: staleAt } : entry
}
