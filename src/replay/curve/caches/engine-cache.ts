/**
 * One of hotset's own policies as a cache of a curve: the engine itself, through its public API.
 *
 * 1. One shard and no near cache: the policy's order is exact.
 * 2. In entries, the count is what bounds. In bytes, cache and objects are scaled (engine-scale.ts), and
 *    objects above a tenth of the full size are refused, as the full cache would.
 * 3. It is never made larger than what all objects of the sample take.
 * 4. Time is the trace's.
 *
 * Costs what such a cache takes, and a key string a key on the heap.
 */

import { MAX_CACHE_BYTES, MAX_ENTRY_BYTES } from '../../../cache/options.js'
import { formatBytes } from '../../../cache/units.js'
import { SharedCache } from '../../../index.js'
import { START_MS } from '../../clock.js'
import { UsageError } from '../../errors.js'
import { latin1 } from '../../latin1.js'
import type { Policy } from '../../policies.js'
import { type CacheRequest, ttlAt } from './curve-cache.js'
import { engineScale, KEY_DIGITS, valueLength } from './engine-scale.js'
import type { HoldingCache } from './trial-cache.js'

const VALUE = true
/** What bytes have to suffice for so that the count is what bounds. */
const FIXED_BYTES = 16 * 1024 * 1024
const BYTES_PER_ENTRY = 256
/** As SharedCache has it where nothing is said. */
const LARGEST_SHARE = 10
/** Objects, with what rounding and part-filled pages waste. */
const ROOM = 2
const DIGIT_ZERO = 48
const DIGIT_BASE = 32

class EngineClock {
  nowMs = START_MS

  now(): number {
    return this.nowMs
  }
}

abstract class EngineCache<Value> implements HoldingCache {
  protected readonly clock = new EngineClock()
  protected abstract readonly cache: SharedCache<Value>
  protected readonly keys: string[]
  private readonly setOptions = { ttl: 0 }

  constructor(protected readonly request: CacheRequest) {
    this.keys = makeKeys(request.sample.keys)
  }

  read(key: number, index: number): boolean {
    this.moveTo(index)
    if (this.cache.get(this.keys[key]) !== undefined) return true
    this.store(key, index)
    return false
  }

  write(key: number, index: number): void {
    this.moveTo(index)
    this.store(key, index)
  }

  remove(key: number): void {
    this.cache.delete(this.keys[key])
  }

  holds(key: number): boolean {
    return this.cache.has(this.keys[key])
  }

  close(): void {
    this.cache.close()
  }

  protected abstract store(key: number, index: number): void

  protected set(key: string, value: Value, index: number): void {
    const ttlMs = ttlAt(this.request, index)
    if (ttlMs === 0) {
      this.cache.set(key, value)
    } else {
      this.setOptions.ttl = Math.max(1, Math.round(ttlMs))
      this.cache.set(key, value, this.setOptions)
    }
  }

  private moveTo(index: number): void {
    const { timeMs } = this.request.sample
    if (timeMs !== undefined) this.clock.nowMs = timeMs[index]
  }
}

class EntryBoundCache extends EngineCache<boolean> {
  protected readonly cache: SharedCache<boolean>

  constructor(policy: Policy, request: CacheRequest) {
    super(request)
    const maxEntries = Math.max(1, Math.min(request.capacity, request.sample.keys))
    const maxBytes = FIXED_BYTES + maxEntries * BYTES_PER_ENTRY
    const { clock } = this
    this.cache = new SharedCache({ maxBytes, maxEntries, policy, clock, shards: 1, near: false })
  }

  protected store(key: number, index: number): void {
    this.set(this.keys[key], VALUE, index)
  }
}

class ByteBoundCache extends EngineCache<Uint8Array> {
  protected readonly cache: SharedCache<Uint8Array>
  private readonly scale: number
  private readonly largestCost: number
  private filler = new Uint8Array(0)

  constructor(
    policy: Policy,
    request: CacheRequest,
    private readonly costs: Uint32Array,
  ) {
    super(request)
    const perKey = costsByKey(request, costs)
    const total = perKey.reduce((sum, cost) => sum + cost, 0)
    const capacity = Math.max(1, Math.min(request.capacity, total * ROOM))
    this.scale = engineScale(perKey, capacity)
    const bytes = Math.ceil(capacity * this.scale)
    const options = { policy, clock: this.clock, codec: 'bytes', shards: 1, near: false } as const
    const maxBytes = bytes + fixedBytes(mustFit(bytes), options)
    const maxEntryBytes = Math.min(maxBytes, MAX_ENTRY_BYTES)
    this.largestCost = Math.min(request.fullSize / LARGEST_SHARE, maxEntryBytes / this.scale)
    this.cache = new SharedCache({ ...options, maxBytes: mustFit(maxBytes), maxEntryBytes })
  }

  protected store(key: number, index: number): void {
    const cost = this.costs[index]
    if (cost > this.largestCost) this.remove(key)
    else this.set(this.keys[key], this.valueOf(cost), index)
  }

  private valueOf(cost: number): Uint8Array {
    const length = valueLength(cost, this.scale)
    if (length > this.filler.length) this.filler = new Uint8Array(length * 2)
    return this.filler.subarray(0, length)
  }
}

export function createEngineCache(policy: Policy, request: CacheRequest): HoldingCache {
  return request.costs === undefined
    ? new EntryBoundCache(policy, request)
    : new ByteBoundCache(policy, request, request.costs)
}

/** Numbers to the base of 32, all of one length. Why from bytes: a string made of parts costs more to read. */
function makeKeys(count: number): string[] {
  const bytes = Buffer.alloc(KEY_DIGITS)
  const keys: string[] = []
  for (let number = 0; number < count; number++) {
    let rest = number
    for (let at = KEY_DIGITS - 1; at >= 0; at--) {
      bytes[at] = DIGIT_ZERO + (rest % DIGIT_BASE)
      rest = Math.floor(rest / DIGIT_BASE)
    }
    keys.push(latin1(bytes))
  }
  return keys
}

/** What each object counts at most. */
function costsByKey({ sample }: CacheRequest, costs: Uint32Array): Uint32Array {
  const perKey = new Uint32Array(sample.keys)
  for (let index = 0; index < sample.requests; index++) {
    const key = sample.keyOf[index]
    if (costs[index] > perKey[key]) perKey[key] = costs[index]
  }
  return perKey
}

/** What a cache of this size takes when it is empty. */
function fixedBytes(
  maxBytes: number,
  options: Omit<ConstructorParameters<typeof SharedCache>[0], 'maxBytes'>,
): number {
  const empty = new SharedCache({ ...options, maxBytes })
  const { bytes } = empty.stats()
  empty.close()
  return bytes
}

/** @throws UsageError */
function mustFit(bytes: number): number {
  if (bytes <= MAX_CACHE_BYTES) return bytes
  throw new UsageError(
    `A cache of ${formatBytes(bytes)} would be needed, more than the ${formatBytes(MAX_CACHE_BYTES)} that ` +
      'hotset can have: use a smaller --sample, and no --exact',
  )
}
