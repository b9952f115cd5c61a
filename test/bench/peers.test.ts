/** The implementations that benchmarks compare: each is a cache, whatever its own interface. */
import { describe, expect, it } from 'vitest'

interface Bounds {
  maxEntries: number
  hotset: { maxBytes: string; maxEntries?: number }
  lmdb: { encoding: string }
  ttlMs?: number
}

interface Opened {
  cache: {
    get(key: string): unknown
    set(key: string, value: unknown): unknown
    delete(key: string): unknown
    getMany?(keys: string[]): unknown
  }
  isAsynchronous: boolean
  close(): unknown
}

interface Caches {
  openCache(implementation: string, bounds: Bounds): Promise<Opened>
  SYNCHRONOUS_PEERS: string[]
  ASYNCHRONOUS_PEERS: string[]
}

const { openCache, SYNCHRONOUS_PEERS, ASYNCHRONOUS_PEERS } = (await import(
  new URL('../../bench/peers/caches.mjs', import.meta.url).href
)) as Caches

const HOTSET = ['hotset', 'hotset, near off', 'hotset, lru']
const BOUNDED = [...HOTSET, 'lru-cache', 'tiny-lru', 'lru.min', 'quick-lru', 'mnemonist']
const BOUNDED_AWAITED = ['cacheable', 'bentocache']
const BOUND = 100
const BOUNDS = {
  maxEntries: BOUND,
  hotset: { maxBytes: '16mb', maxEntries: BOUND },
  lmdb: { encoding: 'string' },
}

describe.each([...HOTSET, ...SYNCHRONOUS_PEERS, ...ASYNCHRONOUS_PEERS])('%s', (implementation) => {
  it('holds what it is given, until it is told otherwise', async () => {
    const { cache, isAsynchronous, close } = await openCache(implementation, BOUNDS)
    expect(isAsynchronous).toBe(ASYNCHRONOUS_PEERS.includes(implementation))
    await cache.set('one', 'first')
    await cache.set('two', 'second')
    await cache.set('one', 'first again')
    expect(await cache.get('one')).toBe('first again')
    await cache.delete('one')
    expect(await cache.get('one')).toBeUndefined()
    expect(await cache.get('two')).toBe('second')
    await close()
  })
})

it.each([...BOUNDED, ...BOUNDED_AWAITED])('%s keeps to its bound', async (implementation) => {
  const { cache, close } = await openCache(implementation, BOUNDS)
  for (let number = 0; number < BOUND * 5; number++) await cache.set(`key ${number}`, 'value')
  let held = 0
  for (let number = 0; number < BOUND * 5; number++) {
    if ((await cache.get(`key ${number}`)) !== undefined) held++
  }
  expect(held).toBeGreaterThan(BOUND / 2)
  // Why twice: quick-lru keeps a second generation of as many.
  expect(held).toBeLessThanOrEqual(implementation === 'quick-lru' ? BOUND * 2 : BOUND)
  await close()
})

it.each(['lru.min', 'mnemonist', 'Map', 'lmdb'])('%s is not asked for lifetimes', async (name) => {
  await expect(openCache(name, { ...BOUNDS, ttlMs: 1000 })).rejects.toThrow('has no lifetimes')
})
