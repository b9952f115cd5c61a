/** What `stats()` tells: plain data. */
import type { CacheStats } from '../cache/cache-stats.js'
import type { TieredCore } from './core.js'
import type { GuardStats } from './guard/figures.js'
import type { Tier } from './tier.js'

export interface LowerTierStats extends GuardStats {
  /** Keys that the tier was asked for and had, fresh or stale, and those that it had not, or did not answer. */
  readonly hits: number
  readonly misses: number
  /** Figures of the tier's own. */
  readonly own: Readonly<Record<string, unknown>> | undefined
}

export interface TieredStats {
  readonly name: string
  readonly memory: CacheStats
  /** By the names of the lower tiers. */
  readonly tiers: Readonly<Record<string, LowerTierStats>>
  readonly loads: {
    /** Runs of loaders. */
    readonly count: number
    readonly failed: number
    /** What a load takes, in ms: a weighted mean of the latest. */
    readonly meanMs: number
  }
  /** Writes of loaded values and promotions that are under way. */
  readonly background: number
  /** Of the store's writer: pending, failed and retried writes, and so on. */
  readonly store: Readonly<Record<string, unknown>> | undefined
}

export function collectStats<V>(core: TieredCore<V>): TieredStats {
  const tiers = core.lower.map((tier): [string, LowerTierStats] => [
    tier.name,
    {
      ...tier.guard.stats(),
      hits: tier.hits,
      misses: tier.misses,
      own: ownStats(tier.guard.tier),
    },
  ])
  const { count, failed, meanMs } = core.readThrough.loadTimes
  return {
    name: core.name,
    memory: core.memory.cache.stats(),
    tiers: Object.fromEntries(tiers),
    loads: { count, failed, meanMs },
    background: core.background.size,
    store: core.source.writer?.stats(),
  }
}

/** Why caught: figures are asked for where nobody expects a tier's failure, at once or later. */
function ownStats(tier: Tier): Record<string, unknown> | undefined {
  try {
    const stats: unknown = tier.stats?.()
    if (!(stats instanceof Promise)) return stats as Record<string, unknown> | undefined
    stats.catch(() => {})
    return undefined
  } catch {
    return undefined
  }
}
