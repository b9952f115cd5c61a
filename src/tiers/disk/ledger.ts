/**
 * What a file knows of itself: one row, read at the start of every transaction and written at its end.
 *
 * 1. `clock` counts writes and invalidations; each takes the next number as its stamp.
 * 2. A load that began before `horizon` is stored no more: what would tell whether its key was
 *    invalidated meanwhile has been forgotten. For keys that are absent the same with `absentHorizon`.
 */

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

const VERSION = 1
const FILE_ID_AT = 4
const FILE_ID_BYTES = 12
const NUMBERS_AT = 16
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
  bytes.writeUInt32LE(VERSION, 0)
  bytes.write(ledger.fileId, FILE_ID_AT, FILE_ID_BYTES, 'hex')
  for (const [index, name] of NUMBERS.entries()) {
    bytes.writeDoubleLE(ledger[name], NUMBERS_AT + 8 * index)
  }
  return bytes
}

/** Undefined: no such bytes, or those of another version. */
export function decodeLedger(bytes: Buffer): Ledger | undefined {
  if (bytes.length !== BYTES || bytes.readUInt32LE(0) !== VERSION) return undefined
  const ledger = newLedger(bytes.subarray(FILE_ID_AT, FILE_ID_AT + FILE_ID_BYTES))
  for (const [index, name] of NUMBERS.entries()) {
    ledger[name] = bytes.readDoubleLE(NUMBERS_AT + 8 * index)
    if (Number.isNaN(ledger[name])) return undefined
  }
  return ledger
}
