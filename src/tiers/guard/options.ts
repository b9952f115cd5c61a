/** The options of the guard around a tier, checked once: the first that is wrong raises InvalidOptionError. */
import { InvalidOptionError } from '../../cache/errors.js'
import { checkNames, integer } from '../../cache/option-checks.js'
import { type Duration, parseDurationMs } from '../../cache/units.js'

export interface GuardOptions {
  /**
   * How long a call may take, its retries and its wait for an earlier write of the same key included.
   * Default '1s'.
   */
  timeout?: Duration
  /** The same for what looks at many entries: deleteByPrefix, deleteByPattern, clear, keys. Default '30s'. */
  scanTimeout?: Duration
  /** What to do when a call rejects; one that timed out is not tried again. `false`: no retry. */
  retry?: GuardRetryOptions | false
  /** `false`: every call is tried, however many failed before. */
  breaker?: GuardBreakerOptions | false
  /** So many keys (and tags) may wait to be repaired; beyond them the tier is cleared. Default 100,000. */
  maxRepairs?: number
}

export interface GuardRetryOptions {
  /** Further attempts after the first. Default 1 for what reads, 2 for what writes. */
  attempts?: number
  /** The first pause before an attempt; it doubles, with jitter, up to 10 times this. Default '20ms'. */
  backoff?: Duration
}

export interface GuardBreakerOptions {
  /** After so many failed calls in a row the tier is not asked any more. Default 5. */
  failures?: number
  /** The longest pause between looks at whether it works again; the first is an eighth of it. Default '1s'. */
  halfOpenAfter?: Duration
}

export interface ResolvedGuard {
  readonly timeoutMs: number
  readonly scanTimeoutMs: number
  readonly readRetries: number
  readonly writeRetries: number
  readonly backoffMs: number
  /** Undefined: no breaker. */
  readonly breakerFailures: number | undefined
  readonly halfOpenAfterMs: number
  readonly maxRepairs: number
}

const DEFAULT_TIMEOUT_MS = 1000
const DEFAULT_SCAN_TIMEOUT_MS = 30_000
const DEFAULT_READ_RETRIES = 1
const DEFAULT_WRITE_RETRIES = 2
const DEFAULT_BACKOFF_MS = 20
const DEFAULT_FAILURES = 5
const DEFAULT_HALF_OPEN_AFTER_MS = 1000
const DEFAULT_MAX_REPAIRS = 100_000

const MAX_ATTEMPTS = 100
const MAX_FAILURES = 1_000_000
const MAX_MAX_REPAIRS = 10_000_000
/** Why: setTimeout takes no more than 2^31 ms, and ends at once beyond it. */
const MAX_TIMER_MS = 24 * 60 * 60 * 1000

/**
 * @param name of the option that holds these, for errors
 * @throws InvalidOptionError
 */
export function resolveGuard(options: GuardOptions = {}, name = 'guard'): ResolvedGuard {
  checkNames(name, options, ['timeout', 'scanTimeout', 'retry', 'breaker', 'maxRepairs'])
  const retry = partOf(`${name}.retry`, options.retry, ['attempts', 'backoff'])
  const breaker = partOf(`${name}.breaker`, options.breaker, ['failures', 'halfOpenAfter'])
  const attempts = (otherwise: number): number =>
    retry === false
      ? 0
      : integer(`${name}.retry.attempts`, retry.attempts, 0, MAX_ATTEMPTS, otherwise)
  return {
    timeoutMs: timer(`${name}.timeout`, options.timeout, DEFAULT_TIMEOUT_MS),
    scanTimeoutMs: timer(`${name}.scanTimeout`, options.scanTimeout, DEFAULT_SCAN_TIMEOUT_MS),
    readRetries: attempts(DEFAULT_READ_RETRIES),
    writeRetries: attempts(DEFAULT_WRITE_RETRIES),
    backoffMs: timer(
      `${name}.retry.backoff`,
      retry === false ? undefined : retry.backoff,
      DEFAULT_BACKOFF_MS,
    ),
    breakerFailures:
      breaker === false
        ? undefined
        : integer(`${name}.breaker.failures`, breaker.failures, 1, MAX_FAILURES, DEFAULT_FAILURES),
    halfOpenAfterMs: timer(
      `${name}.breaker.halfOpenAfter`,
      breaker === false ? undefined : breaker.halfOpenAfter,
      DEFAULT_HALF_OPEN_AFTER_MS,
    ),
    maxRepairs: integer(
      `${name}.maxRepairs`,
      options.maxRepairs,
      0,
      MAX_MAX_REPAIRS,
      DEFAULT_MAX_REPAIRS,
    ),
  }
}

function partOf<Part extends object>(
  option: string,
  value: Part | false | undefined,
  names: readonly string[],
): Part | false {
  if (value === false) return false
  if (value !== undefined) checkNames(option, value, names)
  return value ?? ({} as Part)
}

function timer(option: string, value: Duration | undefined, otherwise: number): number {
  if (value === undefined) return otherwise
  const durationMs = parseDurationMs(value, option)
  if (durationMs > MAX_TIMER_MS) {
    throw new InvalidOptionError(option, value, 'a duration of up to 24 hours')
  }
  return durationMs
}
