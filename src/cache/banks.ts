/**
 * The memories of a cache. One holds at most MAX_BANK_BYTES (a wasm32 memory ends at 4 GiB); a larger
 * cache has several of equal size, and the key's hash chooses.
 *
 * 1. `stage(key)` leaves the key staged in the bank that it returns.
 * 2. All banks hash with the same seed.
 */
import { availableParallelism } from 'node:os'
import {
  MAX_KEY_CHARS,
  MAX_THREADS,
  POLICY_ADAPTIVE,
  POLICY_FIFO,
  POLICY_LFU,
  POLICY_LRU,
  POLICY_PRIORITY,
  POLICY_TTL,
  THREAD_BYTES,
} from '../../assembly/constants.js'
import { threadLimit } from '../engine/bank-memory.js'
import { Engine } from '../engine/engine.js'
import type { BankOptions, EngineHandle, EngineHost } from '../engine/host.js'
import { InvalidKeyError, InvalidOptionError, TooManyThreadsError } from './errors.js'
import { FAVORS, type Policy, type ResolvedOptions } from './options.js'
import { KIB, MIB } from './units.js'

const MAX_BANK_BYTES = 4032 * MIB
/** Fewer bytes than this a shard, and half-filled pages of its size classes would be felt. */
const MIN_SHARD_BYTES = 8 * MIB
/** Fewer entries than this a shard, and the policy would do worse (up to 1 point of hit ratio at 32). */
const MIN_SHARD_ENTRIES = 256
const SHARDS_PER_CORE = 4
const MAX_SHARDS = 64
/** Why not the engine's hash itself: its lowest bits choose the shard, and the highest the segment. */
const BANK_MULTIPLIER = 0x85ebca6b

export const POLICY_NUMBERS: Record<Policy, number> = {
  adaptive: POLICY_ADAPTIVE,
  lru: POLICY_LRU,
  lfu: POLICY_LFU,
  fifo: POLICY_FIFO,
  ttl: POLICY_TTL,
  priority: POLICY_PRIORITY,
}

export class Banks {
  readonly all: readonly Engine[]
  readonly #first: Engine
  readonly #count: number

  private constructor(all: readonly Engine[]) {
    this.all = all
    this.#first = all[0]
    this.#count = all.length
  }

  /** @throws InvalidOptionError */
  static create(options: ResolvedOptions, host: EngineHost): Banks {
    return new Banks(createBanks(options, host))
  }

  /**
   * All of the banks, or none where that raises an error.
   * @throws TooManyThreadsError
   */
  static attach(handles: readonly EngineHandle[], host: EngineHost, name: string): Banks {
    const all: Engine[] = []
    for (const handle of handles) {
      try {
        const engine = Engine.attach(handle, host)
        if (engine === undefined) throw tooManyThreads(handles, name)
        all.push(engine)
      } catch (error) {
        for (const other of all) other.release()
        throw error
      }
    }
    return new Banks(all)
  }

  release(): void {
    for (const engine of this.all) engine.release()
  }

  /** @throws InvalidKeyError */
  stage(key: string): Engine {
    const engine = this.of(key)
    engine.key.write(key)
    return engine
  }

  /**
   * The bank of a key.
   * @throws InvalidKeyError
   */
  of(key: string): Engine {
    checkKey(key)
    return this.#count === 1 ? this.#first : this.#choose(key)
  }

  #choose(key: string): Engine {
    const first = this.#first
    first.key.write(key)
    const hash = first.exports.hashKey(key.length, first.key.wide)
    const mixed = Math.imul(hash ^ (hash >>> 15), BANK_MULTIPLIER) >>> 0
    return this.all[Math.floor((mixed / 2 ** 32) * this.#count)]
  }
}

export function bankCount(maxBytes: number): number {
  return Math.ceil(maxBytes / MAX_BANK_BYTES)
}

function tooManyThreads(handles: readonly EngineHandle[], name: string): TooManyThreadsError {
  const limit = Math.min(...handles.map(({ memory }) => threadLimit(memory)))
  const reason =
    limit < MAX_THREADS
      ? `each of them takes ${THREAD_BYTES / KIB} KiB of maxBytes, and that has no room for more`
      : 'no cache can have more'
  return new TooManyThreadsError(name, limit, reason)
}

function createBanks(options: ResolvedOptions, host: EngineHost): Engine[] {
  const count = bankCount(options.maxBytes)
  const seed = Engine.createSeed()
  const maxBytes = Math.floor(options.maxBytes / count)
  const shardCount = options.shards || defaultShards(maxBytes, options.maxEntries / count)
  return Array.from({ length: count }, (_, index) => {
    const bankOptions: BankOptions = {
      maxBytes,
      maxEntries: partOf(options.maxEntries, count, index),
      maxEntryBytes: options.maxEntryBytes,
      shardCount,
      policy: POLICY_NUMBERS[options.policy],
      lockTimeoutMs: options.lockTimeoutMs,
      favor: FAVORS.indexOf(options.favor),
    }
    const engine = Engine.create(bankOptions, seed, host)
    if (engine === undefined) {
      const allowed = `so many that maxBytes (${options.maxBytes} bytes) leaves each two pages of 16 KiB`
      throw new InvalidOptionError('shards', shardCount, allowed)
    }
    return engine
  })
}

function defaultShards(maxBytes: number, maxEntries: number): number {
  let most = Math.min(
    MAX_SHARDS,
    availableParallelism() * SHARDS_PER_CORE,
    maxBytes / MIN_SHARD_BYTES,
  )
  if (maxEntries > 0) most = Math.min(most, maxEntries / MIN_SHARD_ENTRIES)
  return 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, most))))
}

/** An equal part of a total, so that all parts add up to it. */
function partOf(total: number, count: number, index: number): number {
  return Math.floor(total / count) + (index < total % count ? 1 : 0)
}

/** @throws InvalidKeyError */
export function checkKey(key: unknown): void {
  if (typeof key === 'string' && key.length <= MAX_KEY_CHARS) return
  throw new InvalidKeyError(key, `a string of at most ${MAX_KEY_CHARS} characters`)
}
