/**
 * Many keys, read from the engine in batches: one call for up to 128 of them, whose cache misses overlap.
 *
 * 1. No code of the user's runs while a batch is staged: what their codec has to decode, what cannot be
 *    decoded, what is large and what has several banks to choose from is read key by key.
 *
 * Costs, near off: see getMany() of SharedCache.
 */
import { GET_COUNTED, LARGE_VALUE, STATUS_MISS } from '../../assembly/constants.js'
import type { Engine } from '../engine/engine.js'
import type { CallContext } from './call-context.js'
import type { NearCache } from './near-cache.js'
import { VALUE_CUSTOM } from './value-type.js'

/** Longer keys are read one by one: few of them fit a batch. */
const MAX_BATCHED_CHARS = 1024

/** Reads of single keys. */
export interface SingleReads<V> {
  get(key: string): V | undefined
  /** Without counting an access. */
  peek(key: string): V | undefined
  /** Without counting an access, and into the near cache. */
  peekInto(near: NearCache, key: string): V | undefined
}

export class BatchReader<V> {
  readonly #context: CallContext
  readonly #single: SingleReads<V>

  constructor(context: CallContext, single: SingleReads<V>) {
    this.#context = context
    this.#single = single
  }

  /**
   * The values in the order of the keys, undefined for each miss.
   * @param near takes in what is worth it
   * @throws InvalidKeyError
   */
  read(keys: readonly string[], near: NearCache | undefined): (V | undefined)[] {
    const isOneBank = this.#context.banks().all.length === 1
    const values: (V | undefined)[] = []
    while (values.length < keys.length) {
      const key = keys[values.length]
      // Why the banks again: a codec of the user's may have closed the cache.
      if (isOneBank && isBatchable(key)) {
        this.#readBatch(this.#context.banks().all[0], keys, values, near)
      } else values.push(this.#single.get(key))
    }
    return values
  }

  /** From the first key on that has no value yet: one at least. */
  #readBatch(
    engine: Engine,
    keys: readonly string[],
    values: (V | undefined)[],
    near: NearCache | undefined,
  ): void {
    const { batch } = engine
    batch.begin()
    for (let at = values.length; at < keys.length; at++) {
      const key = keys[at]
      if (!isBatchable(key) || !batch.add(key)) break
    }
    const count = batch.read(GET_COUNTED)
    /** Places of what is to be read again, once the batch is no longer needed. */
    let again: number[] | undefined
    for (let row = 0; row < count; row++) {
      const type = batch.typeOf(row)
      const isStaged = type !== STATUS_MISS && type < LARGE_VALUE
      const value = isStaged ? this.#decode(engine, row, type) : undefined
      const isOpen = value === undefined && type !== STATUS_MISS
      if (isOpen || (near !== undefined && isStaged && batch.hits(row) > 0 && near.admits())) {
        again ??= []
        again.push(values.length)
      }
      values.push(value)
    }
    if (again !== undefined) this.#readAgain(keys, again, values, near)
  }

  #readAgain(
    keys: readonly string[],
    again: readonly number[],
    values: (V | undefined)[],
    near: NearCache | undefined,
  ): void {
    for (const place of again) {
      const key = keys[place]
      values[place] =
        near === undefined || values[place] === undefined
          ? this.#single.peek(key)
          : this.#single.peekInto(near, key)
    }
  }

  /** Undefined for what only a single read can decode, or report as corrupt. */
  #decode(engine: Engine, row: number, type: number): V | undefined {
    if (type === VALUE_CUSTOM) return undefined
    const { batch } = engine
    const start = batch.valueStart(row)
    try {
      const end = start + batch.valueBytes(row)
      return this.#context.codec.decode(type, engine.staging, start, end) as V
    } catch {
      return undefined
    }
  }
}

/** Why any other goes alone: a single get refuses what is no key. */
function isBatchable(key: string): boolean {
  return typeof key === 'string' && key.length <= MAX_BATCHED_CHARS
}
