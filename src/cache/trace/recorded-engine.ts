/**
 * Puts a recorder between a cache and one of its banks: calls of the engine that are accesses are recorded
 * once they are done. The cache itself knows nothing of it, and one that records nothing runs the code that
 * it would run if there were no recorder. What the near cache answers, that tells (near-cache.ts).
 *
 * Recorded are reads that count as accesses (of get, getMany, take, getOrSet), writes (of set, setMany, add,
 * compareAndSet, increment, and of loads) and deletes of single keys (delete, deleteMany, deleteByTag and
 * its like). Not recorded are peek, has and what walks over entries; touch, invalidateTags and clear;
 * evictions and expiry, which a replay makes for itself.
 *
 * 1. Whether a key is recorded, the hash tells that the engine has made of it anyway.
 * 2. The key is still staged when a call is over: no code of the user's runs within one.
 *
 * Costs 3 to 5 ns a call whose key is not recorded.
 */
import {
  FLAG_EXPIRY,
  GET_PEEK,
  GET_STALE,
  KEY_STAGING_OFFSET,
  MAX_BATCH_KEYS,
  REMOVED_DELETE,
  SET_IF_ABSENT,
  SET_IF_VERSION,
  SET_MODE_MASK,
  STATUS_MISS,
  STATUS_STORED,
  TEXT_IS_WIDE,
  THREAD_EXPIRES_AT,
  THREAD_FLAGS,
  THREAD_HASH,
} from '../../../assembly/constants.js'
import type { Engine } from '../../engine/engine.js'
import type { EngineExports } from '../../engine/exports.js'
import type { CacheClock } from '../clock.js'
import type { Recorder } from './recorder.js'
import { StagedKey } from './staged-key.js'

/** Where in the thread's area the hash of the key stands that the last call was about. */
const HASH = THREAD_HASH >>> 2
/** Of a number, as the engine stores it. */
const NUMBER_BYTES = 8

type Reads = Pick<EngineExports, 'get' | 'getByText' | 'getMany' | 'take'>
type Writes = Pick<EngineExports, 'set' | 'increment' | 'remove'>
type LargeWrites = Pick<EngineExports, 'reserve' | 'commit'>

export function recordEngine(engine: Engine, recorder: Recorder, clock: CacheClock): void {
  engine.tap((calls) => {
    const tap = new Tap(engine, calls, recorder, clock)
    return { ...recordedReads(tap), ...recordedWrites(tap), ...recordedLargeWrites(tap) }
  })
}

/** What the recorded calls have in common. */
class Tap {
  readonly engine: Engine
  readonly calls: EngineExports
  readonly recorder: Recorder
  /** The thread's area, with the results of calls. */
  readonly area: Int32Array
  readonly #clock: CacheClock
  readonly #key: StagedKey

  constructor(engine: Engine, calls: EngineExports, recorder: Recorder, clock: CacheClock) {
    this.engine = engine
    this.calls = calls
    this.recorder = recorder
    this.#clock = clock
    this.#key = new StagedKey(engine.staging)
    this.area = this.#key.words
  }

  key(chars: number, wide: number): StagedKey {
    return this.#key.at(KEY_STAGING_OFFSET, chars, wide)
  }

  /** Whether what a get found, in that mode, answers the read. */
  isHit(type: number, mode: number): boolean {
    return type !== STATUS_MISS && ((mode & GET_STALE) === 0 || !this.#isStale)
  }

  get #isStale(): boolean {
    if ((this.engine.result(THREAD_FLAGS) & FLAG_EXPIRY) === 0) return false
    return this.engine.resultFloat(THREAD_EXPIRES_AT) <= this.#clock.elapsed()
  }
}

function recordedReads(tap: Tap): Reads {
  const { calls, recorder, area } = tap
  const batch = new RecordedBatch(tap.engine, recorder)
  const recordGet = (keyChars: number, wide: number, mode: number, type: number): void => {
    if ((mode & GET_PEEK) !== 0) return
    recorder.read(tap.key(keyChars, wide), tap.isHit(type, mode))
  }
  return {
    get(keyChars, wide, mode) {
      const type = calls.get(keyChars, wide, mode)
      if (recorder.chooses(area[HASH])) recordGet(keyChars, wide, mode, type)
      return type
    },
    getByText(key, keyChars, mode) {
      const type = calls.getByText(key, keyChars, mode)
      // Why not if wide: it is about to be staged, and asked for by get().
      if (type !== TEXT_IS_WIDE && recorder.chooses(area[HASH])) recordGet(keyChars, 0, mode, type)
      return type
    },
    getMany(count, mode) {
      batch.note(count)
      const done = calls.getMany(count, mode)
      batch.record(done)
      return done
    },
    take(keyChars, wide) {
      const type = calls.take(keyChars, wide)
      if (recorder.chooses(area[HASH])) {
        recorder.read(tap.key(keyChars, wide), type !== STATUS_MISS)
        recorder.remove(tap.key(keyChars, wide))
      }
      return type
    },
  }
}

function recordedWrites(tap: Tap): Writes {
  const { calls, recorder, area } = tap
  return {
    set(keyChars, wide, valueBytes, type, mode, ttlMs, priority, version) {
      const status = calls.set(keyChars, wide, valueBytes, type, mode, ttlMs, priority, version)
      if (recorder.chooses(area[HASH]) && isWrite(mode, status)) {
        recorder.write(tap.key(keyChars, wide), valueBytes, ttlMs)
      }
      return status
    },
    increment(keyChars, wide, by, mode, ttlMs, priority) {
      const status = calls.increment(keyChars, wide, by, mode, ttlMs, priority)
      if (recorder.chooses(area[HASH]) && status === STATUS_STORED) {
        recorder.write(tap.key(keyChars, wide), NUMBER_BYTES, ttlMs)
      }
      return status
    },
    remove(keyChars, wide, mode, version, reason) {
      const status = calls.remove(keyChars, wide, mode, version, reason)
      if (recorder.chooses(area[HASH]) && reason === REMOVED_DELETE)
        recorder.remove(tap.key(keyChars, wide))
      return status
    },
  }
}

/** Of values that are written piece by piece, between the two calls. */
function recordedLargeWrites(tap: Tap): LargeWrites {
  const { calls, recorder, area } = tap
  let bytes = 0
  let lifetimeMs = 0
  const record = (keyChars: number, wide: number, mode: number, status: number): void => {
    if (!recorder.chooses(area[HASH]) || !isWrite(mode, status)) return
    recorder.write(tap.key(keyChars, wide), bytes, lifetimeMs)
  }
  return {
    reserve(keyChars, wide, valueBytes, mode, ttlMs, priority) {
      const status = calls.reserve(keyChars, wide, valueBytes, mode, ttlMs, priority)
      bytes = valueBytes
      lifetimeMs = ttlMs
      // Why only then: of what was reserved, commit() tells whether it was stored.
      if (status !== STATUS_STORED) record(keyChars, wide, mode, status)
      return status
    },
    commit(keyChars, wide, type, mode, version) {
      const status = calls.commit(keyChars, wide, type, mode, version)
      record(keyChars, wide, mode, status)
      return status
    },
  }
}

/** Whether a replay is to make it: a refused set, too, for what it would have stored. */
function isWrite(mode: number, status: number): boolean {
  const kind = mode & SET_MODE_MASK
  return status === STATUS_STORED || (kind !== SET_IF_ABSENT && kind !== SET_IF_VERSION)
}

/** The keys of a getMany(): noted before the call, as their rows then hold what was found. */
class RecordedBatch {
  readonly #engine: Engine
  readonly #recorder: Recorder
  readonly #key: StagedKey
  /** Of each key: where it is staged, and its characters << 1 | 1 if they are UTF-16. */
  readonly #starts = new Int32Array(MAX_BATCH_KEYS)
  readonly #lengths = new Int32Array(MAX_BATCH_KEYS)

  constructor(engine: Engine, recorder: Recorder) {
    this.#engine = engine
    this.#recorder = recorder
    this.#key = new StagedKey(engine.staging)
  }

  note(count: number): void {
    const { batch } = this.#engine
    for (let index = 0; index < count; index++) {
      this.#starts[index] = batch.keyStart(index)
      this.#lengths[index] = batch.keyLength(index)
    }
  }

  record(count: number): void {
    const { batch } = this.#engine
    for (let index = 0; index < count; index++) {
      if (!this.#recorder.chooses(batch.hash(index))) continue
      const length = this.#lengths[index]
      const key = this.#key.at(this.#starts[index], length >>> 1, length & 1)
      this.#recorder.read(key, batch.typeOf(index) !== STATUS_MISS)
    }
  }
}
