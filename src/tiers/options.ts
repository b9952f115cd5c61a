/** The options of a TieredCache, checked once. */
import { InvalidOptionError } from '../cache/errors.js'
import { checkNames } from '../cache/option-checks.js'
import { type Duration, parseDurationMs } from '../cache/units.js'
import {
  ENTRY_OPTION_NAMES,
  type EntryOptions,
  type ResolvedEntryOptions,
  resolveEntryOptions,
} from './entry/options.js'
import { type GuardOptions, type ResolvedGuard, resolveGuard } from './guard/options.js'
import { MemoryTierSpec, memoryTier } from './memory/memory-options.js'
import { PayloadCodec } from './record/payload.js'
import { type PayloadOptions, resolvePayload } from './record/payload-options.js'
import type { AccessRule } from './rules/access-rules.js'
import { type ProfileOptions, Profiles } from './rules/profiles.js'
import type { Store } from './store/store.js'
import type { StoreWriter } from './store/store-writer.js'
import type { Tier } from './tier.js'

// biome-ignore lint/suspicious/noExplicitAny: options of users are ones of unknown values here
export interface TieredCacheOptions<V = any> extends EntryOptions, PayloadOptions {
  /** Memory, and what is below it, from the top. Default: `[memoryTier()]`, 64 MiB. */
  tiers?: readonly (MemoryTierSpec<V> | Tier)[]
  /** In errors, file names and key prefixes. Default `'cache'`. */
  name?: string
  /** Options by key pattern. */
  profiles?: ProfileOptions
  /** Where values come from and go to: a store that is read only, or what writeThrough() and its like make. */
  store?: Store<V> | StoreWriter<V>
  /** Timeouts, retries and breakers of the lower tiers, by their names. */
  guards?: Readonly<Record<string, GuardOptions>>
  /** For how long memory is used while the news of other processes' writes is cut off. Default `'1s'`. */
  disconnectedTtl?: Duration
  /** Who may do what; where there are rules, what none allows is denied. */
  allow?: readonly AccessRule[]
  /** Milliseconds since the epoch, for tests. Default: the system's clock. */
  clock?: { now(): number }
}

export interface ResolvedTieredOptions<V> {
  readonly name: string
  readonly memory: MemoryTierSpec<V>
  readonly lower: readonly Tier[]
  readonly guards: readonly ResolvedGuard[]
  readonly defaults: ResolvedEntryOptions
  readonly profiles: Profiles | undefined
  readonly store: Store<V> | StoreWriter<V> | undefined
  readonly payload: PayloadCodec
  readonly disconnectedTtlMs: number
  now(): number
}

const OPTION_NAMES = Object.keys({
  tiers: 1,
  name: 1,
  profiles: 1,
  store: 1,
  guards: 1,
  disconnectedTtl: 1,
  allow: 1,
  clock: 1,
  compression: 1,
  encryption: 1,
} satisfies Record<Exclude<keyof TieredCacheOptions, keyof EntryOptions>, 1>)

const DEFAULT_NAME = 'cache'
const DEFAULT_DISCONNECTED_TTL = '1s'
const MAX_DISCONNECTED_TTL_MS = 24 * 60 * 60 * 1000

/** @throws InvalidOptionError */
export function resolveTieredOptions<V>(
  options: TieredCacheOptions<V> = {},
): ResolvedTieredOptions<V> {
  checkNames('options', options, [...OPTION_NAMES, ...ENTRY_OPTION_NAMES])
  const { memory, lower } = resolveTiers<V>(options.tiers)
  const names = ['memory', ...lower.map(({ name }) => name)]
  const entryOptions = Object.fromEntries(
    Object.entries(options).filter(([name]) => ENTRY_OPTION_NAMES.includes(name)),
  )
  const defaults = resolveEntryOptions(entryOptions, undefined, '', names)
  const { compression, encryption, clock } = options
  return {
    name: resolveName(options.name),
    memory,
    lower,
    guards: resolveGuards(options.guards, lower),
    defaults,
    profiles:
      options.profiles === undefined ? undefined : new Profiles(options.profiles, defaults, names),
    store: resolveStore(options.store),
    payload: new PayloadCodec(resolvePayload({ compression, encryption })),
    disconnectedTtlMs: resolveDisconnectedTtl(options.disconnectedTtl),
    now: clock === undefined ? Date.now : () => clock.now(),
  }
}

function resolveTiers<V>(tiers: TieredCacheOptions<V>['tiers']): {
  memory: MemoryTierSpec<V>
  lower: Tier[]
} {
  if (tiers === undefined) return { memory: memoryTier<V>(), lower: [] }
  if (!Array.isArray(tiers) || !(tiers[0] instanceof MemoryTierSpec)) {
    throw new InvalidOptionError('tiers', tiers, 'a list that begins with a memoryTier()')
  }
  const [memory, ...lower] = tiers as [MemoryTierSpec<V>, ...Tier[]]
  const names = new Set([memory.name])
  lower.forEach((tier, index) => {
    const option = `tiers[${index + 1}]`
    if (typeof tier?.get !== 'function' || typeof tier.name !== 'string') {
      throw new InvalidOptionError(option, tier, 'diskTier(), redisTier(), or a Tier of your own')
    }
    if (names.has(tier.name)) {
      throw new InvalidOptionError(`${option}.name`, tier.name, 'a name that no other tier has')
    }
    names.add(tier.name)
  })
  return { memory, lower }
}

function resolveGuards(
  guards: TieredCacheOptions['guards'],
  lower: readonly Tier[],
): ResolvedGuard[] {
  const names = lower.map(({ name }) => name)
  if (guards !== undefined) checkNames('guards', guards, names)
  return names.map((name) => resolveGuard(guards?.[name], `guards.${name}`))
}

function resolveName(name: string | undefined): string {
  if (name === undefined) return DEFAULT_NAME
  if (typeof name !== 'string' || name === '') {
    throw new InvalidOptionError('name', name, 'a string of 1 character or more')
  }
  return name
}

function resolveStore<V>(store: TieredCacheOptions<V>['store']): TieredCacheOptions<V>['store'] {
  if (store === undefined) return undefined
  const { load, save } = (store ?? {}) as Partial<Store<V>>
  if (typeof load !== 'function' && typeof save !== 'function') {
    throw new InvalidOptionError(
      'store',
      store,
      '{ load, save, remove }, or what writeThrough(), writeBehind() or writeAround() make',
    )
  }
  return store
}

function resolveDisconnectedTtl(value: Duration | undefined): number {
  const durationMs = parseDurationMs(value ?? DEFAULT_DISCONNECTED_TTL, 'disconnectedTtl')
  if (durationMs > MAX_DISCONNECTED_TTL_MS) {
    throw new InvalidOptionError('disconnectedTtl', value, 'a duration of up to 24 hours')
  }
  return durationMs
}
