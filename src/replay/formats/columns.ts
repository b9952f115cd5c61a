/**
 * Tables of any kind: CSV, or columns with white space between them, with a column for the key and
 * perhaps for size, time, TTL and operation.
 *
 * A size or TTL that is empty or `-` is unknown; anything else that is no number breaks the line.
 */

import {
  type AccessBlock,
  DELETE,
  NO_TTL,
  READ,
  UNKNOWN_SIZE,
  UNKNOWN_TIME,
  WRITE,
} from '../access.js'
import { latin1 } from '../latin1.js'
import { NOT_A_NUMBER, readDecimal } from './bytes.js'
import { columnsAreKnown, type SettledColumns } from './column-layout.js'
import { FieldSplitter } from './fields.js'
import type { ParserReport, TraceFormat } from './format.js'
import { type LineParser, LineReader } from './line-reader.js'

const MS_PER_SECOND = 1000
const MINUS = 45

const OPERATIONS = new Map<string, number>([
  ...['get', 'gets', 'read', 'r', 'head', 'lookup'].map((name) => [name, READ] as const),
  ...['set', 'put', 'write', 'w', 'add', 'replace', 'update'].map((name) => [name, WRITE] as const),
  ...['delete', 'del', 'd', 'remove', 'invalidate'].map((name) => [name, DELETE] as const),
])

class ColumnsLine implements LineParser {
  private readonly fields: FieldSplitter
  private headerDue: boolean

  constructor(
    private readonly columns: SettledColumns,
    private readonly timeUnitMs: number,
    private readonly report: ParserReport,
  ) {
    this.fields = new FieldSplitter(columns.delimiter)
    this.headerDue = columns.hasHeader
  }

  line(bytes: Buffer, start: number, end: number, block: AccessBlock): string | undefined {
    if (this.headerDue) {
      this.headerDue = false
      this.report.skipped()
      return undefined
    }
    const { columns, fields } = this
    fields.split(bytes, start, end)
    if (columns.key >= fields.count) return `no column ${columns.key + 1} for the key`
    const sizeBytes = this.number(bytes, columns.size, UNKNOWN_SIZE, 1)
    const timeMs = this.number(bytes, columns.time, UNKNOWN_TIME, this.timeUnitMs)
    const ttlMs = this.number(bytes, columns.ttl, NO_TTL, MS_PER_SECOND)
    const operation = this.operation(bytes)
    if (Number.isNaN(sizeBytes)) return 'the size is not a number'
    if (Number.isNaN(timeMs)) return 'the time is not a number'
    if (Number.isNaN(ttlMs)) return 'the TTL is not a number'
    if (operation === undefined) return 'an unknown operation'

    const keyStart = fields.starts[columns.key]
    const keyEnd = fields.ends[columns.key]
    block.pushBytes(bytes, keyStart, keyEnd, Math.floor(sizeBytes), timeMs, ttlMs, operation)
    return undefined
  }

  /** The number in a column, `absent` where there is none, NaN where it is something else. */
  private number(bytes: Buffer, column: number, absent: number, unit: number): number {
    if (column < 0) return absent
    if (column >= this.fields.count) return Number.NaN
    const start = this.fields.starts[column]
    const end = this.fields.ends[column]
    if (start === end || (end === start + 1 && bytes[start] === MINUS)) return absent
    const value = readDecimal(bytes, start, end)
    return value === NOT_A_NUMBER ? Number.NaN : value * unit
  }

  private operation(bytes: Buffer): number | undefined {
    const column = this.columns.op
    if (column < 0) return READ
    if (column >= this.fields.count) return undefined
    const name = latin1(bytes, this.fields.starts[column], this.fields.ends[column])
    return OPERATIONS.get(name) ?? OPERATIONS.get(name.toLowerCase())
  }
}

export const columnsFormat: TraceFormat = {
  name: 'columns',
  summary: 'CSV or white-space columns, as --columns says (.csv, .tsv)',
  endings: [],
  recognise: columnsAreKnown,
  needsColumns: true,
  hasTime: ({ settled }) => (settled?.time ?? -1) >= 0,
  createParser: ({ settled, timeUnitMs = MS_PER_SECOND }, report) => {
    if (settled === undefined) throw new Error('The columns have not been settled')
    return new LineReader(new ColumnsLine(settled, timeUnitMs, report), report)
  },
}
