/**
 * The options of `hotset trace`: what one phase of the workload is, and the phases that differ from it.
 *
 * Those of PHASE_READERS may stand by themselves, for all of the trace, or within `--phase`.
 */
import { parseArgs } from 'node:util'
import { closestName } from '../cache/closest-name.js'
import { InvalidOptionError } from '../cache/errors.js'
import { UsageError } from '../replay/errors.js'
import type { Phase } from '../replay/generate/generator.js'
import {
  parseCount,
  parseLifetime,
  parseNumber,
  parseShare,
  parseShareOf,
  parseSizes,
} from './trace-values.js'

export const DEFAULT_PHASE: Phase = {
  requests: 1_000_000,
  keys: 100_000,
  zipf: 0.9,
  driftRequests: 0,
  scanShare: 0,
  scanLength: 1,
  loopShare: 0,
  loopLength: 1,
  newShare: 0,
  repeatShare: 0,
  repeatDistance: 1,
  writeShare: 0,
  deleteShare: 0,
  size: undefined,
  ttlMs: 0,
  ttlShare: 1,
  requestsPerSecond: 1000,
  arrivals: 'even',
}

const MAX_REQUESTS = 1e12
const MAX_KEYS = 1e12
const MAX_ZIPF = 2
const MAX_LENGTH = 1e9
const MAX_REPEAT_DISTANCE = 1e6
const MAX_RATE = 1e9
const MAX_SEED = 2 ** 32 - 1
const MIN_RATE = 0.001
/** Shares are sums of decimal fractions. */
const ROUNDING = 1e-9

type Reader = (text: string, option: string) => Partial<Phase>

const PHASE_READERS: Record<string, Reader> = {
  requests: (text, option) => ({ requests: parseCount(text, option, 1, MAX_REQUESTS) }),
  keys: (text, option) => ({ keys: parseCount(text, option, 1, MAX_KEYS) }),
  zipf: (text, option) => ({ zipf: parseNumber(text, option, 0, MAX_ZIPF) }),
  drift: (text, option) => ({ driftRequests: parseCount(text, option, 0, MAX_REQUESTS) }),
  scan: (text, option) => {
    const [scanShare, scanLength] = parseShareOf(text, option, MAX_LENGTH)
    return { scanShare, scanLength }
  },
  loop: (text, option) => {
    const [loopShare, loopLength] = parseShareOf(text, option, MAX_LENGTH)
    return { loopShare, loopLength }
  },
  new: (text, option) => ({ newShare: parseShare(text, option) }),
  repeat: (text, option) => {
    const [repeatShare, repeatDistance] = parseShareOf(text, option, MAX_REPEAT_DISTANCE)
    return { repeatShare, repeatDistance }
  },
  writes: (text, option) => ({ writeShare: parseShare(text, option) }),
  deletes: (text, option) => ({ deleteShare: parseShare(text, option) }),
  sizes: (text, option) => ({ size: parseSizes(text, option) }),
  ttl: (text, option) => {
    const [ttlShare, ttlMs] = parseLifetime(text, option)
    return { ttlShare, ttlMs }
  },
  rate: (text, option) => ({ requestsPerSecond: parseNumber(text, option, MIN_RATE, MAX_RATE) }),
  arrivals: (text, option) => {
    if (text === 'even' || text === 'poisson') return { arrivals: text }
    throw new InvalidOptionError(option, text, 'even, poisson')
  },
}

const PHASE_NAMES = Object.keys(PHASE_READERS)

export interface TraceCommandOptions {
  phases: Phase[]
  seed: number
  /** Absent: stdout. */
  output: string | undefined
  help: boolean
}

const OPTIONS = {
  ...Object.fromEntries(PHASE_NAMES.map((name) => [name, { type: 'string' } as const])),
  phase: { type: 'string', multiple: true },
  seed: { type: 'string' },
  output: { type: 'string', short: 'o' },
  help: { type: 'boolean', short: 'h' },
} as const

/** @throws UsageError, InvalidOptionError */
export function parseTraceOptions(args: string[]): TraceCommandOptions {
  const values = parse(args)
  let base = DEFAULT_PHASE
  for (const name of PHASE_NAMES) {
    const text = values[name]
    if (typeof text === 'string') base = { ...base, ...PHASE_READERS[name](text, `--${name}`) }
  }
  const texts = (values.phase ?? []) as string[]
  const phases = texts.length === 0 ? [base] : texts.map((text) => parsePhase(text, base))
  for (const phase of phases) checkShares(phase)
  return {
    phases,
    seed: parseCount(String(values.seed ?? 1), '--seed', 0, MAX_SEED),
    output: values.output as string | undefined,
    help: values.help === true,
  }
}

function parse(args: string[]): Record<string, unknown> {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: false }).values
  } catch (error) {
    const known = Object.keys(OPTIONS).map((name) => `--${name}`)
    const [reason] = (error as Error).message.split(/\.\s|\n/, 1)
    throw new UsageError(`${reason.replace(/\.$/, '')}; the options are ${known.join(', ')}`)
  }
}

/** `requests=1e6,zipf=0.9`: what is not named is as for the whole trace. */
function parsePhase(text: string, base: Phase): Phase {
  let phase = base
  for (const item of text.split(',')) {
    const [name, value, ...rest] = item.trim().split('=')
    if (!PHASE_NAMES.includes(name) || value === undefined || rest.length > 0) {
      const closest = closestName(name, PHASE_NAMES)
      const hint = closest === undefined || closest === name ? '' : ` (did you mean '${closest}'?)`
      const allowed = `name=value with commas between, of ${PHASE_NAMES.join(', ')}${hint}`
      throw new InvalidOptionError('--phase', text, allowed)
    }
    phase = { ...phase, ...PHASE_READERS[name](value, `--phase ${name}`) }
  }
  return phase
}

function checkShares(phase: Phase): void {
  const { scanShare, loopShare, newShare, repeatShare, writeShare, deleteShare } = phase
  checkSum(scanShare + loopShare + newShare + repeatShare, '--scan, --loop, --new and --repeat')
  checkSum(writeShare + deleteShare, '--writes and --deletes')
}

function checkSum(sum: number, options: string): void {
  if (sum <= 1 + ROUNDING) return
  const percent = Number((sum * 100).toFixed(4))
  throw new UsageError(`${options} are together ${percent}% of the requests; allowed: up to 100%`)
}
