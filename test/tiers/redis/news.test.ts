/** Two tiers on one server, as two processes have them: what one does, the other hears of and finds. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RedisTier } from '../../../src/tiers/redis/redis-tier.js'
import { type RedisInstance, startRedis } from '../support/redis-instance.js'
import { waitUntil } from '../support/wait-until.js'
import { entryOf, listKeys, openTier, type RecordingHost, read } from './tier-helpers.js'

let redis: RedisInstance

beforeAll(async () => {
  redis = await startRedis()
  return () => redis.close()
})

describe.each(['tracking', 'pubsub'] as const)('with news by %s, a tier', (news) => {
  let mine: RedisTier
  let ownHost: RecordingHost
  let theirs: RedisTier
  let otherHost: RecordingHost

  beforeEach(async () => {
    await redis.run('FLUSHALL')
    ;({ tier: mine, host: ownHost } = await openTier({ url: redis.url, news }))
    ;({ tier: theirs, host: otherHost } = await openTier({ url: redis.url, news }))
    expect(ownHost.kinds()).toContain('back')
  })

  /** Both have heard of all that went before when this has gone through, both ways. */
  async function untilHeard(): Promise<void> {
    await mine.set('last of mine', entryOf(''))
    await theirs.set('last of theirs', entryOf(''))
    await waitUntil('both have heard', () => {
      return otherHost.keys().includes('last of mine') && ownHost.keys().includes('last of theirs')
    })
  }

  const heardKeys = () => otherHost.keys().filter((key) => key !== 'last of mine')
  const echoes = () => ownHost.keys().filter((key) => key !== 'last of theirs')

  it.each<[string, () => Promise<unknown>]>([
    ['set', () => mine.set('k', entryOf('value'))],
    ['setMany', () => mine.setMany([{ key: 'k', entry: entryOf('value') }])],
    ['delete', () => mine.delete(['k'])],
    ['take', () => mine.take('k')],
    ['expire', () => mine.expire(['k'])],
  ])('hears of keys by %s, and not of its own', async (_how, change) => {
    await theirs.set('k', entryOf('before'))
    await waitUntil('the first is heard of', () => ownHost.keys().includes('k'))
    ownHost.heard.length = 0
    await change()
    await untilHeard()
    expect(heardKeys()).toContain('k')
    expect(echoes()).toEqual([])
  })

  it('hears of what was stored after a load, over nothing, a tombstone or a stale entry', async () => {
    for (const prepare of [
      async () => {},
      () => mine.delete(['k']),
      () => mine.expire(['k']),
    ] as (() => Promise<unknown>)[]) {
      await prepare()
      const { seen } = await mine.get('k')
      await untilHeard()
      ownHost.heard.length = 0
      otherHost.heard.length = 0
      expect(await mine.set('k', entryOf('loaded'), { ifUnchanged: { seen } })).toBe(true)
      await untilHeard()
      expect(heardKeys()).toEqual(['k'])
      expect(echoes()).toEqual([])
    }
  })

  it('hears of what another wrote right after it', async () => {
    await mine.set('k', entryOf('value'))
    await mine.expire(['k'])
    await theirs.set('k', entryOf('theirs'))
    await waitUntil('it is heard of', () => ownHost.keys().includes('k'))
  })

  it('hears of tags, prefixes and patterns, and not of its own', async () => {
    await mine.invalidateTags(['a', 'b'], false)
    await mine.invalidateTags(['c'], true)
    await mine.deleteByPrefix('user:')
    await mine.deleteByPattern('*:x')
    await mine.clear()
    await waitUntil(
      'the last is heard of',
      () => otherHost.kinds().filter((kind) => kind === 'prefix').length === 2,
    )
    const told = otherHost.heard.filter(({ kind }) => kind !== 'back' && kind !== 'keys')
    const tags = told.flatMap((one) =>
      one.kind === 'tags' ? one.tags.map((tag) => [tag, one.soft]) : [],
    )
    expect(tags.sort()).toEqual([
      ['a', false],
      ['b', false],
      ['c', true],
    ])
    expect(told).toContainEqual({ kind: 'prefix', prefix: 'user:' })
    expect(told).toContainEqual({ kind: 'prefix', prefix: '' })
    expect(told).toContainEqual({ kind: 'pattern', pattern: '*:x' })
    await untilHeard()
    expect(ownHost.kinds().filter((kind) => kind !== 'back' && kind !== 'keys')).toEqual([])
  })

  it('finds nothing with a tag that another has invalidated, and what was set since', async () => {
    await mine.set('k', entryOf('old', { tags: ['t'] }))
    await mine.set('other', entryOf('other', { tags: ['u'] }))
    await theirs.invalidateTags(['t', 'v'], false)
    expect(await read(mine, 'k')).toBeUndefined()
    expect(await read(theirs, 'k')).toBeUndefined()
    expect(await read(mine, 'other')).toBe('other')
    expect(await listKeys(mine)).toEqual(['other'])
    await mine.set('k', entryOf('new', { tags: ['t'] }))
    expect(await read(theirs, 'k')).toBe('new')
  })
})

describe('with news by tracking, a tier', () => {
  it('hears of what others than tiers do: a deleted key, a flushed server', async () => {
    await redis.run('FLUSHALL')
    const { tier, host } = await openTier({ url: redis.url })
    await tier.set('k', entryOf('value', { tags: ['t'] }))
    await redis.run('DEL', 'hotset:test:{k}')
    await waitUntil('it is heard of', () => host.keys().includes('k'))
    await redis.run('FLUSHALL')
    await waitUntil('it is heard of', () => host.kinds().includes('all'))
  })
})

describe('without news, a tier', () => {
  it('still finds nothing that another has invalidated', async () => {
    await redis.run('FLUSHALL')
    const { tier: mine, host } = await openTier({ url: redis.url, news: false })
    const { tier: theirs } = await openTier({ url: redis.url, news: false })
    await mine.set('k', entryOf('value', { tags: ['t'] }))
    await theirs.invalidateTags(['t'], false)
    expect(await read(mine, 'k')).toBeUndefined()
    await theirs.invalidateTags(['t'], false)
    expect(await mine.set('k', entryOf('new', { tags: ['t'] }))).toBe(true)
    expect(await read(theirs, 'k')).toBe('new')
    const { seen } = await mine.get('loaded')
    await theirs.invalidateTags(['t'], false)
    const entry = entryOf('loaded', { tags: ['t'] })
    expect(await mine.set('loaded', entry, { ifUnchanged: { seen } })).toBe(false)
    expect(await read(theirs, 'loaded')).toBeUndefined()
    expect(host.keys()).toEqual([])
  })
})
