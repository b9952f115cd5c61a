/**
 * One bank: a memory, and this thread's instance of the engine on it. The only place that touches
 * WebAssembly and the layout; above it there are keys, values and statuses.
 *
 * 1. A key is staged before any call that is about it; a call may overwrite the value staging.
 * 2. Results of a call stand in the thread's area until the next call.
 * 3. All views span the whole memory, which never grows.
 */
import { randomFillSync } from 'node:crypto'
import * as layout from '../../assembly/constants.js'
import type { EngineExports, EngineImports } from './exports.js'
import { KeyStaging } from './key-staging.js'
import { adoptEngineModule, engineModule } from './module.js'
import type { RawBuffer } from './raw-buffer.js'
import { Registry } from './registry.js'

/** Where a value of at most VALUE_LIMIT - VALUE_START bytes is staged, in `staging`. */
export const VALUE_START = layout.VALUE_STAGING_OFFSET
export const VALUE_LIMIT = layout.VALUE_STAGING_OFFSET + layout.VALUE_STAGING_BYTES

export interface BankOptions {
  maxBytes: number
  /** 0: no bound. */
  maxEntries: number
  maxEntryBytes: number
  shardCount: number
  /** One of POLICY_*. */
  policy: number
  lockTimeoutMs: number
}

export interface EngineHost {
  /** Milliseconds since the cache was created. */
  now(): number
  /** An entry is about to go: stageOwnKey() tells its key. Called under a lock. */
  removed(engine: Engine, entry: number, reason: number): void
}

/** What another thread needs to work on the same bank. Can be cloned into it. */
export interface EngineHandle {
  memory: WebAssembly.Memory
  module: WebAssembly.Module
}

/** Anything that a shard's statistics are asked for: STAT_* of assembly/constants.ts. */
export type Stat = number

const SEED_BYTES = 32
const RING_WORDS = 2
/** Processors that never reorder loads. */
const STRONGLY_ORDERED: ReadonlySet<string> = new Set(['x64', 'ia32'])

export class Engine {
  readonly exports: EngineExports
  readonly bytes: Uint8Array
  /** The thread's area: where keys and values are staged. */
  readonly staging: RawBuffer
  readonly words: Int32Array
  readonly floats: Float64Array
  readonly key: KeyStaging
  readonly shardCount: number
  /** Where the stamps begin, in `words`. */
  readonly stampsIndex: number
  readonly #memory: WebAssembly.Memory
  readonly #registry: Registry
  readonly #slot: number
  readonly #thread: number
  readonly #ringCountIndex: number
  readonly #ringIndex: number
  readonly #nearHitsIndex: number
  #hasSetParameters = false

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
    const engine = Engine.#occupy(memory, host)
    engine?.exports.format(options.maxBytes, options.maxEntries)
    return engine
  }

  /** The engine of this thread on a bank that another one created; undefined: no more threads can attach. */
  static attach(handle: EngineHandle, host: EngineHost): Engine | undefined {
    adoptEngineModule(handle.module)
    return Engine.#occupy(handle.memory, host)
  }

  /** The layout version that a memory was formatted with; undefined: it is none of ours. */
  static layoutVersion(memory: WebAssembly.Memory): number | undefined {
    const control = new Int32Array(memory.buffer, layout.CONTROL_PTR, 2)
    return control[layout.CONTROL_MAGIC >>> 2] === layout.MAGIC
      ? control[layout.CONTROL_LAYOUT_VERSION >>> 2]
      : undefined
  }

  static createSeed(): Uint8Array {
    return randomFillSync(new Uint8Array(SEED_BYTES))
  }

  private constructor(
    memory: WebAssembly.Memory,
    registry: Registry,
    slot: number,
    host: EngineHost,
  ) {
    const { buffer } = memory
    this.#memory = memory
    this.#registry = registry
    this.#slot = slot
    this.bytes = new Uint8Array(buffer)
    this.words = new Int32Array(buffer)
    this.floats = new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8))
    this.#thread = layout.THREADS_PTR + slot * layout.THREAD_BYTES
    this.staging = Buffer.from(buffer, this.#thread, layout.THREAD_BYTES) as RawBuffer
    this.key = new KeyStaging(this.staging, layout.KEY_STAGING_OFFSET)
    this.shardCount = this.#control(layout.CONTROL_SHARD_COUNT)
    this.#ringCountIndex = (this.#thread + layout.THREAD_RING_COUNT) >>> 2
    this.#ringIndex = (this.#thread + layout.RING_OFFSET) >>> 2
    this.stampsIndex = this.#control(layout.CONTROL_STAMPS_PTR) >>> 2
    this.#nearHitsIndex = (this.#thread + layout.THREAD_NEAR_HIT_COUNT) >>> 3
    this.exports = this.#instantiate(memory, host)
    this.#resetThread()
  }

  get handle(): EngineHandle {
    return { memory: this.#memory, module: engineModule() }
  }

  /** Gives the thread's slot back. Nothing may be called afterwards. */
  release(): void {
    this.exports.drain()
    this.#registry.release(this.#slot)
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

  // --- values too large for the staging ---

  /** The value of the last get, read piece by piece; undefined if a writer came between. */
  readLarge(): Buffer | undefined {
    const target = Buffer.allocUnsafeSlow(this.valueBytes)
    return this.#readPieces(target) && this.exports.isValid() !== 0 ? target : undefined
  }

  /** Fills the value of the entry that was reserved. */
  writeLarge(value: Uint8Array): void {
    let written = 0
    do {
      const at = this.result(layout.THREAD_PIECE_PTR)
      const bytes = Math.min(this.result(layout.THREAD_PIECE_BYTES), value.length - written)
      this.bytes.set(value.subarray(written, written + bytes), at)
      written += bytes
    } while (written < value.length && this.exports.nextPiece() !== 0)
  }

  // --- what the near cache needs ---

  get tagEpoch(): number {
    return Atomics.load(this.words, (layout.CONTROL_PTR + layout.CONTROL_TAG_EPOCH) >>> 2)
  }

  /** Logs a hit of the near cache for the policy, and drains the log when it is full. */
  recordHit(entry: number, hash: number): void {
    const count = this.words[this.#ringCountIndex]
    const at = this.#ringIndex + count * RING_WORDS
    this.words[at] = entry
    this.words[at + 1] = hash
    this.words[this.#ringCountIndex] = count + 1
    if (count + 1 >= layout.RING_RECORDS) this.exports.drain()
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

  /** Bytes that an empty bank takes, this thread's area included. */
  get overheadBytes(): number {
    return this.#control(layout.CONTROL_OVERHEAD_BYTES)
  }

  get pageCount(): number {
    return this.#control(layout.CONTROL_PAGE_COUNT)
  }

  /** Bytes of the pages that shards hold. */
  get pageBytesInUse(): number {
    return this.stat(layout.STAT_PAGES) * layout.PAGE_BYTES
  }

  /** Hits of the engine itself, over all threads. */
  get hits(): number {
    return this.#sumOverThreads(layout.THREAD_HIT_COUNT)
  }

  get misses(): number {
    return this.#sumOverThreads(layout.THREAD_MISS_COUNT)
  }

  get nearHits(): number {
    return this.#sumOverThreads(layout.THREAD_NEAR_HIT_COUNT)
  }

  /** Of every size class that has pages: chunk bytes, pages, free chunks, over all shards. */
  sizeClasses(): { chunkBytes: number; pages: number; freeChunks: number }[] {
    const shards = this.#control(layout.CONTROL_SHARDS_PTR)
    const sums: { chunkBytes: number; pages: number; freeChunks: number }[] = []
    for (let sizeClass = 0; sizeClass < layout.CLASS_COUNT; sizeClass++) {
      const sum = {
        chunkBytes: this.words[(layout.CLASS_TABLE_PTR + sizeClass * 8) >>> 2],
        pages: 0,
        freeChunks: 0,
      }
      for (let shard = 0; shard < this.shardCount; shard++) {
        const at =
          shards + shard * layout.SHARD_BYTES + layout.SHARD_CLASSES_OFFSET + sizeClass * 16
        sum.freeChunks += this.words[(at + 4) >>> 2]
        sum.pages += this.words[(at + 8) >>> 2]
      }
      if (sum.pages > 0) sums.push(sum)
    }
    return sums
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
    this.#readPieces(key)
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
    const none = { now: () => 0, park() {}, removed() {}, isDead: () => 0 }
    const zero = {
      threadPtr: 0,
      stampsPtr: 0,
      stampMask: 0,
      tagsPtr: 0,
      tagMask: 0,
      shardsPtr: 0,
      shardMask: 0,
      pageTablePtr: 0,
      pagesPtr: 0,
      pagesBytes: 0,
      weaklyOrdered: 0,
      policyKind: 0,
    }
    return instantiate({ memory, ...zero, ...none }).plan(
      options.maxBytes,
      options.shardCount,
      options.maxEntries,
      options.policy,
      options.maxEntryBytes,
      options.lockTimeoutMs,
    )
  }

  static #occupy(memory: WebAssembly.Memory, host: EngineHost): Engine | undefined {
    const registry = new Registry(
      new Int32Array(memory.buffer),
      new Float64Array(memory.buffer, 0, Math.floor(memory.buffer.byteLength / 8)),
    )
    const slot = registry.claim()
    return slot === undefined ? undefined : new Engine(memory, registry, slot, host)
  }

  /** The slot's last holder may have left something; its counts stay. */
  #resetThread(): void {
    this.words[this.#thread >>> 2] = this.#slot
    this.#setParameter(layout.THREAD_RING_COUNT, 0)
    this.#setParameter(layout.THREAD_PENDING, 0)
    this.spoilSetParameters()
    this.clearSetParameters()
    const used = (layout.CONTROL_PTR + layout.CONTROL_SLOTS_USED) >>> 2
    for (;;) {
      const count = Atomics.load(this.words, used)
      if (count > this.#slot) return
      Atomics.compareExchange(this.words, used, count, this.#slot + 1)
    }
  }

  #instantiate(memory: WebAssembly.Memory, host: EngineHost): EngineExports {
    return instantiate({
      memory,
      threadPtr: this.#thread,
      stampsPtr: this.#control(layout.CONTROL_STAMPS_PTR),
      stampMask: this.#control(layout.CONTROL_STAMP_COUNT) - 1,
      tagsPtr: this.#control(layout.CONTROL_TAGS_PTR),
      tagMask: this.#control(layout.CONTROL_TAG_BUCKETS) - 1,
      shardsPtr: this.#control(layout.CONTROL_SHARDS_PTR),
      shardMask: this.shardCount - 1,
      pageTablePtr: this.#control(layout.CONTROL_PAGE_TABLE_PTR),
      pagesPtr: this.#control(layout.CONTROL_PAGES_PTR),
      pagesBytes: this.#control(layout.CONTROL_PAGE_COUNT) * layout.PAGE_BYTES,
      weaklyOrdered: STRONGLY_ORDERED.has(process.arch) ? 0 : 1,
      policyKind: this.#control(layout.CONTROL_POLICY),
      now: () => host.now(),
      park: (ptr, expected, timeoutMs) => {
        Atomics.wait(this.words, ptr >>> 2, expected, timeoutMs)
      },
      removed: (entry, reason) => host.removed(this, entry >>> 0, reason),
      isDead: (slot) => (this.#registry.isDead(slot) ? 1 : 0),
    })
  }

  /** Fills the target from the current piece on; false if there were not enough. */
  #readPieces(target: Uint8Array): boolean {
    let filled = 0
    while (filled < target.length) {
      const at = this.result(layout.THREAD_PIECE_PTR)
      const bytes = Math.min(this.result(layout.THREAD_PIECE_BYTES), target.length - filled)
      target.set(this.bytes.subarray(at, at + bytes), filled)
      filled += bytes
      if (filled < target.length && this.exports.nextPiece() === 0) return false
    }
    return true
  }

  /** Why not only those in use: counts of threads that have gone stay in their areas. */
  #sumOverThreads(field: number): number {
    let sum = 0
    for (let slot = 0; slot < this.#control(layout.CONTROL_SLOTS_USED); slot++) {
      sum += this.floats[(layout.THREADS_PTR + slot * layout.THREAD_BYTES + field) >>> 3]
    }
    return sum
  }

  #control(field: number): number {
    return this.words[(layout.CONTROL_PTR + field) >>> 2] >>> 0
  }

  #setParameter(field: number, value: number): void {
    this.words[(this.#thread + field) >>> 2] = value
  }
}

function instantiate(env: EngineImports): EngineExports {
  const imports = { env } as unknown as WebAssembly.Imports
  return new WebAssembly.Instance(engineModule(), imports).exports as unknown as EngineExports
}
