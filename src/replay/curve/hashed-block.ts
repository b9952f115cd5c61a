/**
 * A block whose accesses have hashes in the place of key strings.
 *
 * 1. A key's text is made only when `keyAt` asks for it, from where the parser found it.
 * 2. `keys` is not filled.
 */
import { AccessBlock, BLOCK_ACCESSES } from '../access.js'
import { latin1 } from '../latin1.js'
import { KeyHashes } from './key-hash.js'

export class HashedBlock extends AccessBlock {
  readonly hashes: KeyHashes
  /** Where each key's text comes from: undefined for a number. */
  private readonly sources: (Buffer | string | undefined)[]
  /** The number, or where the key begins in its source. */
  private readonly starts: Float64Array
  private readonly ends: Uint32Array
  private prefix = ''

  constructor(capacity = BLOCK_ACCESSES) {
    super(capacity)
    this.hashes = new KeyHashes(capacity)
    this.sources = new Array<undefined>(capacity).fill(undefined)
    this.starts = new Float64Array(capacity)
    this.ends = new Uint32Array(capacity)
  }

  override push(
    key: string,
    sizeBytes: number,
    timeMs: number,
    ttlMs: number,
    operation: number,
  ): void {
    this.hashes.ofText(this.length, key)
    this.sources[this.length] = key
    this.append(sizeBytes, timeMs, ttlMs, operation)
  }

  override pushNumber(
    key: number,
    sizeBytes: number,
    timeMs: number,
    ttlMs: number,
    operation: number,
  ): void {
    this.hashes.ofNumber(this.length, key)
    this.sources[this.length] = undefined
    this.starts[this.length] = key
    this.append(sizeBytes, timeMs, ttlMs, operation)
  }

  override pushBytes(
    bytes: Buffer,
    start: number,
    end: number,
    sizeBytes: number,
    timeMs: number,
    ttlMs: number,
    operation: number,
  ): void {
    this.hashes.ofBytes(this.length, bytes, start, end)
    this.sources[this.length] = bytes
    this.starts[this.length] = start
    this.ends[this.length] = end
    this.append(sizeBytes, timeMs, ttlMs, operation)
  }

  override prefixKeys(prefix: string): void {
    const before = new KeyHashes(1)
    before.ofText(0, prefix)
    for (let index = 0; index < this.length; index++) this.hashes.combine(index, before)
    this.prefix = prefix
  }

  keyAt(index: number): string {
    const source = this.sources[index]
    const start = this.starts[index]
    if (source === undefined) return this.prefix + String(start)
    if (typeof source === 'string') return this.prefix + source
    return this.prefix + latin1(source, start, this.ends[index])
  }

  /** The key where it is a number that no text was made of; undefined for any other. */
  numberAt(index: number): number | undefined {
    return this.sources[index] === undefined && this.prefix === '' ? this.starts[index] : undefined
  }

  /** In characters, as `keyAt` would give it. */
  keyLengthAt(index: number): number {
    return Buffer.isBuffer(this.sources[index])
      ? this.prefix.length + this.ends[index] - this.starts[index]
      : this.keyAt(index).length
  }

  private append(sizeBytes: number, timeMs: number, ttlMs: number, operation: number): void {
    const index = this.length
    this.sizeBytes[index] = sizeBytes
    this.timeMs[index] = timeMs
    this.ttlMs[index] = ttlMs
    this.operations[index] = operation
    this.length = index + 1
  }
}
