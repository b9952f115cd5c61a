/**
 * All formats, and which of them a file has.
 *
 * 1. What the user names counts first, then the file's ending, then what its head looks like.
 * 2. The recognisers are asked in the order of the list: the strict ones first.
 * 3. A file that nothing recognises is a UsageError: a wrong guess would be a wrong hit ratio.
 */
import { UsageError } from '../errors.js'
import { accessLogFormat } from './access-log.js'
import { arcFormat } from './arc.js'
import { settleColumns } from './column-layout.js'
import { columnsFormat } from './columns.js'
import type { FormatOptions, TraceFormat } from './format.js'
import { hstFormat } from './hst.js'
import { keysFormat } from './keys.js'
import { lirsFormat } from './lirs.js'
import { oracleGeneralFormat } from './oracle-general.js'
import { firstLines, looksBinary } from './recognise.js'
import { sltFormat } from './slt.js'
import { twitterFormat } from './twitter.js'
import { u32beFormat } from './u32be.js'

export const FORMATS: readonly TraceFormat[] = [
  accessLogFormat,
  twitterFormat,
  arcFormat,
  columnsFormat,
  lirsFormat,
  keysFormat,
  oracleGeneralFormat,
  u32beFormat,
  sltFormat,
  hstFormat,
]

const COMPRESSED_ENDING = /\.(gz|zst|bz2|xz)$/

export function formatNamed(name: string): TraceFormat | undefined {
  return FORMATS.find((format) => format.name.toLowerCase() === name.toLowerCase())
}

/** @throws UsageError where neither the name nor the head of the file tells */
export function detectFormat(file: string, head: Buffer, options: FormatOptions): TraceFormat {
  if (options.columns !== undefined) return columnsFormat
  const name = file.toLowerCase().replace(COMPRESSED_ENDING, '')
  const named = FORMATS.find(({ endings }) => endings.some((ending) => name.endsWith(`.${ending}`)))
  const format = named ?? recogniseFormat(name, head)
  if (format === undefined) {
    throw new UsageError(
      `${file}: cannot tell its format; name it with --format (${FORMATS.map((one) => one.name).join(', ')})`,
    )
  }
  return format
}

/** The options a parser of this file needs: those given, and what the file itself tells. */
export function settleOptions(
  format: TraceFormat,
  file: string,
  head: Buffer,
  options: FormatOptions,
): FormatOptions {
  if (format.needsColumns !== true) return options
  return { ...options, settled: settleColumns(head, options, file) }
}

function recogniseFormat(name: string, head: Buffer): TraceFormat | undefined {
  if (head.length === 0) return keysFormat
  if (hstFormat.recognise?.(head)) return hstFormat
  if (looksBinary(head))
    return oracleGeneralFormat.recognise?.(head) ? oracleGeneralFormat : undefined
  const recognised = FORMATS.find(
    (format) => format !== oracleGeneralFormat && format.recognise?.(head) === true,
  )
  return (
    recognised ??
    (/\.(csv|tsv)$/.test(name) && !isOneColumn(head) ? columnsFormat : keysOrNothing(head))
  )
}

function keysOrNothing(head: Buffer): TraceFormat | undefined {
  if (firstLines(head).some((line) => line.startsWith('*'))) return lirsFormat
  return isOneColumn(head) ? keysFormat : undefined
}

function isOneColumn(head: Buffer): boolean {
  return firstLines(head).every((line) => !/[\s,;|]/.test(line.trim()))
}
