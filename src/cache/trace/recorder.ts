/**
 * Records the accesses of one thread: from calls of the cache to blocks of its trace file.
 *
 * 1. Nothing here raises an error in a call of the cache: a file that cannot be written any more is told
 *    to `onError`, or in a warning, once; recording then stops, and the cache goes on.
 * 2. A set of a key whose last read missed is what that read loaded: its size and lifetime are put into the
 *    record of the read, as long as that is in the block, and else recorded as a write.
 * 3. The clock is read at the first access after CLOCK_EVERY_MS and at every CLOCK_EVERY_ACCESSES-th, a clock
 *    of the user's at every access.
 * 4. A block is written when it is full, FLUSH_AFTER_MS after it was begun, and at the end.
 *
 * Costs: see bench/scenarios/trace-recording.mjs.
 */
import { KeyStaging } from '../../engine/key-staging.js'
import type { RawBuffer } from '../../engine/raw-buffer.js'
import type { CacheClock } from '../clock.js'
import type { BlockKind, TraceBlock } from './block.js'
import { KeyHash } from './key-hash.js'
import {
  HEAD_DELETE,
  HEAD_HIT,
  HEAD_READ,
  HEAD_SIZE,
  HEAD_TTL,
  HEAD_WRITE,
  KEY_HASH,
  KEY_TEXT,
  MAX_KEY_BYTES,
  MAX_VARINT_BYTES,
} from './layout.js'
import type { ResolvedTrace } from './options.js'
import { StagedKey } from './staged-key.js'
import type { TraceFile } from './trace-file.js'

const CLOCK_EVERY_ACCESSES = 64
const CLOCK_EVERY_MS = 10
const FLUSH_AFTER_MS = 5000
/** Reads that missed, of which a set may follow. */
const MISSES = 1024
const MISS_SHIFT = 22
/** Head, time, key's hash or length, size, lifetime. */
const RECORD_BYTES = 1 + 4 * MAX_VARINT_BYTES
/** UTF-8 takes at most that many bytes for each unit of UTF-16. */
const MAX_CHARACTER_BYTES = 3
/** Of the engine's hash, what decides: as much of it as every call tells. */
const CHOICES = 2 ** 16

export interface RecorderContext {
  readonly file: TraceFile
  readonly options: ResolvedTrace
  readonly clock: CacheClock
  /** Whether every access is to have its own time. */
  readonly isEachTimed: boolean
  readonly thread: number
  readonly secret: Int32Array
  readonly keySet: Uint8Array
  onFailure(error: unknown): void
}

/** A recorded key in the near cache. */
export interface TracedKey {
  readonly text: string
  readonly low: number
  readonly high: number
  /** At so many hits the policy is to be told. */
  dueHits: number
}

export class Recorder {
  /** Keys whose choice is below this are recorded; 0: none is. */
  #limit: number
  readonly #context: RecorderContext
  readonly #kind: BlockKind
  readonly #hash: KeyHash
  /** For keys of the near cache. */
  readonly #staging: KeyStaging
  readonly #stagedKey: StagedKey
  readonly #isPlain: boolean
  readonly #clockEvery: number
  #block: TraceBlock
  #blocks = 0
  #accessesToClock = 0
  /** Of each of the last misses: the key's hash, and where in the block its size is to go; 0: none. */
  readonly #missLow = new Int32Array(MISSES)
  readonly #missHigh = new Int32Array(MISSES)
  readonly #missSizeAt = new Int32Array(MISSES)
  #clockTimer: NodeJS.Timeout | undefined
  #flushTimer: NodeJS.Timeout | undefined
  #isClockTimed = false
  #isClosed = false
  #hasFailed = false

  constructor(context: RecorderContext) {
    const { options, thread, keySet } = context
    this.#context = context
    this.#isPlain = options.keys === 'plain'
    this.#limit = Math.ceil(options.sample * CHOICES)
    this.#hash = new KeyHash(context.secret)
    const staging = Buffer.alloc(MAX_KEY_BYTES) as RawBuffer
    this.#staging = new KeyStaging(staging, 0)
    this.#stagedKey = new StagedKey(staging)
    this.#clockEvery = context.isEachTimed ? 0 : CLOCK_EVERY_ACCESSES
    this.#block = context.file.takeBlock()
    this.#kind = {
      keyKind: this.#isPlain ? KEY_TEXT : KEY_HASH,
      keySet: this.#isPlain ? new Uint8Array(keySet.length) : keySet,
      thread,
      share: this.#limit / CHOICES,
    }
  }

  /** @param hash the engine's, of a key; of all its bits the lowest count */
  chooses(hash: number): boolean {
    return (hash & (CHOICES - 1)) < this.#limit
  }

  /** What the near cache is to keep of a key; undefined: it is not recorded. */
  trace(text: string, hash: number, dueHits: number): TracedKey | undefined {
    if (!this.chooses(hash)) return undefined
    this.#staging.write(text)
    this.#hash.take(this.#stagedKey.at(0, text.length, this.#staging.wide))
    const { low, high } = this.#hash
    return { text, low, high, dueHits }
  }

  /** A hit of the near cache. */
  readNear(key: TracedKey): void {
    if (!this.#isRecording) return
    this.#hash.low = key.low
    this.#hash.high = key.high
    this.#begin(HEAD_READ | HEAD_HIT, key)
  }

  read(key: StagedKey, isHit: boolean): void {
    this.#hash.take(key)
    if (isHit) this.#begin(HEAD_READ | HEAD_HIT, key)
    else this.#readMissed(key)
  }

  /** @param ttlMs 0: none */
  write(key: StagedKey, valueBytes: number, ttlMs: number): void {
    this.#hash.take(key)
    const sizeAt = this.#takeMiss()
    if (sizeAt === 0) {
      this.#begin(HEAD_WRITE | HEAD_SIZE | (ttlMs > 0 ? HEAD_TTL : 0), key)
      this.#block.putVarint(valueBytes + 1)
      if (ttlMs > 0) this.#block.putVarint(Math.floor(ttlMs))
    } else {
      this.#block.putPadded(valueBytes + 1, sizeAt)
      this.#block.putPadded(Math.floor(ttlMs), sizeAt + MAX_VARINT_BYTES)
    }
  }

  remove(key: StagedKey): void {
    this.#hash.take(key)
    this.#takeMiss()
    this.#begin(HEAD_DELETE, key)
  }

  /** Writes what there is, and closes the file. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      if (this.#block.records > 0 && this.#isRecording) this.#flush()
      this.#stop()
      this.#context.file.close()
    } catch (error) {
      this.fail(error)
    }
  }

  /** What is to be written cannot be: recording is over. */
  fail(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#stop()
    this.#context.onFailure(error)
  }

  get #isRecording(): boolean {
    return this.#limit > 0
  }

  #readMissed(key: StagedKey): void {
    this.#begin(HEAD_READ | HEAD_SIZE | HEAD_TTL, key)
    const { low, high } = this.#hash
    const slot = low >>> MISS_SHIFT
    this.#missLow[slot] = low
    this.#missHigh[slot] = high
    this.#missSizeAt[slot] = this.#block.end
    this.#block.putPadded(0)
    this.#block.putPadded(0)
  }

  /** Where the size of what was loaded after a miss of this key goes; 0: there was none, or it is written. */
  #takeMiss(): number {
    const { low, high } = this.#hash
    const slot = low >>> MISS_SHIFT
    if (this.#missLow[slot] !== low || this.#missHigh[slot] !== high) return 0
    const sizeAt = this.#missSizeAt[slot]
    this.#missSizeAt[slot] = 0
    return sizeAt
  }

  /** Puts head, time and key. */
  #begin(head: number, key: StagedKey | TracedKey): void {
    const text = this.#isPlain ? key.text : ''
    if (this.#block.room < RECORD_BYTES + text.length * MAX_CHARACTER_BYTES) this.#turnBlock()
    const { low, high } = this.#hash
    if (--this.#accessesToClock >= 0 && !this.#isPlain) {
      this.#block.beginHash(head, low, high)
      return
    }
    if (this.#accessesToClock < 0) this.#beginTimed(head)
    else this.#block.begin(head)
    if (this.#isPlain) this.#block.putText(text)
    else this.#block.putHash(low, high)
  }

  #beginTimed(head: number): void {
    this.#accessesToClock = this.#clockEvery
    if (this.#block.records === 0) this.#startFlushTimer()
    if (this.#clockEvery > 0 && !this.#isClockTimed) this.#startClockTimer()
    this.#block.beginAt(head, this.#context.clock.now())
  }

  /** The block goes to the file, where there is room for it, and another one takes its place. */
  #turnBlock(): void {
    try {
      this.#flush()
    } catch (error) {
      this.fail(error)
    }
    if (!this.#context.file.hasRoom) this.#stop()
  }

  #flush(): void {
    const full = this.#block
    this.#block = this.#context.file.takeBlock()
    this.#missSizeAt.fill(0)
    this.#accessesToClock = 0
    this.#context.file.write(full, full.close(this.#kind, this.#blocks++))
  }

  /** What is begun still goes into the block, which nobody writes any more. */
  #stop(): void {
    this.#limit = 0
    clearTimeout(this.#clockTimer)
    clearTimeout(this.#flushTimer)
  }

  #startClockTimer(): void {
    this.#isClockTimed = true
    this.#clockTimer =
      this.#clockTimer?.refresh() ??
      setTimeout(() => {
        this.#isClockTimed = false
        this.#accessesToClock = 0
      }, CLOCK_EVERY_MS).unref()
  }

  #startFlushTimer(): void {
    this.#flushTimer =
      this.#flushTimer?.refresh() ??
      setTimeout(() => {
        if (this.#block.records > 0 && this.#isRecording) this.#turnBlock()
      }, FLUSH_AFTER_MS).unref()
  }
}
