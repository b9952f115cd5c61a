/**
 * Cuts chunks of a text file into lines for a format that reads one line at a time.
 *
 * 1. A line may lie across any number of chunks; what has come of it is copied and kept.
 * 2. A line longer than MAX_LINE_BYTES is broken, and no more than that is ever kept.
 * 3. Lines end with \n or \r\n; empty ones are passed over, but counted in the line numbers.
 */
import type { AccessBlock } from '../access.js'
import { CARRIAGE_RETURN, findFar, LINE_FEED } from './bytes.js'
import type { ParserReport, TraceParser } from './format.js'

const MAX_LINE_BYTES = 1024 * 1024
const NOTHING = Buffer.alloc(0)

export interface LineParser {
  /** Reads the line in [start, end), which is not empty; returns why it is broken, if it is. */
  line(bytes: Buffer, start: number, end: number, block: AccessBlock): string | undefined
  /**
   * For formats whose lines are many accesses: appends those still due. False while there are more
   * than the block could take.
   */
  drain?(block: AccessBlock): boolean
}

export class LineReader implements TraceParser {
  private lineNumber = 0
  private kept: Buffer = NOTHING
  private tooLong = false

  constructor(
    private readonly parser: LineParser,
    private readonly report: ParserReport,
  ) {}

  read(bytes: Buffer, offset: number, block: AccessBlock): number {
    while (this.drain(block) && offset < bytes.length && !block.full) {
      const lineEnd = findFar(bytes, LINE_FEED, offset)
      if (lineEnd === bytes.length) this.keep(bytes.subarray(offset))
      else this.takeLine(bytes, offset, lineEnd, block)
      offset = lineEnd + 1
    }
    return Math.min(offset, bytes.length)
  }

  finish(block: AccessBlock): boolean {
    if (!this.drain(block) || block.full) return false
    if (this.kept.length > 0 || this.tooLong) this.takeLine(NOTHING, 0, 0, block)
    return this.drain(block)
  }

  private drain(block: AccessBlock): boolean {
    return this.parser.drain === undefined || this.parser.drain(block)
  }

  private keep(rest: Buffer): void {
    if (this.tooLong || this.kept.length + rest.length > MAX_LINE_BYTES) {
      this.tooLong = true
      this.kept = NOTHING
    } else {
      this.kept = Buffer.concat([this.kept, rest])
    }
  }

  private takeLine(bytes: Buffer, start: number, end: number, block: AccessBlock): void {
    this.lineNumber++
    if (this.kept.length > 0 || this.tooLong) {
      this.keep(bytes.subarray(start, end))
      const line = this.kept
      const tooLong = this.tooLong
      this.kept = NOTHING
      this.tooLong = false
      if (tooLong) this.report.broken(this.lineNumber, `longer than ${MAX_LINE_BYTES} bytes`)
      else this.parseLine(line, 0, line.length, block)
    } else if (end - start > MAX_LINE_BYTES) {
      this.report.broken(this.lineNumber, `longer than ${MAX_LINE_BYTES} bytes`)
    } else {
      this.parseLine(bytes, start, end, block)
    }
  }

  private parseLine(bytes: Buffer, start: number, end: number, block: AccessBlock): void {
    if (end > start && bytes[end - 1] === CARRIAGE_RETURN) end--
    if (end === start) return
    const reason = this.parser.line(bytes, start, end, block)
    if (reason !== undefined) this.report.broken(this.lineNumber, reason)
  }
}
