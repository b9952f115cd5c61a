/**
 * One bank: a memory, and this thread's instance of the engine on it. The only place that touches
 * WebAssembly and the layout; above it there are keys, values and statuses.
 *
 * 1. A key is staged before any call that is about it; a call may overwrite the value staging.
 * 2. Results of a call stand in the thread's area until the next call.
 * 3. All views span the whole memory, which never grows.
 */
import * as layout from '../../assembly/constants.js'
import { threadLimit } from './bank-memory.js'
import type { EngineExports } from './exports.js'
import { guardExports } from './guard.js'
import type { BankOptions, EngineHandle, EngineHost } from './host.js'
import { type HostCalls, instantiateOn, instantiateUnplanned } from './instance.js'
import { KeyBatch } from './key-batch.js'
import { KeyStaging } from './key-staging.js'
import { LargeValues } from './large-values.js'
import { Leases } from './leases.js'
import { adoptEngineModule, engineModule, readsStrings } from './module.js'
import { createRandomSeed } from './random-seed.js'
import type { RawBuffer } from './raw-buffer.js'
import { ThreadSlot } from './thread-slot.js'

/** Where a value of at most VALUE_LIMIT - VALUE_START bytes is staged, in `staging`. */
export const VALUE_START = layout.VALUE_STAGING_OFFSET
export const VALUE_LIMIT = layout.VALUE_STAGING_OFFSET + layout.VALUE_STAGING_BYTES

/** Anything that a shard's statistics are asked for: STAT_* of assembly/constants.ts. */
export type Stat = number

const SEED_BYTES = 32
/** Longer keys are staged faster by Buffer.latin1Write (key-staging.ts), from 45 characters on (Node 24). */
const MAX_TEXT_CHARS = 40
const NEXT_TURN = Promise.resolve()

export class Engine {
  readonly exports: EngineExports
  readonly bytes: Uint8Array
  /** The thread's area: where keys and values are staged. */
  readonly staging: RawBuffer
  readonly words: Int32Array
  readonly floats: Float64Array
  readonly key: KeyStaging
  /** The keys of a getMany(), in place of the staged key. */
  readonly batch: KeyBatch
  readonly leases: Leases
  /** Values too large for the staging. */
  readonly large = new LargeValues(this)
  readonly shardCount: number
  /** Where the stamps begin, in `words`. */
  readonly stampsIndex: number
  readonly #memory: WebAssembly.Memory
  readonly #slot: ThreadSlot
  readonly #thread: number
  readonly #nearHitsIndex: number
  /** Keys of so many characters at most the engine stages itself, for a get. */
  readonly #maxTextChars = readsStrings() ? MAX_TEXT_CHARS : -1
  #hasSetParameters = false
  #hasFailed = false
  #hasLeft = false

  /** An empty bank of its own memory; undefined if maxBytes cannot hold that many shards. */
  static create(options: BankOptions, seed: Uint8Array, host: EngineHost): Engine | undefined {
    const wanted = Engine.#plan(
      new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true }),
      options,
    )
    if (wanted === 0) return undefined
    const pages = Math.ceil(wanted / layout.WASM_PAGE_BYTES)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    Engine.#plan(memory, options)
    new Uint8Array(memory.buffer).set(seed, layout.CONTROL_PTR + layout.CONTROL_SEED)
    const favorsAt = (layout.CONTROL_PTR + layout.CONTROL_FAVOR) >>> 2
    new Uint32Array(memory.buffer)[favorsAt] = options.favor
    const engine = Engine.#occupy(memory, host)
    engine?.exports.format(options.maxBytes, options.maxEntries)
    return engine
  }

  /**
   * The engine of this thread on a bank that another one created. What dead threads have left there
   * is taken back first.
   * @returns undefined: no more threads can attach
   */
  static attach(handle: EngineHandle, host: EngineHost): Engine | undefined {
    adoptEngineModule(handle.module)
    const engine = Engine.#occupy(handle.memory, host)
    if (engine === undefined) return undefined
    try {
      // Why its own too: the slot may be that of a dead thread.
      engine.exports.recover(engine.#slot.index)
      engine.recoverDead()
      const hasRoom =
        engine.exports.reserveThreads(0) !== 0 || engine.threadCount <= threadLimit(handle.memory)
      if (hasRoom) return engine
      engine.release()
      return undefined
    } catch (error) {
      // A clock of the user's that throws, for one: nobody would ever give the slot back.
      engine.#slot.registry.declareFailed(engine.#slot.index)
      throw error
    }
  }

  /** The layout version that a memory was formatted with; undefined: it is none of ours. */
  static layoutVersion(memory: WebAssembly.Memory): number | undefined {
    const control = new Int32Array(memory.buffer, layout.CONTROL_PTR, 2)
    return control[layout.CONTROL_MAGIC >>> 2] === layout.MAGIC
      ? control[layout.CONTROL_LAYOUT_VERSION >>> 2]
      : undefined
  }

  static createSeed(): Uint8Array {
    return createRandomSeed(SEED_BYTES)
  }

  private constructor(memory: WebAssembly.Memory, slot: ThreadSlot, host: EngineHost) {
    this.#memory = memory
    this.#slot = slot
    this.#thread = slot.areaPtr
    this.bytes = slot.bytes
    this.words = slot.words
    this.floats = slot.floats
    this.staging = Buffer.from(memory.buffer, slot.areaPtr, layout.THREAD_BYTES) as RawBuffer
    this.key = new KeyStaging(this.staging, layout.KEY_STAGING_OFFSET)
    this.leases = new Leases(slot.words, slot.index)
    this.batch = new KeyBatch(this, slot.areaPtr)
    this.shardCount = this.#control(layout.CONTROL_SHARD_COUNT)
    this.stampsIndex = this.#control(layout.CONTROL_STAMPS_PTR) >>> 2
    this.#nearHitsIndex = (this.#thread + layout.THREAD_NEAR_HIT_COUNT) >>> 3
    const raw = instantiateOn(memory, this.words, this.#thread, this.#createCalls(host))
    this.exports = guardExports(raw, (error) => {
      return slot.mayHaveBroken(error) ? this.#leave(error, host) : error
    })
    this.spoilSetParameters()
    this.clearSetParameters()
  }

  get handle(): EngineHandle {
    return { memory: this.#memory, module: engineModule() }
  }

  /** Takes back what threads have left that died: locks, leases, what they had reserved, their slots. */
  recoverDead(): void {
    this.#slot.registry.recoverDead((slot) => this.exports.recover(slot) !== 0)
  }

  /** Tells of a thread that has ended, for systems that do not (by Node's id of it). */
  declareEnded(threadId: number): void {
    this.#slot.registry.declareEnded(threadId + 1)
  }

  /** Gives the thread's slot back. Nothing may be called afterwards. */
  release(): void {
    if (this.#hasFailed) return
    try {
      this.exports.drain()
      this.exports.recover(this.#slot.index)
      this.exports.reserveThreads(1)
    } catch (error) {
      if (this.#hasFailed) return
      throw error
    }
    this.#slot.release()
  }

  /**
   * After a failure: closes the cache of this thread, then lets others take over what it holds. Not the other
   * way round: they would give its slot away while it is in use.
   *
   * Why once more later: at the end of the stack any call here may be one too many. Until then the locks
   * stay held, and this thread traps at them (assembly/sync/lock.ts).
   */
  #leave(error: unknown, host: EngineHost): Error {
    const leave = () => {
      const closed = host.failed(error)
      if (!this.#hasLeft) this.#slot.abandon()
      this.#hasLeft = true
      return closed
    }
    this.#hasFailed = true
    void NEXT_TURN.then(() => this.#hasLeft || leave())
    return leave()
  }

  /** What keys and tags are hashed with; the same in all threads. A copy. */
  get seed(): Uint8Array {
    const at = layout.CONTROL_PTR + layout.CONTROL_SEED
    return this.bytes.slice(at, at + SEED_BYTES)
  }

  /** Stages a key and gets it. @param mode GET_* @returns what exports.get() does */
  get(key: string, mode: number): number {
    const chars = key.length
    if (chars <= this.#maxTextChars) {
      const type = this.exports.getByText(key, chars, mode)
      if (type !== layout.TEXT_IS_WIDE) {
        this.key.wide = 0
        return type
      }
    }
    this.key.write(key)
    return this.exports.get(chars, this.key.wide, mode)
  }

  // --- results of the last call ---

  result(field: number): number {
    return this.words[(this.#thread + field) >>> 2] >>> 0
  }

  resultFloat(field: number): number {
    return this.floats[(this.#thread + field) >>> 3]
  }

  get valueBytes(): number {
    return this.result(layout.THREAD_VALUE_BYTES)
  }

  /** The staged value as a number (increment). */
  get stagedNumber(): number {
    return this.floats[(this.#thread + layout.VALUE_STAGING_OFFSET) >>> 3]
  }

  // --- parameters of the next set ---

  /** Tags of the next set, as hashes (two words each) and names that only the cache can read. */
  stageTags(hashes: Int32Array, names: Uint8Array, epoch: number): void {
    this.#hasSetParameters = true
    const at = this.#thread + layout.TAG_STAGING_OFFSET
    this.words.set(hashes, at >>> 2)
    this.bytes.set(names, at + hashes.length * 4)
    this.#setParameter(layout.THREAD_SET_TAG_COUNT, hashes.length >>> 1)
    this.#setParameter(layout.THREAD_SET_TAG_NAMES_BYTES, names.length)
    this.#setParameter(layout.THREAD_SET_TAG_EPOCH, epoch)
  }

  /** Back to no tags and no stale period. Free where nothing was staged since. */
  clearSetParameters(): void {
    if (!this.#hasSetParameters) return
    this.#setParameter(layout.THREAD_SET_TAG_COUNT, 0)
    this.#setParameter(layout.THREAD_SET_TAG_NAMES_BYTES, 0)
    this.floats[(this.#thread + layout.THREAD_SET_STALE_MS) >>> 3] = 0
    this.#hasSetParameters = false
  }

  /** After a call that uses the parameters for its own ends (touch). */
  spoilSetParameters(): void {
    this.#hasSetParameters = true
  }

  /** How long after its expiry the next entry is kept for those who take a stale value. */
  stageStaleMs(staleMs: number): void {
    this.#hasSetParameters = true
    this.floats[(this.#thread + layout.THREAD_SET_STALE_MS) >>> 3] = staleMs
  }

  // --- what the near cache needs ---

  /** Where in `words` the stamp of the staged key is. */
  stampIndexOf(keyChars: number): number {
    const hash = this.exports.hashKey(keyChars, this.key.wide)
    return this.stampsIndex + ((hash & (this.#control(layout.CONTROL_STAMP_COUNT) - 1)) >>> 0)
  }

  get tagEpoch(): number {
    return Atomics.load(this.words, (layout.CONTROL_PTR + layout.CONTROL_TAG_EPOCH) >>> 2)
  }

  /** Where in `words` the count of writes (modulo 2^32) of a hash's shard is. */
  writesIndexOf(hash: number): number {
    const shards = this.#control(layout.CONTROL_SHARDS_PTR)
    const shard = hash & (this.shardCount - 1)
    return (shards + shard * layout.SHARD_BYTES + layout.SHARD_VERSIONS_OFFSET) >>> 2
  }

  /** Logs a hit of the near cache for the policy. */
  recordHit(entry: number, hash: number): void {
    this.exports.record(entry, hash)
  }

  countCorrupt(): void {
    this.floats[(this.#thread + layout.THREAD_CORRUPT_COUNT) >>> 3]++
  }

  countNearHits(count: number): void {
    this.floats[this.#nearHitsIndex] += count
  }

  // --- the whole bank ---

  /** Whether removals are to be told to the host. */
  set notify(on: boolean) {
    this.#setParameter(layout.THREAD_NOTIFY, on ? 1 : 0)
  }

  /** A statistic summed over shards. */
  stat(stat: Stat): number {
    let sum = 0
    for (let shard = 0; shard < this.shardCount; shard++) sum += this.exports.stat(shard, stat)
    return sum
  }

  /** Bytes that an empty bank takes, the areas of the threads that are attached included. */
  get overheadBytes(): number {
    const furtherThreads = Math.max(0, this.threadCount - 1)
    return this.#control(layout.CONTROL_OVERHEAD_BYTES) + furtherThreads * layout.THREAD_BYTES
  }

  /** Threads that are attached now. */
  get threadCount(): number {
    return this.#slot.registry.count
  }

  get pageCount(): number {
    return this.#control(layout.CONTROL_PAGE_COUNT)
  }

  /** Bytes of the pages that shards hold. */
  get pageBytesInUse(): number {
    return this.stat(layout.STAT_PAGES) * layout.PAGE_BYTES
  }

  /** The (entry, hash) pairs that the last scan listed. */
  scanned(index: number): { entry: number; hash: number } {
    const at = ((this.#thread + layout.VALUE_STAGING_OFFSET) >>> 2) + index * 2
    return { entry: this.words[at], hash: this.words[at + 1] }
  }

  /**
   * The key of an entry that is about to go, read where it stands. Why not staged: the staging holds
   * what the call is about that removes it.
   */
  keyOf(entry: number): string {
    this.exports.locateKey(entry)
    const keyBytes = this.result(layout.THREAD_KEY_BYTES)
    const key = Buffer.allocUnsafe(keyBytes) as RawBuffer
    this.large.readPieces(key)
    const wide = (this.result(layout.THREAD_FLAGS) & layout.FLAG_WIDE_KEY) !== 0
    return wide ? key.ucs2Slice(0, keyBytes) : key.latin1Slice(0, keyBytes)
  }

  /** The key that stageKey() copied. */
  stagedKey(): string {
    const wide = (this.result(layout.THREAD_FLAGS) & layout.FLAG_WIDE_KEY) !== 0
    return this.key.read(this.result(layout.THREAD_KEY_BYTES), wide)
  }

  /** What the last verify() found, as (number, where) pairs. */
  problems(): { invariant: number; where: number }[] {
    const count = Math.min(this.result(layout.THREAD_PROBLEM_COUNT), layout.MAX_PROBLEMS)
    return Array.from({ length: count }, (_, index) => ({
      invariant: this.result(layout.THREAD_PROBLEMS + index * 8),
      where: this.result(layout.THREAD_PROBLEMS + index * 8 + 4),
    }))
  }

  static #plan(memory: WebAssembly.Memory, options: BankOptions): number {
    return instantiateUnplanned(memory).plan(
      options.maxBytes,
      options.shardCount,
      options.maxEntries,
      options.policy,
      options.maxEntryBytes,
      options.lockTimeoutMs,
    )
  }

  static #occupy(memory: WebAssembly.Memory, host: EngineHost): Engine | undefined {
    const slot = ThreadSlot.claim(memory)
    return slot === undefined ? undefined : new Engine(memory, slot, host)
  }

  #createCalls(host: EngineHost): HostCalls {
    return {
      now: () => host.now(),
      park: (ptr, expected, timeoutMs) => {
        const before = performance.now()
        Atomics.wait(this.words, ptr >>> 2, expected, timeoutMs)
        return performance.now() - before
      },
      removed: (entry, reason) => host.removed(this, entry >>> 0, reason),
      isDead: (slot) => (this.#slot.registry.isDead(slot) ? 1 : 0),
    }
  }

  #control(field: number): number {
    return this.words[(layout.CONTROL_PTR + field) >>> 2] >>> 0
  }

  #setParameter(field: number, value: number): void {
    this.words[(this.#thread + field) >>> 2] = value
  }
}
