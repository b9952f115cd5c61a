/**
 * The traces of the ARC paper: `start count ignored number`, where a line is `count` requests for
 * consecutive pages from `start` on.
 *
 * A run is handed out as blocks have room for it, so that a long one costs no memory.
 */
import { type AccessBlock, NO_TTL, READ, UNKNOWN_SIZE, UNKNOWN_TIME } from '../access.js'
import { NOT_A_NUMBER, readUnsigned } from './bytes.js'
import { FieldSplitter, WHITESPACE } from './fields.js'
import type { TraceFormat } from './format.js'
import { type LineParser, LineReader } from './line-reader.js'
import { firstLines } from './recognise.js'

/** A longer run is no request but damage: 2^24 pages of 512 bytes are 8 GiB. */
const MAX_RUN_PAGES = 2 ** 24

class ArcLine implements LineParser {
  private readonly fields = new FieldSplitter(WHITESPACE)
  private nextPage = 0
  private pagesLeft = 0

  line(bytes: Buffer, start: number, end: number, block: AccessBlock): string | undefined {
    const { fields } = this
    fields.split(bytes, start, end)
    if (fields.count < 2) return 'fewer than two numbers'
    const page = readUnsigned(bytes, fields.starts[0], fields.ends[0])
    const count = readUnsigned(bytes, fields.starts[1], fields.ends[1])
    if (page === NOT_A_NUMBER) return 'the start is not a number'
    if (count === NOT_A_NUMBER) return 'the count is not a number'
    if (count > MAX_RUN_PAGES) return `the count is above ${MAX_RUN_PAGES}`
    this.nextPage = page
    this.pagesLeft = count
    this.drain(block)
    return undefined
  }

  drain(block: AccessBlock): boolean {
    while (this.pagesLeft > 0 && !block.full) {
      block.pushNumber(this.nextPage, UNKNOWN_SIZE, UNKNOWN_TIME, NO_TTL, READ)
      this.nextPage++
      this.pagesLeft--
    }
    return this.pagesLeft === 0
  }
}

export const arcFormat: TraceFormat = {
  name: 'arc',
  summary: 'ARC: start, count, ignored, number; a line is a run of pages (.lis)',
  endings: ['lis'],
  recognise: (head) => firstLines(head).every((line) => /^\s*(\d+\s+){3}\d+\s*$/.test(line)),
  hasTime: () => false,
  createParser: (_options, report) => new LineReader(new ArcLine(), report),
}
