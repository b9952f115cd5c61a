/**
 * Deletions by prefix or pattern, of late: what was being loaded meanwhile is not stored.
 *
 *     key    the ledger's clock at the deletion, float64 big-endian
 *     0   4  checksum  sealed-row.ts
 *     4   8  when it was, ms since the epoch
 *     12  1  kind: 1 a prefix, 2 a pattern
 *     13     the text, UTF-16LE
 *
 * A damaged row counts as a deletion of all keys, by the latest write: no load from before is stored.
 */
import { compilePattern } from '../../cache/key-pattern.js'
import { toBuffer } from './databases.js'
import { CHECKSUM_BYTES, isWhole, seal } from './sealed-row.js'
import type { Transaction } from './transaction.js'

/** Which keys, as the caller said it. */
export interface KeySelection {
  readonly kind: 'prefix' | 'pattern'
  readonly text: string
  /** What each of them begins with. */
  readonly prefix: string
  test(key: string): boolean
}

const PREFIX = 1
const PATTERN = 2
const TIME_AT = CHECKSUM_BYTES
const KIND_AT = 12
const TEXT_AT = 13

/** How many are kept; of more, the oldest are forgotten, and loads from before refused. */
const MAX_VOIDS = 1_000

export function selectPrefix(prefix: string): KeySelection {
  return { kind: 'prefix', text: prefix, prefix, test: (key) => key.startsWith(prefix) }
}

/** @throws InvalidOptionError where it is no pattern */
export function selectPattern(pattern: string): KeySelection {
  const { prefix, test } = compilePattern(pattern)
  return { kind: 'pattern', text: pattern, prefix, test }
}

/** @returns the deletion's number: what has an earlier epoch goes */
export function recordVoid(transaction: Transaction, { kind, text }: KeySelection): number {
  const { databases, now } = transaction
  const number = transaction.nextStamp()
  const key = keyOf(number)
  const row = Buffer.alloc(TEXT_AT + 2 * text.length)
  row.writeDoubleLE(now, TIME_AT)
  row[KIND_AT] = kind === 'prefix' ? PREFIX : PATTERN
  row.write(text, TEXT_AT, 'utf16le')
  databases.voids.put(key, seal(key, row))
  const excess = databases.voids.getKeysCount() - MAX_VOIDS
  if (excess > 0) forget(transaction, excess, Number.POSITIVE_INFINITY)
  return number
}

/** Whether the key was deleted by prefix or pattern after the epoch. */
export function isVoidedAfter(transaction: Transaction, key: string, epoch: number): boolean {
  const { voids } = transaction.databases
  // Why plus one: numbers are whole, and the one of the epoch itself is seen.
  for (const { key: number, value } of voids.getRange({ start: keyOf(epoch + 1) })) {
    const row = toBuffer(value)
    if (!isWhole(toBuffer(number), row)) {
      transaction.noteDamage('voids', number)
      return true
    }
    const text = row.toString('utf16le', TEXT_AT)
    const selection = row[KIND_AT] === PREFIX ? selectPrefix(text) : selectPattern(text)
    if (selection.test(key)) return true
  }
  return false
}

/** Forgets those that were before a time, at most so many; loads from before them are refused from then. */
export function forget(transaction: Transaction, limit: number, before: number): void {
  const { databases, ledger } = transaction
  const rows = Array.from(databases.voids.getRange({ limit }), ({ key, value }) => ({
    key: Buffer.from(key),
    row: Buffer.from(value),
  }))
  for (const { key, row } of rows) {
    if (!isWhole(key, row)) {
      transaction.noteDamage('voids', key)
      continue
    }
    if (row.readDoubleLE(TIME_AT) >= before) return
    databases.voids.remove(key)
    ledger.horizon = Math.max(ledger.horizon, key.readDoubleBE(0))
  }
}

function keyOf(number: number): Buffer {
  const key = Buffer.allocUnsafe(8)
  key.writeDoubleBE(number, 0)
  return key
}
