/**
 * What a file knows of itself: one row, read at the start of every transaction and written at its end.
 *
 * 1. `clock` counts writes and invalidations; each takes the next number as its stamp.
 * 2. A load that began before `horizon` is stored no more: what would tell whether its key was
 *    invalidated meanwhile has been forgotten. For keys that are absent the same with `absentHorizon`.
 *
 *     0   4  checksum    sealed-row.ts
 *     4   4  version     of the formats of all rows in the file but records, which have their own
 *     8   12 the file's id
 *     20     the numbers, float64 each
 *
 * All numbers are little-endian. A file whose ledger is damaged, or of another version, is put aside.
 */
import { CHECKSUM_BYTES, isWhole, seal } from './sealed-row.js'

export interface Ledger {
  /** Random: what was seen in one file means nothing in another. */
  readonly fileId: string
  clock: number
  /** What entries, tombstones, tags and edges take, about. */
  bytes: number
  /** Entries and tombstones. */
  count: number
  horizon: number
  absentHorizon: number
  /** The latest `keepUntil` of any entry so far. */
  latestKeepUntil: number
  /** What edges take, as a part of `bytes`. */
  edgeBytes: number
}

export const LEDGER_KEY = Buffer.from('ledger')

const VERSION = 2
const VERSION_AT = CHECKSUM_BYTES
const FILE_ID_AT = 8
const FILE_ID_BYTES = 12
const NUMBERS_AT = 20
const NUMBERS = [
  ...(['clock', 'bytes', 'count', 'horizon', 'absentHorizon'] as const),
  ...(['latestKeepUntil', 'edgeBytes'] as const),
]
const BYTES = NUMBERS_AT + 8 * NUMBERS.length

/** @param fileId 12 random bytes */
export function newLedger(fileId: Uint8Array): Ledger {
  return {
    fileId: Buffer.from(fileId).toString('hex'),
    clock: 0,
    bytes: 0,
    count: 0,
    horizon: 0,
    absentHorizon: 0,
    latestKeepUntil: 0,
    edgeBytes: 0,
  }
}

export function encodeLedger(ledger: Ledger): Buffer {
  const bytes = Buffer.alloc(BYTES)
  bytes.writeUInt32LE(VERSION, VERSION_AT)
  bytes.write(ledger.fileId, FILE_ID_AT, FILE_ID_BYTES, 'hex')
  for (const [index, name] of NUMBERS.entries()) {
    bytes.writeDoubleLE(ledger[name], NUMBERS_AT + 8 * index)
  }
  return seal(LEDGER_KEY, bytes)
}

/** Undefined: no such bytes, damaged ones, or those of another version. */
export function decodeLedger(bytes: Buffer): Ledger | undefined {
  if (bytes.length !== BYTES || !isWhole(LEDGER_KEY, bytes)) return undefined
  if (bytes.readUInt32LE(VERSION_AT) !== VERSION) return undefined
  const ledger = newLedger(bytes.subarray(FILE_ID_AT, FILE_ID_AT + FILE_ID_BYTES))
  for (const [index, name] of NUMBERS.entries()) {
    ledger[name] = bytes.readDoubleLE(NUMBERS_AT + 8 * index)
  }
  return ledger
}
