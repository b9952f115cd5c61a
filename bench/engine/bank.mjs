/**
 * One bank of the engine, without strings: keys and values are bytes made of a number, staged as words.
 *
 * 1. A key is 16 bytes, and another for every number from 0 to 2^32 - 1.
 * 2. A value begins with its number, so that an answer can be checked.
 * 3. Further instances work on the same memory in the same thread's name: one at a time, none within another.
 */
import assert from 'node:assert/strict'
import { importBuilt, mix, Random } from '../harness/build.mjs'

export const constants = await importBuilt('assembly/constants.js')
const { Engine } = await importBuilt('src/engine/engine.js')
const { instantiateOn } = await importBuilt('src/engine/instance.js')
const { useEngineModule } = await importBuilt('src/engine/module.js')

/** In the order of their numbers in the engine. */
export const POLICIES = ['lru', 'lfu', 'fifo', 'ttl', 'priority', 'adaptive']
export const KEY_BYTES = 16
export const SHARDS = 8
/** What tells the third word of a key from the first, and the fourth. */
export const KEY_SALT = 0x5bd1e995
const MAX_ENTRY_BYTES = 1 << 20
const LOCK_TIMEOUT_MS = 250
const SEED_BYTES = 32
export const PLAIN_TYPE = 1
/** Lifetimes under policy `ttl`: this and up to twice this. */
export const ORDER_TTL_MS = 3_600_000

export class Bank {
  engine
  /** The raw exports of an instance that nothing guards. */
  exports
  valueBytes
  policy
  #keyAt
  #valueAt

  /** @param {{ maxBytes: number, maxEntries?: number, policy: string, valueBytes: number, seed: number }} setting */
  constructor({ maxBytes, maxEntries = 0, policy, valueBytes, seed }) {
    const random = new Random(seed)
    const options = {
      maxBytes,
      maxEntries,
      maxEntryBytes: MAX_ENTRY_BYTES,
      shardCount: SHARDS,
      policy: POLICIES.indexOf(policy),
      lockTimeoutMs: LOCK_TIMEOUT_MS,
      favor: 0,
    }
    const seedBytes = Uint8Array.from({ length: SEED_BYTES }, () => random.next() & 0xff)
    this.engine = Engine.create(options, seedBytes, hostCalls())
    assert.ok(this.engine !== undefined, `${maxBytes} bytes hold no bank`)
    this.exports = this.instantiate()
    this.valueBytes = valueBytes
    this.policy = policy
    const areaPtr = this.engine.staging.byteOffset
    this.#keyAt = (areaPtr + constants.KEY_STAGING_OFFSET) >>> 2
    this.#valueAt = (areaPtr + constants.VALUE_STAGING_OFFSET) >>> 2
    this.engine.words.fill(seed, this.#valueAt, this.#valueAt + ((valueBytes + 3) >>> 2))
  }

  /**
   * A further instance on the bank.
   * @param {WebAssembly.Module} [module] default: the engine as it ships
   * @param {object} [imports] modules of imports that it needs beside the usual ones
   */
  instantiate(module = undefined, imports = {}) {
    const { handle, words, staging } = this.engine
    useEngineModule(module, imports)
    try {
      return instantiateOn(handle.memory, words, staging.byteOffset, hostCalls())
    } finally {
      useEngineModule(undefined)
    }
  }

  stageKey(number) {
    const { words } = this.engine
    const at = this.#keyAt
    const mixed = mix(number)
    words[at] = mixed
    words[at + 1] = number
    words[at + 2] = mixed ^ KEY_SALT
    words[at + 3] = KEY_SALT
  }

  stageValue(number) {
    this.engine.words[this.#valueAt] = number
  }

  /** Whether the key is there, its value checked. */
  get(number, exports = this.exports) {
    this.stageKey(number)
    const isHit = exports.get(KEY_BYTES, 0, constants.GET_COUNTED) !== constants.STATUS_MISS
    if (isHit) this.checkValue(number)
    return isHit
  }

  /** Stores under the policy's own conditions: `ttl` gets lifetimes, and `priority` four priorities. */
  set(number, exports = this.exports) {
    this.stageKey(number)
    this.stageValue(number)
    const { ttlMs, priority } = this.orderOf(number)
    const status = exports.set(
      KEY_BYTES,
      0,
      this.valueBytes,
      PLAIN_TYPE,
      constants.SET_ALWAYS,
      ttlMs,
      priority,
      0,
    )
    assert.equal(status, constants.STATUS_STORED)
  }

  remove(number, exports = this.exports) {
    this.stageKey(number)
    return exports.remove(KEY_BYTES, 0, constants.SET_ALWAYS, 0, constants.REMOVED_DELETE)
  }

  orderOf(number) {
    const ttlMs = this.policy === 'ttl' ? ORDER_TTL_MS + (mix(number) % ORDER_TTL_MS) : 0
    return { ttlMs, priority: this.policy === 'priority' ? mix(number) & 3 : 0 }
  }

  checkValue(number) {
    assert.equal(this.engine.words[this.#valueAt] >>> 0, number, 'another key was answered')
  }

  /** Reads without counting; where the entry is, 0 if nowhere. */
  locate(number) {
    this.stageKey(number)
    const isHit = this.exports.get(KEY_BYTES, 0, constants.GET_PEEK) !== constants.STATUS_MISS
    return isHit ? this.engine.result(constants.THREAD_ENTRY) : 0
  }

  get entries() {
    return this.engine.stat(constants.STAT_ENTRIES)
  }

  get evictions() {
    return this.engine.stat(constants.STAT_EVICTIONS)
  }

  /** Everything that the bank takes now. */
  get bytes() {
    return this.engine.overheadBytes + this.engine.pageBytesInUse
  }

  /** Walks all of it. */
  verify() {
    assert.equal(this.exports.verify(), 0, 'the bank is broken')
  }
}

/** The time stands still: nothing expires, and no clock is read. */
function hostCalls() {
  return {
    now: () => 0,
    park: () => 0,
    removed() {},
    isDead: () => 0,
    failed: (error) => error,
  }
}
