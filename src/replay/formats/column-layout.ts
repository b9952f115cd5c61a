/**
 * Which column of a table holds what: as the user says it, or as the head of the file tells.
 *
 * 1. A column is named by its number, from 1, or by its name in the file's first line.
 * 2. What cannot be told is a UsageError that says which option settles it: columns are never
 *    guessed from what a few values look like, but for `time key size`, the order that traces of
 *    web caches have.
 */

import { InvalidOptionError } from '../../cache/errors.js'
import { UsageError } from '../errors.js'
import { latin1 } from '../latin1.js'
import { FieldSplitter, WHITESPACE } from './fields.js'
import type { FormatOptions } from './format.js'
import { firstLines } from './recognise.js'

export const COLUMN_ROLES = ['key', 'size', 'time', 'ttl', 'op'] as const
export type ColumnRole = (typeof COLUMN_ROLES)[number]

/** A number counts columns from 1; a string is a name in the file's first line. */
export type ColumnLayout = Partial<Record<ColumnRole, number | string>>

/** A layout after looking at the file: indices from 0, -1 where there is no such column. */
export interface SettledColumns extends Record<ColumnRole, number> {
  delimiter: string
  hasHeader: boolean
}

const COLUMNS_ALLOWED =
  "the columns in order, such as 'time,key,size' (key, size, time, ttl, op; - for one to ignore), " +
  "or 'key=2,size=bytes' by number from 1 or by name in the first line; key must be among them"

const DELIMITER_NAMES = new Map([
  ['comma', ','],
  ['tab', '\t'],
  ['semicolon', ';'],
  ['pipe', '|'],
  ['space', ' '],
  [WHITESPACE, WHITESPACE],
])
const DELIMITER_ALLOWED = `one character, or ${[...DELIMITER_NAMES.keys()].join(', ')}`
const DETECTED_DELIMITERS = [',', '\t', ';', '|']

/** What columns are called in the wild. */
const KNOWN_NAMES: Record<ColumnRole, RegExp> = {
  key: /^(key|id|obj|object|obj_?id|object_?id|url|uri|path)$/i,
  size: /^(size|bytes|length|obj_?size|object_?size|value_?size)$/i,
  time: /^(time|timestamp|ts|date)$/i,
  ttl: /^ttl$/i,
  op: /^(op|operation|request_?type)$/i,
}

/** @throws InvalidOptionError */
export function parseColumns(text: string, option: string): ColumnLayout {
  const layout: ColumnLayout = {}
  for (const [index, item] of text.split(',').entries()) {
    const [name, where, ...rest] = item.trim().split('=')
    if (name === '-' && where === undefined) continue
    const role = COLUMN_ROLES.find((candidate) => candidate === name)
    if (role === undefined || layout[role] !== undefined || where === '' || rest.length > 0) {
      throw new InvalidOptionError(option, text, COLUMNS_ALLOWED)
    }
    if (where === undefined) layout[role] = index + 1
    else layout[role] = /^[1-9]\d*$/.test(where) ? Number(where) : where
  }
  if (layout.key === undefined) throw new InvalidOptionError(option, text, COLUMNS_ALLOWED)
  return layout
}

/** @throws InvalidOptionError */
export function parseDelimiter(text: string, option: string): string {
  const delimiter = DELIMITER_NAMES.get(text) ?? text
  if (delimiter !== WHITESPACE && delimiter.length !== 1) {
    throw new InvalidOptionError(option, text, DELIMITER_ALLOWED)
  }
  return delimiter
}

export function detectDelimiter(lines: readonly string[]): string {
  const common = DETECTED_DELIMITERS.find((candidate) => {
    const counts = lines.map((line) => splitLine(line, candidate).length)
    const inMostLines = (count: number) =>
      counts.filter((other) => other === count).length * 2 > counts.length
    return counts.some((count) => count > 1 && inMostLines(count))
  })
  return common ?? WHITESPACE
}

export function splitLine(line: string, delimiter: string): string[] {
  const bytes = Buffer.from(line, 'latin1')
  const fields = new FieldSplitter(delimiter)
  fields.split(bytes, 0, bytes.length)
  return Array.from({ length: fields.count }, (_, index) =>
    latin1(bytes, fields.starts[index], fields.ends[index]),
  )
}

/** Whether the columns of this file can be told without being asked for. */
export function columnsAreKnown(head: Buffer): boolean {
  return deduceLayout(firstLines(head)) !== undefined
}

/** @throws UsageError where the file does not tell, or does not have, the columns */
export function settleColumns(head: Buffer, options: FormatOptions, file: string): SettledColumns {
  const lines = firstLines(head)
  const delimiter = options.delimiter ?? detectDelimiter(lines)
  const layout = options.columns ?? deduceLayout(lines, delimiter)
  if (layout === undefined) {
    throw new UsageError(
      `${file}: cannot tell which column is the key; name them, such as --columns time,key,size`,
    )
  }
  const names = splitLine(lines[0], delimiter)
  const settled: SettledColumns = {
    key: -1,
    size: -1,
    time: -1,
    ttl: -1,
    op: -1,
    delimiter,
    hasHeader: false,
  }
  for (const role of COLUMN_ROLES) settled[role] = settleColumn(layout[role], names, file)
  settled.hasHeader = isHeader(layout, settled, names)
  return settled
}

function settleColumn(where: number | string | undefined, names: string[], file: string): number {
  if (where === undefined) return -1
  if (typeof where === 'number') return where - 1
  const index = names.indexOf(where)
  if (index < 0) {
    throw new UsageError(`${file}: no column '${where}' in its first line (${names.join(', ')})`)
  }
  return index
}

function isHeader(layout: ColumnLayout, settled: SettledColumns, names: string[]): boolean {
  const namedByName = COLUMN_ROLES.some((role) => typeof layout[role] === 'string')
  const wordsForNumbers = (['size', 'time', 'ttl'] as const).some((role) =>
    /^[a-z]/i.test(names[settled[role]] ?? ''),
  )
  return namedByName || wordsForNumbers || KNOWN_NAMES.key.test(names[settled.key] ?? '')
}

function deduceLayout(
  lines: string[],
  delimiter = detectDelimiter(lines),
): ColumnLayout | undefined {
  const names = splitLine(lines[0], delimiter)
  if (names.some((name) => KNOWN_NAMES.key.test(name))) {
    const layout: ColumnLayout = {}
    for (const role of COLUMN_ROLES) {
      layout[role] = names.find((name) => KNOWN_NAMES[role].test(name))
    }
    return layout
  }
  const isTimeKeySize = lines.every((line) => {
    const fields = splitLine(line, delimiter)
    return fields.length === 3 && fields.every((field) => /^\d+(\.\d+)?$/.test(field))
  })
  return isTimeKeySize ? { time: 1, key: 2, size: 3 } : undefined
}
