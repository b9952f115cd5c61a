/**
 * Deletions by prefix or pattern, of late: what was being loaded meanwhile is not stored.
 *
 *     key    the ledger's clock at the deletion, float64 big-endian
 *     0   8  when it was, ms since the epoch
 *     8   1  kind: 1 a prefix, 2 a pattern
 *     9      the text, UTF-16LE
 */
import { compilePattern } from '../../cache/key-pattern.js'
import { type Databases, toBuffer } from './databases.js'
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
const KIND_AT = 8
const TEXT_AT = 9

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
  const row = Buffer.alloc(TEXT_AT + 2 * text.length)
  row.writeDoubleLE(now, 0)
  row[KIND_AT] = kind === 'prefix' ? PREFIX : PATTERN
  row.write(text, TEXT_AT, 'utf16le')
  databases.voids.put(keyOf(number), row)
  const excess = databases.voids.getKeysCount() - MAX_VOIDS
  if (excess > 0) forget(transaction, excess, Number.POSITIVE_INFINITY)
  return number
}

/** Whether the key was deleted by prefix or pattern after the epoch. */
export function isVoidedAfter({ voids }: Databases, key: string, epoch: number): boolean {
  // Why plus one: numbers are whole, and the one of the epoch itself is seen.
  for (const { value } of voids.getRange({ start: keyOf(epoch + 1) })) {
    const row = toBuffer(value)
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
    at: toBuffer(value).readDoubleLE(0),
  }))
  for (const { key, at } of rows) {
    if (at >= before) return
    databases.voids.remove(key)
    ledger.horizon = Math.max(ledger.horizon, key.readDoubleBE(0))
  }
}

function keyOf(number: number): Buffer {
  const key = Buffer.allocUnsafe(8)
  key.writeDoubleBE(number, 0)
  return key
}
