/**
 * Sizes and durations as people write them: `'64mb'`, `'5m'`, or plain numbers.
 *
 * 1. 1 kb is 1024 bytes, and so on upwards; numbers, and strings of digits alone, are bytes or
 *    milliseconds.
 * 2. What is returned is always a whole number: parts of a byte or a millisecond are dropped.
 * 3. Anything else raises InvalidOptionError with the option, the value and what is allowed.
 *
 * Costs about 10 ns for a number and 30 ns for a duration string seen before, so that a `ttl: '5m'`
 * in every `set` is no burden. Why not the packages `bytes` and `ms`: both accept more than this
 * (`'12abc'`, `'-1h'`, `'1y'`), so the checks would be as long as the parsers.
 */
import { InvalidOptionError } from './errors.js'

/** Bytes, or a string such as `'64mb'` (1 mb = 1024 * 1024). */
export type Size = number | string

/** Milliseconds, or a string such as `'250ms'`, `'5m'`, `'2h'`, `'7d'`. */
export type Duration = number | string

export const KIB = 1024
export const MIB = 1024 * KIB
export const GIB = 1024 * MIB
const TIB = 1024 * GIB

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS

export const MIN_DURATION_MS = 1
/** 100 years of 365.25 days. */
export const MAX_DURATION_MS = 36_525 * DAY_MS

const BYTES_PER_UNIT = new Map([
  ['', 1],
  ['b', 1],
  ['kb', KIB],
  ['mb', MIB],
  ['gb', GIB],
  ['tb', TIB],
])

const MS_PER_UNIT = new Map([
  ['', 1],
  ['ms', 1],
  ['s', SECOND_MS],
  ['m', MINUTE_MS],
  ['h', HOUR_MS],
  ['d', DAY_MS],
  ['w', WEEK_MS],
])

const SIZE_ALLOWED = "a whole number of bytes, or a string such as '512kb', '64mb', '1.5gb'"
const DURATION_ALLOWED =
  "milliseconds, or a string such as '250ms', '30s', '5m', '2h', '7d', '1w'; from 1 ms to 100 years"

const AMOUNT_AND_UNIT = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i
const MAX_TEXT_CHARACTERS = 32

const MEMO_ENTRIES = 64
const durationMemo = new Map<string, number>()

/**
 * @param option the name to put into the error
 * @returns bytes, a whole number from 0 to 2^53 - 1
 */
export function parseBytes(value: Size, option: string): number {
  const bytes = typeof value === 'string' ? parseAmount(value, BYTES_PER_UNIT) : value
  const whole = typeof value === 'string' ? Math.floor(bytes) : bytes
  if (!Number.isSafeInteger(whole) || whole < 0) {
    throw new InvalidOptionError(option, value, SIZE_ALLOWED)
  }
  return whole
}

/**
 * @param option the name to put into the error
 * @returns milliseconds, a whole number from 1 to MAX_DURATION_MS
 */
export function parseDurationMs(value: Duration, option: string): number {
  if (typeof value === 'number') return checkDurationMs(value, value, option)
  const known = durationMemo.get(value)
  if (known !== undefined) return known

  const durationMs = checkDurationMs(parseAmount(value, MS_PER_UNIT), value, option)
  if (durationMemo.size === MEMO_ENTRIES) durationMemo.clear()
  durationMemo.set(value, durationMs)
  return durationMs
}

/** `'1.5 MiB'`, `'512 B'`: binary units, at most two decimals. */
export function formatBytes(bytes: number): string {
  const size = Math.abs(bytes)
  if (size >= TIB) return `${shorten(bytes / TIB)} TiB`
  if (size >= GIB) return `${shorten(bytes / GIB)} GiB`
  if (size >= MIB) return `${shorten(bytes / MIB)} MiB`
  if (size >= KIB) return `${shorten(bytes / KIB)} KiB`
  return `${shorten(bytes)} B`
}

/** `'250 ms'`, `'1.5 s'`, `'2 h'`: the largest unit that fits, at most two decimals. */
export function formatDuration(durationMs: number): string {
  const length = Math.abs(durationMs)
  if (length >= DAY_MS) return `${shorten(durationMs / DAY_MS)} d`
  if (length >= HOUR_MS) return `${shorten(durationMs / HOUR_MS)} h`
  if (length >= MINUTE_MS) return `${shorten(durationMs / MINUTE_MS)} min`
  if (length >= SECOND_MS) return `${shorten(durationMs / SECOND_MS)} s`
  return `${shorten(durationMs)} ms`
}

function checkDurationMs(durationMs: number, value: Duration, option: string): number {
  // Why negated: NaN has to fail too.
  if (!(durationMs >= MIN_DURATION_MS && durationMs <= MAX_DURATION_MS)) {
    throw new InvalidOptionError(option, value, DURATION_ALLOWED)
  }
  return Math.floor(durationMs)
}

/** The amount in the smallest unit, or NaN where the text is not one. */
function parseAmount(text: unknown, scale: ReadonlyMap<string, number>): number {
  if (typeof text !== 'string' || text.length > MAX_TEXT_CHARACTERS) return Number.NaN
  const match = AMOUNT_AND_UNIT.exec(text.trim())
  if (match === null) return Number.NaN
  const unit = scale.get(match[2].toLowerCase())
  return unit === undefined ? Number.NaN : Number(match[1]) * unit
}

function shorten(amount: number): string {
  return String(Math.round(amount * 100) / 100)
}
