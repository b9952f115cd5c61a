/**
 * The writes that are journalled and not in the store yet, by key, and those that were given up: what the
 * journal holds, in memory but for the values.
 *
 * 1. A key has at most one write that waits and one that is at the store (`flying`), which is the older one.
 * 2. What is here is in the journal. What is in the journal and not here is older than a write of its key that
 *    is in the store, and is removed with the next transaction (`#leftovers`), so nothing goes backwards after
 *    a crash either.
 * 3. A key has at most one dead letter, and none that is older than a write of the key that is pending or saved.
 */
import { type Changes, GroupCommit } from './journal/group-commit.js'
import type { DeathNote, Journal, JournalChanges } from './journal/journal.js'
import {
  decodeJournalRecord,
  encodeJournalRecord,
  type JournalRecord,
  type WriteKind,
} from './journal/record.js'
import type { Room } from './room.js'

/** One write of a key. */
export interface PendingWrite {
  readonly key: string
  /** Grows with each write of the journal. */
  readonly sequence: number
  readonly kind: WriteKind
  readonly bytes: number
  /** How often the store has refused it. */
  attempts: number
}

export interface PendingKey {
  readonly key: string
  waiting: PendingWrite | undefined
  flying: PendingWrite | undefined
}

export interface DeadWrite extends PendingWrite {
  readonly note: DeathNote
}

export interface PendingListener {
  /** There is a new write of the key; `replaced`: what waited before it. */
  onWaiting(key: PendingKey, replaced: PendingWrite | undefined): void
}

export class PendingWrites {
  readonly keys = new Map<string, PendingKey>()
  readonly dead = new Map<string, DeadWrite>()
  readonly #journal: Journal
  readonly #commits: GroupCommit
  readonly #room: Room
  readonly #listener: PendingListener
  readonly #leftovers = new Set<number>()
  /** The last number that was given out. */
  lastSequence = 0
  coalesced = 0
  /** How many writes there are, those at the store included. */
  count = 0

  /** Reads what the journal has; throws JournalCorruptError. */
  constructor(journal: Journal, room: Room, listener: PendingListener) {
    this.#journal = journal
    this.#room = room
    this.#listener = listener
    this.#commits = new GroupCommit((changes) => this.#write(changes))
    for (const { sequence, record, bytes, note } of journal.dead()) {
      const { key, kind } = record
      this.dead.set(key, { key, sequence, kind, bytes, attempts: note.attempts, note })
      this.lastSequence = Math.max(this.lastSequence, sequence)
    }
    for (const { sequence, record, bytes } of journal.pending()) {
      this.lastSequence = Math.max(this.lastSequence, sequence)
      room.take(bytes)
      this.#install({ key: record.key, sequence, kind: record.kind, bytes, attempts: 0 }, true)
    }
  }

  /** Somebody else has the journal now. */
  get isLost(): boolean {
    return this.#journal.isLost
  }

  /**
   * Undefined where a newer write of the key has just taken its place, and is about to be acknowledged.
   * @throws BadRecordError
   */
  read(write: PendingWrite): JournalRecord | undefined {
    const record = this.#journal.read(write.sequence)
    return record === undefined ? undefined : decodeJournalRecord(record)
  }

  /** What is to be read for a key instead of the store; undefined where nothing is pending. */
  readNewest(key: string): JournalRecord | undefined {
    const found = this.keys.get(key)
    const write = found?.waiting ?? found?.flying
    if (write === undefined) return undefined
    const record =
      this.#journal.read(write.sequence) ?? this.#commits.underWay?.puts.get(key)?.record
    return record === undefined ? undefined : decodeJournalRecord(record)
  }

  /** Undefined where it is none any more. */
  readDead(write: DeadWrite): JournalRecord | undefined {
    const record = this.#journal.readDead(write.sequence)
    return record === undefined ? undefined : decodeJournalRecord(record)
  }

  /** Room for the write has been taken; it is given back where this rejects. */
  async append(record: JournalRecord, encoded: Buffer): Promise<void> {
    await this.#put(record, encoded, () => true)
  }

  /**
   * Makes a dead letter pending again, where no newer write of its key has come. Room has been taken.
   * Whether there was one.
   */
  async revive(key: string, dead: DeadWrite, record: JournalRecord): Promise<boolean> {
    const encoded = encodeJournalRecord(record)
    return this.#put(
      record,
      encoded,
      (changes) => this.dead.get(key) === dead && !changes.puts.has(key),
    )
  }

  #put(
    { key, kind }: JournalRecord,
    encoded: Buffer,
    isWanted: (changes: Changes) => boolean,
  ): Promise<boolean> {
    const bytes = encoded.length
    const write = { key, sequence: ++this.lastSequence, kind, bytes, attempts: 0 }
    let isPut = false
    return this.#commits.submit({
      prepare: (changes) => {
        isPut = isWanted(changes)
        if (!isPut) return
        const replaced = this.keys.get(key)?.waiting
        if (replaced !== undefined) changes.removes.add(replaced.sequence)
        const dead = this.dead.get(key)
        if (dead !== undefined) changes.deadRemoves.add(dead.sequence)
        changes.deadPuts.delete(key)
        changes.puts.set(key, { sequence: write.sequence, record: encoded })
      },
      finish: (changes) => {
        if (isPut) this.dead.delete(key)
        if (changes.puts.get(key)?.sequence === write.sequence) {
          this.#install(write, false)
          return true
        }
        if (isPut) this.coalesced++
        this.#room.leave(bytes)
        return isPut
      },
      fail: () => this.#room.leave(bytes),
    })
  }

  /** The write that waits goes to the store. */
  launch(key: PendingKey): PendingWrite | undefined {
    const write = key.waiting
    key.flying = write
    key.waiting = undefined
    return write
  }

  /** The flying write was not taken, and waits again; or it is dropped, as a newer one waits. */
  land(key: PendingKey, write: PendingWrite): void {
    if (key.waiting !== undefined) this.settle(key, write)
    else {
      key.flying = undefined
      key.waiting = write
    }
  }

  /** The flying write is in the store, or a newer one makes it needless. */
  settle(key: PendingKey, write: PendingWrite): void {
    if (key.flying === write) key.flying = undefined
    if (key.waiting === undefined) this.keys.delete(key.key)
    this.#leftovers.add(write.sequence)
    this.count--
    this.#room.leave(write.bytes)
    // Where the journal fails, the next transaction removes it.
    this.#commits.submit({ prepare() {}, finish() {} }).catch(() => {})
  }

  /** Gives the flying write up; whether it is a dead letter now: it is none where a newer write came. */
  async bury(key: PendingKey, write: PendingWrite, note: DeathNote): Promise<boolean> {
    const record = this.#journal.read(write.sequence)
    const isDead = await this.#commits.submit({
      prepare: (changes) => {
        changes.removes.add(write.sequence)
        if (record === undefined || changes.puts.has(write.key) || key.waiting !== undefined) return
        changes.deadPuts.set(write.key, { sequence: write.sequence, record, note })
      },
      finish: (changes) => {
        const isNew = changes.deadPuts.get(write.key)?.sequence === write.sequence
        if (isNew) this.dead.set(write.key, { ...write, note })
        return isNew
      },
    })
    key.flying = undefined
    if (key.waiting === undefined) this.keys.delete(key.key)
    this.count--
    this.#room.leave(write.bytes)
    return isDead
  }

  /** Whether there was one. */
  drop(key: string): Promise<boolean> {
    return this.#commits.submit({
      prepare: (changes) => {
        const dead = this.dead.get(key)
        if (dead !== undefined) changes.deadRemoves.add(dead.sequence)
      },
      finish: () => this.dead.delete(key),
    })
  }

  /** Resolves when the journal has all that it was told. */
  idle(): Promise<void> {
    return this.#commits.idle()
  }

  async #write(changes: JournalChanges): Promise<void> {
    const leftovers = [...this.#leftovers]
    await this.#journal.write({ ...changes, removes: [...changes.removes, ...leftovers] })
    for (const sequence of leftovers) this.#leftovers.delete(sequence)
  }

  #install(write: PendingWrite, isRecovery: boolean): void {
    let key = this.keys.get(write.key)
    if (key === undefined) {
      key = { key: write.key, waiting: undefined, flying: undefined }
      this.keys.set(write.key, key)
    }
    const replaced = key.waiting
    key.waiting = write
    this.count++
    if (replaced !== undefined) {
      // Why here too: the transaction has not removed one that came back from the store meanwhile.
      this.#leftovers.add(replaced.sequence)
      if (!isRecovery) this.coalesced++
      this.count--
      this.#room.leave(replaced.bytes)
    }
    this.#listener.onWaiting(key, replaced)
  }
}
