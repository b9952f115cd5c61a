/** A cluster of three masters with a replica each, of which one master is killed, paused, and replaced. */
import { beforeAll, expect, it } from 'vitest'
import { redisTier } from '../../../src/tiers/index.js'
import { type RedisCluster, startCluster } from '../support/redis-cluster.js'
import { waitUntil } from '../support/wait-until.js'
import {
  everyCall,
  type Opened,
  openCache,
  rejectionsOf,
  untilWhole,
  watchForUnhandled,
} from './failure-helpers.js'

watchForUnhandled()

const KEYS = Array.from({ length: 30 }, (_, index) => `k${index}`)

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await startCluster()
  // Why: Redis itself refuses the other slots else, once it knows that a master is dead.
  for (const node of cluster.nodes) {
    await node.run('CONFIG', 'SET', 'cluster-require-full-coverage', 'no')
  }
  return () => cluster.stop()
})

function openOn(prefix: string): Promise<Opened> {
  const rootNodes = cluster.urls.map((url) => ({ url }))
  return openCache([redisTier({ cluster: { rootNodes }, prefix, pingInterval: '200ms' })], {
    disconnectedTtl: '1h',
  })
}

/** A shard without the record of invalidations, which reads on all of them need, and what is where. */
async function chooseShard(
  prefix: string,
): Promise<{ shard: number; there: string[]; elsewhere: string[] }> {
  const shard = ((await cluster.shardOf(`${prefix}invalidations`)) + 1) % 3
  const shards = await Promise.all(KEYS.map((key) => cluster.shardOf(`${prefix}{${key}}`)))
  return {
    shard,
    there: KEYS.filter((_, index) => shards[index] === shard),
    elsewhere: KEYS.filter((_, index) => shards[index] !== shard),
  }
}

it('serves the other slots while a master is dead, those of its own from above and the loader, and all after that', async () => {
  const prefix = 'killed:'
  const opened = await openOn(prefix)
  const { cache, log } = opened
  const { shard, there, elsewhere } = await chooseShard(prefix)
  await cache.setMany(KEYS.map((key) => [key, 'old'] as const))
  const [above, below, changed, deleted] = there
  cache.memory.clear()
  expect(await cache.get(above)).toBe('old')
  const old = await cluster.killMaster(shard)
  await waitUntil('it is noticed', () => log.names().includes('tier-down'))

  expect(await cache.get(above)).toBe('old')
  // Why so often: one node that is away must not make the others count as such.
  for (let nth = 0; nth < 5; nth++) expect(await cache.get(below)).toBeUndefined()
  for (const key of elsewhere.slice(0, 5)) expect(await cache.get(key)).toBe('old')
  const answers = await cache.getMany([below, ...elsewhere])
  expect(answers).toEqual([undefined, ...elsewhere.map(() => 'old')])
  expect(await cache.getOrSet(below, async () => 'loaded')).toBe('loaded')
  expect(await cache.set(changed, 'new')).toMatchObject({ tiers: { redis: 'failed' } })
  expect(await cache.delete(deleted)).toMatchObject({ tiers: { redis: 'failed' } })
  expect(await cache.set(elsewhere[0], 'new')).toMatchObject({ tiers: { redis: 'stored' } })
  expect(await cache.get(changed)).toBe('new')
  expect(log.failedKeys('set')).toEqual([changed])

  await cluster.waitForFailover(old)
  await untilWhole(opened)
  const expected = new Map(KEYS.map((key): [string, string[]] => [key, ['old']]))
  for (const [key, values] of [
    [changed, ['new']],
    [deleted, []],
    [below, ['old', 'loaded']],
    [elsewhere[0], ['new']],
  ] as const) {
    expected.set(key, [...values])
  }
  const second = await openOn(prefix)
  for (const { cache: one } of [opened, second]) {
    const found = await one.getMany(KEYS)
    KEYS.forEach((key, nth) => {
      // Why also none: a replica may not have had the last write, and what was missed is deleted.
      expect([undefined, ...(expected.get(key) ?? [])]).toContain(found[nth])
    })
  }
  expect(await cache.setMany(KEYS.map((key) => [key, 'newest'] as const))).toMatchObject({
    ok: true,
  })
  await waitUntil('the second has them all', async () => {
    return (await second.cache.getMany(KEYS)).every((value) => value === 'newest')
  })
  expect(log.names()).toEqual(expect.arrayContaining(['tier-up', 'news-lost', 'news-back']))
  await old.start()
  await cluster.waitUntilStable()
}, 60_000)

it('rejects no call while a master is paused, nor while it is replaced, nor when it is back', async () => {
  const prefix = 'paused:'
  const opened = await openOn(prefix)
  const { shard } = await chooseShard(prefix)
  const old = await cluster.master(shard)
  old.pause()
  const calls = [everyCall(opened.cache, 'paused a:'), everyCall(opened.cache, 'paused b:')]
  for (const call of calls) expect(await rejectionsOf(call)).toEqual([])
  await cluster.waitForFailover(old)
  expect(await rejectionsOf(everyCall(opened.cache, 'replaced:'))).toEqual([])
  old.resume()
  await cluster.waitUntilStable()
  await untilWhole(opened)
  expect(await rejectionsOf(everyCall(opened.cache, 'back:'))).toEqual([])
}, 60_000)
