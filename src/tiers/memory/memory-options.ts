/** memoryTier(): what is said of the tier in memory, until a TieredCache makes it. */
import { InvalidOptionError } from '../../cache/errors.js'
import { checkNames } from '../../cache/option-checks.js'
import { type CacheOptions, resolveTtlMs } from '../../cache/options.js'
import { SharedCache } from '../../cache/shared-cache.js'
import type { Duration, Size } from '../../cache/units.js'
import { MemoryTier } from './memory-tier.js'

const DEFAULT_MAX_BYTES = '64mb'

// biome-ignore lint/suspicious/noExplicitAny: options of users are ones of unknown values here
export interface MemoryTierOptions<V = any>
  extends Omit<CacheOptions<V>, 'maxBytes' | 'ttlJitter' | 'sliding'> {
  /** As SharedCache has it. Default `'64mb'`. */
  maxBytes?: Size
  /** The lifetime in memory of what is stored without one. Default: none. */
  ttl?: Duration
}

/** A SharedCache that is there already: of this thread, or attached to that of another. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export interface GivenCache<V = any> {
  cache: SharedCache<V>
  /** The lifetime in memory of what is stored without one. Default: none. */
  ttl?: Duration
}

/** What memoryTier() returns; for `tiers: [...]`. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export class MemoryTierSpec<V = any> {
  readonly name = 'memory'
  readonly options: MemoryTierOptions<V> | GivenCache<V>

  constructor(options: MemoryTierOptions<V> | GivenCache<V>) {
    this.options = options
  }
}

/**
 * Entries in the memory of this process, in a SharedCache: of its own, with the options of SharedCache, or in
 * one that is given (`{ cache }`), as by threads that share one.
 * @throws InvalidOptionError as the TieredCache is made
 */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function memoryTier<V = any>(
  options: MemoryTierOptions<V> | GivenCache<V> = {},
): MemoryTierSpec<V> {
  return new MemoryTierSpec<V>(options)
}

/**
 * @param onError for what SharedCache reports, where the options have none of their own
 * @throws InvalidOptionError
 */
export function openMemoryTier<V>(
  { options }: MemoryTierSpec<V>,
  cacheName: string,
  onError: (error: unknown, key: string) => void,
): MemoryTier<V> {
  const defaultTtlMs = resolveTtlMs(options.ttl, 0) || Number.POSITIVE_INFINITY
  if ('cache' in options) {
    checkNames('memoryTier', options, ['cache', 'ttl'])
    if (!(options.cache instanceof SharedCache)) {
      throw new InvalidOptionError('memoryTier.cache', options.cache, 'a SharedCache')
    }
    const { cache } = options
    return new MemoryTier(cache, { defaultTtlMs, empty: emptyOf(cache), ownsCache: false })
  }
  const { ttl: _, ...cacheOptions } = options
  const cache = new SharedCache<V>({
    maxBytes: DEFAULT_MAX_BYTES,
    name: cacheName,
    ...cacheOptions,
    onError: (error, key) => {
      onError(error, key)
      options.onError?.(error, key)
    },
  })
  return new MemoryTier(cache, { defaultTtlMs, empty: emptyOf(cache), ownsCache: true })
}

/** A value that says nothing, and that the cache's codec can hold; undefined: a user's own may hold none. */
function emptyOf<V>(cache: SharedCache<V>): unknown {
  const { codec } = cache.handle.options as { codec: unknown }
  switch (codec) {
    case 'string':
      return ''
    case 'bytes':
      return Buffer.alloc(0)
    case 'structured':
    case 'json':
      return null
    default:
      return undefined
  }
}
