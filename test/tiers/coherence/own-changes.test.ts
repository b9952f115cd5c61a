/** Reads of the same process while a change of its own is on its way to the lower tiers. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { TieredCache } from '../../../src/tiers/tiered-cache.js'
import { LocalTier, openCache } from './news-tier.js'

const CHANGES: Readonly<Record<string, (cache: TieredCache<string>) => Promise<unknown>>> = {
  delete: (cache) => cache.delete('k'),
  take: (cache) => cache.take('k'),
  expire: (cache) => cache.expire('k'),
  invalidateTags: (cache) => cache.invalidateTags('t'),
  expireTags: (cache) => cache.expireTags('t'),
  deleteByPrefix: (cache) => cache.deleteByPrefix('k'),
  deleteByPattern: (cache) => cache.deleteByPattern('*k*'),
  clear: (cache) => cache.clear(),
}

describe.each(Object.keys(CHANGES))('%s', (change) => {
  let local: LocalTier
  let cache: TieredCache<string>

  beforeEach(async () => {
    local = new LocalTier()
    cache = await openCache([local])
    await cache.set('k', 'old', { tags: ['t'] })
  })

  it('leaves nothing in memory that a read finds below before it is done', async () => {
    local.fault = (operation) => (operation.startsWith('get') ? 'none' : 'late')
    const changing = CHANGES[change](cache)
    await vi.waitUntil(() => local.waiting === 1)
    await cache.get('k')
    await cache.getMany(['k'])
    local.fault = () => 'none'
    local.releaseAll()
    await changing
    expect(await cache.get('k')).toBeUndefined()
  })

  it('leaves nothing in memory that was read before it and is promoted after', async () => {
    if (change !== 'expireTags') cache.getLocal('k')
    const reading = (async () => {
      local.fault = () => 'done-late'
      return cache.getMany(['k', 'other'])
    })()
    await vi.waitUntil(() => local.waiting === 1)
    local.fault = () => 'none'
    await CHANGES[change](cache)
    local.releaseAll()
    await reading
    expect(await cache.get('k')).toBeUndefined()
  })
})
