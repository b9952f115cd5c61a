/**
 * What is deleted, set or invalidated while it is being loaded stays so: the result of the load is for its
 * callers, and in no tier of any process.
 */
import { describe, expect, it } from 'vitest'
import type { TieredCache } from '../../../src/tiers/index.js'
import { Processes } from '../support/processes.js'
import { createPair, createTwo, HeldLoader } from '../support/tiered-fixture.js'

type Cache = TieredCache<number>

const CHANGES: [string, (cache: Cache) => Promise<unknown>, number | undefined][] = [
  ['set', (cache) => cache.set('a:1', 2), 2],
  ['setMany', (cache) => cache.setMany([['a:1', 2]]), 2],
  ['delete', (cache) => cache.delete('a:1'), undefined],
  ['deleteMany', (cache) => cache.deleteMany(['b', 'a:1']), undefined],
  ['take', (cache) => cache.take('a:1'), undefined],
  ['invalidateTags', (cache) => cache.invalidateTags('t'), undefined],
  ['deleteByPrefix', (cache) => cache.deleteByPrefix('a:'), undefined],
  ['deleteByPattern', (cache) => cache.deleteByPattern('a:*'), undefined],
  ['clear', (cache) => cache.clear(), undefined],
]

async function valuesIn(caches: readonly Cache[]): Promise<(number | undefined)[]> {
  const values: (number | undefined)[] = []
  for (const cache of caches) {
    await cache.drain()
    values.push(cache.getLocal('a:1'))
    values.push(await cache.get('a:1'))
    cache.memory.clear()
    values.push(await cache.get('a:1'))
  }
  return [...new Set(values)]
}

describe.each(CHANGES)('%s during a load', (_, change, expected) => {
  it('of a new key keeps the result out of every tier', async () => {
    const { cache } = createPair<number>({ tags: ['t'] })
    const loader = new HeldLoader<number>()
    const answer = cache.getOrSet('a:1', loader.load)
    await loader.begun()
    await change(cache)
    loader.resolve(1)
    expect(await answer).toBe(1)
    expect(await valuesIn([cache])).toEqual([expected])
  })

  it('of an expired key keeps the result out of every tier', async () => {
    const { cache, clock } = createPair<number>({ ttl: '1m', tags: ['t'] })
    await cache.set('a:1', 0)
    clock.advance(60_000)
    const loader = new HeldLoader<number>()
    const answer = cache.getOrSet('a:1', loader.load)
    await loader.begun()
    await change(cache)
    loader.resolve(1)
    expect(await answer).toBe(1)
    expect(await valuesIn([cache])).toEqual([expected])
  })

  it('in another process keeps the result out of every tier of both', async () => {
    const { caches } = createTwo<number>({ tags: ['t'] })
    const loader = new HeldLoader<number>()
    const answer = caches[0].getOrSet('a:1', loader.load)
    await loader.begun()
    await change(caches[1])
    loader.resolve(1)
    expect(await answer).toBe(1)
    const values = await valuesIn(caches)
    expect(values.filter((value) => value !== undefined)).toEqual(
      expected === undefined ? [] : [expected],
    )
    expect(values).not.toContain(1)
  })

  it('of what is found to be absent keeps that out of every tier', async () => {
    const { cache } = createPair<number>({ tags: ['t'], negativeTtl: '1h' })
    const loader = new HeldLoader<undefined>()
    const answer = cache.getOrSet('a:1', loader.load)
    await loader.begun()
    await change(cache)
    loader.resolve(undefined)
    await answer
    await cache.drain()
    if (expected === undefined) expect(await cache.getOrSet('a:1', () => 9)).toBe(9)
    else expect(await valuesIn([cache])).toEqual([expected])
  })

  it('has callers that come after it load anew', async () => {
    const { cache } = createPair<number>({ tags: ['t'] })
    const loader = new HeldLoader<number>()
    const before = cache.getOrSet('a:1', loader.load)
    await loader.begun()
    await change(cache)
    expect(await cache.getOrSet('a:1', () => 3)).toBe(expected ?? 3)
    loader.resolve(1)
    expect(await before).toBe(1)
    expect(await valuesIn([cache])).toEqual([expected ?? 3])
  })
})

describe.each([
  ['deleteByPrefix', (cache: Cache) => cache.deleteByPrefix('a:')],
  ['deleteByPattern', (cache: Cache) => cache.deleteByPattern('a:*')],
  ['clear', (cache: Cache) => cache.clear()],
  ['expire', (cache: Cache) => cache.expire('a:1')],
] as const)('%s, where keys depend on others', (_, change) => {
  it('keeps the result of a load out of every tier', async () => {
    const { cache } = createPair<number>()
    await cache.dependsOn('x', ['y'])
    const loader = new HeldLoader<number>()
    const answer = cache.getOrSet('a:1', loader.load)
    await loader.begun()
    await change(cache)
    loader.resolve(1)
    expect(await answer).toBe(1)
    expect(await valuesIn([cache])).toEqual([undefined])
  })
})

describe('a change while the result is on its way to the lower tier', () => {
  it('is not overtaken by it', async () => {
    const { cache, tier } = createPair<number>()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    tier.before = (operation) => (operation === 'set' ? held : undefined)
    await cache.getOrSet('a:1', () => 1)
    const deleted = cache.delete('a:1')
    release()
    await deleted
    expect(await valuesIn([cache])).toEqual([undefined])
  })
})

describe('a stampede', () => {
  it('of a thousand callers is one load and one question to the tier', async () => {
    const { cache, tier } = createPair<number>()
    const loader = new HeldLoader<number>()
    const answers = Array.from({ length: 1000 }, () => cache.getOrSet('a', loader.load))
    await loader.begun()
    loader.resolve(4)
    expect(new Set(await Promise.all(answers))).toEqual(new Set([4]))
    expect([loader.runs, tier.callsOf('get').length]).toEqual([1, 1])
  })

  it('of gets is one question to the tier', async () => {
    const { cache, tier } = createPair<number>()
    await cache.set('a', 1)
    cache.memory.clear()
    await Promise.all(Array.from({ length: 100 }, () => cache.get('a')))
    expect(tier.callsOf('get').length).toBe(1)
  })

  it('rejects all callers with the error of the one load, and the next call loads again', async () => {
    const { cache } = createPair<number>()
    const loader = new HeldLoader<number>()
    const answers = Array.from({ length: 10 }, () => cache.getOrSet('a', loader.load))
    await loader.begun()
    loader.reject(new Error('away'))
    const settled = await Promise.allSettled(answers)
    expect(settled.every((answer) => answer.status === 'rejected')).toBe(true)
    expect(await cache.getOrSet('a', () => 5)).toBe(5)
  })
})

describe("lock: 'distributed'", () => {
  it('loads once in all processes', async () => {
    const { caches } = createTwo<number>({ lock: 'distributed' })
    const loader = new HeldLoader<number>()
    const answers = caches.flatMap((cache) => [1, 2, 3].map(() => cache.getOrSet('a', loader.load)))
    await loader.begun()
    loader.resolve(6)
    expect(await Promise.all(answers)).toEqual([6, 6, 6, 6, 6, 6])
    expect(loader.runs).toBe(1)
  })

  it('loads once too where the lease is got right after the other process gave it back', async () => {
    const { caches, tiers } = createTwo<number>({ lock: 'distributed' })
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    tiers[1].before = (operation) => (operation === 'lease' ? held : undefined)
    const second = caches[1].getOrSet('a', () => 2)
    expect(await caches[0].getOrSet('a', () => 1)).toBe(1)
    await caches[0].drain()
    release()
    expect(await second).toBe(1)
  })

  it('lets another process load where the loader fails', async () => {
    const { caches } = createTwo<number>({ lock: 'distributed' })
    const loader = new HeldLoader<number>()
    const answers = caches.map((cache) => cache.getOrSet('a', loader.load))
    const settled = Promise.allSettled(answers)
    await loader.begun()
    loader.reject(new Error('away'))
    await loader.begun(2)
    loader.resolve(7)
    const values = (await settled).map((answer) => answer.status).sort()
    expect(values).toEqual(['fulfilled', 'rejected'])
  })

  it('stores nothing in the shared tier once the lease is over', async () => {
    const { caches, tiers, clock } = createTwo<number>({ lock: 'distributed' })
    const loader = new HeldLoader<number>()
    const late = caches[0].getOrSet('a', loader.load)
    await loader.begun()
    clock.advance(60_000)
    loader.resolve(1)
    expect(await late).toBe(1)
    await caches[0].drain()
    expect(tiers[0].entry('a')).toBeUndefined()
    expect(await caches[1].getOrSet('a', () => 2)).toBe(2)
  })

  it('leaves when nobody waits any more, and does not load', async () => {
    const { caches, tiers } = createTwo<number>({ lock: 'distributed' })
    const loader = new HeldLoader<number>()
    const first = caches[0].getOrSet('a', loader.load)
    await loader.begun()
    const leaving = new AbortController()
    const second = caches[1].getOrSet('a', loader.load, { signal: leaving.signal })
    while (tiers[1].callsOf('lease').length === 0) await new Promise(setImmediate)
    leaving.abort(new Error('left'))
    await expect(second).rejects.toThrow('left')
    loader.resolve(1)
    await first
    await caches[1].drain()
    expect(loader.runs).toBe(1)
  })

  it('gives the lease back after skip, after a failure, and after a value that cannot be stored', async () => {
    const { cache, tier } = createPair<unknown>({ lock: 'distributed' })
    await cache.getOrSet('a', (context) => {
      context.skip()
      return 1
    })
    await cache.getOrSet('b', () => Promise.reject(new Error('away'))).catch(() => {})
    await cache.getOrSet('c', () => () => {}).catch(() => {})
    await cache.drain()
    expect([...tier.server.leases.keys()]).toEqual([])
  })
})

it('what is loaded right after a clear stays, of a key too that was made stale before it', async () => {
  const { cache } = await (await Processes.start()).open({ ttl: '10m' })
  await cache.expire('k')
  await cache.clear()
  expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded')
  await cache.drain()
  expect(await cache.get('k')).toBe('loaded')
  expect(cache.getLocal('k')).toBe('loaded')
})
