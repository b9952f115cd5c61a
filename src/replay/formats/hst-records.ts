/** Goes through the records of one block of a .hst file: see src/cache/trace/layout.ts. */
import * as layout from '../../cache/trace/layout.js'
import { NO_TTL, UNKNOWN_SIZE } from '../access.js'
import { latin1 } from '../latin1.js'

const HASH_BYTES = 8
const HASH_CHARACTERS = 16
const HEX = Buffer.from('0123456789abcdef', 'latin1')
const MAX_EXACT = Number.MAX_SAFE_INTEGER

export class RecordCursor {
  operation = layout.HEAD_READ
  isHit = false
  key = ''
  sizeBytes = UNKNOWN_SIZE
  ttlMs = NO_TTL
  timeMs: number
  /** What stands in the way of reading on. */
  problem: string | undefined
  /** The block's end is missing: that its last record is not whole is known. */
  isCutOff = false
  private at: number
  private left: number
  private readonly keyKind: number
  private readonly hex = Buffer.alloc(HASH_CHARACTERS)

  constructor(
    private readonly bytes: Buffer,
    headerBytes: number,
  ) {
    this.at = headerBytes
    this.left = bytes.readUInt32LE(layout.AT_RECORDS)
    this.keyKind = bytes[layout.AT_KEY_KIND]
    this.timeMs = bytes.readDoubleLE(layout.AT_TIME)
  }

  /** Reads the next record; false where there is none, or none that can be read. */
  next(): boolean {
    if (this.left === 0) return false
    this.left--
    const { bytes } = this
    const head = bytes[this.at++]
    if ((head & layout.HEAD_UNKNOWN) !== 0 || (head & layout.HEAD_OPERATION) > layout.HEAD_DELETE) {
      return this.stop(`an unknown operation (${head})`)
    }
    this.operation = head & layout.HEAD_OPERATION
    this.isHit = (head & layout.HEAD_HIT) !== 0
    if ((head & layout.HEAD_TIME) !== 0) this.timeMs += this.readVarint() / layout.US_PER_MS
    this.key = this.readKey()
    this.sizeBytes = (head & layout.HEAD_SIZE) === 0 ? UNKNOWN_SIZE : this.readVarint() - 1
    this.ttlMs = (head & layout.HEAD_TTL) === 0 ? NO_TTL : this.readVarint()
    return this.at <= bytes.length ? true : this.stop('a record that is not whole')
  }

  private readKey(): string {
    if (this.keyKind === layout.KEY_NUMBER) return String(this.readVarint())
    if (this.keyKind === layout.KEY_HASH) return this.readHash()
    const length = this.readVarint()
    const start = this.at
    this.at += length
    return this.at <= this.bytes.length ? latin1(this.bytes, start, this.at) : ''
  }

  private readHash(): string {
    const { bytes, hex, at } = this
    this.at += HASH_BYTES
    if (this.at > bytes.length) return ''
    for (let index = 0; index < HASH_BYTES; index++) {
      const byte = bytes[at + index]
      hex[2 * index] = HEX[byte >>> 4]
      hex[2 * index + 1] = HEX[byte & 15]
    }
    return latin1(hex)
  }

  private readVarint(): number {
    const { bytes } = this
    let value = 0
    let unit = 1
    for (let count = 0; count < layout.MAX_VARINT_BYTES; count++) {
      if (this.at >= bytes.length) break
      const byte = bytes[this.at++]
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return Math.min(value, MAX_EXACT)
      unit *= 0x80
    }
    // Why so: then the record is found not to be whole.
    this.at = bytes.length + 1
    return 0
  }

  private stop(problem: string): false {
    this.left = 0
    if (!this.isCutOff) this.problem = problem
    return false
  }
}
