/**
 * The options of `hotset replay`: read, checked, and turned into numbers.
 *
 * What is wrong raises UsageError or InvalidOptionError, whose messages name the option, the value
 * and what is allowed. Nothing is opened here.
 */
import { parseArgs } from 'node:util'
import { InvalidOptionError } from '../cache/errors.js'
import { GIB, MIB, parseBytes, parseDurationMs } from '../cache/units.js'
import { type Budget, bytesForEntries } from '../replay/budget.js'
import { UsageError } from '../replay/errors.js'
import { parseColumns, parseDelimiter } from '../replay/formats/column-layout.js'
import type { FormatOptions } from '../replay/formats/format.js'
import { FORMATS, formatNamed } from '../replay/formats/index.js'
import { POLICIES, type Policy } from '../replay/policies.js'
import { MAX_THREADS } from '../replay/spec.js'
import { type CurveOptions, parseCurveOptions } from './curve-options.js'

export const DEFAULT_SIZE = '64mb'
export const DEFAULT_VALUE_SIZE = '100b'
export const DEFAULT_SEED = 1

/** What a SharedCache can be. */
const MIN_BYTES = MIB
const MAX_BYTES = 64 * GIB
const MAX_ENTRIES = 50_000_000
const MAX_VALUE_BYTES = 16 * MIB
const MAX_SEED = 2 ** 32 - 1

const SIZE_ALLOWED =
  "bytes with a unit, from 1mb to 64gb ('64mb', '1.5gb'), or entries ('10000entries', or a plain " +
  `'10000'), from 1 to ${MAX_ENTRIES}`
const TIME_UNITS_MS = new Map([
  ['s', 1000],
  ['ms', 1],
  ['us', 1e-3],
  ['ns', 1e-6],
])

export interface ReplayOptions {
  files: string[]
  budget: Budget
  policy: Policy
  /** 0 for none. */
  ttlMs: number
  valueBytes: number
  seed: number
  limit: number | undefined
  /** Whether hotset keeps decoded values in each thread, as it does by default. */
  near: boolean
  threads: number
  format: string | undefined
  formatOptions: FormatOptions
  /** Draw a miss-ratio curve, instead of timing one cache beside another. */
  curve: CurveOptions | undefined
  json: boolean
  /** Lines about the progress where stderr is no terminal. */
  progress: boolean
  help: boolean
}

const OPTIONS = {
  size: { type: 'string' },
  policy: { type: 'string' },
  sizes: { type: 'string' },
  sample: { type: 'string' },
  exact: { type: 'boolean' },
  svg: { type: 'string' },
  'no-advice': { type: 'boolean' },
  ttl: { type: 'string' },
  'value-size': { type: 'string' },
  format: { type: 'string' },
  columns: { type: 'string' },
  delimiter: { type: 'string' },
  'time-unit': { type: 'string' },
  limit: { type: 'string' },
  seed: { type: 'string' },
  'no-near': { type: 'boolean' },
  threads: { type: 'string' },
  json: { type: 'boolean' },
  progress: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** @throws UsageError, InvalidOptionError */
export function parseReplayOptions(args: string[]): ReplayOptions {
  const { values, positionals } = parse(args)
  const format = values.format === undefined ? undefined : parseFormat(values.format)
  const formatOptions: FormatOptions = {
    columns: values.columns === undefined ? undefined : parseColumns(values.columns, '--columns'),
    delimiter:
      values.delimiter === undefined ? undefined : parseDelimiter(values.delimiter, '--delimiter'),
    timeUnitMs:
      values['time-unit'] === undefined
        ? undefined
        : parseChoice(values['time-unit'], '--time-unit', TIME_UNITS_MS),
  }
  checkColumnsFit(format, formatOptions)
  const curve = parseCurveOptions(values)
  const budget = parseSize(values.size ?? DEFAULT_SIZE)
  const valueBytes = parseValueSize(values['value-size'] ?? DEFAULT_VALUE_SIZE)
  checkValuesFit(budget, valueBytes)
  const threads = parseWhole(values.threads ?? '1', '--threads', 1, MAX_THREADS)
  checkEntriesSuffice(budget, threads)
  return {
    files: positionals,
    budget,
    policy: parseChoice(
      curve === undefined ? (values.policy ?? 'adaptive') : 'adaptive',
      '--policy',
      new Map(POLICIES.map((policy) => [policy as string, policy])),
    ),
    ttlMs: values.ttl === undefined ? 0 : parseDurationMs(values.ttl, '--ttl'),
    valueBytes,
    seed: parseWhole(values.seed ?? String(DEFAULT_SEED), '--seed', 0, MAX_SEED),
    limit:
      values.limit === undefined
        ? undefined
        : parseWhole(values.limit, '--limit', 1, Number.MAX_SAFE_INTEGER),
    format,
    formatOptions,
    near: values['no-near'] !== true,
    threads,
    curve,
    json: values.json === true,
    progress: values.progress === true,
    help: values.help === true,
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    const known = Object.keys(OPTIONS).map((name) => `--${name}`)
    throw new UsageError(`${firstSentence(error)}; the options are ${known.join(', ')}`)
  }
}

function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split(/\.\s|\n/, 1)[0].replace(/\.$/, '')
}

function parseSize(text: string): Budget {
  const entries = /^(\d+)\s*(?:entries|entry)?$/i.exec(text.trim())
  if (entries !== null) {
    const count = Number(entries[1])
    if (count < 1 || count > MAX_ENTRIES) throw new InvalidOptionError('--size', text, SIZE_ALLOWED)
    return { unit: 'entries', entries: count }
  }
  try {
    const bytes = parseBytes(text, '--size')
    if (bytes >= MIN_BYTES && bytes <= MAX_BYTES) return { unit: 'bytes', bytes }
  } catch {
    // What parseBytes allows is less than what stands here: the error below says it all.
  }
  throw new InvalidOptionError('--size', text, SIZE_ALLOWED)
}

function parseValueSize(text: string): number {
  const bytes = parseBytes(text, '--value-size')
  if (bytes <= MAX_VALUE_BYTES) return bytes
  throw new InvalidOptionError('--value-size', text, `at most ${MAX_VALUE_BYTES} bytes`)
}

function parseFormat(text: string): string {
  const format = formatNamed(text)
  if (format !== undefined) return format.name
  throw new InvalidOptionError('--format', text, FORMATS.map(({ name }) => name).join(', '))
}

function parseChoice<T>(text: string, option: string, choices: ReadonlyMap<string, T>): T {
  const choice = choices.get(text)
  if (choice !== undefined) return choice
  throw new InvalidOptionError(option, text, [...choices.keys()].join(', '))
}

function parseWhole(text: string, option: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new InvalidOptionError(option, text, `a whole number from ${least} to ${most}`)
}

function checkValuesFit(budget: Budget, valueBytes: number): void {
  if (budget.unit === 'bytes' || bytesForEntries(budget.entries, valueBytes) <= MAX_BYTES) return
  throw new UsageError(
    `--size of ${budget.entries} entries with --value-size of ${valueBytes} bytes is above 64gb`,
  )
}

function checkEntriesSuffice(budget: Budget, threads: number): void {
  if (budget.unit === 'bytes' || budget.entries >= threads) return
  throw new UsageError(
    `--size of ${budget.entries} entries is too small for --threads ${threads}: the lru-cache of ` +
      'each thread needs at least 1 entry',
  )
}

function checkColumnsFit(format: string | undefined, options: FormatOptions): void {
  if (format === undefined || format === 'columns') return
  const given = [
    options.columns !== undefined ? '--columns' : '',
    options.delimiter !== undefined ? '--delimiter' : '',
    options.timeUnitMs !== undefined ? '--time-unit' : '',
  ].filter((name) => name !== '')
  if (given.length > 0) {
    throw new UsageError(
      `${given.join(', ')} cannot be given with --format ${format}; allowed: --format columns`,
    )
  }
}
