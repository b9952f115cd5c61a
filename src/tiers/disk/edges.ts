/**
 * The edges of dependencies in the file: what a key depends on, and what depends on it.
 *
 *     on   hash of a dependent                     -> a checksum (sealed-row.ts), when its edges end, then the
 *                                                     hashes of its dependencies
 *     by   hash of a dependency, of a dependent    -> a checksum, when the edge ends, then the dependent in UTF-16LE
 *
 * 1. `by` has a row for each dependency that a row of `on` names, with the same end. One may stand there whose
 *    row in `on` is gone: it is only a key too many.
 * 2. An edge lasts as long as the entry of its dependent may, and as long as any edge that leads to that dependent:
 *    else a chain would break in the middle while its end is still cached. A longer lifetime is handed on to the
 *    edges above, to MAX_EXTENDED of them at most, beyond which nothing is declared.
 * 3. `ledger.edgeBytes` is what all rows take, about, and part of `ledger.bytes`; they take no more than MOST_SHARE
 *    of the file.
 * 4. A damaged row is an edge that is lost. What is cached goes with it, with all edges (mending.ts); until then
 *    it is passed over, and whoever asks for dependents is told of it by `transaction.damaged`.
 *
 * Hashes are 16 bytes of SHA-256; ends are float64 little-endian, ms since the epoch. Numbers are whole.
 */
import { createHash } from 'node:crypto'
import { type Databases, nextFrom, toBuffer } from './databases.js'
import { CHECKSUM_BYTES, isWhole, seal } from './sealed-row.js'
import type { Transaction } from './transaction.js'

const HASH_BYTES = 16
const END_AT = CHECKSUM_BYTES
const END_BYTES = 8
/** Where the rest of a row begins. */
const REST_AT = END_AT + END_BYTES
/** The header of a row and its place in a page. */
const ROW_BYTES = 10
const MAX_EXTENDED = 10_000
const MOST_SHARE = 0.25
const LAST = Buffer.alloc(HASH_BYTES, 0xff)

export class TooManyEdgesError extends Error {
  override get name(): string {
    return 'TooManyEdgesError'
  }
}

/** Replaces what the key depends on. @throws TooManyEdgesError, and nothing is to be kept then */
export function declareEdges(
  transaction: Transaction,
  dependent: string,
  dependencies: Iterable<string>,
  lifetimeMs: number,
): void {
  const { now, maxBytes, ledger } = transaction
  const key = hashOf(dependent)
  const before = readOn(transaction, key)
  for (const dependency of before?.dependencies ?? []) removeBy(transaction, dependency, key)
  if (before !== undefined) remove(transaction, 'on', key, before.bytes)
  const below = [...dependencies].map(hashOf)
  if (below.length === 0) return

  const ends = Math.max(now + lifetimeMs, lastEndBy(transaction, key))
  for (const dependency of below) putBy(transaction, dependency, key, textOf(dependent), ends)
  putOn(transaction, key, below, ends)
  extend(transaction, below, ends)
  if (ledger.edgeBytes > maxBytes * MOST_SHARE) {
    throw new TooManyEdgesError('dependencies take more than a quarter of maxBytes')
  }
}

/** The keys that depend on this one directly. */
export function dependentsIn(transaction: Transaction, key: string): string[] {
  return readAllBy(transaction, hashOf(key)).map((row) => row.toString('utf16le', REST_AT))
}

export function hasEdges({ on }: Databases): boolean {
  return on.getKeysCount({ limit: 1 }) > 0
}

/**
 * Removes edges that have ended, of the next so many rows.
 * @param from where the step before ended; undefined: begin
 * @returns where the next begins; undefined: that was the last
 */
export function pruneEdges(
  transaction: Transaction,
  name: 'on' | 'by',
  from: Buffer | undefined,
  limit: number,
): Buffer | undefined {
  const range = from === undefined ? { limit } : { start: from, limit }
  const rows = Array.from(transaction.databases[name].getRange(range), ({ key, value }) => ({
    key: Buffer.from(key),
    row: Buffer.from(value),
  }))
  for (const { key, row } of rows) {
    if (!isWhole(key, row)) transaction.noteDamage(name, key)
    else if (row.readDoubleLE(END_AT) <= transaction.now) remove(transaction, name, key, row.length)
  }
  return nextFrom(
    rows.map(({ key }) => key),
    limit,
  )
}

function extend(transaction: Transaction, from: readonly Buffer[], ends: number): void {
  const queue = [...from]
  let extended = 0
  for (const key of queue) {
    const row = readOn(transaction, key)
    if (row === undefined || row.ends >= ends) continue
    for (const dependency of row.dependencies) {
      extended++
      if (extended > MAX_EXTENDED) {
        throw new TooManyEdgesError(`more than ${MAX_EXTENDED} dependencies above one key`)
      }
      const edge = readRow(transaction, 'by', Buffer.concat([dependency, key]))
      if (edge === undefined) continue
      putBy(transaction, dependency, key, edge.subarray(REST_AT), ends)
      queue.push(dependency)
    }
    putOn(transaction, key, row.dependencies, ends)
  }
}

function lastEndBy(transaction: Transaction, key: Buffer): number {
  return readAllBy(transaction, key).reduce(
    (last, row) => Math.max(last, row.readDoubleLE(END_AT)),
    0,
  )
}

/** The edges that lead to a dependency, but for damaged ones. */
function readAllBy(transaction: Transaction, dependency: Buffer): Buffer[] {
  const rows: Buffer[] = []
  for (const { key, value } of transaction.databases.by.getRange(rangeOf(dependency))) {
    if (isWhole(toBuffer(key), toBuffer(value))) rows.push(Buffer.from(value))
    else transaction.noteDamage('by', key)
  }
  return rows
}

function readOn(transaction: Transaction, key: Buffer) {
  const row = readRow(transaction, 'on', key)
  if (row === undefined) return undefined
  const dependencies: Buffer[] = []
  for (let at = REST_AT; at < row.length; at += HASH_BYTES) {
    dependencies.push(row.subarray(at, at + HASH_BYTES))
  }
  return { ends: row.readDoubleLE(END_AT), dependencies, bytes: row.length }
}

/** Undefined: there is none, or a damaged one. */
function readRow(transaction: Transaction, name: 'on' | 'by', key: Buffer): Buffer | undefined {
  const value = transaction.databases[name].getBinary(key)
  if (value === undefined) return undefined
  if (isWhole(key, toBuffer(value))) return Buffer.from(value)
  transaction.noteDamage(name, key)
  return undefined
}

function putOn(
  transaction: Transaction,
  key: Buffer,
  below: readonly Buffer[],
  ends: number,
): void {
  put(transaction, 'on', key, Buffer.concat([encodeHead(ends), ...below]))
}

function putBy(
  transaction: Transaction,
  dependency: Buffer,
  dependent: Buffer,
  text: Buffer,
  ends: number,
): void {
  const row = Buffer.concat([encodeHead(ends), text])
  put(transaction, 'by', Buffer.concat([dependency, dependent]), row)
}

function removeBy(transaction: Transaction, dependency: Buffer, dependent: Buffer): void {
  const key = Buffer.concat([dependency, dependent])
  const value = transaction.databases.by.getBinary(key)
  if (value !== undefined) remove(transaction, 'by', key, value.byteLength)
}

function put(transaction: Transaction, name: 'on' | 'by', key: Buffer, row: Buffer): void {
  const database = transaction.databases[name]
  const before = database.getBinary(key)
  if (before !== undefined) count(transaction, -bytesOf(key, before.byteLength))
  database.put(key, seal(key, row))
  count(transaction, bytesOf(key, row.length))
}

function remove(transaction: Transaction, name: 'on' | 'by', key: Buffer, bytes: number): void {
  transaction.databases[name].remove(key)
  count(transaction, -bytesOf(key, bytes))
}

function count({ ledger }: Transaction, bytes: number): void {
  ledger.bytes += bytes
  ledger.edgeBytes += bytes
}

function bytesOf(key: Buffer, valueBytes: number): number {
  return ROW_BYTES + key.length + valueBytes
}

function rangeOf(hash: Buffer): { start: Buffer; end: Buffer } {
  // Why a byte more: the end is exclusive, and a hash may be all ones.
  return { start: hash, end: Buffer.concat([hash, LAST, Buffer.of(0)]) }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(textOf(key)).digest().subarray(0, HASH_BYTES)
}

function textOf(key: string): Buffer {
  return Buffer.from(key, 'utf16le')
}

/** A row's first bytes; the checksum comes when it is complete. */
function encodeHead(ends: number): Buffer {
  const bytes = Buffer.alloc(REST_AT)
  bytes.writeDoubleLE(ends, END_AT)
  return bytes
}
