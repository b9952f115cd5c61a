/**
 * The options of a cache on their way to another thread: what a handle carries of them, and what a
 * thread brings along itself, since functions cannot be sent.
 */
import { POLICY_NUMBERS } from './banks.js'
import { InvalidOptionError } from './errors.js'
import {
  type Clock,
  CODECS,
  type CustomCodec,
  callback,
  checkNames,
  FAVORS,
  isCustomCodec,
  MAX_CACHE_BYTES,
  MAX_ENTRIES,
  MAX_ENTRY_BYTES,
  MAX_NEAR_ENTRIES,
  MAX_SHARDS,
  MIN_CACHE_BYTES,
  type NearOptions,
  type RemoveReason,
  type ResolvedOptions,
  resolveClock,
  resolveNear,
} from './options.js'
import {
  isResolvedTrace,
  type ResolvedTrace,
  resolveTrace,
  type TraceOptions,
} from './trace/options.js'
import { MAX_DURATION_MS } from './units.js'

/** What a thread brings along that attaches to a cache: functions cannot be sent to it. */
// biome-ignore lint/suspicious/noExplicitAny: options of users are ones of unknown values here
export interface AttachOptions<Value = any> {
  /** Required where the cache was created with a codec of the user's; else not allowed. */
  codec?: CustomCodec<Value>
  /** Required where the cache was created with a clock of the user's; has to tell the same time. */
  clock?: Clock
  /** This thread's near cache. Default: as the cache was created. */
  near?: false | NearOptions
  onRemove?: (key: string, reason: RemoveReason) => void
  onError?: (error: unknown, key: string) => void
  /** Whether and how this thread's accesses are recorded. Default: as the cache was created. */
  trace?: false | string | TraceOptions
}

const ATTACH_OPTION_NAMES = Object.keys({
  codec: 1,
  clock: 1,
  near: 1,
  onRemove: 1,
  onError: 1,
  trace: 1,
} satisfies Record<keyof AttachOptions, 1>)

/** What a handle carries of a cache's options: all but functions. */
export type SharedOptions = Omit<ResolvedOptions, 'codec' | 'clock' | 'onRemove' | 'onError'> & {
  /** 'custom': the user's own, which every thread has to bring along. */
  codec: (typeof CODECS)[number] | 'custom'
  hasClock: boolean
}

export function shareOptions(options: ResolvedOptions): SharedOptions {
  const { codec, clock, onRemove: _onRemove, onError: _onError, ...rest } = options
  return {
    ...rest,
    codec: typeof codec === 'string' ? codec : 'custom',
    hasClock: clock !== undefined,
  }
}

interface Rule {
  allowed: string
  isMet(value: unknown): boolean
}

const TRUTH: Rule = { allowed: 'true or false', isMet: (value) => typeof value === 'boolean' }

const SHARED_RULES: Record<keyof SharedOptions, Rule> = {
  maxBytes: whole(MIN_CACHE_BYTES, MAX_CACHE_BYTES),
  maxEntries: whole(0, MAX_ENTRIES),
  maxEntryBytes: whole(1, MAX_ENTRY_BYTES),
  policy: oneOf(Object.keys(POLICY_NUMBERS)),
  favor: oneOf(FAVORS),
  ttlMs: whole(0, MAX_DURATION_MS),
  ttlJitter: {
    allowed: 'a number from 0 to 1',
    isMet: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  },
  sliding: TRUTH,
  codec: oneOf([...CODECS, 'custom']),
  nearMaxEntries: whole(0, MAX_NEAR_ENTRIES),
  shards: whole(0, MAX_SHARDS),
  lockTimeoutMs: whole(0, MAX_DURATION_MS),
  trace: { allowed: 'what the cache was created with', isMet: isResolvedTrace },
  name: { allowed: 'text', isMet: (value) => typeof value === 'string' },
  hasClock: TRUTH,
}

function whole(least: number, most: number): Rule {
  return {
    allowed: `a whole number from ${least} to ${most}`,
    isMet: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  }
}

function oneOf(names: readonly unknown[]): Rule {
  return { allowed: names.join(', '), isMet: (value) => names.includes(value) }
}

/** What a handle says of its cache's options. Raises InvalidOptionError for the first that is wrong. */
export function checkSharedOptions(options: unknown): SharedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionError('handle.options', options, 'the options of the cache')
  }
  const given = options as SharedOptions
  for (const [name, { allowed, isMet }] of Object.entries(SHARED_RULES)) {
    const value = given[name as keyof SharedOptions]
    if (!isMet(value)) throw new InvalidOptionError(`handle.options.${name}`, value, allowed)
  }
  return given
}

/** The options of a thread that attaches. Raises InvalidOptionError for the first that is wrong. */
export function resolveAttachOptions(
  shared: SharedOptions,
  options: AttachOptions = {},
): ResolvedOptions {
  checkNames('options', options, ATTACH_OPTION_NAMES)
  const { hasClock, codec, ...rest } = shared
  if (isCustomCodec(options.codec) !== (codec === 'custom')) {
    const allowed =
      codec === 'custom'
        ? 'the { encode, decode } that the cache was created with'
        : `absent: the cache was created with codec '${codec}'`
    throw new InvalidOptionError('codec', options.codec, allowed)
  }
  if ((options.clock !== undefined) !== hasClock) {
    const allowed = hasClock
      ? 'a clock of the same time as the one that the cache was created with'
      : 'absent: the cache was created with the default clock'
    throw new InvalidOptionError('clock', options.clock, allowed)
  }
  return {
    ...rest,
    codec: options.codec ?? (codec as (typeof CODECS)[number]),
    clock: resolveClock(options.clock),
    nearMaxEntries: options.near === undefined ? shared.nearMaxEntries : resolveNear(options.near),
    onRemove: callback('onRemove', options.onRemove),
    onError: callback('onError', options.onError),
    trace: resolveAttachTrace(options.trace, shared.trace),
  }
}

function resolveAttachTrace(
  option: AttachOptions['trace'],
  shared: ResolvedTrace | undefined,
): ResolvedTrace | undefined {
  if (option === undefined) return shared
  return option === false ? undefined : resolveTrace(option)
}
