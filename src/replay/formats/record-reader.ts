/**
 * Cuts chunks of a binary file into records of one length.
 *
 * A record may lie across two chunks; what is left at the end of the file is one broken record.
 */
import type { AccessBlock } from '../access.js'
import type { ParserReport, TraceParser } from './format.js'

export type RecordParser = (bytes: Buffer, offset: number, block: AccessBlock) => void

export class RecordReader implements TraceParser {
  private readonly kept: Buffer
  private keptBytes = 0
  private records = 0

  constructor(
    private readonly recordBytes: number,
    private readonly parse: RecordParser,
    private readonly report: ParserReport,
  ) {
    this.kept = Buffer.alloc(recordBytes)
  }

  read(bytes: Buffer, offset: number, block: AccessBlock): number {
    while (offset < bytes.length && !block.full) {
      if (this.keptBytes > 0 || bytes.length - offset < this.recordBytes) {
        offset = this.fillKept(bytes, offset, block)
      } else {
        this.records++
        this.parse(bytes, offset, block)
        offset += this.recordBytes
      }
    }
    return offset
  }

  finish(): boolean {
    if (this.keptBytes > 0) {
      const reason = `${this.keptBytes} of ${this.recordBytes} bytes`
      this.report.broken(this.records + 1, reason)
      this.keptBytes = 0
    }
    return true
  }

  private fillKept(bytes: Buffer, offset: number, block: AccessBlock): number {
    const copied = bytes.copy(this.kept, this.keptBytes, offset, offset + this.missingBytes())
    this.keptBytes += copied
    if (this.missingBytes() === 0) {
      this.records++
      this.keptBytes = 0
      this.parse(this.kept, 0, block)
    }
    return offset + copied
  }

  private missingBytes(): number {
    return this.recordBytes - this.keptBytes
  }
}
