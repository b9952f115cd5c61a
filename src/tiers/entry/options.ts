/**
 * The options of one entry, as a call, a profile and the cache's defaults give them, and the numbers that they
 * become.
 *
 * 1. The call stands over the profile, the profile over the cache: what one does not say, the one below says.
 *    A `ttl` for all tiers replaces those below; one by tier replaces only those that it names. Tags and
 *    dependencies add up: an entry that a profile tags must be found by that tag, whatever its call adds.
 * 2. In ResolvedEntryOptions every duration is a number of ms: 0 is "not at all", Infinity "no limit".
 * 3. What is given is checked once, and each error names the option as its writer would:
 *    `profiles['static:*'].ttl.memory`.
 *
 * Costs nothing where nothing is given: the options below are then the answer themselves.
 */
import { InvalidOptionError } from '../../cache/errors.js'
import type { Duration } from '../../cache/units.js'
import {
  duration,
  FOR_EVER,
  resolveByTier,
  resolveDependencies,
  resolveLock,
  resolvePriority,
  resolveSliding,
  resolveTags,
  within,
} from './option-checks.js'

export interface EntryOptions {
  /**
   * The lifetime, in all tiers or by the name of the tier: `'10m'`, `{ memory: '1m', redis: '1h' }`. From 1 ms
   * to 100 years; Infinity: for ever. Default: for ever. One of a call goes along with the entry: it holds in each
   * tier wherever the entry comes up from.
   */
  ttl?: Duration | Readonly<Record<string, Duration>>
  /** 0 to 1: shortens each lifetime by a random share up to that. Default 0. */
  ttlJitter?: number
  /** How long after its lifetime the value is kept, to stand in for a load that fails or is late. Default 0. */
  grace?: Duration
  /**
   * For this long after its lifetime the old value is the answer at once, while it is loaded anew in the
   * background. `true`: for all of its grace. Default: not at all.
   */
  staleWhileRevalidate?: Duration | boolean
  /**
   * The share of its lifetime, 0 to 1, after which a hit loads the value anew in the background. 0: on each hit;
   * 1: never. Default 1.
   */
  refreshAhead?: number
  /**
   * The beta of XFetch (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede Prevention,
   * VLDB 2015): a hit loads the value anew with a chance that grows towards the end of its lifetime, the earlier
   * the longer it takes to load. 1 is the usual choice, more is earlier; 0 to 100. Default 0: not at all.
   */
  earlyRefresh?: number
  /** Soft: a stale value is the answer where the load takes longer. Default: no limit. */
  timeout?: Duration
  /** No caller waits longer for a load. Default: no limit. */
  hardTimeout?: Duration
  /** How long it is remembered that there is no value. Default 0: not at all. */
  negativeTtl?: Duration
  /** At most 32 names of at most 255 bytes, 1024 bytes together, with those of the profile and the cache. */
  tags?: readonly string[]
  /** 0 to 255; memory with the policy `'priority'` keeps high ones longer. Default 0. */
  priority?: number
  /** The entry goes when one of these keys is set, deleted or invalidated. At most 1024. Default: none. */
  dependsOn?: readonly string[]
  /** A read renews the lifetime, in all tiers. Default false. */
  sliding?: boolean
  /** `'distributed'`: at most one process loads the key at a time. Default false: one a process. */
  lock?: 'distributed' | false
}

export interface ResolvedEntryOptions {
  /** In tiers that `ttlMsByTier` does not name. Infinity: for ever. */
  readonly ttlMs: number
  readonly ttlMsByTier: ReadonlyMap<string, number> | undefined
  readonly ttlJitter: number
  readonly graceMs: number
  readonly staleWhileRevalidateMs: number
  /** `staleWhileRevalidate` is `true`: it changes with the grace. */
  readonly revalidatesForGrace: boolean
  /** How long after its lifetime the entry is of use: the longer of the two above. */
  readonly keepMs: number
  /** 1: never. */
  readonly refreshAhead: number
  /** 0: not at all. */
  readonly earlyRefresh: number
  /** Infinity: no limit. */
  readonly timeoutMs: number
  /** Infinity: no limit. */
  readonly hardTimeoutMs: number
  /** 0: not at all. */
  readonly negativeTtlMs: number
  readonly tags: readonly string[]
  readonly priority: number
  readonly dependsOn: readonly string[]
  readonly sliding: boolean
  readonly lock: 'distributed' | false
}

// Typed so that the compiler tells when an option is missing here.
export const ENTRY_OPTION_NAMES: readonly string[] = Object.keys({
  ttl: 1,
  ttlJitter: 1,
  grace: 1,
  staleWhileRevalidate: 1,
  refreshAhead: 1,
  earlyRefresh: 1,
  timeout: 1,
  hardTimeout: 1,
  negativeTtl: 1,
  tags: 1,
  priority: 1,
  dependsOn: 1,
  sliding: 1,
  lock: 1,
} satisfies Record<keyof EntryOptions, 1>)

const MAX_EARLY_REFRESH = 100
const NO_NAMES: readonly string[] = Object.freeze([])

/** What holds where nobody says anything. */
export const DEFAULT_ENTRY_OPTIONS: ResolvedEntryOptions = Object.freeze({
  ttlMs: Number.POSITIVE_INFINITY,
  ttlMsByTier: undefined,
  ttlJitter: 0,
  graceMs: 0,
  staleWhileRevalidateMs: 0,
  revalidatesForGrace: false,
  keepMs: 0,
  refreshAhead: 1,
  earlyRefresh: 0,
  timeoutMs: Number.POSITIVE_INFINITY,
  hardTimeoutMs: Number.POSITIVE_INFINITY,
  negativeTtlMs: 0,
  tags: NO_NAMES,
  priority: 0,
  dependsOn: NO_NAMES,
  sliding: false,
  lock: false,
})

/**
 * @param below what holds where `given` says nothing; itself the answer where `given` is undefined
 * @param path what stands before an option's name in errors: `"profiles['static:*']"`
 * @param tierNames where given, a `ttl` for a tier of another name is an error
 * @throws InvalidOptionError
 */
export function resolveEntryOptions(
  given: EntryOptions | undefined,
  below: ResolvedEntryOptions = DEFAULT_ENTRY_OPTIONS,
  path = '',
  tierNames?: readonly string[],
): ResolvedEntryOptions {
  if (given === undefined) return below
  if (typeof given !== 'object' || given === null) {
    throw new InvalidOptionError(path === '' ? 'options' : path, given, 'an object of options')
  }
  const graceMs = duration(given.grace, below.graceMs, 0, path, 'grace')
  const { staleWhileRevalidate } = given
  const revalidatesForGrace =
    staleWhileRevalidate === undefined ? below.revalidatesForGrace : staleWhileRevalidate === true
  const staleWhileRevalidateMs = revalidatesForGrace
    ? graceMs
    : duration(
        typeof staleWhileRevalidate === 'boolean' ? 0 : staleWhileRevalidate,
        below.staleWhileRevalidateMs,
        0,
        path,
        'staleWhileRevalidate',
      )
  const isByTier = typeof given.ttl === 'object'
  return {
    ttlMs: isByTier
      ? below.ttlMs
      : duration(given.ttl as Duration | undefined, below.ttlMs, FOR_EVER, path, 'ttl'),
    ttlMsByTier: isByTier
      ? resolveByTier(given.ttl, below.ttlMsByTier, path, tierNames)
      : given.ttl === undefined
        ? below.ttlMsByTier
        : undefined,
    ttlJitter: within(given.ttlJitter, below.ttlJitter, 1, path, 'ttlJitter'),
    graceMs,
    staleWhileRevalidateMs,
    revalidatesForGrace,
    keepMs: Math.max(graceMs, staleWhileRevalidateMs),
    refreshAhead: within(given.refreshAhead, below.refreshAhead, 1, path, 'refreshAhead'),
    earlyRefresh: within(
      given.earlyRefresh,
      below.earlyRefresh,
      MAX_EARLY_REFRESH,
      path,
      'earlyRefresh',
    ),
    timeoutMs: duration(given.timeout, below.timeoutMs, FOR_EVER, path, 'timeout'),
    hardTimeoutMs: duration(given.hardTimeout, below.hardTimeoutMs, FOR_EVER, path, 'hardTimeout'),
    negativeTtlMs: duration(given.negativeTtl, below.negativeTtlMs, 0, path, 'negativeTtl'),
    tags: given.tags === undefined ? below.tags : resolveTags(given.tags, below.tags, path),
    priority: resolvePriority(given.priority, below.priority, path),
    dependsOn:
      given.dependsOn === undefined
        ? below.dependsOn
        : resolveDependencies(given.dependsOn, below.dependsOn, path),
    sliding: resolveSliding(given.sliding, below.sliding, path),
    lock: resolveLock(given.lock, below.lock, path),
  }
}
