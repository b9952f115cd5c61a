/** Servers that are away, restarted or hung: calls reject at once, and news tells when it was cut off. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { redisTier } from '../../../src/tiers/redis/redis-tier.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import { PATIENTLY, waitUntil } from '../support/wait-until.js'
import { entryOf, listKeys, openTier, RecordingHost, read } from './tier-helpers.js'

const AWAY = { code: 'ERR_HOTSET_REDIS_UNAVAILABLE' }

let redis: RedisInstance

beforeEach(async () => {
  redis = await startRedis({ appendOnly: true })
})

/** What was told of the connection, without what others did meanwhile. */
function connectionNews(host: RecordingHost): string[] {
  return host.kinds().filter((kind) => kind === 'lost' || kind === 'back')
}

async function untilBack(host: RecordingHost): Promise<void> {
  await waitUntil('it is back', () => connectionNews(host).at(-1) === 'back')
}

describe.each(['tracking', 'pubsub', false] as const)('with news: %s, a tier', (news) => {
  it('tells once that the server is lost and back, and works again', async () => {
    const { tier, host } = await openTier({ url: redis.url, news, pingInterval: '200ms' })
    const { tier: other } = await openTier({ url: redis.url, news, pingInterval: '200ms' })
    await tier.set('k', entryOf('value', { tags: ['t'] }))
    for (let round = 0; round < 2; round++) {
      host.heard.length = 0
      await redis.kill()
      await expect.poll(() => connectionNews(host), PATIENTLY).toEqual(['lost'])
      await expect(tier.get('k')).rejects.toMatchObject(AWAY)
      await expect(tier.set('k', entryOf('x'))).rejects.toMatchObject(AWAY)
      await expect(tier.delete(['k'])).rejects.toMatchObject(AWAY)
      await expect(listKeys(tier)).rejects.toMatchObject(AWAY)
      expect(tier.stats().connected).toBe(false)
      await redis.start()
      await untilBack(host)
      expect(connectionNews(host)).toEqual(['lost', 'back'])
      expect(await read(tier, 'k')).toBe('value')
    }
    await waitUntil('the other is back too', () => other.stats().connected === true)
    await other.set('news', entryOf('value'))
    if (news !== false) await expect.poll(() => host.keys(), PATIENTLY).toContain('news')
  })
})

describe('a tier', () => {
  it('opens while the server is away, and is back when it comes', async () => {
    await redis.kill()
    const { tier, host } = await openTier({ url: redis.url, pingInterval: '200ms' })
    await expect(tier.get('k')).rejects.toMatchObject(AWAY)
    expect(connectionNews(host)).toEqual([])
    await redis.start()
    await untilBack(host)
    expect(await tier.set('k', entryOf('value'))).toBe(true)
  })

  it('rejects as every call does where the server is killed in the middle of a walk', async () => {
    const { tier } = await openTier({ url: redis.url })
    const keys = Array.from({ length: 5000 }, (_, index) => `k:${index}`)
    await tier.setMany(keys.map((key) => ({ key, entry: entryOf('value') })))
    const walk = async () => {
      for await (const _key of tier.keys('k:')) if (redis.isRunning) await redis.kill()
    }
    await expect(walk()).rejects.toMatchObject(AWAY)
  })

  it('takes a server that does not answer for lost, until it answers', async () => {
    const { tier, host } = await openTier({ url: redis.url, pingInterval: '100ms' })
    await tier.set('k', entryOf('value'))
    host.heard.length = 0
    redis.pause()
    await expect.poll(() => connectionNews(host), PATIENTLY).toEqual(['lost'])
    await expect(tier.get('k')).rejects.toMatchObject(AWAY)
    redis.resume()
    await untilBack(host)
    expect(await read(tier, 'k')).toBe('value')
  })

  it('gets through to a server that answers after long, by another connection', async () => {
    const { tier, host } = await openTier({ url: redis.url, pingInterval: '100ms' })
    expect(tier.stats()).toMatchObject({ connected: true, connections: 1 })
    redis.pause()
    await waitUntil('the connection is replaced', () => tier.stats().connections === 2)
    redis.resume()
    await untilBack(host)
    expect(connectionNews(host)).toEqual(['back', 'lost', 'back'])
    expect(host.problems.length).toBeLessThan(5)
  })

  it('finds nothing with a tag that was invalidated while it was cut off', async () => {
    const { tier, host } = await openTier({ url: redis.url, pingInterval: '100ms' })
    const { tier: other } = await openTier({ url: redis.url })
    await tier.set('k', entryOf('value', { tags: ['t'] }))
    const mine = /id=(\d+)/.exec(String(await redis.run('CLIENT', 'LIST')))
    const killed = redis.run('CLIENT', 'KILL', 'ID', mine?.[1] ?? '')
    await other.invalidateTags(['t'], false)
    await killed
    await waitUntil('it was lost and is back', () => connectionNews(host).length === 3)
    expect(await read(tier, 'k')).toBeUndefined()
  })

  it('stores nothing that was loaded since before the connection was lost', async () => {
    const { tier, host } = await openTier({ url: redis.url, pingInterval: '100ms' })
    const { seen } = await tier.get('k')
    await redis.restart()
    await waitUntil('it was lost and is back', () => connectionNews(host).length === 3)
    expect(await tier.set('k', entryOf('loaded'), { ifUnchanged: { seen } })).toBe(false)
    const { seen: later } = await tier.get('k')
    expect(await tier.set('k', entryOf('loaded'), { ifUnchanged: { seen: later } })).toBe(true)
  })

  it('that is closed while it cannot connect ends, and leaves nothing behind', async () => {
    await redis.kill()
    const tier = redisTier({ url: redis.url })
    onTestFinished(() => tier.close())
    const host = new RecordingHost()
    await tier.open(host)
    await tier.close()
    const told = host.heard.length
    await redis.start()
    await expect(tier.get('k')).rejects.toMatchObject(AWAY)
    expect(host.heard.length).toBe(told)
    expect(await redis.run('CLIENT', 'LIST')).toMatch(/^[^\n]*\n$/)
  })

  it('rejects what was under way when the connection is lost, or it is closed', async () => {
    const { tier } = await openTier({ url: redis.url, pingInterval: '100ms' })
    redis.pause()
    const [first, second]: Promise<unknown>[] = [tier.get('a'), tier.set('b', entryOf('x'))]
    const ends = Promise.allSettled([first, second])
    await tier.close()
    for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: AWAY })
    redis.resume()
  })
})
