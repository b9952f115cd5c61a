/** Two caches on servers whose master dies: what one has written the other reads, or misses, and nothing older. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { memoryTier } from '../../../src/tiers/memory/memory-options.js'
import type { RedisTierOptions } from '../../../src/tiers/redis/options.js'
import { redisTier } from '../../../src/tiers/redis/redis-tier.js'
import { TieredCache } from '../../../src/tiers/tiered-cache.js'
import { startCluster } from '../support/redis-cluster.js'
import type { RedisInstance } from '../support/redis-instance.js'
import { startSentinel } from '../support/redis-sentinel.js'
import { waitUntil } from '../support/wait-until.js'

const KEYS = Array.from({ length: 30 }, (_, nth) => `key:${nth}`)
const BATCH_PAUSE_MS = 5
/** Servers are started, found dead and replaced, each in seconds. */
const FAILOVER_TIMEOUT_MS = 180_000

/** A cache, and what it was told of its news. */
async function openCache(options: RedisTierOptions) {
  const cache = new TieredCache<number>({
    name: 'failover',
    tiers: [
      memoryTier<number>({ maxBytes: '1mb' }),
      redisTier({ ...options, pingInterval: '200ms' }),
    ],
  })
  onTestFinished(() => cache.close())
  const heard: string[] = []
  for (const name of ['news-lost', 'news-back'] as const) {
    cache.events.on(name, () => heard.push(name))
  }
  await cache.ready()
  await waitUntil('the news arrives', () => heard.includes('news-back'))
  heard.length = 0
  return { cache, heard }
}

/** Reads without a pause, and notes where a key's value is older than what was read of it before. */
function readOn(cache: TieredCache<number>) {
  const newest = new Map<string, number>()
  const backwards: string[] = []
  let isOver = false
  const reading = (async () => {
    while (!isOver) {
      const values = await cache.getMany(KEYS)
      values.forEach((value, nth) => {
        if (value === undefined) return
        const key = KEYS[nth]
        const before = newest.get(key) ?? value
        if (value < before) backwards.push(`${key}: ${value} after ${before}`)
        newest.set(key, Math.max(before, value))
      })
      await pause(BATCH_PAUSE_MS)
    }
    return backwards
  })()
  return {
    newest,
    end: () => {
      isOver = true
      return reading
    },
  }
}

/** Resolves once the value is in Redis. */
async function writeThrough(cache: TieredCache<number>, value: number): Promise<void> {
  await waitUntil(`the ${value}s are written`, async () => {
    const { ok } = await cache.setMany(KEYS.map((key) => [key, value] as const))
    return ok
  })
}

async function failOver(
  options: RedisTierOptions,
  replicated: () => Promise<unknown>,
  kill: () => Promise<RedisInstance>,
  takenOver: (killed: RedisInstance) => Promise<unknown>,
): Promise<void> {
  const writer = await openCache(options)
  const reader = await openCache(options)
  await writeThrough(writer.cache, 1)
  await replicated()
  expect(await reader.cache.getMany(KEYS)).toEqual(KEYS.map(() => 1))
  const reads = readOn(reader.cache)
  const killed = await kill()
  await waitUntil('both have lost their news', () => {
    return [writer, reader].every(({ heard }) => heard.includes('news-lost'))
  })
  await takenOver(killed)
  await waitUntil('news is back for both', () => {
    return [writer, reader].every(({ heard }) => heard.at(-1) === 'news-back')
  })
  const afterwards = await reader.cache.getMany(KEYS)
  expect(afterwards.filter((value) => value !== undefined && value !== 1)).toEqual([])

  await writeThrough(writer.cache, 2)
  await waitUntil('the reader has all that is new', () => {
    return KEYS.every((key) => reads.newest.get(key) === 2)
  })
  expect(await reads.end()).toEqual([])
  expect(await writer.cache.getMany(KEYS)).toEqual(KEYS.map(() => 2))
}

it.each(['tracking', 'pubsub'] as const)(
  'a master of a cluster that is replaced brings nothing old back, with news by %s',
  async (news) => {
    const cluster = await startCluster()
    onTestFinished(() => cluster.stop())
    await failOver(
      { news, cluster: { rootNodes: cluster.urls.map((url) => ({ url })) } },
      () => Promise.all([0, 1, 2].map((shard) => untilReplicated(cluster.master(shard)))),
      () => cluster.killMaster(1),
      (killed) => cluster.waitForFailover(killed),
    )
  },
  FAILOVER_TIMEOUT_MS,
)

it.each(['tracking', 'pubsub'] as const)(
  'a master behind sentinels that is replaced brings nothing old back, with news by %s',
  async (news) => {
    const group = await startSentinel()
    onTestFinished(() => group.stop())
    await failOver(
      { news, sentinel: { name: group.masterName, sentinelRootNodes: group.rootNodes } },
      () => untilReplicated(group.master()),
      () => group.killMaster(),
      (killed) => group.waitForFailover(killed),
    )
  },
  FAILOVER_TIMEOUT_MS,
)

/** Until its replica has all that it has. Why not WAIT: that asks for the writes of its own connection. */
async function untilReplicated(asked: Promise<RedisInstance>): Promise<void> {
  const master = await asked
  await waitUntil('the replica has all writes', async () => {
    const info = (await master.run('INFO', 'replication')) as string
    const written = /master_repl_offset:(\d+)/.exec(info)?.[1]
    return /slave0:.*offset=(\d+)/.exec(info)?.[1] === written
  })
}
