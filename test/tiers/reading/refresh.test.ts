/** Loading ahead of the end of a lifetime: refreshAhead, earlyRefresh, forceFresh. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Processes } from '../support/processes.js'
import { createPair, createTwo, failing, HeldLoader } from '../support/tiered-fixture.js'
import { waitUntil } from '../support/wait-until.js'

const MINUTE = 60_000

afterEach(() => {
  vi.restoreAllMocks()
})

describe('refreshAhead', () => {
  it('loads in the background, once that share of the lifetime is over', async () => {
    const { cache, clock, tier } = createPair<number>({ ttl: '10m', refreshAhead: 0.8 })
    await cache.set('a', 1)
    const loader = new HeldLoader<number>()
    clock.advance(8 * MINUTE - 1)
    expect(await cache.getOrSet('a', loader.load)).toBe(1)
    expect(loader.runs).toBe(0)
    clock.advance(1)
    expect(await cache.getOrSet('a', loader.load)).toBe(1)
    await loader.begun()
    expect(await cache.getOrSet('a', loader.load)).toBe(1)
    loader.resolve(2)
    await waitUntil('it is loaded', () => cache.getLocal('a') === 2)
    await cache.drain()
    expect(loader.runs).toBe(1)
    expect(tier.entry('a')?.expiresAt).toBe(clock.now() + 10 * MINUTE)
  })

  it('keeps the value where the load fails, and tells of it', async () => {
    const { cache, clock } = createPair<number>({ ttl: '10m', refreshAhead: 0.5 })
    const told: string[] = []
    cache.events.on('load-error', ({ key }) => told.push(key))
    await cache.set('a', 1)
    clock.advance(5 * MINUTE)
    expect(await cache.getOrSet('a', failing())).toBe(1)
    await waitUntil('the failure is told', () => told.length === 1)
    expect(await cache.get('a')).toBe(1)
  })

  it('takes what another process has loaded meanwhile instead of loading it again', async () => {
    const { caches, clock } = createTwo<number>({ ttl: '10m', refreshAhead: 0.8 })
    await caches[0].set('a', 1)
    await caches[1].get('a')
    clock.advance(8 * MINUTE)
    await caches[0].getOrSet('a', () => 2)
    await waitUntil('the first has loaded it', () => caches[0].getLocal('a') === 2)
    await caches[0].drain()
    const loader = new HeldLoader<number>()
    expect(await caches[1].getOrSet('a', loader.load)).toBe(2)
    expect(loader.runs).toBe(0)
  })

  it('goes to the tier below first where only memory is about to end', async () => {
    const { cache, clock } = createPair<number>({
      ttl: { memory: '1m', map: '1h' },
      refreshAhead: 0.5,
    })
    await cache.set('a', 1)
    clock.advance(MINUTE / 2)
    const loader = new HeldLoader<number>()
    expect(await cache.getOrSet('a', loader.load)).toBe(1)
    const end = clock.now() + MINUTE
    await waitUntil('memory has it anew', async () => {
      return (await cache.getEntry('a'))?.expiresAt === end
    })
    expect(loader.runs).toBe(0)
  })

  it('concerns get too, where the cache has a store', async () => {
    let loads = 0
    const store = {
      load: () => ++loads,
      save() {},
      remove() {},
    }
    const { cache, clock } = createPair<number>({ ttl: '10m', refreshAhead: 0.8, store })
    expect(await cache.get('a')).toBe(1)
    clock.advance(9 * MINUTE)
    expect(await cache.get('a')).toBe(1)
    await waitUntil('it is loaded', () => cache.getLocal('a') === 2)
  })
})

describe('earlyRefresh', () => {
  /** After a load of a few milliseconds, so that there is a mean to go by. */
  async function createLoaded(chance: number) {
    const pair = createPair<number>({ ttl: '10m', earlyRefresh: 100 })
    await pair.cache.getOrSet('a', async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return 1
    })
    vi.spyOn(Math, 'random').mockReturnValue(chance)
    return pair
  }

  it('loads ahead where the draw says so, close to the end', async () => {
    const { cache, clock } = await createLoaded(1 - 1e-12)
    clock.advance(10 * MINUTE - 1)
    expect(await cache.getOrSet('a', () => 2)).toBe(1)
    await waitUntil('it is loaded', () => cache.getLocal('a') === 2)
  })

  it('does not far from the end, nor by another draw', async () => {
    for (const [chance, age] of [
      [1 - 1e-12, MINUTE],
      [0, 10 * MINUTE - 1],
    ]) {
      const { cache, clock } = await createLoaded(chance)
      clock.advance(age)
      const loader = new HeldLoader<number>()
      expect(await cache.getOrSet('a', loader.load)).toBe(1)
      await cache.drain()
      expect(loader.runs).toBe(0)
      vi.restoreAllMocks()
    }
  })
})

describe('forceFresh', () => {
  it('loads though there is a value, and stores the result in all tiers', async () => {
    const { cache } = createPair<number>({ ttl: '1h' })
    await cache.set('a', 1)
    expect(await cache.getOrSet('a', () => 2, { forceFresh: true })).toBe(2)
    await cache.drain()
    expect(await cache.get('a')).toBe(2)
    cache.memory.clear()
    expect(await cache.get('a')).toBe(2)
  })

  it('joins no load that has begun, and that one stores nothing', async () => {
    const { cache, tier } = createPair<number>()
    const loader = new HeldLoader<number>()
    const slow = cache.getOrSet('a', loader.load)
    await loader.begun()
    expect(await cache.getOrSet('a', () => 2, { forceFresh: true })).toBe(2)
    loader.resolve(1)
    expect(await slow).toBe(1)
    await cache.drain()
    expect(await cache.get('a')).toBe(2)
    cache.memory.clear()
    expect(await cache.get('a')).toBe(2)
    expect(tier.callsOf('set').length).toBe(1)
  })

  it('stores its result though a get promotes the old value meanwhile', async () => {
    const { cache } = createPair<number>()
    await cache.set('a', 1)
    cache.memory.clear()
    const loader = new HeldLoader<number>()
    const fresh = cache.getOrSet('a', loader.load, { forceFresh: true })
    await loader.begun()
    expect(await cache.get('a')).toBe(1)
    loader.resolve(2)
    expect(await fresh).toBe(2)
    await cache.drain()
    expect(await cache.get('a')).toBe(2)
    cache.memory.clear()
    expect(await cache.get('a')).toBe(2)
  })
})

describe('what is loaded though the disk has a fresh value', () => {
  it('is stored in Redis too, where forceFresh asked for it', async () => {
    const processes = await Processes.start()
    const one = await processes.open({ ttl: '10m' })
    const other = await processes.open({ ttl: '10m' })
    await one.cache.set('k', 'first')
    expect(await one.cache.getOrSet('k', () => 'second', { forceFresh: true })).toBe('second')
    await one.cache.drain()
    expect(await other.cache.get('k')).toBe('second')
  })

  it('is stored in Redis too, where it was loaded ahead of the end', async () => {
    const processes = await Processes.start()
    const one = await processes.open({ ttl: '10m', refreshAhead: 0.5 })
    const other = await processes.open({ ttl: '10m' })
    await one.cache.set('k', 'first')
    processes.clock.advance(6 * MINUTE)
    await one.cache.getOrSet('k', () => 'second')
    await waitUntil('it is loaded', () => one.cache.getLocal('k') === 'second')
    await one.cache.drain()
    expect(await other.cache.get('k')).toBe('second')
  })

  it('is not stored over what another process has set meanwhile', async () => {
    const processes = await Processes.start()
    const one = await processes.open({ ttl: '10m', news: false })
    const other = await processes.open({ ttl: '10m', news: false })
    await one.cache.set('k', 'first')
    const loader = new HeldLoader<string>()
    const loading = one.cache.getOrSet('k', loader.load, { forceFresh: true })
    await loader.begun()
    await other.cache.set('k', 'third')
    loader.resolve('second')
    expect(await loading).toBe('second')
    await one.cache.drain()
    expect((await other.redis.get('k')).entry?.payload).toEqual(
      (await other.disk.get('k')).entry?.payload,
    )
  })
})
