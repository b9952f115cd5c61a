/**
 * The journal of write-behind: an LMDB environment of its own with the writes that are not in the store yet,
 * and those that were given up.
 *
 * 1. When `write` has resolved, all its changes are on the disk (LMDB's plain commit: data, fsync, then the
 *    page that points to it); when it rejects, none of them is.
 * 2. One `write` at a time: GroupCommit sees to that.
 * 3. A journal has one owner (owner.ts); every write is on condition that it is still this one.
 * 4. Keys are sequence numbers, not the cache's keys: those may be longer than LMDB allows.
 *
 * Costs an fsync or two each write.
 */
import { stat } from 'node:fs/promises'
import type { Database, RootDatabase } from 'lmdb'
import { commitErrorOf, isDamage, isLackOfRoom } from '../../disk/errors.js'
import { findDamage } from '../../disk/file-check.js'
import { importLmdb } from '../../optional-packages.js'
import { JournalCorruptError, JournalError, JournalLockedError } from '../errors.js'
import { describeSelf, isAlive, type Owner } from './owner.js'
import { BadRecordError, decodeJournalRecord, type JournalRecord } from './record.js'

/** Why a write was given up. */
export interface DeathNote {
  readonly attempts: number
  /** When, in ms since the epoch. */
  readonly at: number
  readonly error: { readonly name: string; readonly message: string }
}

export interface JournalEntry {
  readonly sequence: number
  readonly record: JournalRecord
  readonly bytes: number
}

export interface DeadEntry extends JournalEntry {
  readonly note: DeathNote
}

/** What one transaction changes. */
export interface JournalChanges {
  readonly puts: Iterable<{ readonly sequence: number; readonly record: Buffer }>
  readonly removes: Iterable<number>
  readonly deadPuts: Iterable<{
    readonly sequence: number
    readonly record: Buffer
    readonly note: DeathNote
  }>
  readonly deadRemoves: Iterable<number>
}

const OWNER_KEY = 'owner'

export class Journal {
  readonly path: string
  readonly #root: RootDatabase
  readonly #pending: Database<Buffer, number>
  readonly #dead: Database<Buffer, number>
  readonly #notes: Database<DeathNote, number>
  readonly #owners: Database<Owner, string>
  readonly #self: Owner
  readonly #claim: number
  #isLost = false

  /** Another process has taken the journal over: nothing can be written any more. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** @throws JournalError, JournalCorruptError, JournalLockedError */
  static async open(path: string, now: () => number): Promise<Journal> {
    const { open } = await importLmdb('writeBehind')
    try {
      await checkFile(path)
      // Why not overlappingSync: with it a commit resolves before it is on the disk.
      // Why no batching by turns: lmdb leaves the promise of such a batch to nobody, and where the disk is full
      // it rejects.
      const root = open({
        path,
        noSubdir: true,
        overlappingSync: false,
        eventTurnBatching: false,
        maxDbs: 4,
      })
      try {
        return new Journal(path, root, describeSelf(now()))
      } catch (error) {
        await root.close()
        throw error
      }
    } catch (error) {
      throw asJournalError(path, error)
    }
  }

  private constructor(path: string, root: RootDatabase, self: Owner) {
    this.path = path
    this.#root = root
    this.#self = self
    // Why: named databases in a file of somebody else's would stand among its own keys.
    const names = [...root.getKeys()]
    if (names.length > 0 && !names.includes('owner')) {
      throw new JournalError(path, 'this is another LMDB file, no journal')
    }
    this.#owners = root.openDB({ name: 'owner', encoding: 'json', useVersions: true })
    this.#claim = this.#takeOver()
    this.#pending = root.openDB({ name: 'pending', encoding: 'binary' })
    this.#dead = root.openDB({ name: 'dead', encoding: 'binary' })
    this.#notes = root.openDB({ name: 'notes', encoding: 'json' })
  }

  /** @returns the number of the claim */
  #takeOver(): number {
    return this.#root.transactionSync(() => {
      const entry = this.#owners.getEntry(OWNER_KEY)
      // The record of one who left in order has no id.
      if (entry !== undefined && entry.value.id !== '' && isAlive(entry.value, this.#self)) {
        throw new JournalLockedError(this.path, entry.value.pid, entry.value.host)
      }
      const claim = (entry?.version ?? 0) + 1
      this.#owners.put(OWNER_KEY, this.#self, claim)
      return claim
    })
  }

  /**
   * All pending writes, in the order in which they came.
   * @throws JournalCorruptError
   */
  *pending(): Generator<JournalEntry> {
    yield* this.#entries(this.#pending)
  }

  /** @throws JournalCorruptError */
  *dead(): Generator<DeadEntry> {
    for (const entry of this.#entries(this.#dead)) {
      const note = this.#notes.get(entry.sequence)
      if (note === undefined) throw new JournalCorruptError(this.path, 'a dead letter has no note')
      yield { ...entry, note }
    }
  }

  *#entries(database: Database<Buffer, number>): Generator<JournalEntry> {
    try {
      for (const { key, value } of database.getRange()) {
        const record = decodeJournalRecord(toBuffer(value))
        yield { sequence: key, record, bytes: value.length }
      }
    } catch (error) {
      throw asJournalError(this.path, error)
    }
  }

  /** The record's bytes, or undefined where there is none of that number. */
  read(sequence: number): Buffer | undefined {
    return toBuffer(this.#pending.getBinary(sequence))
  }

  readDead(sequence: number): Buffer | undefined {
    return toBuffer(this.#dead.getBinary(sequence))
  }

  /** @throws JournalError: nothing was changed; or the journal has another owner now */
  async write(changes: JournalChanges): Promise<void> {
    await this.#conditional((all) => {
      for (const sequence of changes.removes) all.push(this.#pending.remove(sequence))
      for (const { sequence, record } of changes.puts) {
        all.push(this.#pending.put(sequence, record))
      }
      for (const sequence of changes.deadRemoves) {
        all.push(this.#dead.remove(sequence), this.#notes.remove(sequence))
      }
      for (const { sequence, record, note } of changes.deadPuts) {
        all.push(this.#dead.put(sequence, record), this.#notes.put(sequence, note))
      }
    })
  }

  /** Tells others that this owner lives. */
  async renew(now: number): Promise<void> {
    await this.#conditional((all) => {
      const owner: Owner = { ...this.#self, renewedAt: now }
      all.push(this.#owners.put(OWNER_KEY, owner, this.#claim))
    })
  }

  /** Leaves the journal to the next owner. Does not reject. */
  async close(): Promise<void> {
    try {
      await this.#conditional((all) => {
        all.push(this.#owners.put(OWNER_KEY, { ...this.#self, id: '' }, this.#claim))
      })
    } catch {
      // The next owner finds that this process has ended.
    }
    await this.#root.close().catch(() => {})
  }

  async #conditional(change: (all: Promise<boolean>[]) => void): Promise<void> {
    if (this.#isLost) throw this.#lostError()
    const all: Promise<boolean>[] = []
    try {
      all.push(this.#owners.ifVersion(OWNER_KEY, this.#claim, () => change(all)))
      const [first] = await Promise.all(all.toReversed())
      if (!first) this.#isLost = true
    } catch (error) {
      // Why each: every one of them rejects, and that of the cause too.
      for (const write of all) write.catch(() => {})
      throw await this.#writeError(error)
    }
    if (this.#isLost) throw this.#lostError()
  }

  async #writeError(error: unknown): Promise<JournalError> {
    const reason = await commitErrorOf(error)
    const said = reason instanceof Error ? reason.message : String(reason)
    const message = isLackOfRoom(reason) ? `${said} (is the disk full?)` : said
    return new JournalError(this.path, `a write failed: ${message}`, { cause: reason })
  }

  #lostError(): JournalError {
    return new JournalError(this.path, 'another process has taken it over')
  }
}

/** What lmdb gives as bytes may be a Uint8Array. */
function toBuffer<Bytes extends Uint8Array | undefined>(bytes: Bytes): Buffer | (Bytes & undefined)
function toBuffer(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Why: LMDB trusts its file, so a damaged one would end the process. */
async function checkFile(path: string): Promise<void> {
  const size = await sizeOf(path)
  if (size === undefined) return
  if (size === 0) {
    // A file that was made for LMDB to begin in has no lock file yet.
    if ((await sizeOf(`${path}-lock`)) === undefined) return
    throw new JournalCorruptError(path, 'it is empty')
  }
  const damage = await findDamage(path, false)
  if (damage !== undefined) throw new JournalCorruptError(path, damage)
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function asJournalError(path: string, error: unknown): Error {
  if (
    error instanceof JournalError ||
    error instanceof JournalCorruptError ||
    error instanceof JournalLockedError
  ) {
    return error
  }
  const { message } = error as Error
  if (error instanceof BadRecordError || isDamage(error)) {
    return new JournalCorruptError(path, message, { cause: error })
  }
  return new JournalError(path, `it cannot be opened: ${message}`, { cause: error })
}
