/**
 * SharedCache: a Map-like cache whose entries live off the heap, in the engine's memory.
 *
 * 1. Whatever is returned is a copy of its own, or (near cache) a value decoded once and shared by
 *    the gets of this thread; nothing refers to the engine's memory.
 * 2. User code (codecs, callbacks, loaders) runs only between engine calls, never with a key staged.
 * 3. A refusal (too large, no room, no lock in time) answers false or undefined and is counted; only
 *    wrong arguments, unserializable values and a closed cache raise errors.
 *
 * Costs, Node 20, 16-character keys and values: 20 to 27 ns a near hit, about 70 ns an engine hit.
 */
import {
  FLAG_EXPIRY,
  FLAG_SLIDING,
  FLAG_TAGS,
  GET_COUNTED,
  GET_PEEK,
  GET_STALE,
  GET_STAMPED,
  LARGE_VALUE,
  REMOVED_DELETE,
  SET_ALWAYS,
  SET_IF_ABSENT,
  SET_IF_VERSION,
  STATUS_MISS,
  STATUS_STORED,
  STATUS_WRONG_TYPE,
  THREAD_CREATED_AT,
  THREAD_ENTRY,
  THREAD_ENTRY_BYTES,
  THREAD_EXPIRES_AT,
  THREAD_FLAGS,
  THREAD_HASH,
  THREAD_HITS,
  THREAD_PRIORITY,
  THREAD_STAMP,
  THREAD_STAMP_INDEX,
  THREAD_TAG_EPOCH,
  THREAD_TAG_NAMES_BYTES,
  THREAD_VERSION,
} from '../../assembly/constants.js'
import type { Engine } from '../engine/engine.js'
import { describeProblem } from '../engine/invariants.js'
import { type AttachOptions, shareOptions } from './attach-options.js'
import { BatchReader } from './batch-reader.js'
import type { CacheHandle } from './cache-handle.js'
import type { CacheStats } from './cache-stats.js'
import type { CallContext, OpenBanks } from './call-context.js'
import type { CacheClock } from './clock.js'
import { CacheClosedError, describe, invalidValueError } from './errors.js'
import { createHandle } from './handle.js'
import { compilePattern } from './key-pattern.js'
import { keyBatches } from './key-walk.js'
import { LeasedLoad, WatchedLoad } from './leased-load.js'
import type { LoadClaim } from './loading/claim.js'
import {
  type GetOrSetOptions,
  type LoadedEntry,
  type Loader,
  Loads,
  type LoadTarget,
} from './loading.js'
import { CacheNamespace } from './namespace.js'
import { NearCache, type NearEntry, NO_GUARD, NO_GUARD_INDEX, NO_TAGS } from './near-cache.js'
import {
  type CacheOptions,
  checkTag,
  type RemoveReason,
  type ResolvedOptions,
  resolvePriority,
  type SetOptions,
} from './options.js'
import type { PackedValue } from './packed-value.js'
import { Attachment, Creation } from './setup.js'
import { bytesInUse, collectStats, estimateCapacity, liveEntries } from './statistics.js'
import { TagCodec } from './tag-codec.js'
import { closeRecorder, openRecorder } from './trace/open-recorder.js'
import { meterCodec, recordCalls, recordLoads } from './trace/recorded-calls.js'
import type { Recorder } from './trace/recorder.js'
import type { Duration } from './units.js'
import { purgeAll, purgeSome, sweepAll, upkeepStep } from './upkeep.js'
import { createCodec } from './value-codec.js'
import { ValueReader } from './value-reader.js'
import { typeName, type ValueTypeName } from './value-type.js'
import { Writer } from './writer.js'

/** What is known of an entry without decoding its value. */
export interface EntryInfo {
  /** Bytes that the entry takes, header and key included. */
  bytes: number
  /** Milliseconds, on the cache's clock; whole ones. */
  createdAt: number
  /** Milliseconds, on the cache's clock; Infinity: never. */
  expiresAt: number
  /** Milliseconds; Infinity: for ever. */
  remainingTtl: number
  /** Changes with every write of the key. */
  version: number
  /**
   * Accesses since the key was inserted, at most 32767: with policy `adaptive` exact up to 64, from there
   * on estimated by a sample. Near-cache hits count after one in 128 to 1,024.
   */
  hits: number
  tags: string[]
  priority: number
  type: ValueTypeName
}

export interface VerifyReport {
  ok: boolean
  problems: string[]
}

/** What the layers above need of a cache beyond its public surface. */
export interface CacheInside<V> {
  readonly loads: Loads<V>
  readonly target: LoadTarget<V>
  /** For a load that a worker claims, or that needs no lease: current until the key changes, in whatever thread. */
  watch(key: string): LoadClaim
  /**
   * Ends the lifetime of a key: stale from now on for as long as it was stored to be; whether it was there.
   * @param sinceMs so long ago. Default 0
   */
  expire(key: string, sinceMs?: number): boolean
  /**
   * As expire(), of all entries with one of these tags. O(1) in their number: their memory is taken back as that of
   * invalidated ones is.
   * @throws InvalidOptionError
   */
  expireTags(tags: readonly string[]): void
  /** As info(), of a stale entry too. */
  infoOfStale(key: string): EntryInfo | undefined
  /** @throws UnserializableValueError, TypeError */
  pack(value: V): PackedValue
  unpack(packed: PackedValue): V
}

/** Why no method: users of the package should not see it. */
export let insideOf: <V>(cache: SharedCache<V>) => CacheInside<V>

const NUMBER_LIMIT_BY = 'a number other than NaN'

const REASONS: readonly RemoveReason[] = ['evict', 'expire', 'delete', 'replace', 'clear', 'delete']

interface Removal {
  key: string
  reason: RemoveReason
}

export class SharedCache<V = unknown> {
  // Why: esbuild renames classes that refer to themselves, and what is logged would show it.
  static readonly name = 'SharedCache'
  readonly name: string
  readonly #options: ResolvedOptions
  readonly #clock: CacheClock
  readonly #tags: TagCodec
  readonly #values: ValueReader<V>
  readonly #writer: Writer<V>
  readonly #batches: BatchReader<V>
  readonly #loads: Loads<V>
  /** How many bytes the value took that was encoded last; only where accesses are recorded. */
  readonly #valueBytes: () => number
  #recorder: Recorder | undefined
  #banks: OpenBanks
  /** The memory of the first bank; none once closed. */
  #words: Int32Array
  /** The near cache and what it holds, undefined while it is bypassed. */
  #near: NearCache | undefined
  #nearEntries: NearCache['entries'] | undefined
  #nearCache: NearCache | undefined
  #bypassedGetsLeft = 0
  #removals: Removal[] = []
  /** The tag epoch of each bank when invalidated entries were last swept. */
  #sweptEpochs: number[] = []

  static {
    insideOf = (cache) => ({
      loads: cache.#loads,
      target: cache.#createLoadTarget(),
      watch: (key) => cache.#watch(key),
      expire: (key, sinceMs = 0) => cache.#expire(key, sinceMs),
      expireTags: (tags) => cache.#expireTags(tags),
      infoOfStale: (key) => cache.#inspect(key, GET_STALE),
      pack: (value) => cache.#writer.pack(value),
      unpack: (packed) => cache.#values.unpack(packed),
    })
  }

  /**
   * @throws InvalidOptionError
   * @throws RangeError where the system refuses that much address space
   */
  constructor(options: CacheOptions<V>) {
    const given: unknown = options
    const setup = given instanceof Attachment ? given : new Creation(options)
    this.#options = setup.options
    this.name = this.#options.name
    this.#clock = setup.clock
    const codec = createCodec(this.#options.codec)
    const context: CallContext = {
      options: this.#options,
      codec,
      banks: () => this.#banks,
      deliver: () => this.#deliver(),
    }
    this.#values = new ValueReader(context)
    this.#valueBytes = this.#options.trace === undefined ? () => 0 : meterCodec(codec)
    // Why first: the engine may fail as it is opened, which ends the loads too.
    this.#loads = new Loads(this.#createLoadTarget(), this.name)
    this.#banks = setup.open({
      now: () => this.#clock.elapsed(),
      removed: (engine, entry, reason) => {
        this.#removals.push({ key: engine.keyOf(entry), reason: REASONS[reason] })
      },
      failed: (error) => this.#fail(error),
    })
    this.#words = this.#banks.all[0].words
    for (const engine of this.#banks.all) engine.notify = this.#options.onRemove !== undefined
    this.#tags = new TagCodec(() => this.#open()[0])
    const { maxEntries, nearMaxEntries } = this.#options
    if (nearMaxEntries > 0) {
      this.#nearCache = new NearCache(nearMaxEntries, () => {
        const shards = this.#open().reduce((sum, { shardCount }) => sum + shardCount, 0)
        return (maxEntries || estimateCapacity(this.#open())) / shards
      })
      this.#useNear(this.#nearCache)
    }
    this.#writer = new Writer(context, this.#tags, this.#loads)
    this.#batches = new BatchReader(context, {
      get: (key) => this.#read(key, GET_COUNTED),
      peek: (key) => this.#read(key, GET_PEEK),
      peekInto: (near, key) => {
        const engine = this.#banks.of(key)
        const type = engine.get(key, GET_PEEK | GET_STAMPED)
        if (type === STATUS_MISS) return undefined
        return this.#readInto(near, engine, key, type, GET_PEEK)
      },
    })
    if (this.#options.trace !== undefined) this.#record()
  }

  /**
   * The cache that a handle is of, for this thread. Each thread closes its own.
   * @throws InvalidOptionError for a handle of another version of hotset, or where the cache's codec
   * or clock is the user's own and `options` lacks it
   * @throws TooManyThreadsError
   */
  static attach<V = unknown>(handle: CacheHandle, options?: AttachOptions<V>): SharedCache<V> {
    const attachment: unknown = new Attachment(handle, options)
    return new SharedCache<V>(attachment as CacheOptions<V>)
  }

  /** What another thread needs to attach: can be posted to it, or be its workerData. */
  get handle(): CacheHandle {
    return createHandle(
      this.#open().map(({ handle }) => handle),
      this.#clock.epoch,
      shareOptions(this.#options),
    )
  }

  /** The value, or undefined; counts as an access. */
  get(key: string): V | undefined {
    const entry = this.#nearEntries?.get(key)
    // Why a plain load: Atomics.load is a call (6 ns) on Node 20, and a word is read whole either way.
    // This path is all that a near hit takes: 4 ns beside the Map's own lookup.
    if (entry !== undefined && this.#words[entry.guardIndex] === entry.guard) {
      if (++entry.hits === entry.dueHits) this.#near?.noteHits(entry)
      return entry.value as V
    }
    return this.#getFurther(key, entry)
  }

  /** As get(), but no access is counted and nothing promoted. */
  peek(key: string): V | undefined {
    const near = this.#nearEntries?.get(key)
    if (near !== undefined && this.#isCurrent(near)) return near.value as V
    return this.#read(key, GET_PEEK)
  }

  has(key: string): boolean {
    return this.#banks.of(key).get(key, GET_PEEK) !== STATUS_MISS
  }

  /**
   * @returns whether it was stored; if not, stats().rejected says why, and no older value is left
   * (but where the shard was not to be had in time)
   * @throws InvalidKeyError, InvalidOptionError, UnserializableValueError, TypeError (undefined)
   */
  set(key: string, value: V, options?: SetOptions): boolean {
    return this.#writer.write(key, value, options, SET_ALWAYS, 0) === STATUS_STORED
  }

  /** As set(), but only where the key is absent; a refusal leaves it absent. */
  add(key: string, value: V, options?: SetOptions): boolean {
    return this.#writer.write(key, value, options, SET_IF_ABSENT, 0) === STATUS_STORED
  }

  /** As set(), but only if info(key).version is still `version`; a refusal leaves the value as it is. */
  compareAndSet(key: string, version: number, value: V, options?: SetOptions): boolean {
    return this.#writer.write(key, value, options, SET_IF_VERSION, version) === STATUS_STORED
  }

  /** Whether it was there. */
  delete(key: string): boolean {
    const engine = this.#banks.stage(key)
    this.#loads.forget(key)
    const status = engine.exports.remove(key.length, engine.key.wide, SET_ALWAYS, 0, REMOVED_DELETE)
    this.#deliver()
    return status === STATUS_STORED
  }

  /** Gets and deletes in one step. */
  take(key: string): V | undefined {
    const engine = this.#banks.stage(key)
    this.#loads.forget(key)
    const type = engine.exports.take(key.length, engine.key.wide)
    if (type === STATUS_MISS) return undefined
    if ((type & LARGE_VALUE) !== 0) return this.#values.takeLarge(key)
    const value = this.#values.decode(engine, key, type, GET_PEEK)
    this.#deliver()
    return value
  }

  /**
   * Gives the key a new lifetime (default: the cache's ttl; none at all if it has none).
   * @returns whether it was there
   */
  touch(key: string, ttl?: Duration): boolean {
    const ttlMs = this.#writer.lifetimeMs(ttl)
    const engine = this.#banks.stage(key)
    engine.clearSetParameters()
    const status = engine.exports.touch(key.length, engine.key.wide, ttlMs)
    engine.spoilSetParameters()
    this.#deliver()
    return status === STATUS_STORED
  }

  /**
   * Adds to the number under the key, or stores `by` (with the options) where there is none. Atomic.
   * @returns the new number; NaN where the cache could not store it
   * @throws TypeError where the value is no number
   */
  increment(key: string, by = 1, options?: SetOptions): number {
    if (typeof by !== 'number' || Number.isNaN(by)) {
      throw invalidValueError(`increment adds ${NUMBER_LIMIT_BY}, not ${String(by)}`)
    }
    const ttlMs = this.#writer.lifetimeMs(options?.ttl)
    const mode = SET_ALWAYS | this.#writer.slidingMode(options)
    const priority = resolvePriority(options?.priority)
    const tags = this.#writer.prepareTags(options)
    const engine = this.#banks.stage(key)
    this.#writer.stageParameters(engine, tags, 0, undefined)
    this.#loads.forget(key)
    const status = engine.exports.increment(key.length, engine.key.wide, by, mode, ttlMs, priority)
    const sum = engine.stagedNumber
    this.#deliver()
    if (status === STATUS_WRONG_TYPE) {
      throw invalidValueError(`The value of key '${key}' is no number: it cannot be incremented`)
    }
    return status === STATUS_STORED ? sum : Number.NaN
  }

  /**
   * The values in the order of the keys, undefined for each miss. What the near cache lacks is asked of the
   * engine in batches of up to 128 keys.
   * @throws InvalidKeyError
   */
  getMany(keys: Iterable<string>): (V | undefined)[] {
    const list: readonly string[] = Array.isArray(keys) ? keys : [...keys]
    const { length } = list
    const near = this.#near
    if (near === undefined) {
      this.#countNearMisses(length)
      // Why a copy: its elements may be getters, and a codec of the user's may change it.
      return this.#batches.read(list.slice(), this.#near)
    }
    const { entries } = near
    const words = this.#words
    const values = new Array<V | undefined>(length)
    const rest: string[] = []
    const places: number[] = []
    // Why by index, into an array of that size, and no copy of the keys: each of these made a near hit 10% slower.
    for (let place = 0; place < length; place++) {
      const key = list[place]
      const entry = entries.get(key)
      if (
        entry !== undefined &&
        (words[entry.guardIndex] === entry.guard || this.#isCurrent(entry))
      ) {
        values[place] = entry.value as V
        if (++entry.hits === entry.dueHits) near.noteHits(entry)
      } else {
        values[place] = undefined
        places.push(place)
        rest.push(key)
      }
    }
    if (rest.length === 0) return values
    this.#countNearMisses(rest.length)
    const found = this.#batches.read(rest, this.#near)
    for (let index = 0; index < found.length; index++) values[places[index]] = found[index]
    return values
  }

  /** How many were stored. */
  setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): number {
    let stored = 0
    for (const [key, value] of entries) if (this.set(key, value, options)) stored++
    return stored
  }

  hasMany(keys: Iterable<string>): boolean[] {
    return Array.from(keys, (key) => this.has(key))
  }

  /** How many were there. */
  deleteMany(keys: Iterable<string>): number {
    let deleted = 0
    for (const key of keys) if (this.delete(key)) deleted++
    return deleted
  }

  /**
   * The value of the key, from the cache or from `loader`, which is called once for all who ask at
   * the same time; see Loads.getOrSet for the rules of freshness and failure.
   */
  getOrSet(key: string, loader: Loader<V>, options?: GetOrSetOptions): Promise<V>
  getOrSet(
    key: string,
    loader: Loader<V | undefined>,
    options?: GetOrSetOptions,
  ): Promise<V | undefined>
  getOrSet(
    key: string,
    loader: Loader<V | undefined>,
    options?: GetOrSetOptions,
  ): Promise<V | undefined> {
    return this.#loads.getOrSet(key, loader, options)
  }

  /** What is known of the entry without decoding its value. */
  info(key: string): EntryInfo | undefined {
    return this.#inspect(key, 0)
  }

  #inspect(key: string, mode: number): EntryInfo | undefined {
    const engine = this.#banks.stage(key)
    const type = engine.exports.inspect(key.length, engine.key.wide, mode)
    if (type === STATUS_MISS) return undefined
    const elapsed = engine.resultFloat(THREAD_EXPIRES_AT)
    return {
      bytes: engine.result(THREAD_ENTRY_BYTES),
      createdAt: this.#clock.start + engine.resultFloat(THREAD_CREATED_AT),
      expiresAt: this.#clock.start + elapsed,
      remainingTtl:
        elapsed === Number.POSITIVE_INFINITY ? elapsed : elapsed - this.#clock.elapsed(),
      version: engine.result(THREAD_VERSION),
      hits: engine.result(THREAD_HITS),
      tags: this.#tags.readNames(engine, engine.result(THREAD_TAG_NAMES_BYTES)),
      priority: engine.result(THREAD_PRIORITY),
      type: typeName(type),
    }
  }

  /**
   * From now on no entry with one of these tags is found. O(1) in the number of entries: their memory
   * is taken back as they are evicted, expire, or are purged.
   */
  invalidateTags(...tags: string[]): void {
    checkTags(tags)
    this.#loads.forgetAll()
    for (const tag of tags) {
      const { bucket, identity } = this.#tags.hash(tag)
      for (const engine of this.#open()) engine.exports.invalidateTag(bucket, identity)
    }
  }

  /** Walks over all entries; how many went. */
  deleteByTag(tag: string): number {
    checkTag(tag, 'tag', 0)
    this.#voidLoads(() => true)
    const hashes = this.#tags.hashes([tag])
    return this.#deleteWhere(() => true, hashes)
  }

  /** Walks over all keys; how many went. */
  deleteByPrefix(prefix: string): number {
    if (typeof prefix !== 'string') throw invalidValueError('a prefix is a string')
    const matches = (key: string): boolean => key.startsWith(prefix)
    this.#voidLoads(matches)
    return this.#deleteWhere(matches)
  }

  /** Walks over all keys, deleting those that match a glob (`*`, `?`, `[a-z]`, `\`); how many went. */
  deleteByPattern(glob: string): number {
    const pattern = compilePattern(glob)
    const matches = (key: string): boolean => pattern.test(key)
    this.#voidLoads(matches)
    return this.#deleteWhere(matches)
  }

  /** A view on this cache whose keys all begin with `name:`. */
  namespace(name: string): CacheNamespace<V, EntryInfo> {
    return new CacheNamespace<V, EntryInfo>(this, name)
  }

  /** Live keys, lazily; in no order that means anything. Safe while the cache is written to. */
  *keys(): Generator<string, void, undefined> {
    for (const key of this.#walk()) if (this.has(key)) yield key
  }

  *values(): Generator<V, void, undefined> {
    for (const [, value] of this.entries()) yield value
  }

  *entries(): Generator<[string, V], void, undefined> {
    for (const key of this.#walk()) {
      const value = this.peek(key)
      if (value !== undefined) yield [key, value]
    }
  }

  forEach(callback: (value: V, key: string, cache: this) => void, thisArg?: unknown): void {
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this)
  }

  [Symbol.iterator](): Generator<[string, V], void, undefined> {
    return this.entries()
  }

  /**
   * Live entries. Takes a bounded number of expired ones away first; right after more than a thousand
   * a shard have expired at once, some are still counted, and so are entries that tags have
   * invalidated until purgeExpired() or eviction takes them.
   */
  get size(): number {
    for (const engine of this.#open()) purgeSome(engine)
    const count = liveEntries(this.#open())
    this.#deliver()
    return count
  }

  /** Bytes in use, of maxBytes: what is fixed, and the pages that hold something. */
  get bytes(): number {
    return bytesInUse(this.#open())
  }

  /** Removes all that has expired or was invalidated by tags; how many went. */
  purgeExpired(): number {
    let gone = 0
    this.#open().forEach((engine, index) => {
      gone += purgeAll(engine)
      if (this.#sweptEpochs[index] === engine.tagEpoch) return
      this.#sweptEpochs[index] = engine.tagEpoch
      gone += sweepAll(engine)
    })
    this.#deliver()
    return gone
  }

  /**
   * One bounded step of upkeep a shard, so that later writes need not do it: what is due expires,
   * pages that are mostly empty are emptied, and what threads have left that died is taken back.
   * For a thread with time to spare, as a CachePool has one.
   * @returns whether there is more to do
   */
  maintain(): boolean {
    const isBehind = this.#open().map(upkeepStep).includes(true)
    this.#deliver()
    return isBehind
  }

  /**
   * Tells the cache that a worker has ended, by its `threadId`. Needed on systems without /proc only:
   * on Linux the cache finds out itself.
   */
  declareThreadEnded(threadId: number): void {
    for (const engine of this.#open()) engine.declareEnded(threadId)
  }

  stats(): CacheStats {
    this.#nearCache?.countHits()
    const { name, policy, maxBytes } = this.#options
    const startMs = this.#clock.start
    return collectStats(this.#open(), { name, policy, maxBytes, startMs })
  }

  /**
   * Removes everything, for all threads at once. Where a shard is not to be had within lockTimeout (its
   * owner is alive and does not let go), its bank stays as it is, and stats().rejected.lockTimeout tells.
   */
  clear(): void {
    this.#loads.forgetAll()
    for (const engine of this.#open()) engine.exports.clear()
    this.#nearCache?.clear()
    this.#deliver()
  }

  /**
   * Ends this thread's part in the cache: every later call raises CacheClosedError. Other threads go
   * on; the memory goes when the last of them has closed its own.
   */
  close(): void {
    this.#nearCache?.countHits()
    this.#end()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Walks every structure and reports what is inconsistent. Takes about a second a million entries. */
  verify(): VerifyReport {
    const problems = this.#open().flatMap((engine, bank) => {
      engine.exports.verify()
      return engine.problems().map(({ invariant, where }) => {
        return `bank ${bank}: ${describeProblem(invariant)} (at ${where})`
      })
    })
    return { ok: problems.length === 0, problems }
  }

  #open(): readonly Engine[] {
    return this.#banks.all
  }

  // --- the end ---

  /** @param failure why the engine is not to be called any more; absent: close() was called */
  #end(failure?: { reason: string; cause: unknown }): void {
    const { name } = this
    // Undefined where the engine failed as it was opened.
    const banks: OpenBanks | undefined = this.#banks
    if (this.#recorder !== undefined) closeRecorder(this.#recorder)
    this.#loads.close(failure?.reason, failure?.cause)
    this.#nearCache?.clear()
    this.#nearCache = undefined
    this.#words = new Int32Array(0)
    this.#useNear(undefined)
    this.#bypassedGetsLeft = 0
    const refuse = (): never => {
      throw new CacheClosedError(name, failure?.reason, { cause: failure?.cause })
    }
    this.#banks = {
      get all(): never {
        return refuse()
      },
      of: refuse,
      stage: refuse,
      release() {},
    }
    banks?.release()
  }

  /** The engine trapped, or was left with a lock held: other threads recover as from this one's death. */
  #fail(cause: unknown): CacheClosedError {
    const reason = `its engine failed in this thread (${describe(cause)})`
    this.#end({ reason, cause })
    return new CacheClosedError(this.name, reason, { cause })
  }

  // --- reading ---

  /** A get that no near entry answers, or one whose guard word alone does not tell. */
  #getFurther(key: string, entry: NearEntry | undefined): V | undefined {
    const near = this.#near
    if (near === undefined) {
      if (this.#bypassedGetsLeft > 0) return this.#getBypassing(key)
    } else if (entry === undefined) {
      if (this.#nearEntries === undefined) return this.#getTimed(near, key)
      this.#bypassNear(near.countMiss())
      // Why so: then the next get comes here, and leaves the shortest path as it is.
      if (near.review.wantsNearCost) this.#nearEntries = undefined
    } else if (this.#isCurrent(entry)) {
      if (++entry.hits === entry.dueHits) near.noteHits(entry)
      return entry.value as V
    }
    return this.#read(key, GET_COUNTED)
  }

  #getTimed(near: NearCache, key: string): V | undefined {
    this.#nearEntries = near.entries
    const began = near.review.begin()
    const value = this.#getUnrecorded(key)
    near.review.end(began, true)
    return value
  }

  #getBypassing(key: string): V | undefined {
    if (--this.#bypassedGetsLeft === 0) this.#useNear(this.#nearCache)
    const review = this.#nearCache?.review
    if (review === undefined || !review.wantsEngineCost) return this.#read(key, GET_COUNTED)
    const began = review.begin()
    const value = this.#read(key, GET_COUNTED)
    review.end(began, false)
    return value
  }

  /** For so many gets the engine is asked; what the near cache holds stays, and stays valid. */
  #bypassNear(gets: number): void {
    if (gets === 0) return
    this.#useNear(undefined)
    this.#bypassedGetsLeft = gets
  }

  /** Of gets that went to the engine without asking #getFurther. */
  #countNearMisses(count: number): void {
    for (let miss = 0; miss < count; miss++) {
      if (this.#near !== undefined) this.#bypassNear(this.#near.countMiss())
      else if (this.#bypassedGetsLeft > 0 && --this.#bypassedGetsLeft === 0) {
        this.#useNear(this.#nearCache)
      }
    }
  }

  #useNear(near: NearCache | undefined): void {
    this.#near = near
    this.#nearEntries = near?.entries
  }

  /** Whether nothing has changed the near entry's key since its value was read. */
  #isCurrent(near: NearEntry): boolean {
    const { engine, stampIndex, stamp, tagEpoch, expiresAt } = near.origin
    // Order: whoever changed the key raised its stamp before the change was over.
    if (engine.words[stampIndex] !== stamp) return false
    if (tagEpoch !== NO_TAGS && tagEpoch !== engine.tagEpoch >>> 0) return false
    return expiresAt === Number.POSITIVE_INFINITY || this.#clock.elapsed() < expiresAt
  }

  #read(key: string, mode: number): V | undefined {
    const engine = this.#banks.of(key)
    const near = this.#near
    const type = engine.get(key, near === undefined ? mode : mode | GET_STAMPED)
    return type === STATUS_MISS ? undefined : this.#readFound(engine, key, type, mode, near)
  }

  /** @param near where the value may go; only after a get in the mode GET_STAMPED */
  #readFound(
    engine: Engine,
    key: string,
    type: number,
    mode: number,
    near: NearCache | undefined,
  ): V | undefined {
    return near !== undefined && isNearWorthy(engine, type) && near.admits()
      ? this.#readInto(near, engine, key, type, mode)
      : this.#values.decode(engine, key, type, mode)
  }

  #readInto(
    near: NearCache,
    engine: Engine,
    key: string,
    type: number,
    mode: number,
  ): V | undefined {
    const entry = this.#createNearEntry(engine)
    const value = this.#values.decode(engine, key, type, mode)
    if (entry !== undefined && value !== undefined) {
      entry.value = value
      near.put(key, entry)
    }
    return value
  }

  /** What the last get noted; undefined for an entry that only the engine may answer. */
  #createNearEntry(engine: Engine): NearEntry | undefined {
    const flags = engine.result(THREAD_FLAGS)
    const expires = (flags & FLAG_EXPIRY) !== 0
    if (expires && (flags & FLAG_SLIDING) !== 0) return undefined
    const expiresAt = expires ? engine.resultFloat(THREAD_EXPIRES_AT) : Number.POSITIVE_INFINITY
    if (expires && expiresAt <= this.#clock.elapsed()) return undefined
    const stampIndex = engine.stampsIndex + engine.result(THREAD_STAMP_INDEX)
    const stamp = engine.result(THREAD_STAMP) | 0
    const hash = engine.result(THREAD_HASH) | 0
    const isPlain = (flags & (FLAG_EXPIRY | FLAG_TAGS)) === 0 && engine.words === this.#words
    return {
      value: undefined,
      guardIndex: isPlain ? stampIndex : NO_GUARD_INDEX,
      guard: isPlain ? stamp : NO_GUARD,
      hits: 0,
      dueHits: 1,
      origin: {
        engine,
        stampIndex,
        stamp,
        entry: engine.result(THREAD_ENTRY) | 0,
        hash,
        writesIndex: engine.writesIndexOf(hash),
        recordedWrites: 0,
        recordedHits: 0,
        tagEpoch: (flags & FLAG_TAGS) !== 0 ? engine.result(THREAD_TAG_EPOCH) : NO_TAGS,
        expiresAt,
        countedHits: 0,
        visitedHits: 0,
        slot: 0,
        traced: 0,
        traceLow: 0,
        traceHigh: 0,
      },
    }
  }

  // --- recording ---

  #record(): void {
    try {
      this.#recorder = openRecorder(this.#options, this.#open()[0].seed, this.#clock)
    } catch (error) {
      this.#end()
      throw error
    }
    const recorder = this.#recorder
    if (recorder === undefined) return
    const get = (key: string): V | undefined => this.#getRecorded(recorder, key)
    recordCalls(this, recorder, this.#options, this.#valueBytes, get)
  }

  #getRecorded(recorder: Recorder, key: string): V | undefined {
    const entry = this.#nearEntries?.get(key)
    if (
      entry !== undefined &&
      (this.#words[entry.guardIndex] === entry.guard || this.#isCurrent(entry))
    ) {
      if (++entry.hits === entry.dueHits) this.#near?.noteHits(entry)
      recorder.readNear(key, entry.origin)
      return entry.value as V
    }
    // Why not where the next get is timed: it may be answered by the near cache, and stage nothing.
    const mayBeStaged = this.#near === undefined || this.#nearEntries !== undefined
    const value = this.#getFurther(key, entry)
    // Why not on a miss, or with a codec of the user's: their code may have staged another key.
    if (value !== undefined && mayBeStaged && typeof this.#options.codec === 'string') {
      recorder.readStaged(key, this.#open()[0].key)
    } else recorder.read(key, value !== undefined)
    return value
  }

  /** Why not this.get(): where accesses are recorded, that is another function. */
  #getUnrecorded(key: string): V | undefined {
    return SharedCache.prototype.get.call(this, key) as V | undefined
  }

  // --- walking ---

  *#walk(tagHashes?: Int32Array): Generator<string, void, undefined> {
    for (const engine of this.#open()) {
      for (const batch of keyBatches(engine, tagHashes)) yield* batch
    }
  }

  #watch(key: string): LoadClaim {
    const engine = this.#banks.stage(key)
    engine.exports.settle(key.length, engine.key.wide)
    this.#deliver()
    return new WatchedLoad(this.#banks.stage(key), this.#open(), key.length, this.#loadBegin())
  }

  #expire(key: string, sinceMs: number): boolean {
    const engine = this.#banks.stage(key)
    this.#loads.forget(key)
    const status = engine.exports.expire(key.length, engine.key.wide, sinceMs)
    this.#deliver()
    return status === STATUS_STORED
  }

  /** Why no load is forgotten: its claim tells, and what it stores is as stale as its tags were when it began. */
  #expireTags(tags: readonly string[]): void {
    checkTags(tags)
    for (const tag of tags) {
      const { bucket, identity } = this.#tags.hash(tag)
      for (const engine of this.#open()) engine.exports.expireTag(bucket, identity)
    }
  }

  #deleteWhere(matches: (key: string) => boolean, tagHashes?: Int32Array): number {
    let deleted = 0
    for (const key of this.#walk(tagHashes)) {
      if (matches(key) && this.delete(key)) deleted++
    }
    return deleted
  }

  /** Why all of other threads: which keys those are loading, only their hashes tell. */
  #voidLoads(isAffected: (key: string) => boolean): void {
    this.#loads.forgetWhere(isAffected)
    for (const engine of this.#open()) engine.exports.voidOtherLeases()
  }

  // --- callbacks ---

  /** Tells of removals once the engine is out of the call. All are told, then the first error raised. */
  #deliver(): void {
    if (this.#removals.length === 0) return
    const removals = this.#removals
    this.#removals = []
    const errors: unknown[] = []
    for (const { key, reason } of removals) {
      try {
        this.#options.onRemove?.(key, reason)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  #createLoadTarget(): LoadTarget<V> {
    const target = this.#createPlainLoadTarget()
    if (this.#options.trace === undefined) return target
    return recordLoads(target, () => this.#recorder, this.#options, this.#valueBytes)
  }

  get #weighsCost(): boolean {
    return this.#options.favor === 'cost'
  }

  /** As claims of loads have it. */
  #loadBegin(): number {
    return this.#weighsCost ? this.#clock.now() : 0
  }

  #createPlainLoadTarget(): LoadTarget<V> {
    return {
      lookup: (key) => this.#lookup(key),
      beginLoad: (key, mode) => {
        const begunAtMs = this.#loadBegin()
        return new LeasedLoad(this.#banks.stage(key), this.#open(), key.length, mode, begunAtMs)
      },
      store: (key, value, options, claim) => {
        const { setMode, version, tagEpochs, begunAtMs } = claim as LeasedLoad
        const cost = options.cost ?? (this.#weighsCost ? this.#clock.now() - begunAtMs : 0)
        const whole = cost > 0 ? { ...options, cost } : options
        return this.#writer.write(key, value, whole, setMode, version, tagEpochs) === STATUS_STORED
      },
      now: () => this.#clock.now(),
      onError: (error, key) => this.#options.onError?.(error, key),
    }
  }

  #lookup(key: string): LoadedEntry<V> | undefined {
    const near = this.#nearEntries?.get(key)
    // Why only without an expiry: of the others getOrSet has to know when they were created.
    if (near?.origin.expiresAt === Number.POSITIVE_INFINITY && this.#isCurrent(near)) {
      const value = this.#getUnrecorded(key)
      return value === undefined ? undefined : { value, ...ETERNAL }
    }
    const engine = this.#banks.of(key)
    const type = engine.get(key, GET_STALE | GET_STAMPED)
    if (type === STATUS_MISS) return undefined
    const expires = (engine.result(THREAD_FLAGS) & FLAG_EXPIRY) !== 0
    const createdAt = this.#clock.start + engine.resultFloat(THREAD_CREATED_AT)
    const expiresAt = this.#clock.start + engine.resultFloat(THREAD_EXPIRES_AT)
    const value = this.#readFound(engine, key, type, GET_STALE, this.#near)
    if (value === undefined) return undefined
    if (!expires) return { value, ...ETERNAL }
    return { value, state: this.#clock.now() < expiresAt ? 'fresh' : 'stale', createdAt, expiresAt }
  }
}

/** @throws InvalidOptionError */
function checkTags(tags: readonly string[]): void {
  tags.forEach((tag, index) => {
    checkTag(tag, 'tags', index)
  })
}

/**
 * Whether a value just read may go into the near cache. Why only at its second hit: one that was read
 * once may never be asked for again. Why no large ones: the near cache is bounded by entries.
 */
function isNearWorthy(engine: Engine, type: number): boolean {
  return type < LARGE_VALUE && engine.result(THREAD_HITS) > 0
}

const ETERNAL = { state: 'fresh', createdAt: 0, expiresAt: Number.POSITIVE_INFINITY } as const
