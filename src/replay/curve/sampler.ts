/**
 * Chooses the requests that a curve is worked out from, in one pass and bounded memory.
 *
 * A key is in the sample while its hash is below a threshold, so that all its requests are in or none. The
 * threshold begins above every hash; each time requests or keys are more than allowed it is lowered by a
 * fifth, and what is above it dropped. So a trace that fits is kept whole, and the sample of one that does
 * not is some four fifths or more of what is allowed, but where few keys make most requests.
 * C. Waldspurger, N. Park, A. Garthwaite, I. Ahmad, Efficient MRC construction with SHARDS, FAST 2015
 * (there the number of keys is what is bounded).
 *
 * 1. Requests in the sample are in the order of the trace.
 * 2. No key strings are made: a `KeyListener` may ask for them, once a key that is new to the sample.
 * 3. A request without a size has the one its key had last, else the default.
 *
 * Costs 17 bytes a request and some 40 a key, sizes, lifetimes and operations another 13 where there are any.
 */
import { DELETE, READ, UNKNOWN_SIZE } from '../access.js'
import type { HashedBlock } from './hashed-block.js'
import { KeyTable } from './key-table.js'
import { KEY_GROUPS, type Sample, type TraceTotals } from './sample.js'
import { type SharedArray, sharedArray, withRoom } from './shared-array.js'

const EVERY_HASH = 2 ** 32
const LOWERED_TO = 0.8
const GROUP_SHIFT = 32 - Math.log2(KEY_GROUPS)
const MAX_BYTES = 2 ** 32 - 1

/** Learns of the keys in the sample. */
export interface KeyListener {
  /** The block's key at this index is seen for the first time, and has this number from now on. */
  onKey(block: HashedBlock, index: number, number: number): void
  /** Keys were dropped: the new number of each old one, -1 for those. */
  onRenumber(newNumbers: Int32Array): void
}

export interface SamplerOptions {
  maxRequests: number
  maxKeys: number
  /** For objects whose size the trace never gives. */
  defaultBytes: number
  /** Whether the times of the trace mean something. */
  hasTime: boolean
  listener?: KeyListener
}

export class Sampler {
  private readonly totals: TraceTotals = {
    requests: 0,
    reads: 0,
    writes: 0,
    deletes: 0,
    readBytes: 0,
  }
  private threshold = EVERY_HASH
  private readonly table = new KeyTable()
  private requests = 0
  private keyOf = sharedArray(Uint32Array)
  private objectBytes: Uint32Array | undefined
  private timeMs: Float64Array | undefined
  private ttlMs: Float64Array | undefined
  private operations: Uint8Array | undefined
  private lastBytes = sharedArray(Uint32Array)
  private keyLengths = sharedArray(Uint32Array)

  constructor(private readonly options: SamplerOptions) {
    if (options.hasTime) this.timeMs = sharedArray(Float64Array)
  }

  /** Takes in the first `count` accesses of the block. */
  add(block: HashedBlock, count: number): void {
    this.totals.requests += count
    this.makeRoom(this.requests + count)
    for (let index = 0; index < count; index++) {
      this.countIn(block, index)
      if (block.hashes.highs[index] < this.threshold) this.take(block, index)
    }
    const { maxRequests, maxKeys } = this.options
    while (this.requests > maxRequests || this.table.count > maxKeys) this.lowerThreshold()
  }

  finish(): Sample {
    const groups = sharedArray(Uint8Array, this.table.count)
    for (let key = 0; key < this.table.count; key++)
      groups[key] = this.table.lows[key] >>> GROUP_SHIFT
    return {
      requests: this.requests,
      keys: this.table.count,
      rate: this.threshold / EVERY_HASH,
      totals: this.totals,
      keyOf: this.keyOf,
      objectBytes: this.objectBytes,
      timeMs: this.timeMs,
      ttlMs: this.ttlMs,
      operations: this.operations,
      lastBytes: this.lastBytes,
      keyLengths: this.keyLengths,
      groups,
    }
  }

  private countIn(block: HashedBlock, index: number): void {
    const { totals } = this
    const operation = block.operations[index]
    if (operation === READ) {
      const sizeBytes = block.sizeBytes[index]
      totals.reads++
      totals.readBytes += sizeBytes === UNKNOWN_SIZE ? this.options.defaultBytes : sizeBytes
    } else if (operation === DELETE) totals.deletes++
    else totals.writes++
  }

  private take(block: HashedBlock, index: number): void {
    const key = this.keyAt(block, index)
    const at = this.requests++
    this.keyOf[at] = key
    this.takeSize(block.sizeBytes[index], key, at)
    if (this.timeMs !== undefined) this.timeMs[at] = block.timeMs[index]
    const ttlMs = block.ttlMs[index]
    if (this.ttlMs !== undefined) this.ttlMs[at] = ttlMs
    else if (ttlMs !== 0) this.beginTtls(at, ttlMs)
    const operation = block.operations[index]
    if (this.operations !== undefined) this.operations[at] = operation
    else if (operation !== READ) this.beginOperations(at, operation)
  }

  private keyAt(block: HashedBlock, index: number): number {
    const { table } = this
    const before = table.count
    const key = table.numberOf(block.hashes.highs[index], block.hashes.lows[index])
    if (table.count > before) this.welcome(block, index, key)
    return key
  }

  private welcome(block: HashedBlock, index: number, key: number): void {
    this.lastBytes = withRoom(this.lastBytes, key + 1)
    this.keyLengths = withRoom(this.keyLengths, key + 1)
    this.lastBytes[key] = this.options.defaultBytes
    this.keyLengths[key] = block.keyLengthAt(index)
    this.options.listener?.onKey(block, index, key)
  }

  private takeSize(sizeBytes: number, key: number, at: number): void {
    if (sizeBytes !== UNKNOWN_SIZE) {
      this.objectBytes ??= this.filled(sharedArray(Uint32Array, this.keyOf.length), at)
      this.lastBytes[key] = Math.min(sizeBytes, MAX_BYTES)
    }
    if (this.objectBytes !== undefined) this.objectBytes[at] = this.lastBytes[key]
  }

  /** What was taken before the first size is of the default one. */
  private filled(column: Uint32Array, count: number): Uint32Array {
    return column.fill(this.options.defaultBytes, 0, count)
  }

  private beginTtls(at: number, ttlMs: number): void {
    this.ttlMs = sharedArray(Float64Array, this.keyOf.length)
    this.ttlMs[at] = ttlMs
  }

  private beginOperations(at: number, operation: number): void {
    this.operations = sharedArray(Uint8Array, this.keyOf.length)
    this.operations[at] = operation
  }

  private makeRoom(requests: number): void {
    this.keyOf = withRoom(this.keyOf, requests)
    if (this.objectBytes !== undefined) this.objectBytes = withRoom(this.objectBytes, requests)
    if (this.timeMs !== undefined) this.timeMs = withRoom(this.timeMs, requests)
    if (this.ttlMs !== undefined) this.ttlMs = withRoom(this.ttlMs, requests)
    if (this.operations !== undefined) this.operations = withRoom(this.operations, requests)
  }

  private lowerThreshold(): void {
    this.threshold = Math.floor(this.threshold * LOWERED_TO)
    const newNumbers = this.numberKeysBelow(this.threshold)
    this.dropRequests(newNumbers)
    keepNumbered(this.lastBytes, newNumbers)
    keepNumbered(this.keyLengths, newNumbers)
    this.table.renumber(newNumbers)
    this.options.listener?.onRenumber(newNumbers)
  }

  private numberKeysBelow(threshold: number): Int32Array {
    const newNumbers = new Int32Array(this.table.count)
    let kept = 0
    for (let key = 0; key < newNumbers.length; key++) {
      newNumbers[key] = this.table.highs[key] < threshold ? kept++ : -1
    }
    return newNumbers
  }

  private dropRequests(newNumbers: Int32Array): void {
    const { keyOf, objectBytes, timeMs, ttlMs, operations } = this
    let kept = 0
    for (let at = 0; at < this.requests; at++) {
      const key = newNumbers[keyOf[at]]
      if (key < 0) continue
      keyOf[kept] = key
      if (objectBytes !== undefined) objectBytes[kept] = objectBytes[at]
      if (timeMs !== undefined) timeMs[kept] = timeMs[at]
      if (ttlMs !== undefined) ttlMs[kept] = ttlMs[at]
      if (operations !== undefined) operations[kept] = operations[at]
      kept++
    }
    this.requests = kept
  }
}

/** Moves what belongs to a key to the key's new number. */
function keepNumbered(column: SharedArray, newNumbers: Int32Array): void {
  for (let key = 0; key < newNumbers.length; key++) {
    if (newNumbers[key] >= 0) column[newNumbers[key]] = column[key]
  }
}
