/** Stale values: where the loader fails (grace), while it loads (staleWhileRevalidate), where it is late (timeout). */
import { describe, expect, it } from 'vitest'
import {
  createCache,
  createPair,
  createTwo,
  failing,
  HeldLoader,
} from '../support/tiered-fixture.js'
import { waitUntil } from '../support/wait-until.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SOON = 5

describe.each(['memory', 'map'])('grace, where %s has the stale value', (place) => {
  async function createStale(grace = '1h') {
    const pair = createPair<number>({ ttl: '1m', grace })
    await pair.cache.set('a', 1)
    pair.clock.advance(MINUTE)
    if (place === 'map') pair.cache.memory.clear()
    else await pair.tier.clear()
    return pair
  }

  it('answers it where the loader fails, and tells of the failure', async () => {
    const { cache } = await createStale()
    const told: unknown[] = []
    cache.events.on('load-error', ({ key, error }) => told.push([key, (error as Error).message]))
    expect(await cache.getOrSet('a', failing('away'))).toBe(1)
    expect(told).toEqual([['a', 'away']])
  })

  it('loads first, and answers what was loaded', async () => {
    const { cache } = await createStale()
    expect(await cache.getOrSet('a', () => 2)).toBe(2)
    expect(await cache.get('a')).toBe(2)
  })

  it('rejects where the grace is over', async () => {
    const { cache, clock } = await createStale()
    clock.advance(HOUR)
    await expect(cache.getOrSet('a', failing('away'))).rejects.toThrow('away')
  })

  it('rejects where the call has no grace, or a shorter one', async () => {
    const { cache, clock } = await createStale()
    await expect(cache.getOrSet('a', failing('away'), { grace: 0 })).rejects.toThrow('away')
    clock.advance(MINUTE)
    await expect(cache.getOrSet('a', failing('away'), { grace: '1m' })).rejects.toThrow('away')
    expect(await cache.getOrSet('a', failing(), { grace: '3m' })).toBe(1)
  })

  it('is no answer to get', async () => {
    const { cache } = await createStale()
    expect(await cache.get('a')).toBeUndefined()
    expect(await cache.getMany(['a'])).toEqual([undefined])
  })

  it('answers it as soon as the soft timeout is over, and stores what comes later', async () => {
    const { cache } = await createStale()
    const loader = new HeldLoader<number>()
    expect(await cache.getOrSet('a', loader.load, { timeout: SOON })).toBe(1)
    loader.resolve(2)
    await waitUntil('the late value is stored', async () => (await cache.get('a')) === 2)
    expect(loader.runs).toBe(1)
  })

  it('answers it where the hard timeout is over', async () => {
    const { cache } = await createStale()
    expect(await cache.getOrSet('a', new HeldLoader<number>().load, { hardTimeout: SOON })).toBe(1)
  })
})

describe('grace', () => {
  it('covers what expire made stale, in all tiers', async () => {
    const { caches, clock } = createTwo<number>({ ttl: '1h', grace: '1h' })
    await caches[0].set('a', 1)
    expect(await caches[1].get('a')).toBe(1)
    clock.advance(MINUTE)
    await caches[0].expire('a')
    for (const cache of caches) {
      expect(await cache.get('a')).toBeUndefined()
      expect((await cache.getEntry('a'))?.stale).toBe(true)
      expect(await cache.getOrSet('a', failing())).toBe(1)
    }
  })

  it('does not bring back what was deleted during the load', async () => {
    const { cache, clock } = createPair<number>({ ttl: '1m', grace: '1h' })
    await cache.set('a', 1)
    clock.advance(MINUTE)
    const loader = new HeldLoader<number>()
    const answer = cache.getOrSet('a', loader.load)
    await loader.begun()
    await cache.delete('a')
    loader.reject(new Error('away'))
    await expect(answer).rejects.toThrow('away')
  })

  it('does not bring back from a lower tier what was deleted during the load', async () => {
    const { cache, clock } = createPair<number>({ ttl: '1m', grace: '1h' })
    await cache.set('a', 1)
    clock.advance(MINUTE)
    cache.memory.clear()
    const loader = new HeldLoader<number>()
    const answer = cache.getOrSet('a', loader.load)
    await loader.begun()
    await cache.delete('a')
    loader.reject(new Error('away'))
    await expect(answer).rejects.toThrow('away')
  })
})

describe('the soft timeout', () => {
  it('waits where there is no stale value', async () => {
    const { cache } = createCache<number>({ grace: '1h' })
    const loader = new HeldLoader<number>()
    let answer: number | undefined
    const waiting = cache.getOrSet('a', loader.load, { timeout: 1 }).then((value) => {
      answer = value
    })
    await new Promise((resolve) => setTimeout(resolve, SOON))
    expect(answer).toBeUndefined()
    loader.resolve(2)
    await waiting
    expect(answer).toBe(2)
  })

  it('answers a stale value that a slow tier finds after it was over', async () => {
    const { cache, clock, tier } = createPair<number>({ ttl: '1m', grace: '1h' })
    await cache.set('a', 1)
    clock.advance(MINUTE)
    cache.memory.clear()
    tier.before = (operation) =>
      operation === 'get' ? new Promise((resolve) => setTimeout(resolve, 4 * SOON)) : undefined
    const loader = new HeldLoader<number>()
    expect(await cache.getOrSet('a', loader.load, { timeout: 1 })).toBe(1)
    loader.resolve(2)
  })
})

describe('the hard timeout', () => {
  it('rejects with LoaderTimeoutError where there is no stale value, and aborts the loader', async () => {
    const { cache } = createPair<number>()
    let signal: AbortSignal | undefined
    const answer = cache.getOrSet(
      'a',
      (context) => {
        signal = context.signal
        return new Promise<number>(() => {})
      },
      { hardTimeout: SOON },
    )
    await expect(answer).rejects.toMatchObject({
      name: 'LoaderTimeoutError',
      code: 'ERR_HOTSET_LOADER_TIMEOUT',
    })
    expect(signal?.aborted).toBe(true)
  })

  it('is of each caller: another one waits on for the same load', async () => {
    const { cache } = createPair<number>()
    const loader = new HeldLoader<number>()
    const patient = cache.getOrSet('a', loader.load)
    const hasty = cache.getOrSet('a', loader.load, { hardTimeout: SOON })
    await expect(hasty).rejects.toMatchObject({ name: 'LoaderTimeoutError' })
    loader.resolve(3)
    expect(await patient).toBe(3)
    expect(loader.runs).toBe(1)
  })
})

describe.each(['memory', 'map'])('staleWhileRevalidate, where %s has the stale value', (place) => {
  async function createStale() {
    const pair = createPair<number>({ ttl: '1m', staleWhileRevalidate: '10m' })
    await pair.cache.set('a', 1)
    pair.clock.advance(MINUTE)
    if (place === 'map') pair.cache.memory.clear()
    else await pair.tier.clear()
    return pair
  }

  it('answers it at once, and loads anew in the background, once', async () => {
    const { cache, tier } = await createStale()
    const loader = new HeldLoader<number>()
    expect(await cache.getOrSet('a', loader.load)).toBe(1)
    expect(await cache.getOrSet('a', loader.load)).toBe(1)
    await loader.begun()
    loader.resolve(2)
    await waitUntil('the new value is there', () => cache.getLocal('a') === 2)
    await cache.drain()
    expect(loader.runs).toBe(1)
    cache.memory.clear()
    expect(await cache.get('a')).toBe(2)
    expect(tier.entry('a')).toBeDefined()
  })

  it('answers it again where the background load fails, and tells of that', async () => {
    const { cache } = await createStale()
    const told: string[] = []
    cache.events.on('load-error', ({ key }) => told.push(key))
    expect(await cache.getOrSet('a', failing())).toBe(1)
    await waitUntil('the failure is told', () => told.length === 1)
    expect(await cache.getOrSet('a', failing())).toBe(1)
    expect(told[0]).toBe('a')
  })

  it('ends by the time when the value expired, not by the time when it was asked for', async () => {
    const { cache, clock } = await createStale()
    const load = new HeldLoader<number>()
    clock.advance(9 * MINUTE)
    expect(await cache.getOrSet('a', failing())).toBe(1)
    await waitUntil('the background load is over', () => cache.stats().loads.failed > 0)
    clock.advance(2 * MINUTE)
    const late = cache.getOrSet('a', load.load)
    await load.begun()
    load.resolve(2)
    expect(await late).toBe(2)
  })
})

describe('staleWhileRevalidate', () => {
  it("of a lower tier's value ends when it has expired for so long, with a longer grace too", async () => {
    const { cache, clock } = createPair<number>({
      ttl: '1m',
      staleWhileRevalidate: '10m',
      grace: '1h',
    })
    await cache.set('a', 1)
    clock.advance(10 * MINUTE)
    cache.memory.clear()
    expect(await cache.getOrSet('a', failing())).toBe(1)
    await waitUntil('the background load is over', () => cache.stats().loads.failed > 0)
    clock.advance(2 * MINUTE)
    expect(await cache.getOrSet('a', () => 2)).toBe(2)
    clock.advance(MINUTE)
  })

  it('true is for all of the grace', async () => {
    const { cache, clock } = createPair<number>({
      ttl: '1m',
      grace: '1h',
      staleWhileRevalidate: true,
    })
    await cache.set('a', 1)
    clock.advance(30 * MINUTE)
    const loader = new HeldLoader<number>()
    expect(await cache.getOrSet('a', loader.load)).toBe(1)
    await loader.begun()
    loader.resolve(2)
  })
})
