/**
 * The options of a cache on their way to another thread: what a handle carries of them, and what a
 * thread brings along itself, since functions cannot be sent.
 */
import { InvalidOptionError } from './errors.js'
import {
  type Clock,
  type CODECS,
  type CustomCodec,
  callback,
  checkNames,
  isCustomCodec,
  type NearOptions,
  type RemoveReason,
  type ResolvedOptions,
  resolveClock,
  resolveNear,
} from './options.js'

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
}

const ATTACH_OPTION_NAMES = Object.keys({
  codec: 1,
  clock: 1,
  near: 1,
  onRemove: 1,
  onError: 1,
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
  }
}
