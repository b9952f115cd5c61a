/**
 * hotset's own format, which `hotset trace` and the `trace` option of a cache write: docs/trace-format.md.
 *
 * 1. A block that is damaged is reported, and what follows is looked for: the next bytes that begin a block.
 * 2. A block at the end of the file that is not whole (the service was killed) is read as far as it goes,
 *    and reported.
 * 3. A record whose size or lifetime the file does not tell says so: size-memory.ts fills it in.
 *
 * Costs a key string an access; memory for one block.
 */
import { checksumOf } from '../../cache/checksum.js'
import * as layout from '../../cache/trace/layout.js'
import { type AccessBlock, DELETE, READ, WRITE } from '../access.js'
import type { ParserReport, TraceFormat, TraceParser } from './format.js'
import { RecordCursor } from './hst-records.js'

const NOTHING = Buffer.alloc(0)
const OPERATIONS = [READ, WRITE, DELETE]

interface Header {
  headerBytes: number
  blockBytes: number
}

class HstReader implements TraceParser {
  /** What has been read and not been used: less than a block. */
  private kept: Buffer = NOTHING
  private cursor: RecordCursor | undefined
  private blocks = 0
  /** Since when bytes are passed over that begin no block. */
  private isLost = false

  constructor(private readonly report: ParserReport) {}

  read(bytes: Buffer, offset: number, block: AccessBlock): number {
    // Bound: each turn opens a block, or takes in what is left of the bytes, or is the last.
    for (;;) {
      if (!this.drain(block)) return offset
      if (this.openBlock()) continue
      if (offset === bytes.length) return offset
      this.kept = Buffer.concat([this.kept, bytes.subarray(offset)])
      offset = bytes.length
    }
  }

  finish(block: AccessBlock): boolean {
    while (this.drain(block)) {
      if (this.openBlock()) continue
      if (this.kept.length === 0) return true
      if (this.hasFurtherBlock()) this.damaged('its length is wrong')
      else this.openRest()
    }
    return false
  }

  /** Hands on what the open block has; false while the access block is full before that. */
  private drain(block: AccessBlock): boolean {
    const { cursor } = this
    if (cursor === undefined) return true
    while (!block.full) {
      if (!cursor.next()) {
        if (cursor.problem !== undefined) this.report.broken(this.blocks, cursor.problem)
        this.cursor = undefined
        return true
      }
      const operation = OPERATIONS[cursor.operation]
      block.push(cursor.key, cursor.sizeBytes, cursor.timeMs, cursor.ttlMs, operation)
    }
    return false
  }

  /** Opens the next block that is whole and sound; false where there is none in what was read. */
  private openBlock(): boolean {
    while (this.seek()) {
      const header = readHeader(this.kept)
      if (typeof header === 'string') {
        this.damaged(header)
      } else if (header === undefined || this.kept.length < header.blockBytes) {
        return false
      } else if (isSound(this.kept.subarray(0, header.blockBytes))) {
        this.open(header, header.blockBytes)
        return true
      } else {
        this.damaged('its checksum is wrong')
      }
    }
    return false
  }

  private open({ headerBytes }: Header, end: number): void {
    this.blocks++
    this.isLost = false
    this.cursor = new RecordCursor(this.kept.subarray(0, end), headerBytes)
    this.kept = this.kept.subarray(end)
  }

  /** Whether a sound block stands after the beginning of one that seems not to be whole. */
  private hasFurtherBlock(): boolean {
    for (let at = 1; ; at++) {
      at = this.kept.indexOf(layout.BLOCK_MAGIC, at)
      if (at < 0) return false
      const rest = this.kept.subarray(at)
      const header = readHeader(rest)
      if (typeof header !== 'object' || rest.length < header.blockBytes) continue
      if (isSound(rest.subarray(0, header.blockBytes))) return true
    }
  }

  /** The block that the end of the file cuts off. */
  private openRest(): void {
    const header = readHeader(this.kept)
    const { length } = this.kept
    if (header === undefined || typeof header === 'string') {
      this.report.broken(this.blocks + 1, `the file ends in the ${length} bytes of a block's head`)
      this.kept = NOTHING
      return
    }
    const missing = `the file ends after ${length} of the block's ${header.blockBytes} bytes`
    this.report.broken(this.blocks + 1, missing)
    this.open(header, length)
    if (this.cursor !== undefined) this.cursor.isCutOff = true
  }

  private damaged(reason: string): void {
    this.blocks++
    this.report.broken(this.blocks, `${reason}; what follows is read on from the next block`)
    this.isLost = true
    this.kept = this.kept.subarray(1)
  }

  /** Moves on to the next bytes that may begin a block; false where there are none. */
  private seek(): boolean {
    const at = this.kept.indexOf(layout.BLOCK_MAGIC)
    if (at === 0) return true
    if (at > 0) this.passOver(at)
    else this.passOver(Math.max(0, this.kept.length - (layout.BLOCK_MAGIC.length - 1)))
    return at > 0
  }

  private passOver(bytes: number): void {
    if (bytes > 0 && !this.isLost) {
      this.blocks++
      this.report.broken(this.blocks, 'bytes that begin no block')
      this.isLost = true
    }
    this.kept = this.kept.subarray(bytes)
  }
}

/** What is wrong with it, or undefined where there is too little to tell. */
function readHeader(bytes: Buffer): Header | string | undefined {
  if (bytes.length < layout.HEADER_BYTES) return undefined
  const version = bytes[layout.AT_VERSION]
  const headerBytes = bytes.readUInt16LE(layout.AT_HEADER_BYTES)
  const payloadBytes = bytes.readUInt32LE(layout.AT_PAYLOAD_BYTES)
  if (version !== layout.TRACE_VERSION) {
    return `version ${version} of the format; known is ${layout.TRACE_VERSION}`
  }
  if (headerBytes < layout.HEADER_BYTES || payloadBytes > layout.MAX_PAYLOAD_BYTES) {
    return `a block of ${headerBytes} and ${payloadBytes} bytes`
  }
  if (bytes[layout.AT_KEY_KIND] > layout.KEY_NUMBER) return 'an unknown kind of keys'
  return { headerBytes, blockBytes: headerBytes + payloadBytes }
}

function isSound(block: Buffer): boolean {
  const told = block.readUInt32LE(layout.AT_CHECKSUM)
  block.writeUInt32LE(0, layout.AT_CHECKSUM)
  const found = checksumOf(block)
  block.writeUInt32LE(told, layout.AT_CHECKSUM)
  return told === found
}

export const hstFormat: TraceFormat = {
  name: 'hst',
  summary: "hotset's own: generated or recorded; several files are merged by time (.hst)",
  endings: ['hst'],
  recognise: (head) => head.subarray(0, layout.BLOCK_MAGIC.length).equals(layout.BLOCK_MAGIC),
  isMergedByTime: true,
  hasTime: () => true,
  createParser: (_options, report) => new HstReader(report),
}
