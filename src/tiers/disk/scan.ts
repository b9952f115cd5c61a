/** Walks over the keys with a prefix, in steps of a bounded number of rows. */
import { nextFrom, toBuffer } from './databases.js'
import type { DiskFile } from './disk-file.js'
import { readRow } from './finding.js'
import { liveEntry } from './operations.js'
import { type KeyRange, rangesOf, readStoredKey, type StoredKey } from './stored-key.js'
import type { Transaction } from './transaction.js'
import { STEP_ROWS } from './upkeep.js'
import { type KeySelection, recordVoid } from './voids.js'

const SMALL_WRITE_BYTES = 256

/** Deletes what was there when it was asked for; counts what would have been found. */
export async function deleteSelected(file: DiskFile, selection: KeySelection): Promise<number> {
  const limit = await file.write({
    work: (transaction) => recordVoid(transaction, selection),
    bytes: SMALL_WRITE_BYTES,
  })
  let deleted = 0
  for (const range of rangesOf(selection.prefix)) {
    for (let start: Buffer | undefined = range.start; start !== undefined; ) {
      const from: KeyRange = { start, end: range.end }
      const step = await file.write({
        work: (transaction) => deleteStep(transaction, from, selection, limit),
        bytes: SMALL_WRITE_BYTES,
      })
      deleted += step.deleted
      start = step.next
    }
  }
  return deleted
}

interface Step {
  readonly deleted: number
  /** Where the next begins; undefined: that was the last. */
  readonly next: Buffer | undefined
}

function deleteStep(
  transaction: Transaction,
  range: KeyRange,
  selection: KeySelection,
  limit: number,
): Step {
  const keys = keysIn(transaction, range)
  let deleted = 0
  for (const bytes of keys) {
    const row = readRow(transaction.databases, { bytes, whole: undefined })
    const key = readStoredKey(bytes, row?.stored?.whole)
    if (row?.stored === undefined || key === undefined || !selection.test(key)) continue
    // Why: what is younger was set after the deletion. A tombstone says more than the deletion does.
    if (row.stored.isTombstone || row.stored.epoch >= limit) continue
    const storedKey: StoredKey = { bytes, whole: row.stored.whole }
    if (liveEntry(transaction, row, storedKey) !== undefined) deleted++
    transaction.remove(storedKey, row)
  }
  return { deleted, next: nextFrom(keys, STEP_ROWS) }
}

export async function* keysOf(
  file: () => DiskFile,
  selection: KeySelection,
): AsyncGenerator<string, void> {
  for (const range of rangesOf(selection.prefix)) {
    for (let start: Buffer | undefined = range.start; start !== undefined; ) {
      const from: KeyRange = { start, end: range.end }
      const step = file().read((transaction) => liveKeys(transaction, from, selection))
      if (step === undefined) return
      yield* step.keys
      start = step.next
    }
  }
}

function liveKeys(
  transaction: Transaction,
  range: KeyRange,
  selection: KeySelection,
): { keys: string[]; next: Buffer | undefined } {
  const stored = keysIn(transaction, range)
  const keys: string[] = []
  for (const bytes of stored) {
    const row = readRow(transaction.databases, { bytes, whole: undefined })
    const whole = row?.stored?.whole
    const key = readStoredKey(bytes, whole)
    if (key === undefined || !selection.test(key)) continue
    if (liveEntry(transaction, row, { bytes, whole }) !== undefined) keys.push(key)
  }
  return { keys, next: nextFrom(stored, STEP_ROWS) }
}

function keysIn({ databases }: Transaction, { start, end }: KeyRange): Buffer[] {
  return Array.from(databases.entries.getKeys({ start, end, limit: STEP_ROWS }), toBuffer)
}
