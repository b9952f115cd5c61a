/**
 * One bank of the engine under a clock that stands still, called as src/cache calls it: keys as strings,
 * values as bytes, tags as numbers. Nothing is interpreted: what the engine answers is what comes back.
 *
 * 1. No call waits: there is one thread, so that a lock is always free.
 * 2. All of it follows from the seed, the hashes included.
 */
import assert from 'node:assert/strict'
import * as layout from '../../assembly/constants.js'
import { Engine, VALUE_START } from '../../src/engine/engine.js'
import { type Build, withBuild } from '../support/engine-builds.js'
import { Random } from '../support/random.js'

export const POLICIES = ['lru', 'lfu', 'fifo', 'ttl', 'priority', 'adaptive'] as const

export type PolicyName = (typeof POLICIES)[number]

export interface BankSetting {
  build: Build
  policy: PolicyName
  shardCount: number
  maxBytes: number
  /** 0: no bound. */
  maxEntries?: number
  maxEntryBytes?: number
  lockTimeoutMs?: number
  seed: number
}

export interface SetParameters {
  type: number
  /** One of SET_*. */
  mode: number
  /** 0: for ever. */
  ttlMs: number
  staleMs: number
  sliding: boolean
  priority: number
  tags: readonly number[]
  tagNamesBytes: number
  /** For SET_IF_VERSION. */
  version: number
}

export interface Found {
  type: number
  value: Buffer
}

const PLAIN: SetParameters = {
  type: 1,
  mode: layout.SET_ALWAYS,
  ttlMs: 0,
  staleMs: 0,
  sliding: false,
  priority: 0,
  tags: [],
  tagNamesBytes: 0,
  version: 0,
}

const KIB = 1024
const SEED_BYTES = 32
const PURGE_ROUNDS = 100_000
export const MAX_ENTRY_BYTES = 150_000

export class Bank {
  readonly engine: Engine
  readonly maxBytes: number
  readonly maxEntryBytes: number
  nowMs = 0
  /** Called under a lock, as an entry goes. */
  removed: (key: string, reason: number) => void = () => {}

  constructor(setting: BankSetting) {
    this.maxBytes = setting.maxBytes
    this.maxEntryBytes = setting.maxEntryBytes ?? MAX_ENTRY_BYTES
    const random = new Random(setting.seed)
    const engine = withBuild(setting.build, () =>
      Engine.create(
        {
          maxBytes: setting.maxBytes,
          maxEntries: setting.maxEntries ?? 0,
          maxEntryBytes: this.maxEntryBytes,
          shardCount: setting.shardCount,
          policy: POLICIES.indexOf(setting.policy),
          lockTimeoutMs: setting.lockTimeoutMs ?? 250,
          favor: 0,
        },
        Uint8Array.from({ length: SEED_BYTES }, () => random.below(256)),
        {
          now: () => this.nowMs,
          removed: (from, entry, reason) => this.removed(from.keyOf(entry), reason),
          failed: (error) => error as Error,
        },
      ),
    )
    assert.ok(engine, 'a bank of that size can be planned')
    this.engine = engine
    engine.notify = true
  }

  /**
   * A status. A value that the staging cannot hold goes by reserve and commit.
   *
   * @param whileReserved called in between, for values that large
   */
  set(
    key: string,
    value: Uint8Array,
    parameters: Partial<SetParameters> = {},
    whileReserved?: () => void,
  ): number {
    const { engine } = this
    const all = { ...PLAIN, ...parameters }
    const { type, ttlMs, priority, version } = all
    const mode = all.mode | (all.sliding ? layout.SET_SLIDING : 0)
    this.#stageParameters(all)
    const { length } = value
    if (length <= layout.VALUE_STAGING_BYTES) {
      engine.staging.set(value, VALUE_START)
      return engine.exports.set(...this.stage(key), length, type, mode, ttlMs, priority, version)
    }
    const status = engine.exports.reserve(...this.stage(key), length, mode, ttlMs, priority)
    if (status !== layout.STATUS_STORED) return status
    engine.large.write(value)
    whileReserved?.()
    return engine.exports.commit(...this.stage(key), type, mode, version)
  }

  get(key: string, mode: number = layout.GET_COUNTED): Found | undefined {
    const found = this.engine.exports.get(...this.stage(key), mode)
    return found === layout.STATUS_MISS ? undefined : this.#found(found)
  }

  /** 'large': the value does not fit the staging and is left in place, to be read by get(). */
  take(key: string): Found | 'large' | undefined {
    const found = this.engine.exports.take(...this.stage(key))
    if ((found & layout.LARGE_VALUE) !== 0) return 'large'
    return found === layout.STATUS_MISS ? undefined : this.#found(found)
  }

  remove(key: string): number {
    const { exports } = this.engine
    return exports.remove(...this.stage(key), layout.SET_ALWAYS, 0, layout.REMOVED_DELETE)
  }

  touch(key: string, ttlMs: number): number {
    const status = this.engine.exports.touch(...this.stage(key), ttlMs)
    this.engine.spoilSetParameters()
    return status
  }

  /** A status; the new number is `engine.stagedNumber`. */
  increment(key: string, by: number, parameters: Partial<SetParameters> = {}): number {
    const all = { ...PLAIN, ...parameters }
    this.#stageParameters(all)
    const mode = all.sliding ? layout.SET_SLIDING : 0
    return this.engine.exports.increment(...this.stage(key), by, mode, all.ttlMs, all.priority)
  }

  /** Whether the key is there; what is known of it stands in the engine's results. */
  inspect(key: string): boolean {
    return this.engine.exports.inspect(...this.stage(key), 0) !== layout.STATUS_MISS
  }

  invalidateTag(tag: number): void {
    this.engine.exports.invalidateTag(...tagHash(tag))
  }

  expireTag(tag: number): void {
    this.engine.exports.expireTag(...tagHash(tag))
  }

  /** Removes what tags have invalidated. */
  sweep(): void {
    this.#walk((shard, cursor) => this.engine.exports.sweep(shard, cursor))
  }

  /** Removes what has expired. */
  purge(): void {
    const { exports, shardCount } = this.engine
    for (let shard = 0; shard < shardCount; shard++) {
      let rounds = 0
      do {
        exports.purge(shard)
        assert.ok(++rounds < PURGE_ROUNDS, 'a purge comes to its end')
      } while (exports.isPurged(shard) === 0)
    }
  }

  /** The keys of all live entries. */
  keys(): string[] {
    const { engine } = this
    const keys: string[] = []
    this.#walk((shard, cursor) => {
      const count = engine.exports.scan(shard, cursor, 0)
      for (let index = 0; index < count; index++) {
        const { entry, hash } = engine.scanned(index)
        assert.ok(engine.exports.stageKey(entry, hash), 'what was listed is there')
        keys.push(engine.stagedKey())
      }
      return count
    })
    return keys
  }

  clear(): void {
    assert.ok(this.engine.exports.clear(), 'all locks are free')
  }

  /** The numbers of the invariants that verify() finds broken: the first MAX_PROBLEMS. */
  broken(): number[] {
    const count = this.engine.exports.verify()
    const numbers = this.engine.problems().map(({ invariant }) => invariant)
    assert.equal(numbers.length, Math.min(count, layout.MAX_PROBLEMS))
    return numbers
  }

  get bytes(): number {
    return this.engine.overheadBytes + this.engine.pageBytesInUse
  }

  /** Stages the key, and gives what every call about it begins with: its characters, and whether wide. */
  stage(key: string): [chars: number, wide: number] {
    this.engine.key.write(key)
    return [key.length, this.engine.key.wide]
  }

  #found(found: number): Found {
    const { engine } = this
    const type = found & ~layout.LARGE_VALUE
    if ((found & layout.LARGE_VALUE) === 0) {
      const end = VALUE_START + engine.valueBytes
      return { type, value: Buffer.from(engine.staging.subarray(VALUE_START, end)) }
    }
    const value = engine.large.read()
    assert.ok(value, 'nobody writes while a value is read')
    return { type, value }
  }

  #stageParameters({ tags, tagNamesBytes, staleMs }: SetParameters): void {
    const { engine } = this
    engine.clearSetParameters()
    if (staleMs > 0) engine.stageStaleMs(staleMs)
    if (tags.length === 0) return
    const names = Buffer.alloc(tagNamesBytes, 'name')
    engine.stageTags(Int32Array.from(tags.flatMap(tagHash)), names, engine.tagEpoch)
  }

  /** Calls for each segment of each shard, until the cursor is back at the start. */
  #walk(visit: (shard: number, cursor: number) => number): void {
    const { engine } = this
    for (let shard = 0; shard < engine.shardCount; shard++) {
      let cursor = 0
      do {
        assert.ok(visit(shard, cursor) >= 0, 'the shard can be locked')
        cursor = engine.result(layout.THREAD_CURSOR)
      } while (cursor !== 0)
    }
  }
}

/** Values of any length, the same in every run. */
export function noise(offset: number, bytes: number): Uint8Array {
  return NOISE.subarray(offset, offset + bytes)
}

export const NOISE_OFFSETS = 128 * KIB

const NOISE = (() => {
  const random = new Random(99)
  return Buffer.from(Uint8Array.from({ length: NOISE_OFFSETS * 2 }, () => random.below(256)))
})()

/** What picks a tag's bucket, and what tells tags of a bucket apart. */
function tagHash(tag: number): [bucket: number, identity: number] {
  return [tag * 7, tag + 1]
}
