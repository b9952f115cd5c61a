/** Freshness where values come from a store: `get` loads as `getOrSet` does. */
import { expect, it } from 'vitest'
import { memoryTier, TieredCache } from '../../../src/tiers/index.js'
import { ManualClock } from '../../support/manual-clock.js'
import { waitUntil } from '../support/wait-until.js'

it('loads ahead of time at a hit of get, and answers with what it has', async () => {
  const clock = new ManualClock()
  let loads = 0
  const store = { load: () => ++loads, save() {}, remove() {} }
  const tiers = [memoryTier({ clock })]
  await using cache = new TieredCache<number>({
    tiers,
    clock,
    store,
    ttl: '10s',
    refreshAhead: 0.5,
  })
  expect(await cache.get('a')).toBe(1)
  clock.advance(4_000)
  expect(await cache.get('a')).toBe(1)
  clock.advance(2_000)
  expect(await cache.get('a')).toBe(1)
  await waitUntil('the value is loaded anew', async () => (await cache.get('a')) === 2)
  expect(loads).toBe(2)
})
