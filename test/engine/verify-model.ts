/**
 * A bank and an exact model of it: every operation is done to both and the answers are compared. What the
 * bank evicts the model learns from the bank; all else it knows by itself.
 *
 * 1. The model holds what the bank's index holds, the expired and invalidated that are not yet gone included.
 * 2. Every entry goes once, and for a reason that the model agrees with.
 * 3. Whatever is live is found, whatever is not is missed.
 */
import assert from 'node:assert/strict'
import * as layout from '../../assembly/constants.js'
import type { Bank, SetParameters } from './verify-bank.js'

interface ModelEntry {
  value: Uint8Array
  type: number
  expiresAt: number
  lifetimeMs: number
  staleMs: number
  sliding: boolean
  priority: number
  tags: readonly number[]
  bornInEpoch: number
}

/** What a set is asked for; the version is found out by looking the key up. */
export interface ModelSet extends Omit<SetParameters, 'version'> {
  /** For SET_IF_VERSION: whether to name the version that stands there. */
  knowsVersion: boolean
}

const NUMBER_BYTES = 8

export class ModelledBank {
  readonly bank: Bank
  readonly #model = new Map<string, ModelEntry>()
  readonly #invalidatedIn = new Map<number, number>()
  /** Soft invalidations of each tag, in order. */
  readonly #expiredIn = new Map<number, { epoch: number; timeMs: number }[]>()
  readonly #emptyUsedBytes: number
  /** What was evicted in the course of the current call: it may have been the very key. */
  readonly #evicted = new Set<string>()
  #epoch = 0
  /** The key that is being removed on purpose. */
  #removing: string | undefined

  constructor(bank: Bank) {
    this.bank = bank
    this.#emptyUsedBytes = this.#usedBytes
    bank.removed = (key, reason) => this.#onRemoved(key, reason)
  }

  /** Whether it was stored. */
  set(key: string, value: Uint8Array, wanted: ModelSet, whileReserved: () => void): boolean {
    this.#evicted.clear()
    const version = this.#versionFor(key, wanted)
    let allowed = this.#allows(key, wanted)
    const bornInEpoch = this.#epoch
    const status = this.bank.set(key, value, { ...wanted, version }, () => {
      whileReserved()
      this.#evicted.clear()
      allowed = this.#allows(key, wanted)
    })
    if (status === layout.STATUS_STORED) {
      assert.ok(allowed || this.#evicted.has(key), 'a set is stored only where its mode allows it')
      this.#enter(key, value, wanted, bornInEpoch)
      return true
    }
    if (status === layout.STATUS_UNCHANGED) {
      assert.ok(!allowed || this.#evicted.has(key), 'a set that its mode allows is not passed over')
      return false
    }
    this.#checkRefusal(key, value, wanted, status)
    return false
  }

  get(key: string, mode: number): void {
    const known = this.#model.get(key)
    const found = this.bank.get(key, mode)
    this.#checkStaged(key)
    const isLive = this.#isLive(known, mode === layout.GET_STALE)
    assert.equal(found !== undefined, isLive, 'a key is found exactly when it is live')
    if (found === undefined || known === undefined) return
    if (mode === layout.GET_STALE) this.#settle(known)
    assert.equal(found.type, known.type, 'the type is what was set')
    assert.ok(Buffer.compare(found.value, known.value) === 0, 'the value is what was set')
    const renews = mode !== layout.GET_PEEK && known.sliding && this.#isLive(known)
    if (renews) known.expiresAt = this.bank.nowMs + known.lifetimeMs
  }

  remove(key: string): void {
    const wasLive = this.#isLive(this.#model.get(key))
    const status = this.#purposely(key, () => this.bank.remove(key))
    assert.equal(
      status === layout.STATUS_STORED,
      wasLive,
      'a remove tells whether the key was there',
    )
    assert.ok(!this.#model.has(key), 'a removed key is gone, live or not')
  }

  take(key: string): void {
    const known = this.#model.get(key)
    const wasLive = this.#isLive(known)
    const found = this.#purposely(key, () => this.bank.take(key))
    assert.equal(found !== undefined, wasLive, 'a key is taken exactly when it is live')
    if (found === undefined || known === undefined) return
    const isLarge = known.value.length > layout.VALUE_STAGING_BYTES
    assert.equal(found === 'large', isLarge, 'a value is taken at once if it can be staged')
    assert.equal(this.#model.has(key), isLarge, 'what was taken is gone')
    if (found === 'large') return
    assert.ok(Buffer.compare(found.value, known.value) === 0, 'the value taken is what was set')
  }

  touch(key: string, ttlMs: number): void {
    this.#evicted.clear()
    const wasLive = this.#isLive(this.#model.get(key))
    const status = this.bank.touch(key, ttlMs)
    const known = this.#model.get(key)
    if (status === layout.STATUS_STORED) {
      assert.ok(wasLive && known, 'only what is live can be touched')
      known.expiresAt = ttlMs > 0 ? this.bank.nowMs + ttlMs : Infinity
      known.lifetimeMs = ttlMs > 0 ? ttlMs : Infinity
    } else if (status === layout.STATUS_MISS) {
      assert.ok(!wasLive || this.#evicted.has(key), 'what is live can be touched')
    } else assert.equal(status, layout.STATUS_FULL)
  }

  increment(key: string, by: number, wanted: ModelSet): void {
    const known = this.#model.get(key)
    const isLive = this.#isLive(known)
    const bornInEpoch = this.#epoch
    const status = this.bank.increment(key, by, wanted)
    const isNumber = known?.type === layout.TYPE_NUMBER && known.value.length === NUMBER_BYTES
    if (status === layout.STATUS_WRONG_TYPE) {
      assert.ok(isLive && !isNumber, 'a number can be added to')
      return
    }
    if (status !== layout.STATUS_STORED) {
      assert.ok(!isLive && !this.#model.has(key), 'only what is new can be refused')
      return
    }
    const before = isLive && known ? Buffer.from(known.value).readDoubleLE(0) : 0
    const sum = isLive ? before + by : by
    assert.ok(Object.is(this.bank.engine.stagedNumber, sum), 'the sum is the sum')
    const value = Buffer.alloc(NUMBER_BYTES)
    value.writeDoubleLE(sum)
    if (isLive && known) {
      assert.ok(isNumber, 'only a number can be added to')
      known.value = value
    } else this.#enter(key, value, { ...wanted, type: layout.TYPE_NUMBER }, bornInEpoch)
  }

  inspect(key: string): void {
    const known = this.#model.get(key)
    assert.equal(this.bank.inspect(key), this.#isLive(known), 'what is live can be inspected')
    if (!this.#isLive(known)) return
    const { engine } = this.bank
    assert.equal(engine.resultFloat(layout.THREAD_EXPIRES_AT), known.expiresAt)
    assert.equal(engine.result(layout.THREAD_TAG_COUNT), known.tags.length)
    assert.equal(engine.result(layout.THREAD_PRIORITY), known.priority)
  }

  invalidateTag(tag: number): void {
    this.bank.invalidateTag(tag)
    this.#invalidatedIn.set(tag, ++this.#epoch)
  }

  expireTag(tag: number): void {
    this.bank.expireTag(tag)
    const all = this.#expiredIn.get(tag) ?? []
    all.push({ epoch: ++this.#epoch, timeMs: this.bank.nowMs })
    this.#expiredIn.set(tag, all)
  }

  sweep(): void {
    this.bank.sweep()
    const dead = [...this.#model.values()].filter(
      (known) =>
        this.#isInvalidated(known) || (this.#isEndedByTags(known) && !this.#isLive(known, true)),
    )
    assert.equal(dead.length, 0, 'a sweep leaves nothing that a tag has invalidated, or ended')
    for (const known of this.#model.values()) this.#settle(known)
  }

  purge(): void {
    this.bank.purge()
    const late = [...this.#model.values()].filter(
      // Why a whole millisecond: what falls due within one fires at its end.
      (known) => known.expiresAt + known.staleMs <= Math.floor(this.bank.nowMs) - 1,
    )
    assert.equal(late.length, 0, 'a purge leaves nothing that has expired')
  }

  scan(): void {
    const keys = this.bank.keys()
    const seen = new Set(keys)
    assert.equal(keys.length, seen.size, 'a walk meets no key twice')
    const live = [...this.#model].filter(([, known]) => this.#isLive(known))
    assert.equal(seen.size, live.length, 'a walk meets every live key')
    for (const [key] of live) assert.ok(seen.has(key), 'a walk meets every live key')
  }

  clear(): void {
    this.clearAroundReserved()
    assert.equal(this.#usedBytes, this.#emptyUsedBytes, 'a clear gives every chunk back')
  }

  /** A clear while an entry is reserved, whose chunks stay. */
  clearAroundReserved(): void {
    this.bank.clear()
    assert.equal(this.#model.size, 0, 'a clear tells of every entry')
    this.check()
  }

  /** After an operation: the bank is sound, and as large as the model. */
  check(): void {
    const { bank } = this
    assert.deepEqual(bank.broken(), [], 'verify() finds nothing')
    assert.equal(bank.engine.stat(layout.STAT_ENTRIES), this.#model.size, 'entries')
    assert.ok(bank.bytes <= bank.maxBytes, 'bytes <= maxBytes')
  }

  #enter(key: string, value: Uint8Array, wanted: ModelSet, bornInEpoch: number): void {
    const { type, ttlMs, priority, tags } = wanted
    this.#model.set(key, {
      value,
      type,
      expiresAt: ttlMs > 0 ? this.bank.nowMs + ttlMs : Infinity,
      lifetimeMs: ttlMs > 0 ? ttlMs : Infinity,
      staleMs: ttlMs > 0 ? wanted.staleMs : 0,
      sliding: wanted.sliding,
      priority,
      tags,
      bornInEpoch,
    })
  }

  #onRemoved(key: string, reason: number): void {
    const known = this.#model.get(key)
    assert.ok(known, `${key.slice(0, 20)} goes, which the model does not have (reason ${reason})`)
    if (reason === layout.REMOVED_EXPIRE) {
      assert.ok(this.#endOf(known) + known.staleMs <= this.bank.nowMs, 'nothing expires early')
    } else if (reason === layout.REMOVED_INVALID) {
      assert.ok(this.#isInvalidated(known), 'nothing is invalid without a cause')
    } else if (reason === layout.REMOVED_DELETE) {
      assert.equal(key, this.#removing, 'nothing is removed but what was to be')
    } else if (reason === layout.REMOVED_EVICT) this.#evicted.add(key)
    this.#model.delete(key)
  }

  #checkRefusal(key: string, value: Uint8Array, wanted: ModelSet, status: number): void {
    const isTooLarge = status === layout.STATUS_TOO_LARGE
    assert.ok(isTooLarge || status === layout.STATUS_FULL, `status ${status}`)
    if (wanted.mode === layout.SET_ALWAYS) {
      assert.ok(!this.#model.has(key), 'a refused set leaves no older value behind')
    }
    const [chars, wide] = this.bank.stage(key)
    const bytes = (chars << wide) + value.length
    assert.equal(isTooLarge, bytes > this.bank.maxEntryBytes, 'too large is what exceeds the limit')
  }

  #checkStaged(key: string): void {
    const { wide } = this.bank.engine.key
    assert.ok(
      this.bank.engine.key.read(key.length << wide, wide !== 0) === key,
      'a get leaves the staged key as it was',
    )
  }

  #versionFor(key: string, { mode, knowsVersion }: ModelSet): number {
    if (mode !== layout.SET_IF_VERSION || !this.bank.inspect(key)) return 0
    const version = this.bank.engine.result(layout.THREAD_VERSION)
    return knowsVersion ? version : version + 1
  }

  #allows(key: string, { mode, knowsVersion }: ModelSet): boolean {
    const isLive = this.#isLive(this.#model.get(key))
    if (mode === layout.SET_ALWAYS) return true
    return mode === layout.SET_IF_ABSENT ? !isLive : isLive && knowsVersion
  }

  #isLive(known: ModelEntry | undefined, orStale = false): known is ModelEntry {
    if (known === undefined || this.#isInvalidated(known)) return false
    return this.bank.nowMs < this.#endOf(known) + (orStale ? known.staleMs : 0)
  }

  #endOf({ expiresAt, tags, bornInEpoch }: ModelEntry): number {
    const ends = tags.map((tag) => {
      const first = this.#expiredIn.get(tag)?.find(({ epoch }) => epoch > bornInEpoch)
      return first?.timeMs ?? Infinity
    })
    return Math.min(expiresAt, ...ends)
  }

  #isEndedByTags(known: ModelEntry): boolean {
    return this.#endOf({ ...known, expiresAt: Infinity }) !== Infinity
  }

  /** What its tags have ended the bank has noted in the entry: by then it may be late, but goes. */
  #settle(known: ModelEntry): void {
    known.expiresAt = this.#endOf(known)
  }

  #isInvalidated({ tags, bornInEpoch }: ModelEntry): boolean {
    return tags.some((tag) => (this.#invalidatedIn.get(tag) ?? 0) > bornInEpoch)
  }

  #purposely<Result>(key: string, act: () => Result): Result {
    this.#removing = key
    try {
      return act()
    } finally {
      this.#removing = undefined
    }
  }

  get #usedBytes(): number {
    return this.bank.engine.stat(layout.STAT_USED_BYTES)
  }
}
