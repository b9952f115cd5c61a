/** What the methods of the tier do within a transaction. Each returns what the method resolves to. */
import { CorruptRecordError, decodeCheckedRecord, encodeRecord } from '../record/record.js'
import type { TierEntry, TierSetOptions } from '../tier.js'
import { entryOf, type Row, Seen } from './finding.js'
import type { StoredEntry } from './stored-entry.js'
import { type StoredKey, storedKeyOf } from './stored-key.js'
import {
  encodeTagRecord,
  isAnyInvalidatedAfter,
  readTagRecord,
  TAG_ROW_BYTES,
  tagKeyOf,
} from './tag-records.js'
import type { Transaction } from './transaction.js'
import { isVoidedAfter } from './voids.js'

type FoundRow = Row & { readonly stored: StoredEntry }

/** @param options without `ifUnchanged`: store in any case */
export function set(
  transaction: Transaction,
  key: string,
  entry: TierEntry,
  { ifUnchanged: condition, renews }: TierSetOptions,
): boolean {
  const storedKey = storedKeyOf(key)
  const before = transaction.find(storedKey)
  let epoch: number | undefined
  if (condition !== undefined) {
    const { seen } = condition
    if (!(seen instanceof Seen) || hasChanged(transaction, key, seen, before)) return false
    if (isAnyInvalidatedAfter(transaction, entry.tags, seen.epoch)) return false
    epoch = seen.epoch
  }
  const stamp = renews ? before?.stored.stamp : undefined
  put(transaction, storedKey, encodeRecord(entry), entry.keepUntil, epoch, before, stamp)
  return true
}

/** Whether it was there. */
export function deleteOne(transaction: Transaction, key: string): boolean {
  return take(transaction, key) !== undefined
}

export function take(transaction: Transaction, key: string): TierEntry | undefined {
  const storedKey = storedKeyOf(key)
  const before = transaction.find(storedKey)
  const entry = liveEntry(transaction, before, storedKey)
  transaction.bury(storedKey, before)
  return entry
}

/** Why it leaves a tombstone where there is nothing: a load under way may be of before, too. */
export function expire(transaction: Transaction, key: string): boolean {
  const storedKey = storedKeyOf(key)
  const before = transaction.find(storedKey)
  const entry = liveEntry(transaction, before, storedKey)
  if (entry === undefined) {
    transaction.bury(storedKey, before)
    return false
  }
  const expiresAt = Math.min(entry.expiresAt, transaction.now)
  const record = encodeRecord({ ...entry, expiresAt })
  put(transaction, storedKey, record, entry.keepUntil, undefined, before)
  return true
}

export function invalidateTags(
  transaction: Transaction,
  tags: readonly string[],
  soft: boolean,
): void {
  const { databases, ledger, now } = transaction
  for (const tag of new Set(tags)) {
    const key = tagKeyOf(tag)
    const stamp = transaction.nextStamp()
    const before = readTagRecord(transaction, key)
    // Why: a damaged row counts as the latest invalidation already, and as what it was about it is mended.
    if (before.hard === stamp) continue
    if (before.hard === 0 && before.soft === 0) ledger.bytes += key.length + TAG_ROW_BYTES
    databases.tags.put(
      key,
      encodeTagRecord(key, {
        hard: soft ? before.hard : stamp,
        soft: soft ? stamp : before.soft,
        staleAt: soft ? now : before.staleAt,
        deadline: ledger.latestKeepUntil,
      }),
    )
  }
}

/** An entry as `entryOf` has it; where its record is none, nothing. */
export function liveEntry(
  transaction: Transaction,
  row: Row | undefined,
  key: StoredKey,
): TierEntry | undefined {
  try {
    return entryOf(transaction, row?.stored, key)
  } catch (error) {
    if (error instanceof CorruptRecordError) return undefined
    throw error
  }
}

/** @param epoch undefined: it knows of all invalidations up to now */
function put(
  transaction: Transaction,
  key: StoredKey,
  record: Buffer,
  keepUntil: number,
  epoch: number | undefined,
  before: Row | undefined,
  stamp = transaction.nextStamp(),
): void {
  const { whole } = key
  transaction.put(
    key,
    { isTombstone: false, stamp, epoch: epoch ?? stamp, keepUntil, whole, record },
    before,
  )
}

/** Whether somebody has set, deleted or invalidated the key since it was seen, or may have. */
function hasChanged(
  transaction: Transaction,
  key: string,
  seen: Seen,
  before: FoundRow | undefined,
): boolean {
  const { ledger } = transaction
  if (seen.fileId !== ledger.fileId || seen.epoch < ledger.horizon) return true
  if (before === undefined) {
    if (seen.epoch < ledger.absentHorizon) return true
  } else {
    if (before.stored.stamp !== seen.stamp) return true
    if (isAnyInvalidatedAfter(transaction, tagsOf(before.stored), seen.epoch)) return true
  }
  return isVoidedAfter(transaction, key, seen.epoch)
}

function tagsOf({ isTombstone, record }: StoredEntry): readonly string[] {
  if (isTombstone) return []
  try {
    return decodeCheckedRecord(record).tags
  } catch (error) {
    if (error instanceof CorruptRecordError) return []
    throw error
  }
}
