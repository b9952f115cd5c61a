/**
 * From what the engine found to a value: out of the staging, or piece by piece where it is too large
 * for that.
 *
 * 1. What cannot be decoded is deleted, counted, told to `onError`, and a miss.
 */
import {
  GET_PEEK,
  LARGE_VALUE,
  REMOVED_INVALID,
  SET_IF_VERSION,
  STATUS_MISS,
  THREAD_VERSION,
} from '../../assembly/constants.js'
import { type Engine, VALUE_START } from '../engine/engine.js'
import type { CallContext } from './call-context.js'
import type { PackedValue } from './packed-value.js'
import { VALUE_BUFFER, VALUE_CUSTOM } from './value-type.js'

/** A large value is copied without the lock, unless writers come between so many times. */
const READ_ATTEMPTS = 3
const MAX_SCRATCH_BYTES = 128 * 1024

export class ValueReader<V> {
  readonly #context: CallContext
  /** Why kept: new memory for each get of a string of 64 KiB takes longer than the copy. */
  #scratch = Buffer.alloc(0)

  constructor(context: CallContext) {
    this.#context = context
  }

  /** The value of the last get. @param mode of that get, should it have to be repeated */
  decode(engine: Engine, key: string, type: number, mode: number): V | undefined {
    return (type & LARGE_VALUE) === 0
      ? this.#decodeStaged(engine, key, type)
      : this.#decodeLarge(engine, key, type, mode)
  }

  #decodeStaged(engine: Engine, key: string, type: number): V | undefined {
    // Why before: a codec of the user's may call the cache, which changes the results.
    const version = engine.result(THREAD_VERSION)
    const end = VALUE_START + engine.valueBytes
    try {
      return this.#context.codec.decode(type, engine.staging, VALUE_START, end) as V
    } catch (error) {
      this.#dropCorrupt(key, version, error)
      return undefined
    }
  }

  #decodeLarge(engine: Engine, key: string, type: number, mode: number): V | undefined {
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      if (type === STATUS_MISS) return undefined
      if ((type & LARGE_VALUE) === 0) return this.#decodeStaged(engine, key, type)
      const version = engine.result(THREAD_VERSION)
      const bytes = engine.large.read(this.#target(type & ~LARGE_VALUE, engine.valueBytes))
      if (bytes !== undefined) return this.#decodeBytes(key, type & ~LARGE_VALUE, bytes, version)
      type = engine.exports.get(key.length, engine.key.wide, mode | GET_PEEK)
    }
    // Its writers leave it no moment of rest.
    const found = engine.large.readLocked(key.length, mode, false)
    return found && this.#decodeBytes(key, found.type, found.bytes, found.version)
  }

  /** Memory for a large value's bytes: of its own where they become the value, or a custom codec gets them. */
  #target(type: number, bytes: number): Buffer {
    const isKept = type === VALUE_BUFFER || type === VALUE_CUSTOM
    if (isKept || bytes > MAX_SCRATCH_BYTES) return Buffer.allocUnsafeSlow(bytes)
    if (this.#scratch.length < bytes) this.#scratch = Buffer.allocUnsafeSlow(MAX_SCRATCH_BYTES)
    return this.#scratch.subarray(0, bytes)
  }

  #decodeBytes(key: string, type: number, bytes: Buffer, version: number): V | undefined {
    try {
      return this.#context.codec.decode(type, bytes, 0, bytes.length) as V
    } catch (error) {
      this.#dropCorrupt(key, version, error)
      return undefined
    }
  }

  #dropCorrupt(key: string, version: number, error: unknown): void {
    const engine = this.#context.banks().stage(key)
    engine.countCorrupt()
    engine.exports.remove(key.length, engine.key.wide, SET_IF_VERSION, version, REMOVED_INVALID)
    this.#context.options.onError?.(error, key)
    this.#context.deliver()
  }

  /** Gets and deletes in one step. */
  takeLarge(key: string): V | undefined {
    const engine = this.#context.banks().stage(key)
    const found = engine.large.readLocked(key.length, GET_PEEK, true)
    this.#context.deliver()
    return found && this.#decodeBytes(key, found.type, found.bytes, found.version)
  }

  unpack({ type, bytes }: PackedValue): V {
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return this.#context.codec.decode(type, source, 0, source.length) as V
  }
}
