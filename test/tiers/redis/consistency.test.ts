/**
 * Two tiers with readers that load, and writers that change the origin and then delete or invalidate: no read
 * that began after a change was acknowledged finds what was before it, through restarts of the server, with
 * its data or without.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { RedisUnavailableError } from '../../../src/tiers/redis/errors.js'
import type { RedisTier } from '../../../src/tiers/redis/redis-tier.js'
import { Random } from '../../support/random.js'
import { startRedis } from '../support/redis-instance.js'
import { waitUntil } from '../support/wait-until.js'
import { entryOf, openTier, textOf } from './tier-helpers.js'

const KEYS = ['a', 'b', 'c', 'd']
const READERS = 6
const WRITERS = 2
const RESTARTS = 3
const READS_BETWEEN = 400
const SEED = 20_260_101

it.each([
  { news: 'tracking', appendOnly: false },
  { news: 'tracking', appendOnly: true },
  { news: 'pubsub', appendOnly: false },
  { news: false, appendOnly: true },
] as const)('no read is older than the last change: %o', async ({ news, appendOnly }) => {
  const redis = await startRedis({ appendOnly })
  const options = { url: redis.url, news, pingInterval: '200ms' }
  const { tier: one } = await openTier(options)
  const { tier: two } = await openTier(options)
  const origin = new Origin()
  let isOver = false
  const workers = Array.from({ length: READERS + WRITERS }, async (_, index) => {
    const random = new Random(SEED + index)
    const tier = index % 2 === 0 ? one : two
    while (!isOver) {
      const key = random.pick(KEYS)
      const work =
        index < READERS ? origin.read(tier, key, random) : origin.change(tier, key, random)
      await work.catch(onlyAway)
      await pause(random.below(3))
    }
  })
  for (let restart = 0; restart <= RESTARTS; restart++) {
    const { reads, hits } = origin
    await waitUntil('there were reads enough', () => {
      return origin.reads > reads + READS_BETWEEN && origin.hits > hits + READS_BETWEEN / 10
    })
    if (restart === RESTARTS) break
    await redis.kill()
    await redis.start()
  }
  isOver = true
  await Promise.all(workers)
  expect(origin.stale).toEqual([])
})

/** What the values come from, and what is known of their changes. */
class Origin {
  readonly stale: string[] = []
  reads = 0
  hits = 0
  readonly #versions = new Map<string, number>()
  /** The last version of which every reader has to know. */
  readonly #acknowledged = new Map<string, number>()

  async read(tier: RedisTier, key: string, random: Random): Promise<void> {
    const least = this.#acknowledged.get(key) ?? 0
    const { entry, seen } = await tier.get(key)
    this.reads++
    if (entry !== undefined) {
      this.hits++
      if (Number(textOf(entry)) < least) this.stale.push(`${key}: ${textOf(entry)} after ${least}`)
      return
    }
    const version = this.#versions.get(key) ?? 0
    await pause(random.below(4))
    const loaded = entryOf(String(version), { tags: [`tag:${key}`] })
    await tier.set(key, loaded, { ifUnchanged: { seen } })
  }

  async change(tier: RedisTier, key: string, random: Random): Promise<void> {
    const version = (this.#versions.get(key) ?? 0) + 1
    this.#versions.set(key, version)
    if (random.chance(0.4)) await tier.delete([key])
    else if (random.chance(0.8)) await tier.invalidateTags([`tag:${key}`], false)
    else await tier.deleteByPrefix(key)
    this.#acknowledged.set(key, Math.max(version, this.#acknowledged.get(key) ?? 0))
    await pause(20)
  }
}

/** Whatever else goes wrong is an error of the test. */
function onlyAway(error: unknown): void {
  if (!(error instanceof RedisUnavailableError)) throw error
}
