/**
 * The LMDB file and the databases in it.
 *
 *     ledger   'ledger'                          one row: what the file knows of itself
 *     entries  stored key                        entries and tombstones
 *     expiry   keepUntil, stamp (big-endian)     -> stored key: what goes first, in order
 *     tags     the tag, as a stored key          -> when it was invalidated
 *     voids    number of the deletion (b.-e.)    -> deletions by prefix or pattern, of late
 *     on, by   see edges.ts                      -> dependencies of keys
 *
 * A commit is safe against a crash of the process at once, and, by lmdb's overlapping sync, of the
 * machine within moments: LMDB then goes back to the state that was whole on the disk.
 */
import type { Database, RootDatabase } from 'lmdb'
import { InvalidOptionError } from '../../cache/errors.js'
import { importLmdb } from '../optional-packages.js'
import { DamagedFileError } from './errors.js'
import { decodeLedger, encodeLedger, LEDGER_KEY, type Ledger, newLedger } from './ledger.js'

export type BytesDatabase = Database<Buffer, Buffer>

export interface Databases {
  readonly root: RootDatabase<Buffer, Buffer>
  readonly ledger: BytesDatabase
  readonly entries: BytesDatabase
  readonly expiry: BytesDatabase
  readonly tags: BytesDatabase
  readonly voids: BytesDatabase
  readonly on: BytesDatabase
  readonly by: BytesDatabase
}

const BYTES = { encoding: 'binary', keyEncoding: 'binary' } as const
const OTHER_NAMES = ['entries', 'expiry', 'tags', 'voids', 'on', 'by'] as const
const MAX_DATABASES = 8
/** How long the last writes may take when the file is closed. */
const CLOSE_TIMEOUT_MS = 2_000

/** @throws what LMDB does; an Error where lmdb is not installed, or the file is of somebody else */
export async function openDatabases(
  path: string,
  sync: boolean,
  randomBytes: (count: number) => Uint8Array,
): Promise<Databases> {
  const { open } = await importLmdb('diskTier')
  const root = open<Buffer, Buffer>({
    path,
    noSubdir: true,
    maxDbs: MAX_DATABASES,
    eventTurnBatching: false,
    // Why not where sync: a commit then returns when the disk has it.
    ...(sync && { overlappingSync: false }),
    ...BYTES,
  })
  try {
    checkOwner(root, path)
    const ledger = root.openDB<Buffer, Buffer>({ name: 'ledger', ...BYTES })
    // Order: the ledger is written when all others are there. Where one is missing after it, its name is damaged.
    const isBegun = ledger.getBinary(LEDGER_KEY) !== undefined
    const missing = OTHER_NAMES.filter((name) => !isNamed(root, name))
    if (isBegun && missing.length > 0) {
      throw new DamagedFileError(`there is no database ${missing.join(', ')}`)
    }
    const databases: Databases = {
      root,
      ledger,
      entries: root.openDB({ name: 'entries', ...BYTES }),
      expiry: root.openDB({ name: 'expiry', ...BYTES }),
      tags: root.openDB({ name: 'tags', ...BYTES }),
      voids: root.openDB({ name: 'voids', ...BYTES }),
      on: root.openDB({ name: 'on', ...BYTES }),
      by: root.openDB({ name: 'by', ...BYTES }),
    }
    root.transactionSync(() => {
      if (ledger.getBinary(LEDGER_KEY) !== undefined) return
      // Why: without its ledger nobody knows what the rest means. readLedger says so.
      if (OTHER_NAMES.some((name) => databases[name].getKeysCount({ limit: 1 }) > 0)) return
      writeLedger(databases, newLedger(randomBytes(12)))
    })
    readLedger(databases)
    return databases
  } catch (error) {
    await root.close().catch(() => {})
    throw error
  }
}

/** @throws InvalidOptionError where the file is of somebody else; DamagedFileError where all but the ledger is there */
function checkOwner(root: RootDatabase<Buffer, Buffer>, path: string): void {
  if (root.getKeysCount({ limit: 1 }) === 0 || isNamed(root, 'ledger')) return
  if (OTHER_NAMES.every((name) => isNamed(root, name))) {
    throw new DamagedFileError('there is no database ledger')
  }
  throw new InvalidOptionError('path', path, "a new file, or one of diskTier's; this is another's")
}

function isNamed(root: RootDatabase<Buffer, Buffer>, name: string): boolean {
  // LMDB has names with a zero at their end.
  return root.doesExist(Buffer.from(`${name}\0`))
}

export async function closeDatabases({ root }: Databases): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)
  })
  try {
    await Promise.race([root.close(), timeout])
  } catch {
    // What was not written is lost; nothing can be done about it here.
  } finally {
    clearTimeout(timer)
  }
}

/** @throws DamagedFileError */
export function readLedger({ ledger }: Databases): Ledger {
  const row = readBytes(ledger, LEDGER_KEY)
  const read = row && decodeLedger(row)
  if (read === undefined) throw new DamagedFileError('the ledger is damaged, or of another version')
  return read
}

/**
 * The ledger as reads see it. Every transaction that writes changes it, in whatever process, so its bytes are read
 * each time, in the read's own snapshot; they are decoded only where they are others than before.
 */
export class LedgerReader {
  readonly #databases: Databases
  #bytes: Uint8Array = new Uint8Array(0)
  #ledger: Readonly<Ledger> | undefined

  constructor(databases: Databases) {
    this.#databases = databases
  }

  /** @throws DamagedFileError */
  read(): Readonly<Ledger> {
    // Why fast: these bytes are lmdb's own, good until it reads the next, and nothing of them is kept.
    const bytes = this.#databases.ledger.getBinaryFast(LEDGER_KEY)
    if (this.#ledger === undefined || !isSame(bytes, this.#bytes)) {
      this.#ledger = Object.freeze(readLedger(this.#databases))
      this.#bytes = encodeLedger(this.#ledger)
    }
    return this.#ledger
  }
}

function isSame(bytes: Uint8Array | undefined, others: Uint8Array): boolean {
  if (bytes === undefined || bytes.length !== others.length) return false
  for (let at = 0; at < others.length; at++) {
    if (bytes[at] !== others[at]) return false
  }
  return true
}

export function writeLedger({ ledger }: Databases, state: Ledger): void {
  ledger.put(LEDGER_KEY, encodeLedger(state))
}

/** Where the step after one of so many rows begins: the least key beyond its last. Undefined: there are no more. */
export function nextFrom(keys: readonly Uint8Array[], limit: number): Buffer | undefined {
  return keys.length < limit ? undefined : Buffer.concat([keys[limit - 1], Buffer.of(0)])
}

/** What a row says, in bytes of one's own. Why not by getBinary: that takes twice as long for what is small. */
export function readBytes(database: BytesDatabase, key: Buffer): Buffer | undefined {
  const bytes = database.getBinaryFast(key)
  return bytes && Buffer.from(bytes.subarray(0, bytes.length))
}

/** What lmdb gives as bytes is a Buffer mostly, and may be a Uint8Array. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
