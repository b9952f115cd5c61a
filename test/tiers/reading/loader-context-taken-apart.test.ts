/** What a loader does with its context, written the way loaders are written: taken apart. */
import { expect, it } from 'vitest'
import { TieredCache } from '../../../src/tiers/index.js'

it('is of use when its methods are taken out of it', async () => {
  await using cache = new TieredCache<string>()
  await cache.getOrSet('a', ({ setTags, setTtl, setEtag }) => {
    setTags(['t'])
    setTtl('1m')
    setEtag('one')
    return 'value'
  })
  expect((await cache.getEntry('a'))?.tags).toEqual(['t'])
  expect((await cache.getEntry('a'))?.expiresAt).toBeLessThan(Date.now() + 120_000)

  const renew = { forceFresh: true }
  const seen = await cache.getOrSet(
    'a',
    ({ stale, notModified }) => (stale?.etag === 'one' ? notModified() : 'other'),
    renew,
  )
  expect(seen).toBe('value')

  await cache.getOrSet('b', ({ skip }) => {
    skip()
    return 'not kept'
  })
  expect(await cache.get('b')).toBeUndefined()
})
