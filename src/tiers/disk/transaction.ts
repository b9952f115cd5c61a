/**
 * One transaction on a file: the primitives that keep its databases in step.
 *
 * 1. Each row of `entries` has exactly one of `expiry`, under its `keepUntil` and stamp.
 * 2. `ledger.bytes` and `ledger.count` are the sums over all rows.
 * 3. What has a stamp is removed only together with a horizon that says so, or is overwritten. Damaged bytes
 *    had one, too: any up to the ledger's clock.
 */
import { type Databases, writeLedger } from './databases.js'
import { type Row, readRow } from './finding.js'
import type { Ledger } from './ledger.js'
import { bytesOf, encodeStoredEntry, type StoredEntry } from './stored-entry.js'
import type { StoredKey } from './stored-key.js'

const NO_BYTES = Buffer.alloc(0)
const STAMP_AT = 8
const INDEX_KEY_BYTES = 16
const NONE: readonly DamagedRow[] = []

/** One that is not an entry: those are mended as they are met. */
export interface DamagedRow {
  readonly name: 'tags' | 'voids' | 'on' | 'by'
  readonly key: Buffer
}

export class Transaction {
  readonly databases: Databases
  /** Of a read it is frozen. */
  readonly ledger: Ledger
  readonly now: number
  readonly maxBytes: number
  #damaged: readonly DamagedRow[] = NONE

  constructor(databases: Databases, ledger: Ledger, now: number, maxBytes: number) {
    this.databases = databases
    this.ledger = ledger
    this.now = now
    this.maxBytes = maxBytes
  }

  noteDamage(name: DamagedRow['name'], key: Uint8Array): void {
    this.#damaged = [...this.#damaged, { name, key: Buffer.from(key) }]
  }

  /** What was met of damaged rows; for mending.ts, afterwards. */
  get damaged(): readonly DamagedRow[] {
    return this.#damaged
  }

  nextStamp(): number {
    this.ledger.clock++
    return this.ledger.clock
  }

  /** What stands under the key; damaged bytes are removed, and are nothing. */
  find(key: StoredKey): (Row & { readonly stored: StoredEntry }) | undefined {
    const row = readRow(this.databases, key)
    if (row === undefined) return undefined
    const { valueLength, stored } = row
    if (stored !== undefined) return { valueLength, stored }
    this.#drop(key.bytes, valueLength)
    return undefined
  }

  /** @param before what `find` gave */
  put(key: StoredKey, entry: StoredEntry, before: Row | undefined): void {
    const { entries, expiry } = this.databases
    if (before !== undefined) this.#unlist(key.bytes, before)
    const value = encodeStoredEntry(key.bytes, entry)
    entries.put(key.bytes, value)
    expiry.put(indexKeyOf(entry.keepUntil, entry.stamp), key.bytes)
    this.ledger.bytes += bytesOf(key.bytes.length, value.length)
    this.ledger.count++
    if (!entry.isTombstone) {
      this.ledger.latestKeepUntil = Math.max(this.ledger.latestKeepUntil, entry.keepUntil)
    }
  }

  /** Leaves a tombstone, so that what is being loaded meanwhile is refused. */
  bury(key: StoredKey, before: Row | undefined): void {
    const stamp = this.nextStamp()
    const tombstone: StoredEntry = {
      isTombstone: true,
      stamp,
      epoch: stamp,
      keepUntil: this.now,
      whole: key.whole,
      record: NO_BYTES,
    }
    this.put(key, tombstone, before)
  }

  /** Takes an entry away that deserves no tombstone: something else keeps its older loads out. */
  remove(key: StoredKey, row: Row): void {
    this.#unlist(key.bytes, row)
    this.databases.entries.remove(key.bytes)
  }

  /** Takes an entry away that cannot be read. */
  discard(key: StoredKey, row: Row & { readonly stored: StoredEntry }): void {
    this.remove(key, row)
    this.#refuseAbsentBefore(row.stored.stamp)
  }

  /**
   * Removes what goes first, at most so many: all, or (`until`) what was over by then.
   * @returns how many rows went
   */
  removeFirst(limit: number, until = Number.POSITIVE_INFINITY): number {
    const { expiry, entries } = this.databases
    // Why not until the end of the range where all may go: Infinity is a time like others.
    const rows = Array.from(expiry.getRange({ limit }), ({ key, value }) => ({
      indexKey: Buffer.from(key),
      key: Buffer.from(value),
    }))
    let removed = 0
    for (const { indexKey, key } of rows) {
      const stamp = indexKey.readDoubleBE(STAMP_AT)
      if (indexKey.readDoubleBE(0) > until) break
      const row = readRow(this.databases, { bytes: key, whole: undefined })
      if (row?.stored?.stamp === stamp) {
        this.#unlist(key, row)
        entries.remove(key)
        this.#refuseAbsentBefore(stamp)
      } else {
        expiry.remove(indexKey)
        if (row !== undefined && row.stored === undefined) this.#drop(key, row.valueLength)
      }
      removed++
    }
    return removed
  }

  /** Forgets everything but edges, and stores no load that began before. */
  clear(): void {
    const { entries, expiry, tags, voids } = this.databases
    for (const database of [entries, expiry, tags, voids]) database.clearSync()
    const { ledger } = this
    this.nextStamp()
    this.refuseLoads()
    ledger.absentHorizon = 0
    ledger.bytes = ledger.edgeBytes
    ledger.count = 0
    ledger.latestKeepUntil = 0
  }

  /** The same with the edges. */
  wipe(): void {
    const { on, by } = this.databases
    for (const database of [on, by]) database.clearSync()
    this.ledger.edgeBytes = 0
    this.clear()
  }

  /** Of all loads those that began before the latest write. */
  refuseLoads(): void {
    this.ledger.horizon = this.ledger.clock
  }

  save(): void {
    writeLedger(this.databases, this.ledger)
  }

  #refuseAbsentBefore(stamp: number): void {
    this.ledger.absentHorizon = Math.max(this.ledger.absentHorizon, stamp)
  }

  #unlist(key: Buffer, { stored, valueLength }: Row): void {
    if (stored !== undefined) {
      this.databases.expiry.remove(indexKeyOf(stored.keepUntil, stored.stamp))
    }
    this.ledger.bytes -= bytesOf(key.length, valueLength)
    this.ledger.count--
  }

  /** Damaged: its row in the index is found by nothing, and goes when its time has come. */
  #drop(key: Buffer, valueLength: number): void {
    this.#unlist(key, { stored: undefined, valueLength })
    this.databases.entries.remove(key)
    this.#refuseAbsentBefore(this.ledger.clock)
  }
}

/** Why big-endian: doubles that are not negative are then in the order of their bytes. */
function indexKeyOf(keepUntil: number, stamp: number): Buffer {
  const key = Buffer.allocUnsafe(INDEX_KEY_BYTES)
  key.writeDoubleBE(Math.max(0, keepUntil), 0)
  key.writeDoubleBE(stamp, STAMP_AT)
  return key
}
