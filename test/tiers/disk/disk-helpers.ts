/** A disk tier in a temporary folder, with a clock that stands still and a host that notes what it is told. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DiskTier, diskTier } from '../../../src/tiers/disk/disk-tier.js'
import type { DiskTierOptions } from '../../../src/tiers/disk/options.js'
import type { TierEntry, TierHost, TierNews, TierProblem } from '../../../src/tiers/tier.js'
import { ManualClock } from '../../support/manual-clock.js'

export const HOUR_MS = 3_600_000

export class TestHost implements TierHost {
  readonly cacheName = 'test'
  readonly clock = new ManualClock()
  readonly problems: TierProblem[] = []
  readonly heard: TierNews[] = []

  now(): number {
    return this.clock.now()
  }

  news(news: TierNews): void {
    this.heard.push(news)
  }

  problem(problem: TierProblem): void {
    this.problems.push(problem)
  }

  kinds(): string[] {
    return this.problems.map(({ kind }) => kind)
  }
}

/** What a test has to close and remove. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'hotset-disk-'))
  readonly path = join(this.folder, 'deep', 'cache.lmdb')
  readonly host = new TestHost()
  readonly #tiers: DiskTier[] = []

  async open(
    options: Partial<DiskTierOptions> = {},
    host: TierHost = this.host,
  ): Promise<DiskTier> {
    const tier = diskTier({ path: this.path, ...options })
    this.#tiers.push(tier)
    await tier.open(host)
    return tier
  }

  entry(text: string, changes: Partial<TierEntry> = {}): TierEntry {
    const now = this.host.now()
    return {
      payload: Buffer.from(text),
      createdAt: now,
      expiresAt: now + HOUR_MS,
      keepUntil: now + 2 * HOUR_MS,
      tags: [],
      ...changes,
    }
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#tiers.map((tier) => tier.close()))
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export async function textOf(tier: DiskTier, key: string): Promise<string | undefined> {
  const { entry } = await tier.get(key)
  return entry && Buffer.from(entry.payload).toString()
}

export async function keysOf(tier: DiskTier, prefix?: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of tier.keys(prefix)) keys.push(key)
  return keys.sort()
}
