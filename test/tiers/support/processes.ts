/**
 * Caches on one redis-server, as several processes have them: each with a memory of its own, and an LMDB file of its
 * own where it has a disk. All go by one clock, which the test moves; Redis itself goes by the time of the day.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type DiskTier, diskTier } from '../../../src/tiers/disk/disk-tier.js'
import type { RedisTierOptions } from '../../../src/tiers/redis/options.js'
import { type RedisTier, redisTier } from '../../../src/tiers/redis/redis-tier.js'
import type { Tier } from '../../../src/tiers/tier.js'
import type { TieredCache } from '../../../src/tiers/tiered-cache.js'
import { ManualClock } from '../../support/manual-clock.js'
import { startRedis } from './redis-instance.js'
import { createCache, type FixtureOptions } from './tiered-fixture.js'

/** On a busy machine a tier is slow, but not away. */
const PATIENCE = '30s'

export interface OneProcess {
  readonly cache: TieredCache<string>
  readonly disk: DiskTier
  readonly redis: RedisTier
}

export interface ProcessOptions extends Omit<FixtureOptions<string>, 'lower' | 'clock'> {
  /** Below memory, from the top. Default: both. */
  tiers?: readonly ('disk' | 'redis')[]
  news?: RedisTierOptions['news']
}

export class Processes {
  readonly clock = new ManualClock()
  readonly #url: string

  private constructor(url: string) {
    this.#url = url
  }

  /** Until the test is over. */
  static async start(): Promise<Processes> {
    return new Processes((await startRedis()).url)
  }

  async open({
    tiers = ['disk', 'redis'],
    news,
    ...options
  }: ProcessOptions = {}): Promise<OneProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'hotset-process-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const disk = diskTier({ path: join(folder, 'cache.lmdb') })
    const redis = redisTier({ url: this.#url, news, pingInterval: PATIENCE })
    const lower = tiers.map((name): Tier => (name === 'disk' ? disk : redis))
    const guards = Object.fromEntries(tiers.map((name) => [name, { timeout: PATIENCE }]))
    const { cache } = createCache<string>({ ...options, clock: this.clock, lower, guards })
    await cache.ready()
    // Why: a disk above Redis is emptied as the connection is there, and this comes after that.
    await cache.set('begins', '')
    await cache.delete('begins')
    return { cache, disk, redis }
  }
}
