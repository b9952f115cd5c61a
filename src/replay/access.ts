/**
 * What a trace says, in blocks: one access is { key, sizeBytes, timeMs, ttlMs, operation }.
 *
 * 1. A block is a structure of arrays, filled by a parser, replayed, and filled again: no object is
 *    made for an access.
 * 2. A block is valid until its source is asked for the next one.
 * 3. Entries from `length` on are leftovers.
 *
 * Costs a key string an access and nothing else.
 */
import { latin1 } from './latin1.js'

export const BLOCK_ACCESSES = 4096

export const READ = 0
export const WRITE = 1
export const DELETE = 2

/** The trace does not say how large the object is. */
export const UNKNOWN_SIZE = -1
/** The trace does not say when the access was. */
export const UNKNOWN_TIME = -1
/** The trace gives no lifetime. */
export const NO_TTL = 0

/** What is in a block, in a form that can be posted to another thread. */
export interface Accesses {
  readonly length: number
  readonly keys: string[]
  readonly sizeBytes: Float64Array
  readonly timeMs: Float64Array
  readonly ttlMs: Float64Array
  readonly operations: Uint8Array
}

export class AccessBlock implements Accesses {
  length = 0
  readonly keys: string[]
  readonly sizeBytes: Float64Array
  readonly timeMs: Float64Array
  readonly ttlMs: Float64Array
  readonly operations: Uint8Array

  constructor(private readonly capacity = BLOCK_ACCESSES) {
    this.keys = new Array<string>(capacity).fill('')
    this.sizeBytes = new Float64Array(capacity)
    this.timeMs = new Float64Array(capacity)
    this.ttlMs = new Float64Array(capacity)
    this.operations = new Uint8Array(capacity)
  }

  get full(): boolean {
    return this.length === this.capacity
  }

  push(key: string, sizeBytes: number, timeMs: number, ttlMs: number, operation: number): void {
    const index = this.length
    this.keys[index] = key
    this.sizeBytes[index] = sizeBytes
    this.timeMs[index] = timeMs
    this.ttlMs[index] = ttlMs
    this.operations[index] = operation
    this.length = index + 1
  }

  /** Puts the same text before every key in the block; both Latin-1. */
  prefixKeys(prefix: string): void {
    for (let index = 0; index < this.length; index++) {
      // Why not by concatenation alone: that makes a string of two parts, which takes more of the
      // heap of the cache that keeps it than is counted.
      this.keys[index] = latin1(Buffer.from(prefix + this.keys[index], 'latin1'))
    }
  }
}

/** Anything that can be replayed. Each implementation gets a fresh one. */
export interface AccessSource {
  /** Whether its accesses have times, so that lifetimes are to be measured in them. */
  readonly hasTime: boolean
  blocks(): AsyncIterable<AccessBlock> | Iterable<AccessBlock>
  /** How far the replay has come, 0 to 1. */
  progress(): number
}
