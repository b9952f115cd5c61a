/** What making room for one more entry may cost the others: no more than what fills a page or two. */
import { expect, it } from 'vitest'
import { SharedCache } from '../../src/index.js'

const CACHES = 8
/** Of the class used here about 115 entries fill a page. */
const MOST_EVICTED = 250

it('one set evicts no more than fills two pages, also while its own entry is in the emptiest one', () => {
  // Why several: each has a seed of its own, and with it another order of splits.
  for (let round = 0; round < CACHES; round++) {
    const cache = new SharedCache<string>({ maxBytes: '1mb', shards: 2, policy: 'priority' })
    let evicted = 0
    for (let index = 0; index < 6000; index++) {
      const before = evicted
      cache.set(`key:${String(index).padStart(6, '0')}`, 'x'.repeat(100), { priority: index % 5 })
      evicted = cache.stats().evictions
      expect(evicted - before).toBeLessThan(MOST_EVICTED)
    }
    expect(cache.verify().problems).toEqual([])
    cache.close()
  }
})
