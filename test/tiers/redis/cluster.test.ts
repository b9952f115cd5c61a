/** A tier on a real cluster: keys of all slots, news from all nodes, and a failover. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type RedisCluster, startCluster } from '../support/redis-cluster.js'
import { PATIENTLY, waitUntil } from '../support/wait-until.js'
import { entryOf, listKeys, MINUTE_MS, openTier, read, textOf } from './tier-helpers.js'

let redis: RedisCluster
const options = () => ({
  cluster: { rootNodes: redis.urls.map((url) => ({ url })) },
  pingInterval: '200ms',
})

beforeAll(async () => {
  redis = await startCluster()
  return () => Promise.all(redis.nodes.map((node) => node.close()))
})

describe.each(['tracking', 'pubsub'] as const)('on a cluster with news by %s, a tier', (news) => {
  it('reads, writes, walks and deletes keys of all slots, and others hear of it', async () => {
    const prefix = `${news}:`
    const { tier, host } = await openTier({ ...options(), news, prefix })
    const { tier: other, host: otherHost } = await openTier({ ...options(), news, prefix })
    expect([tier.stats().connected, other.stats().connected]).toEqual([true, true])
    const keys = Array.from({ length: 50 }, (_, index) => `k${index}`)
    await tier.setMany(keys.map((key) => ({ key, entry: entryOf(key, { tags: [`t${key}`] }) })))
    const found = await other.getMany([...keys, 'none'])
    expect(found.map(({ entry }) => textOf(entry))).toEqual([...keys, undefined])
    await expect
      .poll(() => [...new Set(otherHost.keys())].sort(), PATIENTLY)
      .toEqual([...keys].sort())
    expect(host.keys()).toEqual([])

    await tier.invalidateTags(['tk1', 'tk2'], false)
    await waitUntil('the tags are heard of', () => otherHost.kinds().includes('tags'))
    expect(await read(other, 'k1')).toBeUndefined()
    expect(await read(tier, 'k2')).toBeUndefined()
    expect((await listKeys(tier)).length).toBe(48)
    expect(await tier.deleteByPrefix('k1')).toBe(10)
    expect(await tier.deleteByPattern('k[34]?')).toBe(20)
    expect((await listKeys(other)).length).toBe(18)
    expect(await tier.delete(['k5', 'k6', 'none'])).toEqual([true, true, false])
    const { seen } = await tier.get('k5')
    expect(await tier.set('k5', entryOf('loaded'), { ifUnchanged: { seen } })).toBe(true)
    expect(await tier.set('k5', entryOf('loaded'), { ifUnchanged: { seen } })).toBe(false)
    await tier.clear()
    expect(await listKeys(other)).toEqual([])
  })

  it.each(['}', '{}', 'a}b', '{x}y', '', 'plain'])('leases the key %j', async (key) => {
    const { tier } = await openTier({ ...options(), news, prefix: `lease:${news}:` })
    const lease = await tier.lease(key, MINUTE_MS)
    expect(await tier.set(key, entryOf('value'), { lease })).toBe(true)
    expect(await tier.lease(key, MINUTE_MS)).toBeUndefined()
    await lease?.release()
    await tier.leaseEnd(key, MINUTE_MS)
    expect(await read(tier, key)).toBe('value')
  })
})

describe('when a master dies, a tier', () => {
  it('tells that news is lost, serves the other nodes, and is back with the new one', async () => {
    const { tier, host } = await openTier({ ...options(), prefix: 'failover:' })
    const keys = Array.from({ length: 30 }, (_, index) => `k${index}`)
    await tier.setMany(keys.map((key) => ({ key, entry: entryOf(key, { tags: ['t'] }) })))
    host.heard.length = 0
    const shards = await Promise.all(keys.map((key) => redis.shardOf(`failover:{${key}}`)))
    // Why: reads on all nodes need the one that has the record of invalidations.
    const spared = await redis.shardOf('failover:invalidations')
    const elsewhere = keys.find((_key, index) => shards[index] === spared) ?? ''
    const old = await redis.killMaster((spared + 1) % 3)
    await waitUntil('it is lost', () => host.kinds().includes('lost'))
    expect(await read(tier, elsewhere)).toBe(elsewhere)
    await redis.waitForFailover(old)
    await waitUntil(
      'it is back',
      () => host.kinds().at(-1) === 'back' && tier.stats().connected === true,
    )
    await tier.setMany(keys.map((key) => ({ key, entry: entryOf('new') })))
    const found = await tier.getMany(keys)
    expect(found.map(({ entry }) => textOf(entry))).toEqual(keys.map(() => 'new'))
    await old.start()
  })
})
