/**
 * What a file needs beside reads and writes, in steps that are bounded: removing what is over, keeping it
 * within its bytes, and forgetting invalidations that no entry can know of any more.
 */

import { nextFrom, toBuffer } from './databases.js'
import { decodeTagRecord, TAG_ROW_BYTES } from './tag-records.js'
import type { Transaction } from './transaction.js'
import { forget } from './voids.js'

/** Rows that a step looks at, at most. */
export const STEP_ROWS = 500

/**
 * How long tombstones, deletions by prefix and what is over stay. Loads that take longer than that may be
 * refused for want of them, and only then.
 */
const AFTERLIFE_MS = 60_000

/** @returns whether there is more to remove */
export function purge(transaction: Transaction): boolean {
  const before = transaction.now - AFTERLIFE_MS
  const removed = transaction.removeFirst(STEP_ROWS, before)
  forget(transaction, STEP_ROWS, before)
  return removed === STEP_ROWS
}

/** Rows that are looked at together where there is too much: a few go for a write, seldom more. */
const EVICTION_ROWS = 16

/**
 * Removes what goes first until no more than so many bytes are left, but at most so many rows.
 * @returns whether there is more to remove
 */
export function evict(transaction: Transaction, mostBytes: number, mostRows = STEP_ROWS): boolean {
  const { ledger } = transaction
  for (let left = mostRows; ledger.bytes > mostBytes; left -= EVICTION_ROWS) {
    if (left <= 0) return true
    if (transaction.removeFirst(Math.min(left, EVICTION_ROWS)) === 0) return false
  }
  return false
}

/**
 * Forgets tags that were invalidated before all entries that are alive were written.
 * @param from where the step before ended; undefined: begin
 * @returns where the next begins, or undefined: that was the last
 */
export function pruneTags(transaction: Transaction, from: Buffer | undefined): Buffer | undefined {
  const { databases, ledger, now } = transaction
  const start = from === undefined ? {} : { start: from }
  const rows = Array.from(
    databases.tags.getRange({ ...start, limit: STEP_ROWS }),
    ({ key, value }) => ({ key: Buffer.from(key), record: decodeTagRecord(key, toBuffer(value)) }),
  )
  for (const { key, record } of rows) {
    if (record === undefined) transaction.noteDamage('tags', key)
    if (record === undefined || record.deadline >= now - AFTERLIFE_MS) continue
    databases.tags.remove(key)
    ledger.bytes -= key.length + TAG_ROW_BYTES
    // Why: a load that began before could still bring an entry with the tag.
    ledger.horizon = Math.max(ledger.horizon, record.hard, record.soft)
  }
  return nextFrom(
    rows.map(({ key }) => key),
    STEP_ROWS,
  )
}
