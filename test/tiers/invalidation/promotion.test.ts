/** Reads that are under way while something changes: what they find is not kept above. */
import { expect, it, onTestFinished } from 'vitest'
import { memoryTier, TieredCache } from '../../../src/tiers/index.js'
import { ScriptedTier } from '../support/scripted-tier.js'
import { waitUntil } from '../support/wait-until.js'

function createCache(): { cache: TieredCache<string>; tier: ScriptedTier } {
  const tier = new ScriptedTier()
  const cache = new TieredCache<string>({
    tiers: [memoryTier({ maxBytes: '2mb' }), tier],
    guards: { scripted: { timeout: '30s' } },
  })
  onTestFinished(() => cache.close())
  cache.on('changed', 'k')
  return { cache, tier }
}

const CHANGES: [string, (cache: TieredCache<string>) => Promise<unknown>][] = [
  ['delete', (cache) => cache.delete('k')],
  ['take', (cache) => cache.take('k')],
  ['expire', (cache) => cache.expire('k')],
  ['invalidateTags', (cache) => cache.invalidateTags('t')],
  ['expireTags', (cache) => cache.expireTags('t')],
  ['deleteByPrefix', (cache) => cache.deleteByPrefix('k')],
  ['deleteByPattern', (cache) => cache.deleteByPattern('?')],
  ['clear', (cache) => cache.clear()],
  ['emit', (cache) => cache.emit('changed')],
]

const READS: [string, (cache: TieredCache<string>) => Promise<unknown>][] = [
  ['get', (cache) => cache.get('k')],
  ['getOrSet', (cache) => cache.getOrSet('k', () => 'loaded')],
]

const isRead = (operation: string) => operation === 'get' || operation === 'getMany'

for (const [read, begin] of READS) {
  it.each(CHANGES)(`${read} during %s brings nothing back that is gone`, async (_, change) => {
    const { cache, tier } = createCache()
    await cache.set('k', 'old', { tags: ['t'] })
    cache.memory.delete('k')
    tier.fault = (operation) => (isRead(operation) ? 'none' : 'late')
    const changed = change(cache)
    await waitUntil('the tier is asked', () => tier.waiting > 0)
    await begin(cache)
    tier.fault = () => 'none'
    tier.release()
    await changed
    await cache.drain()
    expect(await cache.get('k')).not.toBe('old')
    expect(cache.getLocal('k')).not.toBe('old')
  })

  it.each(CHANGES)(`${read} that is answered after %s keeps nothing of it`, async (_, change) => {
    const { cache, tier } = createCache()
    await cache.set('k', 'old', { tags: ['t'] })
    cache.memory.delete('k')
    tier.fault = (operation) => (isRead(operation) ? 'done-late' : 'none')
    const reading = begin(cache)
    await waitUntil('the tier is asked', () => tier.waiting > 0)
    tier.fault = () => 'none'
    await change(cache)
    tier.release()
    await reading
    await cache.drain()
    expect(await cache.get('k')).not.toBe('old')
    expect(cache.getLocal('k')).not.toBe('old')
  })
}

it('keeps what was found while other keys, tags and prefixes changed', async () => {
  const { cache, tier } = createCache()
  await cache.set('k', 'value', { tags: ['t'] })
  cache.memory.delete('k')
  tier.fault = (operation) => (isRead(operation) ? 'none' : 'late')
  const changes = [
    cache.delete('other'),
    cache.invalidateTags('other'),
    cache.deleteByPrefix('other'),
    cache.deleteByPattern('*other'),
  ]
  await waitUntil('the tier is asked', () => tier.waiting === changes.length)
  expect(await cache.get('k')).toBe('value')
  expect(cache.getLocal('k')).toBe('value')
  tier.releaseAll()
  await Promise.all(changes)
})
