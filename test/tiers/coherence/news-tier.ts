/** Scripted tiers that tell news as a test says, a cache on them, and entries as that cache writes them. */
import { onTestFinished } from 'vitest'
import { memoryTier } from '../../../src/tiers/memory/memory-options.js'
import type { TieredCacheOptions } from '../../../src/tiers/options.js'
import type { Tier, TierEntry, TierHost, TierNews } from '../../../src/tiers/tier.js'
import { TieredCache } from '../../../src/tiers/tiered-cache.js'
import { ScriptedTier } from '../support/scripted-tier.js'

/** What is between: it has no news. */
export class LocalTier extends ScriptedTier {
  override readonly name: string = 'local'
}

export class NewsTier extends ScriptedTier {
  override readonly name: string = 'shared'
  readonly hasNews = true
  #host: TierHost | undefined

  override async open(host: TierHost): Promise<void> {
    this.#host = host
  }

  tell(news: TierNews): void {
    this.#host?.news(news)
  }

  /** Nothing is answered any more, and nothing told. */
  lose(): void {
    this.fault = () => 'reject'
    this.tell({ kind: 'lost' })
  }

  comeBack(): void {
    this.fault = () => 'none'
    this.tell({ kind: 'back' })
  }
}

/** Ready, connected, and closed when the test is over; no guard of it tries again or gives up. */
export async function openCache(
  tiers: readonly Tier[],
  options: TieredCacheOptions<string> = {},
): Promise<TieredCache<string>> {
  const guard = { breaker: false, retry: false } as const
  const cache = new TieredCache<string>({
    tiers: [memoryTier<string>({ maxBytes: '1mb' }), ...tiers],
    guards: Object.fromEntries(tiers.map(({ name }) => [name, guard])),
    ...options,
  })
  onTestFinished(() => cache.close())
  await cache.ready()
  return cache
}

/** As another process writes it. */
export async function sealed(value: string, tags: readonly string[] = []): Promise<TierEntry> {
  const tier = new LocalTier()
  const cache = await openCache([tier])
  await cache.set('k', value, { tags })
  const { entry } = await tier.get('k')
  if (entry === undefined) throw new Error('nothing was written')
  return entry
}
