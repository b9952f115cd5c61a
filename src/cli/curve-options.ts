/**
 * The options of `hotset replay` that draw a miss-ratio curve: read, checked, and turned into numbers.
 *
 * A list of policies, or --sizes, is what asks for a curve; options that only one of both modes has are
 * errors in the other.
 */
import { InvalidOptionError } from '../cache/errors.js'
import { CURVE_POLICIES } from '../replay/curve/caches/index.js'
import { DEFAULT_SIZES, parseSizes, type SizeRequest } from '../replay/curve/sizes.js'
import { UsageError } from '../replay/errors.js'
import { POLICIES } from '../replay/policies.js'

export const DEFAULT_CURVE_POLICIES = 'lru,adaptive,s3-fifo,opt'
export const DEFAULT_SAMPLE = 4_000_000
const MIN_SAMPLE = 10_000
const MAX_SAMPLE = 1_000_000_000
const REFERENCE_ONLY = CURVE_POLICIES.filter(
  (name) => !(POLICIES as readonly string[]).includes(name),
)

/** Of the command line, as it stands there. */
export interface CurveArguments {
  policy?: string
  sizes?: string
  sample?: string
  exact?: boolean
  svg?: string
  'no-advice'?: boolean
  size?: string
  threads?: string
  'no-near'?: boolean
}

export interface CurveOptions {
  policies: string[]
  sizes: SizeRequest[]
  /** Requests kept at most; Infinity: all. */
  maxSample: number
  /** Where the chart is to be written. */
  svg: string | undefined
  /** Say at the end what follows from the curves. */
  advice: boolean
}

/**
 * @returns undefined where no curve is asked for
 * @throws UsageError, InvalidOptionError
 */
export function parseCurveOptions(given: CurveArguments): CurveOptions | undefined {
  const asksForCurve = given.sizes !== undefined || given.policy?.includes(',') === true
  if (!asksForCurve) {
    refuse(given, ['exact', 'sample', 'svg', 'no-advice'], 'needs --sizes, or a list of policies')
    checkOwnPolicy(given.policy)
    return undefined
  }
  refuse(given, ['size', 'threads', 'no-near'], 'cannot be given with --sizes or several policies')
  if (given.exact === true) refuse(given, ['sample'], 'cannot be given with --exact')
  return {
    policies: parsePolicies(given.policy ?? DEFAULT_CURVE_POLICIES),
    sizes: parseSizes(given.sizes ?? DEFAULT_SIZES, '--sizes'),
    maxSample: given.exact === true ? Number.POSITIVE_INFINITY : parseSample(given.sample),
    svg: given.svg,
    advice: given['no-advice'] !== true,
  }
}

function refuse(
  given: CurveArguments,
  names: readonly (keyof CurveArguments)[],
  reason: string,
): void {
  const wrong = names.find((name) => given[name] !== undefined)
  if (wrong !== undefined) throw new UsageError(`--${wrong} ${reason}`)
}

/** A single policy is timed, and only hotset's own can be. */
function checkOwnPolicy(policy: string | undefined): void {
  if (policy === undefined || !REFERENCE_ONLY.includes(policy)) return
  const others = `with --sizes, or in a list, also ${REFERENCE_ONLY.join(', ')}`
  throw new InvalidOptionError('--policy', policy, `${POLICIES.join(', ')}; ${others}`)
}

function parsePolicies(text: string): string[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase())
  const unknown = names.find((name) => !CURVE_POLICIES.includes(name))
  if (unknown === undefined) return [...new Set(names)]
  throw new InvalidOptionError('--policy', unknown, `a list of ${CURVE_POLICIES.join(', ')}`)
}

function parseSample(text: string | undefined): number {
  if (text === undefined) return DEFAULT_SAMPLE
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (count >= MIN_SAMPLE && count <= MAX_SAMPLE) return count
  const allowed = `a whole number of requests from ${MIN_SAMPLE} to ${MAX_SAMPLE}`
  throw new InvalidOptionError('--sample', text, allowed)
}
