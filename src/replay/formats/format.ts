/**
 * What a trace format is to the rest of the replay: a name, how to recognise it, and a parser.
 *
 * 1. A parser is fed chunks of bytes cut anywhere, and appends to a block until the one is used up
 *    or the other is full; it keeps what lies across a cut to itself.
 * 2. It never throws for what stands in the file: a broken line is reported and passed over.
 * 3. Keys are read as Latin-1, byte for character: whatever the file's encoding, equal keys stay
 *    equal and different ones different, and a key is as long as its bytes.
 */
import type { AccessBlock } from '../access.js'
import type { ColumnLayout, SettledColumns } from './column-layout.js'

export interface TraceParser {
  /** Reads on from `offset`; returns where it stopped. */
  read(bytes: Buffer, offset: number, block: AccessBlock): number
  /** The file is over: appends what is left. False while there is more than the block could take. */
  finish(block: AccessBlock): boolean
}

export interface ParserReport {
  broken(line: number, reason: string): void
  skipped(): void
}

export interface FormatOptions {
  /** Which column is what; only for the format `columns`. */
  columns?: ColumnLayout
  /** A single character, or 'whitespace'; found out where absent. Only for `columns`. */
  delimiter?: string
  /** Milliseconds a unit of the time column; only for `columns`. */
  timeUnitMs?: number
  /** `columns` and `delimiter` after a look at the file; only for the format `columns`. */
  settled?: SettledColumns
}

export interface TraceFormat {
  readonly name: string
  /** One line for the help. */
  readonly summary: string
  /** File name endings that settle the format, without the dot and in lower case. */
  readonly endings: readonly string[]
  /** Whether the head of a file (decompressed) looks like this; absent where it cannot be told. */
  readonly recognise?: (head: Buffer) => boolean
  /** Whether `settled` has to be found out before a parser can be made. */
  readonly needsColumns?: boolean
  /** Whether several files of it were recorded at the same time, and are to be merged. */
  readonly isMergedByTime?: boolean
  hasTime(options: FormatOptions): boolean
  createParser(options: FormatOptions, report: ParserReport): TraceParser
}
