/** Tiers of a test's own, with what they tell, and entries for them. */
import { onTestFinished } from 'vitest'
import type { RedisTierOptions } from '../../../src/tiers/redis/options.js'
import { type RedisTier, redisTier } from '../../../src/tiers/redis/redis-tier.js'
import type { TierEntry, TierHost, TierNews, TierProblem } from '../../../src/tiers/tier.js'

export const MINUTE_MS = 60_000

export class RecordingHost implements TierHost {
  readonly cacheName = 'test'
  readonly heard: TierNews[] = []
  readonly problems: TierProblem[] = []
  /** Added to the time of the day. */
  ahead = 0

  now(): number {
    return Date.now() + this.ahead
  }

  news(news: TierNews): void {
    this.heard.push(news)
  }

  problem(problem: TierProblem): void {
    this.problems.push(problem)
  }

  kinds(): string[] {
    return this.heard.map(({ kind }) => kind)
  }

  /** All keys that were told of, in order. */
  keys(): string[] {
    return this.heard.flatMap((news) => (news.kind === 'keys' ? news.keys : []))
  }
}

/** Open, and closed when the test is over. */
export async function openTier(
  options: RedisTierOptions,
  host = new RecordingHost(),
): Promise<{ tier: RedisTier; host: RecordingHost }> {
  const tier = redisTier(options)
  onTestFinished(() => tier.close())
  await tier.open(host)
  return { tier, host }
}

export function entryOf(text: string, more: Partial<TierEntry> = {}): TierEntry {
  const now = Date.now()
  return {
    payload: Buffer.from(text),
    createdAt: now,
    expiresAt: now + MINUTE_MS,
    keepUntil: now + 2 * MINUTE_MS,
    tags: [],
    ...more,
  }
}

export function textOf(entry: TierEntry | undefined): string | undefined {
  return entry === undefined ? undefined : Buffer.from(entry.payload).toString()
}

export async function read(tier: RedisTier, key: string): Promise<string | undefined> {
  return textOf((await tier.get(key)).entry)
}

export async function listKeys(tier: RedisTier, prefix?: string): Promise<string[]> {
  const keys = new Set<string>()
  for await (const key of tier.keys(prefix)) keys.add(key)
  return [...keys].sort()
}
