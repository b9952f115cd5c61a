/** A tier behind sentinels: it finds the master, and the next one when that dies. */
import { expect, it, onTestFinished } from 'vitest'
import { startSentinel } from '../support/redis-sentinel.js'
import { PATIENTLY, waitUntil } from '../support/wait-until.js'
import { entryOf, listKeys, openTier, read } from './tier-helpers.js'

it.each(['tracking', 'pubsub'] as const)(
  'a tier with news by %s goes on with the next master, and tells that it was lost',
  async (news) => {
    const group = await startSentinel()
    onTestFinished(() => group.stop())
    const sentinel = { name: group.masterName, sentinelRootNodes: group.rootNodes }
    const { tier, host } = await openTier({ sentinel, news, pingInterval: '200ms' })
    const { tier: other } = await openTier({ sentinel, news, pingInterval: '200ms' })
    await tier.set('k', entryOf('value', { tags: ['t'] }))
    await other.set('theirs', entryOf('theirs'))
    await expect.poll(() => host.keys(), PATIENTLY).toEqual(['theirs'])
    await other.invalidateTags(['t'], false)
    await waitUntil('the tag is heard of', () => host.kinds().includes('tags'))
    expect(await read(tier, 'k')).toBeUndefined()
    expect(await listKeys(tier)).toEqual(['theirs'])
    await (await group.master()).run('WAIT', '1', '0')

    host.heard.length = 0
    const killed = await group.killMaster()
    await waitUntil('it is lost', () => host.kinds().includes('lost'))
    await expect(tier.get('theirs')).rejects.toMatchObject({ code: 'ERR_HOTSET_REDIS_UNAVAILABLE' })
    await group.waitForFailover(killed)
    await waitUntil('both are back', () => {
      return tier.stats().connected === true && other.stats().connected === true
    })
    expect(await read(tier, 'theirs')).toBe('theirs')
    expect(await read(tier, 'k')).toBeUndefined()
    host.heard.length = 0
    await other.set('theirs', entryOf('again'))
    await expect.poll(() => host.keys(), PATIENTLY).toEqual(['theirs'])
    expect(await read(tier, 'theirs')).toBe('again')
  },
)
