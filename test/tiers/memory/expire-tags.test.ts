/** TieredCache.expireTags in memory: done when it returns, in one step however many entries there are. */
import { expect, it } from 'vitest'
import { SharedCache } from '../../../src/index.js'
import { memoryTier, TieredCache } from '../../../src/tiers/index.js'
import { ManualClock } from '../../support/manual-clock.js'
import { createCache, createPair } from '../support/tiered-fixture.js'

const GRACE_MS = 5000
const KEPT = { ttl: '1h', grace: GRACE_MS, tags: ['t'] } as const
const fail = () => Promise.reject(new Error('down'))

/** Tells how often it was asked: once for each entry that is looked at, as each has a lifetime. */
class CountingClock extends ManualClock {
  readings = 0

  override now(): number {
    this.readings++
    return super.now()
  }
}

it('costs the same for ten entries and for a hundred thousand', async () => {
  const readings: number[] = []
  for (const entries of [10, 100_000]) {
    const clock = new CountingClock()
    const { cache } = createCache<number>({ memory: { clock, maxBytes: '64mb' } })
    const keys = Array.from({ length: entries }, (_, index) => `${index}`)
    await cache.setMany(
      keys.map((key, index) => [key, index] as const),
      { ...KEPT },
    )
    expect(cache.getLocal('7')).toBe(7)
    const before = clock.readings
    await cache.expireTags('t', 'never used')
    readings.push(clock.readings - before)
    expect(cache.getLocal('7')).toBeUndefined()
  }
  expect(readings[1]).toBe(readings[0])
  expect(readings[1]).toBeLessThan(10)
})

it('is done before it returns', async () => {
  const { cache } = createPair<number>()
  await cache.set('a', 1, KEPT)
  const done = cache.expireTags('t')
  expect(cache.getLocal('a')).toBeUndefined()
  expect(await done).toMatchObject({ ok: true, tiers: { memory: 'stored', map: 'stored' } })
})

it('concerns what has any of the tags, values and what is known to be absent', async () => {
  const { cache } = createCache<number>()
  await cache.set('one', 1, { ...KEPT, tags: ['t', 'x'] })
  await cache.set('both', 2, { ...KEPT, tags: ['t', 'u'] })
  await cache.set('none', 3, { ...KEPT, tags: ['x'] })
  let asked = 0
  const load = () => {
    asked++
    return undefined
  }
  const absent = { negativeTtl: '1h', tags: ['u'] } as const
  for (const _ of [1, 2]) await cache.getOrSet('absent', load, absent)
  expect(asked).toBe(1)
  await cache.expireTags('t', 'u')
  expect(await cache.getMany(['one', 'both', 'none'])).toEqual([undefined, undefined, 3])
  await cache.getOrSet('absent', load, absent)
  expect(asked).toBe(2)
})

it('keeps the values for their grace, counted from the first time', async () => {
  const { cache, clock } = createCache<number>()
  await cache.set('a', 1, KEPT)
  for (let step = 0; step < 5; step++) {
    await cache.expireTags('t')
    expect(await cache.get('a')).toBeUndefined()
    expect(await cache.getOrSet('a', fail, { grace: GRACE_MS })).toBe(1)
    clock.advance(GRACE_MS / 5)
  }
  await expect(cache.getOrSet('a', fail, { grace: GRACE_MS })).rejects.toThrow('down')
})

it('leaves fresh what was set afterwards, in the same millisecond', async () => {
  const { cache } = createCache<number>()
  await cache.set('a', 1, KEPT)
  await cache.expireTags('t')
  await cache.set('a', 2, KEPT)
  expect(await cache.get('a')).toBe(2)
})

it('is seen at once by another cache on the same memory', async () => {
  const clock = new ManualClock()
  using shared = new SharedCache<number>({ maxBytes: '4mb', clock })
  using attached = SharedCache.attach<number>(shared.handle, { clock })
  const [one, other] = [shared, attached].map(
    (cache) => new TieredCache<number>({ tiers: [memoryTier({ cache })], clock }),
  )
  await one.set('a', 1, KEPT)
  for (let look = 0; look < 5; look++) expect(await other.get('a')).toBe(1)
  await one.expireTags('t')
  expect(other.getLocal('a')).toBeUndefined()
  expect(await other.getOrSet('a', fail, { grace: GRACE_MS })).toBe(1)
  await Promise.all([one.close(), other.close()])
})
