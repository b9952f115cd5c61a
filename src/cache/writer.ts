/**
 * From a value and the options of its entry to what the engine stores: lifetime, tags, priority, and
 * the value's bytes, in the staging or piece by piece.
 *
 * 1. Everything that can be wrong is found out before a key is staged.
 * 2. A write of a key ends the loads of it that are under way in this thread; those of other threads the
 *    engine makes void.
 */
import { COST_SHIFT, SET_SLIDING, STATUS_STORED } from '../../assembly/constants.js'
import { type Engine, VALUE_LIMIT, VALUE_START } from '../engine/engine.js'
import type { CallContext } from './call-context.js'
import type { Loads, StoreOptions } from './loading.js'
import {
  resolveCost,
  resolvePriority,
  resolveSliding,
  resolveTags,
  resolveTtlMs,
  type SetOptions,
} from './options.js'
import type { PackedValue } from './packed-value.js'
import type { TagCodec } from './tag-codec.js'
import type { Duration } from './units.js'
import { place } from './values/encoding.js'

export interface PreparedTags {
  hashes: Int32Array
  names: Uint8Array
}

export class Writer<V> {
  readonly #context: CallContext
  readonly #tags: TagCodec
  readonly #loads: Loads<V>

  constructor(context: CallContext, tags: TagCodec, loads: Loads<V>) {
    this.#context = context
    this.#tags = tags
    this.#loads = loads
  }

  /**
   * @param mode SET_*, and `version` as it wants
   * @param tagEpochs of each bank, as they were when the value's load began; default: now
   * @returns STATUS_*
   */
  write(
    key: string,
    value: V,
    options: StoreOptions | undefined,
    mode: number,
    version: number,
    tagEpochs?: readonly number[],
  ): number {
    let ttlMs = this.#context.options.ttlMs
    let priority = 0
    let staleMs = 0
    let tags: PreparedTags | undefined
    if (options !== undefined) {
      ttlMs = resolveTtlMs(options.ttl, ttlMs)
      priority = resolvePriority(options.priority) | this.#costBits(options.cost)
      staleMs = options.staleMs ?? 0
      tags = this.prepareTags(options)
    }
    if (ttlMs > 0 && this.#context.options.ttlJitter > 0) ttlMs = this.#jitter(ttlMs)
    const fullMode = mode | this.slidingMode(options)
    const first = this.#context.banks().all[0]
    const bytes = this.#encode(value, options?.packed, first)
    const engine = this.#context.banks().stage(key)
    this.stageParameters(engine, tags, staleMs, tagEpochs)
    this.#loads.forget(key)
    const status =
      bytes >= 0
        ? this.#writeStaged(engine, first, key, bytes, fullMode, ttlMs, priority, version)
        : this.#writeLarge(engine, key, fullMode, ttlMs, priority, version)
    this.#context.deliver()
    return status
  }

  /** As ValueCodec.encode does. */
  #encode(value: V, packed: PackedValue | undefined, { staging }: Engine): number {
    const { codec } = this.#context
    if (packed === undefined) return codec.encode(value, staging, VALUE_START, VALUE_LIMIT)
    codec.overflow = undefined
    return place(codec, packed.type, packed.bytes, staging, VALUE_START, VALUE_LIMIT)
  }

  /** Of what the engine is told with the priority. */
  #costBits(cost: number | undefined): number {
    const step = resolveCost(cost)
    const { favor, policy } = this.#context.options
    return favor === 'cost' && policy === 'adaptive' ? step << COST_SHIFT : 0
  }

  #writeStaged(
    engine: Engine,
    encodedIn: Engine,
    key: string,
    bytes: number,
    mode: number,
    ttlMs: number,
    priority: number,
    version: number,
  ): number {
    if (engine !== encodedIn) {
      engine.staging.set(encodedIn.staging.subarray(VALUE_START, VALUE_START + bytes), VALUE_START)
    }
    const { wide } = engine.key
    const { type } = this.#context.codec
    return engine.exports.set(key.length, wide, bytes, type, mode, ttlMs, priority, version)
  }

  #writeLarge(
    engine: Engine,
    key: string,
    mode: number,
    ttlMs: number,
    priority: number,
    version: number,
  ): number {
    const { type, overflow } = this.#context.codec
    if (overflow === undefined) throw new Error('The codec left no overflow')
    const chars = key.length
    const { wide } = engine.key
    const { length } = overflow
    const status = engine.exports.reserve(chars, wide, length, mode, ttlMs, priority)
    if (status !== STATUS_STORED) return status
    engine.large.write(overflow)
    return engine.exports.commit(chars, wide, type, mode, version)
  }

  pack(value: V): PackedValue {
    const { staging } = this.#context.banks().all[0]
    const bytes = this.#context.codec.encode(value, staging, VALUE_START, VALUE_LIMIT)
    const { type, overflow } = this.#context.codec
    const packed = overflow ?? staging.subarray(VALUE_START, VALUE_START + bytes)
    // Why a copy of both: the staging is used again, and the overflow may be the user's own Buffer.
    return { type, bytes: new Uint8Array(packed) }
  }

  lifetimeMs(ttl: Duration | undefined): number {
    const ttlMs = resolveTtlMs(ttl, this.#context.options.ttlMs)
    return ttlMs > 0 && this.#context.options.ttlJitter > 0 ? this.#jitter(ttlMs) : ttlMs
  }

  #jitter(ttlMs: number): number {
    return Math.max(1, ttlMs * (1 - this.#context.options.ttlJitter * Math.random()))
  }

  slidingMode(options: SetOptions | undefined): number {
    const sliding = resolveSliding(options?.sliding, this.#context.options.sliding)
    return sliding ? SET_SLIDING : 0
  }

  prepareTags(options: SetOptions | undefined): PreparedTags | undefined {
    if (options?.tags === undefined) return undefined
    const tags = resolveTags(options.tags)
    if (tags.length === 0) return undefined
    return { hashes: this.#tags.hashes(tags), names: this.#tags.names(tags) }
  }

  /** @param tagEpochs of each bank, as they were when the value's load began; default: now */
  stageParameters(
    engine: Engine,
    tags: PreparedTags | undefined,
    staleMs: number,
    tagEpochs: readonly number[] | undefined,
  ): void {
    engine.clearSetParameters()
    if (staleMs > 0) engine.stageStaleMs(staleMs)
    if (tags === undefined) return
    const epoch = tagEpochs?.[this.#context.banks().all.indexOf(engine)] ?? engine.tagEpoch
    engine.stageTags(tags.hashes, tags.names, epoch)
  }
}
