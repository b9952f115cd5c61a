/** What happens to memory and the tiers between when a tier's news arrives, is lost, and comes back. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { memoryTier } from '../../../src/tiers/memory/memory-options.js'
import type { TierNews } from '../../../src/tiers/tier.js'
import { TieredCache } from '../../../src/tiers/tiered-cache.js'
import { LocalTier, NewsTier, openCache, sealed } from './news-tier.js'

const TTL_MS = 1000

/** All that can be told of the key `k`, whose entry has the tag `t`. */
const NEWS: readonly TierNews[] = [
  { kind: 'keys', keys: ['k'] },
  { kind: 'tags', tags: ['t'], soft: false },
  { kind: 'prefix', prefix: 'k' },
  { kind: 'pattern', pattern: '*k*' },
  { kind: 'all' },
]

let shared: NewsTier

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  shared = new NewsTier()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('news of a change', () => {
  let cache: TieredCache<string>

  beforeEach(async () => {
    cache = await openCache([shared])
    shared.comeBack()
    await shared.set('k', await sealed('old', ['t']))
  })

  it.each(NEWS)('reaches what memory has: %j', async (news) => {
    expect(await cache.get('k')).toBe('old')
    await shared.set('k', await sealed('new', ['t']))
    shared.tell(news)
    expect(cache.getLocal('k')).toBeUndefined()
    expect(await cache.get('k')).toBe('new')
  })

  it.each(NEWS)('keeps what is being read out of memory: %j', async (news) => {
    shared.fault = () => 'done-late'
    const reading = cache.get('k')
    await vi.waitUntil(() => shared.waiting === 1)
    shared.tell(news)
    shared.releaseAll()
    expect(await reading).toBe('old')
    expect(cache.getLocal('k')).toBeUndefined()
  })

  it.each(NEWS)('keeps what is being loaded out of memory: %j', async (news) => {
    await shared.delete(['k'])
    let finish = (_value: string): void => {}
    const loading = cache.getOrSet(
      'k',
      () =>
        new Promise((resolve) => {
          finish = resolve
        }),
      { tags: ['t'] },
    )
    await vi.waitUntil(() => shared.callsOf('get').length === 1)
    await new Promise(setImmediate)
    shared.tell(news)
    const next = cache.getOrSet('k', () => 'new')
    finish('old')
    expect(await loading).toBe('old')
    expect(await next).toBe('new')
    expect(cache.getLocal('k')).not.toBe('old')
  })

  it('makes what has a tag stale, where that is what was done', async () => {
    expect(await cache.get('k')).toBe('old')
    shared.tell({ kind: 'tags', tags: ['t'], soft: true })
    await cache.drain()
    expect(cache.getLocal('k')).toBeUndefined()
  })
})

describe('while the news is lost', () => {
  let cache: TieredCache<string>

  beforeEach(async () => {
    cache = await openCache([shared], { disconnectedTtl: TTL_MS })
    shared.comeBack()
    await cache.set('k', 'old')
    shared.lose()
  })

  it('memory is used on for disconnectedTtl, and then dropped', async () => {
    vi.advanceTimersByTime(TTL_MS - 1)
    expect(await cache.get('k')).toBe('old')
    vi.advanceTimersByTime(1)
    expect(await cache.get('k')).toBeUndefined()
  })

  it('memory is dropped again each disconnectedTtl', async () => {
    for (let time = 0; time < 3; time++) {
      vi.advanceTimersByTime(TTL_MS)
      expect(cache.getLocal('k')).toBeUndefined()
      await cache.getOrSet('k', () => 'loaded')
      vi.advanceTimersByTime(TTL_MS - 1)
      expect(cache.getLocal('k')).toBe('loaded')
      vi.advanceTimersByTime(1)
      expect(cache.getLocal('k')).toBeUndefined()
    }
  })

  it('what was being loaded when memory was dropped is not stored, and serves nobody who comes later', async () => {
    let finish = (_value: string): void => {}
    const load = (): Promise<string> =>
      new Promise((resolve) => {
        finish = resolve
      })
    vi.advanceTimersByTime(TTL_MS)
    const loading = cache.getOrSet('k', load)
    await new Promise(setImmediate)
    vi.advanceTimersByTime(TTL_MS)
    expect(await cache.getOrSet('k', () => 'new')).toBe('new')
    finish('old')
    expect(await loading).toBe('old')
    expect(cache.getLocal('k')).toBe('new')
  })

  it('being told so again prolongs nothing', () => {
    vi.advanceTimersByTime(TTL_MS - 1)
    shared.lose()
    vi.advanceTimersByTime(1)
    expect(cache.getLocal('k')).toBeUndefined()
  })

  it('nothing is dropped any more once the cache is closed', async () => {
    await cache.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('when the news is back', () => {
  let cache: TieredCache<string>

  beforeEach(async () => {
    cache = await openCache([shared], { disconnectedTtl: TTL_MS })
    shared.comeBack()
    await cache.set('k', 'old')
  })

  it('memory is dropped before anything else is answered', async () => {
    shared.lose()
    await writeElsewhere(shared, 'new')
    shared.comeBack()
    expect(cache.getLocal('k')).toBeUndefined()
    expect(await cache.get('k')).toBe('new')
  })

  it('memory is kept from then on', async () => {
    shared.lose()
    shared.comeBack()
    await cache.set('k', 'kept')
    vi.advanceTimersByTime(10 * TTL_MS)
    expect(cache.getLocal('k')).toBe('kept')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('a read that was under way across the loss puts nothing into memory', async () => {
    shared.tell({ kind: 'keys', keys: ['k'] })
    shared.fault = (operation) => (operation === 'get' ? 'done-late' : 'none')
    const reading = cache.get('k')
    await vi.waitUntil(() => shared.waiting === 1)
    shared.tell({ kind: 'lost' })
    await writeElsewhere(shared, 'new')
    shared.tell({ kind: 'back' })
    shared.releaseAll()
    expect(await reading).toBe('old')
    expect(cache.getLocal('k')).toBeUndefined()
    shared.fault = () => 'none'
    expect(await cache.get('k')).toBe('new')
  })

  it('a load that was under way across the loss puts nothing into memory', async () => {
    let finish = (_value: string): void => {}
    const loading = cache.getOrSet(
      'other',
      () =>
        new Promise((resolve) => {
          finish = resolve
        }),
    )
    await vi.waitUntil(() => shared.callsOf('get').includes('get other'))
    await new Promise(setImmediate)
    shared.lose()
    shared.comeBack()
    finish('old')
    expect(await loading).toBe('old')
    expect(cache.getLocal('other')).toBeUndefined()
  })
})

describe('before the news has ever arrived', () => {
  it('memory is dropped each disconnectedTtl', async () => {
    const cache = await openCache([shared], { disconnectedTtl: TTL_MS })
    await cache.getOrSet('k', () => 'loaded')
    vi.advanceTimersByTime(TTL_MS - 1)
    expect(cache.getLocal('k')).toBe('loaded')
    vi.advanceTimersByTime(1)
    expect(cache.getLocal('k')).toBeUndefined()
  })

  it('what a tier between has kept from an earlier process is not answered', async () => {
    const local = new LocalTier()
    await local.set('k', await sealed('of yesterday'))
    const cache = await openCache([local, shared])
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.getMany(['k'])).toEqual([undefined])
    shared.comeBack()
    await cache.drain()
    expect(local.valueOf('k')).toBeUndefined()
  })
})

describe('a tier between', () => {
  let local: LocalTier
  let cache: TieredCache<string>

  beforeEach(async () => {
    local = new LocalTier()
    cache = await openCache([local, shared], { disconnectedTtl: TTL_MS })
    shared.comeBack()
    await cache.drain()
    await cache.set('k', 'old', { tags: ['t'] })
  })

  it.each(NEWS)(
    'forgets what was changed, and is not answered from until it has: %j',
    async (news) => {
      local.fault = (operation) => (operation.startsWith('get') ? 'none' : 'late')
      await writeElsewhere(shared, 'new')
      shared.tell(news)
      await vi.waitUntil(() => local.waiting === 1)
      expect(await cache.get('k')).toBe('new')
      expect(await cache.getMany(['k'])).toEqual(['new'])
      local.fault = () => 'none'
      local.releaseAll()
      await cache.drain()
      expect(local.valueOf('k') ?? '').not.toContain('old')
      expect(await cache.get('k')).toBe('new')
    },
  )

  it('keeps nothing that was being promoted when news of it came', async () => {
    await shared.set('other', await sealed('old'))
    shared.fault = () => 'done-late'
    const reading = cache.get('other')
    await vi.waitUntil(() => shared.waiting === 1)
    shared.tell({ kind: 'keys', keys: ['other'] })
    shared.releaseAll()
    expect(await reading).toBe('old')
    await cache.drain()
    expect(local.kept.has('other')).toBe(false)
  })

  it('is used on for disconnectedTtl while the news is lost, and then not', async () => {
    await local.set('other', await sealed('kept'))
    shared.lose()
    vi.advanceTimersByTime(TTL_MS - 1)
    expect(await cache.get('other')).toBe('kept')
    vi.advanceTimersByTime(1)
    expect(await cache.get('other')).toBeUndefined()
    expect(local.kept.has('other')).toBe(true)
  })

  it('is cleared when the news is back, and not answered from until it is', async () => {
    shared.lose()
    await writeElsewhere(shared, 'new')
    local.fault = (operation) => (operation === 'clear' ? 'late' : 'none')
    shared.comeBack()
    await vi.waitUntil(() => local.waiting === 1)
    expect(await cache.get('k')).toBe('new')
    local.releaseAll()
    await cache.drain()
    expect(local.kept.size).toBe(0)
    shared.tell({ kind: 'keys', keys: ['k'] })
    await cache.drain()
    expect(await cache.get('k')).toBe('new')
    await cache.drain()
    expect(local.valueOf('k')).toContain('new')
  })

  it('is not answered from where it cannot be cleared', async () => {
    shared.lose()
    await writeElsewhere(shared, 'new')
    local.fault = (operation) => (operation === 'clear' ? 'reject' : 'none')
    shared.comeBack()
    await cache.drain()
    expect(await cache.get('k')).toBe('new')
  })
})

/** Another process has not lost its connection. */
async function writeElsewhere(tier: NewsTier, value: string): Promise<void> {
  const entry = await sealed(value, ['t'])
  const { fault } = tier
  tier.fault = () => 'none'
  await tier.set('k', entry)
  tier.fault = fault
}

describe('a callback of the user that throws', () => {
  let cache: TieredCache<string>

  beforeEach(async () => {
    const onRemove = (): void => {
      throw new Error('thrown by a callback')
    }
    const memory = memoryTier<string>({ maxBytes: '1mb', onRemove })
    cache = new TieredCache<string>({ tiers: [memory, shared], disconnectedTtl: TTL_MS })
    onTestFinished(() => cache.close())
    await cache.ready()
    shared.comeBack()
    await cache.set('k', 'old')
    await cache.set('l', 'old')
  })

  it.each([
    { kind: 'keys', keys: ['k', 'l'] },
    { kind: 'prefix', prefix: '' },
    { kind: 'pattern', pattern: '*' },
    { kind: 'all' },
    { kind: 'back' },
  ] as const)('keeps nothing in memory that has to go: %j', (news) => {
    shared.tell(news)
    expect([cache.getLocal('k'), cache.getLocal('l')]).toEqual([undefined, undefined])
  })

  it('does not keep memory from being dropped while the news is lost', () => {
    shared.lose()
    vi.advanceTimersByTime(TTL_MS)
    expect([cache.getLocal('k'), cache.getLocal('l')]).toEqual([undefined, undefined])
  })
})
