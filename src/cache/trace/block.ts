/**
 * One block of a trace (layout.ts), filled record by record and then closed with its header.
 *
 * 1. A record is begun, then its parts are put in the order of the layout.
 * 2. Whoever writes looks at `room` before: nothing here does.
 *
 * Costs about 3 ns a record of a hash without time, size and lifetime.
 */
import { checksumOf } from '../checksum.js'
import * as layout from './layout.js'

/** So small that a block is still in the processor's cache when it is written. */
const SHORT_BLOCK_BYTES = 32 * 1024
/** Room for a key of 65,536 characters, three bytes each. */
const LONG_BLOCK_BYTES = 256 * 1024

export function blockBytes(keyKind: number): number {
  return keyKind === layout.KEY_TEXT ? LONG_BLOCK_BYTES : SHORT_BLOCK_BYTES
}

/** What all blocks of a file have in common. */
export interface BlockKind {
  keyKind: number
  /** 8 bytes: keys of blocks with the same ones can be compared. */
  keySet: Uint8Array
  thread: number
  /** Of the keys, the share that is recorded. */
  share: number
}

export class TraceBlock {
  readonly bytes: Buffer
  records = 0
  /** Where the next byte goes. */
  end = layout.HEADER_BYTES
  readonly #view: DataView
  #startMs = 0
  #passedUs = 0

  constructor(capacity: number) {
    this.bytes = Buffer.alloc(capacity)
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, capacity)
  }

  get room(): number {
    return this.bytes.length - this.end
  }

  clear(): void {
    this.records = 0
    this.end = layout.HEADER_BYTES
    this.#passedUs = 0
  }

  /** A record whose time is that of the one before; the first one's has to be told. */
  begin(head: number): void {
    this.records++
    this.#view.setUint8(this.end++, head)
  }

  /** The same, and its key. */
  beginHash(head: number, low: number, high: number): void {
    const { end } = this
    const view = this.#view
    view.setUint8(end, head)
    view.setInt32(end + 1, low, true)
    view.setInt32(end + 5, high, true)
    this.end = end + 9
    this.records++
  }

  /** @param timeMs counts only where it is later than that of the record before */
  beginAt(head: number, timeMs: number): void {
    if (this.records === 0) this.#startMs = timeMs
    const passedUs = Math.round((timeMs - this.#startMs) * layout.US_PER_MS)
    if (passedUs <= this.#passedUs) {
      this.begin(head)
      return
    }
    this.begin(head | layout.HEAD_TIME)
    this.putVarint(passedUs - this.#passedUs)
    this.#passedUs = passedUs
  }

  putHash(low: number, high: number): void {
    this.#view.setInt32(this.end, low, true)
    this.#view.setInt32(this.end + 4, high, true)
    this.end += 8
  }

  putText(text: string): void {
    const bytes = Buffer.byteLength(text, 'utf8')
    this.putVarint(bytes)
    this.end += this.bytes.write(text, this.end, 'utf8')
  }

  /** @param value a whole number from 0 to 2^53 - 1 */
  putVarint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.bytes[this.end++] = (rest % 0x80) | 0x80
      // Why not a shift: it would cut the number to 32 bits.
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 0x80)
    }
    this.bytes[this.end++] = rest
  }

  /** A varint as long as any, which can be overwritten by another one. */
  putPadded(value: number, at = this.end): void {
    let rest = value
    const last = at + layout.MAX_VARINT_BYTES - 1
    for (let index = at; index < last; index++) {
      this.bytes[index] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.bytes[last] = rest
    if (at === this.end) this.end = last + 1
  }

  /** Writes the header. @returns the whole block, good until clear() */
  close({ keyKind, keySet, thread, share }: BlockKind, number: number): Buffer {
    const { bytes } = this
    layout.BLOCK_MAGIC.copy(bytes)
    bytes[layout.AT_VERSION] = layout.TRACE_VERSION
    bytes[layout.AT_KEY_KIND] = keyKind
    bytes.writeUInt16LE(layout.HEADER_BYTES, layout.AT_HEADER_BYTES)
    bytes.writeUInt32LE(this.end - layout.HEADER_BYTES, layout.AT_PAYLOAD_BYTES)
    bytes.writeUInt32LE(this.records, layout.AT_RECORDS)
    bytes.writeUInt32LE(0, layout.AT_CHECKSUM)
    bytes.writeUInt32LE(thread, layout.AT_THREAD)
    bytes.writeDoubleLE(this.#startMs, layout.AT_TIME)
    bytes.set(keySet, layout.AT_KEY_SET)
    bytes.writeFloatLE(share, layout.AT_SHARE)
    bytes.writeUInt32LE(number >>> 0, layout.AT_NUMBER)
    const block = bytes.subarray(0, this.end)
    bytes.writeUInt32LE(checksumOf(block), layout.AT_CHECKSUM)
    return block
  }
}
