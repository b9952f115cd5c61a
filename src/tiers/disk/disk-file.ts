/**
 * The open file of a tier: reads, writes through the queue, upkeep, and what is done when one of them fails.
 *
 * 1. While a damaged file is exchanged for a new one, reads are misses and writes wait. Where that fails,
 *    writes reject, and each tries again.
 * 2. After the disk was found full, entries are refused without a try for FULL_PAUSE_MS or until something
 *    made room. Why: each failed commit is written to stderr by lmdb. The file is then kept below what
 *    was in it, and tries to grow with each round of upkeep.
 */
import { performance } from 'node:perf_hooks'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { CorruptRecordError } from '../record/record.js'
import type { TierFinding, TierHost } from '../tier.js'
import { closeDatabases, type Databases, readLedger } from './databases.js'
import { pruneEdges } from './edges.js'
import {
  commitErrorOf,
  DamagedEntryError,
  DamagedFileError,
  isDamage,
  isLackOfRoom,
  isPanic,
  TierClosedError,
} from './errors.js'
import { closeFile, type OpenFile, openFile, setAside } from './file-keeper.js'
import { entryOf, readRow, Seen } from './finding.js'
import type { Ledger } from './ledger.js'
import { Mender, noteDamagedRows } from './mending.js'
import type { ResolvedDiskTierOptions } from './options.js'
import { storedKeyOf } from './stored-key.js'
import { type DamagedRow, Transaction } from './transaction.js'
import { evict, pruneTags, purge, STEP_ROWS } from './upkeep.js'
import { type QueuedWrite, type Write, WriteQueue } from './write-queue.js'

const FULL_PAUSE_MS = 1_000
/** Of what is in the file when the disk is full, how much goes at once. */
const FULL_SHARE = 0.1
const UPKEEP_BYTES = 4_096
/** How often making room is tried again, and after how long. */
const MAX_ROOM_FAILURES = 4
const ROOM_PAUSE_MS = 20
/** Steps of upkeep in a row. */
const MAX_STEPS = 100

const NOT_SEEN: TierFinding = { entry: undefined, seen: new Seen(undefined, -1, 0) }

export class DiskFile {
  /** Whether anybody has asked for dependencies that there are. */
  hasEdges = false
  readonly #options: ResolvedDiskTierOptions
  readonly #host: TierHost
  readonly #queue: WriteQueue
  readonly #timer: NodeJS.Timeout
  /** Undefined while it is exchanged, and when it is closed. */
  #open: OpenFile | undefined
  #closing: Promise<void> | undefined
  #exchange: Promise<void> | undefined
  #fullUntil = 0
  /** `maxBytes`, or what fits on a disk that was found full; from there it grows again with the upkeep. */
  #bound: number
  #isUpkeepUnderWay = false
  /** Where the next round of upkeep goes on: there may be more edges than one can look at. */
  readonly #prunedTo: Record<'on' | 'by', Buffer | undefined> = { on: undefined, by: undefined }
  /** Whether the last commit did. */
  #hasFailed = false
  readonly #mender: Mender
  /** What was found damaged: entries, and other rows. */
  #corruptCount = 0

  static async open(options: ResolvedDiskTierOptions, host: TierHost): Promise<DiskFile> {
    const open = await openFile(options, (error) => host.problem({ kind: 'set-aside', error }))
    const file = new DiskFile(options, host, open)
    try {
      if (!open.isClean) await file.#lookAtRows()
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  private constructor(options: ResolvedDiskTierOptions, host: TierHost, file: OpenFile) {
    this.#options = options
    this.#host = host
    this.#open = file
    this.#bound = options.maxBytes
    this.#queue = new WriteQueue(
      (writes) => this.#commit(writes),
      (error, writes) => this.#onFailure(error, writes),
    )
    this.#mender = new Mender({
      tell: (error) => this.#tellCorrupt(error),
      run: (work) => this.write({ work, bytes: UPKEEP_BYTES }),
      // Why: with edges lost what others have cached could not be invalidated as it should be.
      onWiped: () => this.#host.news({ kind: 'all' }),
    })
    this.#timer = setInterval(() => void this.#keepUp(), options.purgeIntervalMs).unref()
  }

  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  find(key: string): TierFinding {
    return this.read((transaction) => this.#findIn(transaction, key)) ?? NOT_SEEN
  }

  /** @returns undefined where the file cannot be read just now */
  read<Result>(look: (transaction: Transaction) => Result): Result | undefined {
    if (this.#open === undefined) return undefined
    try {
      const { databases, ledger } = this.#open
      const transaction = this.#begin(databases, ledger.read())
      const result = look(transaction)
      this.#mender.mendAll(transaction.damaged)
      return result
    } catch (error) {
      if (!isDamage(error) && !isPanic(error)) throw error
      void this.#exchangeFile(error)
      return undefined
    }
  }

  write<Result>(write: Write<Result>): Promise<Result> {
    if (this.isClosed) return Promise.reject(new TierClosedError(this.#options.name))
    if (write.refused !== undefined && performance.now() < this.#fullUntil) {
      this.refuse(write.refused.key)
      return Promise.resolve(write.refused.result)
    }
    return this.#queue.run(write)
  }

  /** Says that there is no room. */
  refuse(key: string, error: unknown = new Error('there is no room for the entry')): false {
    this.#host.problem({ kind: 'full', key, error })
    return false
  }

  stats(): Record<string, unknown> {
    const { maxBytes, path } = this.#options
    const figures = this.isClosed
      ? undefined
      : this.read(({ ledger }) => ({ bytes: ledger.bytes, entries: ledger.count }))
    return { path, maxBytes, corrupt: this.#corruptCount, ...figures }
  }

  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    clearInterval(this.#timer)
    await this.#queue.idle()
    await this.#exchange
    if (this.#hasFailed) await this.#commitNothing()
    const file = this.#open
    this.#open = undefined
    if (file !== undefined) await closeFile(this.#options.path, file)
  }

  #begin(databases: Databases, ledger: Ledger): Transaction {
    return new Transaction(databases, ledger, this.#host.now(), this.#options.maxBytes)
  }

  #findIn(transaction: Transaction, key: string): TierFinding {
    const { databases, ledger } = transaction
    const storedKey = storedKeyOf(key)
    const row = readRow(databases, storedKey)
    const seen = new Seen(ledger.fileId, ledger.clock, row?.stored?.stamp ?? 0)
    if (row !== undefined && row.stored === undefined) this.#discard(key, undefined)
    try {
      return { entry: entryOf(transaction, row?.stored, storedKey), seen }
    } catch (error) {
      if (!(error instanceof CorruptRecordError)) throw error
      this.#discard(key, error)
      return { entry: undefined, seen }
    }
  }

  /** Removes damaged bytes. Why not their tombstone: what is being loaded for them is welcome. */
  #discard(key: string, cause: Error | undefined): void {
    this.#tellCorrupt(cause ?? new DamagedEntryError('the checksum of the entry is wrong'), key)
    if (this.isClosed) return
    const storedKey = storedKeyOf(key)
    const work = (transaction: Transaction): void => {
      const found = transaction.find(storedKey)
      if (found !== undefined && cause !== undefined) transaction.discard(storedKey, found)
    }
    this.#queue.run({ work, bytes: UPKEEP_BYTES }).catch(() => {
      // It stays a miss.
    })
  }

  /** Has all mended that is damaged but entries, before anything is answered. */
  async #lookAtRows(): Promise<void> {
    for (const name of ['tags', 'voids', 'on', 'by'] as const) {
      let next: Buffer | undefined
      do {
        next = this.read((transaction) => noteDamagedRows(transaction, name, next, STEP_ROWS))
        await setImmediate()
      } while (next !== undefined)
    }
    await this.#queue.idle()
  }

  #tellCorrupt(error: Error, key?: string): void {
    this.#corruptCount++
    this.#host.problem({ kind: 'corrupt', ...(key !== undefined && { key }), error })
  }

  /** Why: lmdb waits in vain to close a file whose last commit failed. */
  async #commitNothing(): Promise<void> {
    try {
      await this.#commit([])
    } catch {
      // Then it waits as long as closeDatabases lets it.
    }
  }

  async #commit(writes: readonly Write[]): Promise<unknown[]> {
    await this.#exchange
    if (this.#open === undefined) await this.#exchangeFile(undefined)
    const file = this.#open
    if (file === undefined) throw new DamagedFileError(`${this.#options.path} cannot be opened`)
    let results: unknown[] = []
    let damaged: readonly DamagedRow[] = []
    let failure: { error: unknown } | undefined
    try {
      await file.databases.root.transaction(() => {
        // Why a child: only that takes back what was done before a write threw. Why caught here: what throws
        // out of lmdb's own handling of it is a rejection that nobody can handle.
        try {
          file.databases.root.childTransaction(() => {
            const transaction = this.#begin(file.databases, readLedger(file.databases))
            results = this.#runAll(transaction, writes)
            damaged = transaction.damaged
          })
        } catch (error) {
          failure = { error }
        }
      })
    } catch (error) {
      this.#hasFailed = true
      throw await commitErrorOf(error)
    }
    this.#hasFailed = false
    if (failure !== undefined) throw (failure as { error: unknown }).error
    this.#mender.mendAll(damaged)
    return results
  }

  #runAll(transaction: Transaction, writes: readonly Write[]): unknown[] {
    const results = writes.map((write) => {
      const result = write.work(transaction)
      evict(transaction, this.#bound)
      return result
    })
    transaction.save()
    return results
  }

  async #onFailure(
    error: unknown,
    writes: readonly QueuedWrite[],
  ): Promise<readonly QueuedWrite[]> {
    if (error instanceof DamagedFileError && this.#open === undefined)
      return rejectAll(writes, error)
    if (isDamage(error) || isPanic(error)) {
      await this.#exchangeFile(error)
      return writes
    }
    if (!isLackOfRoom(error)) return writes.length > 1 ? writes : rejectAll(writes, error)
    this.#fullUntil = performance.now() + FULL_PAUSE_MS
    // Why before the others are told: whoever goes on at once finds the room.
    if (await this.#makeRoom()) this.#fullUntil = 0
    const others: QueuedWrite[] = []
    for (const queued of writes) {
      const { refused } = queued.write
      if (refused === undefined) others.push(queued)
      else {
        this.refuse(refused.key, error)
        queued.resolve(refused.result)
      }
    }
    return others
  }

  /**
   * Removes a share of what is in the file: its pages can be written again. Why a row at first, then slowly more:
   * to remove takes pages, too, and there are no more than the writes before have left.
   */
  async #makeRoom(): Promise<boolean> {
    let goal: number | undefined
    let rows = 1
    let failures = 0
    for (let step = 0; step < MAX_STEPS; step++) {
      let isMore = false
      const work = (transaction: Transaction): void => {
        goal ??= transaction.ledger.bytes * (1 - FULL_SHARE)
        isMore = evict(transaction, goal, rows)
      }
      try {
        await this.#commit([{ work, bytes: UPKEEP_BYTES }])
        if (!isMore) {
          this.#bound = goal ?? this.#bound
          return true
        }
        failures = 0
        rows = Math.min(rows + 1, STEP_ROWS)
      } catch {
        failures++
        if (failures === MAX_ROOM_FAILURES) return false
        rows = 1
        // Why: what was freed can be written when the disk has the transaction that did so.
        await setTimeout(ROOM_PAUSE_MS)
      }
    }
    return true
  }

  /** Puts a damaged file aside, or, after a panic of LMDB's, opens the same one anew. */
  #exchangeFile(error: unknown): Promise<void> {
    this.#exchange ??= this.#reopen(error).finally(() => {
      this.#exchange = undefined
    })
    return this.#exchange
  }

  async #reopen(error: unknown): Promise<void> {
    const file = this.#open
    this.#open = undefined
    const onSetAside = (reason: unknown) => this.#host.problem({ kind: 'set-aside', error: reason })
    try {
      // Why not closeFile: that would call it clean.
      if (file !== undefined) await closeDatabases(file.databases)
      if (file !== undefined && isDamage(error)) {
        await setAside(this.#options.path, file.inode)
        onSetAside(error)
        // Why: with its edges lost what others have cached could not be invalidated as it should be.
        if (this.hasEdges) this.#host.news({ kind: 'all' })
      }
      this.#open = await openFile(this.#options, onSetAside)
    } catch (failure) {
      this.#host.problem({ kind: 'connection', error: failure })
    }
  }

  async #keepUp(): Promise<void> {
    if (this.#isUpkeepUnderWay || this.isClosed) return
    this.#isUpkeepUnderWay = true
    this.#bound = Math.min(this.#options.maxBytes, this.#bound * (1 + FULL_SHARE))
    try {
      await this.#runSteps((transaction) => {
        const isMore = purge(transaction)
        return evict(transaction, this.#bound) || isMore
      })
      let next: Buffer | undefined
      await this.#runSteps((transaction) => {
        next = pruneTags(transaction, next)
        return next !== undefined
      })
      for (const name of ['on', 'by'] as const) {
        await this.#runSteps((transaction) => {
          this.#prunedTo[name] = pruneEdges(transaction, name, this.#prunedTo[name], STEP_ROWS)
          return this.#prunedTo[name] !== undefined
        })
      }
    } catch {
      // The next round tries again; reads and writes tell what is wrong.
    } finally {
      this.#isUpkeepUnderWay = false
    }
  }

  async #runSteps(step: (transaction: Transaction) => boolean): Promise<void> {
    for (let count = 0; count < MAX_STEPS && !this.isClosed; count++) {
      if (!(await this.#queue.run({ work: step, bytes: UPKEEP_BYTES }))) return
    }
  }
}

function rejectAll(writes: readonly QueuedWrite[], error: unknown): readonly QueuedWrite[] {
  for (const { reject } of writes) reject(error)
  return []
}
