/** The values that options of `hotset trace` have. Each error names option, value and what is allowed. */
import { InvalidOptionError } from '../cache/errors.js'
import { parseBytes, parseDurationMs } from '../cache/units.js'
import { MAX_SIZE_BYTES, type SizeSpec } from '../replay/generate/sizes.js'

const COUNT = /^(\d+(?:\.\d+)?(?:e\d{1,2})?)([km]?)$/i
const COUNT_UNITS = new Map([
  ['', 1],
  ['k', 1e3],
  ['m', 1e6],
])
const MAX_SIGMA = 10
const MAX_SHAPE = 100
const SIZES_ALLOWED =
  "a size ('1kb'), uniform:<least>:<most>, lognormal:<median>:<sigma, 0 to 10> or " +
  'pareto:<least>:<most>:<shape, above 0 to 100>, with sizes from 1 byte to 512 MiB'

/** A whole number: `250000`, `1e6`, `250k`, `1.5m`. */
export function parseCount(text: string, option: string, least: number, most: number): number {
  const match = COUNT.exec(text.trim())
  const unit = COUNT_UNITS.get(match?.[2].toLowerCase() ?? '') ?? Number.NaN
  const value = match === null ? Number.NaN : Number(match[1]) * unit
  if (Number.isInteger(value) && value >= least && value <= most) return value
  const allowed = `a whole number from ${least} to ${most.toExponential()} (such as 250000, 1e6, 250k, 1.5m)`
  throw new InvalidOptionError(option, text, allowed)
}

export function parseNumber(text: string, option: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?(e\d{1,2})?$/i.test(text.trim()) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new InvalidOptionError(option, text, `a number from ${least} to ${most}`)
}

/** `10%` or `0.1`. @returns from 0 to 1 */
export function parseShare(text: string, option: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text.trim())
  const value = percent === null ? plainNumber(text) : Number(percent[1]) / 100
  if (value >= 0 && value <= 1) return value
  throw new InvalidOptionError(option, text, "a share from 0 to 1, or from '0%' to '100%'")
}

/** `10%x5000`: a share, and a count. */
export function parseShareOf(text: string, option: string, most: number): [number, number] {
  const [share, count, ...rest] = text.split('x')
  if (count === undefined || rest.length > 0) {
    const allowed = `a share and a count of keys, such as '10%x5000', at most ${most}`
    throw new InvalidOptionError(option, text, allowed)
  }
  return [parseShare(share, option), parseCount(count, option, 1, most)]
}

/** `5m`, or `20%x5m`: of that share of the keys. @returns the share, and milliseconds */
export function parseLifetime(text: string, option: string): [number, number] {
  const match = /^([^x]*)x(.*)$/.exec(text)
  if (match === null) return [1, parseDurationMs(text, option)]
  return [parseShare(match[1], option), parseDurationMs(match[2], option)]
}

/** What `--sizes` says. */
export function parseSizes(text: string, option: string): SizeSpec {
  const [kind, ...parts] = text.split(':')
  try {
    const spec = readSizes(kind, parts, option)
    if (spec !== undefined) return spec
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error
  }
  throw new InvalidOptionError(option, text, SIZES_ALLOWED)
}

function readSizes(kind: string, parts: string[], option: string): SizeSpec | undefined {
  const size = (index: number) => parseSizeWithin(parts[index] ?? '', option)
  const number = (index: number, most: number) => parseNumber(parts[index] ?? '', option, 0, most)
  if (kind === 'uniform' && parts.length === 2) {
    const [least, most] = [size(0), size(1)]
    return least <= most ? { kind, least, most } : undefined
  }
  if (kind === 'lognormal' && parts.length === 2) {
    return { kind, median: size(0), sigma: number(1, MAX_SIGMA) }
  }
  if (kind === 'pareto' && parts.length === 3) {
    const [least, most, shape] = [size(0), size(1), number(2, MAX_SHAPE)]
    return least <= most && shape > 0 ? { kind, least, most, shape } : undefined
  }
  return parts.length === 0 ? { kind: 'fixed', bytes: parseSizeWithin(kind, option) } : undefined
}

function parseSizeWithin(text: string, option: string): number {
  const bytes = parseBytes(text, option)
  if (bytes >= 1 && bytes <= MAX_SIZE_BYTES) return bytes
  throw new InvalidOptionError(option, text, SIZES_ALLOWED)
}

function plainNumber(text: string): number {
  return /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN
}
