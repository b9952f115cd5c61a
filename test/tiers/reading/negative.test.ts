/** Negative caching: that a key has no value is remembered, for a lifetime of its own, in all tiers. */
import { describe, expect, it } from 'vitest'
import { createCache, createPair, createTwo } from '../support/tiered-fixture.js'

const MINUTE = 60_000
const NEVER = () => {
  throw new Error('loaded')
}
const nothing = () => undefined

describe('a loader that finds nothing', () => {
  it('is run again by the next call where there is no negativeTtl', async () => {
    const { cache, tier } = createPair<number>()
    let runs = 0
    const loader = () => {
      runs++
      return undefined
    }
    expect(await cache.getOrSet('a', loader)).toBeUndefined()
    expect(await cache.getOrSet('a', loader)).toBeUndefined()
    await cache.drain()
    expect(runs).toBe(2)
    expect(tier.entry('a')).toBeUndefined()
  })

  it('is not run again until negativeTtl is over, whatever the ttl', async () => {
    const { cache, clock } = createPair<number>({ ttl: '1h', grace: '1h', negativeTtl: '1m' })
    expect(await cache.getOrSet('a', nothing)).toBeUndefined()
    clock.advance(MINUTE - 1)
    expect(await cache.getOrSet('a', NEVER)).toBeUndefined()
    clock.advance(1)
    expect(await cache.getOrSet('a', () => 5)).toBe(5)
  })

  it('is not run in other processes either', async () => {
    const { caches, clock } = createTwo<number>({ negativeTtl: '1m' })
    await caches[0].getOrSet('a', nothing)
    await caches[0].drain()
    clock.advance(MINUTE / 2)
    expect(await caches[1].getOrSet('a', NEVER)).toBeUndefined()
    clock.advance(MINUTE / 2)
    expect(await caches[1].getOrSet('a', () => 5)).toBe(5)
  })

  it('takes an expired value away from all tiers', async () => {
    const { cache, tier, clock } = createPair<number>({ ttl: '1m', negativeTtl: '1h', grace: '1h' })
    await cache.set('a', 1)
    clock.advance(MINUTE)
    expect(await cache.getOrSet('a', nothing)).toBeUndefined()
    await cache.drain()
    expect(tier.entry('a')).toMatchObject({ absent: true })
    expect(await cache.getOrSet('a', NEVER)).toBeUndefined()
  })
})

describe('a key that is known to be absent', () => {
  async function createAbsent() {
    const pair = createPair<number>({ negativeTtl: '1m' })
    await pair.cache.getOrSet('a', nothing)
    await pair.cache.drain()
    return pair
  }

  it.each(['memory', 'map'])('is nowhere to be read, from %s', async (place) => {
    const { cache, tier } = await createAbsent()
    const forget = () => {
      if (place === 'map') cache.memory.clear()
    }
    forget()
    expect(cache.getLocal('a')).toBeUndefined()
    expect(await cache.get('a')).toBeUndefined()
    forget()
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
    forget()
    expect(await cache.getEntry('a')).toBeUndefined()
    forget()
    expect(await cache.getOrSet('a', NEVER)).toBeUndefined()
    forget()
    expect(await cache.take('a')).toBeUndefined()
    expect(tier.entry('a')).toBeUndefined()
  })

  it('is not listed', async () => {
    const { cache } = await createAbsent()
    await cache.set('b', 1)
    const listed: string[] = []
    for await (const key of cache.keys()) listed.push(key)
    expect(listed).toEqual(['b'])
  })

  it('has the value that is set', async () => {
    const { cache } = await createAbsent()
    await cache.set('a', 2)
    expect(await cache.get('a')).toBe(2)
    cache.memory.clear()
    expect(await cache.get('a')).toBe(2)
  })

  it('is loaded again with forceFresh, after a delete, and after its tags were invalidated', async () => {
    const { cache } = createPair<number>({ negativeTtl: '1m', tags: ['t'] })
    let runs = 0
    const loader = () => {
      runs++
      return undefined
    }
    await cache.getOrSet('a', loader)
    await cache.getOrSet('a', loader, { forceFresh: true })
    expect(runs).toBe(2)
    await cache.delete('a')
    await cache.getOrSet('a', loader)
    expect(runs).toBe(3)
    await cache.drain()
    await cache.invalidateTags('t')
    await cache.getOrSet('a', loader)
    expect(runs).toBe(4)
  })
})

describe.each([
  ['structured', null],
  ['json', null],
  ['string', ''],
  ['bytes', new Uint8Array(0)],
] as const)('with the codec %s', (codec, empty) => {
  it('absent and empty are told apart', async () => {
    const { cache } = createPair<unknown>({ memory: { codec }, negativeTtl: '1m' })
    await cache.set('empty', empty)
    expect(await cache.getOrSet('absent', nothing)).toBeUndefined()
    await cache.drain()
    for (const forget of [() => {}, () => cache.memory.clear()]) {
      forget()
      expect(await cache.getMany(['empty', 'absent'])).toEqual([
        codec === 'bytes' ? Buffer.alloc(0) : empty,
        undefined,
      ])
      expect(await cache.getOrSet('absent', NEVER)).toBeUndefined()
      expect(await cache.getOrSet('empty', NEVER)).toEqual(
        codec === 'bytes' ? Buffer.alloc(0) : empty,
      )
    }
  })
})

it("with a user's own codec absent keys are loaded again where only memory could know", async () => {
  const codec = {
    encode: (value: unknown) => Buffer.from(String(value)),
    decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
  }
  const { cache } = createCache<unknown>({ memory: { codec }, negativeTtl: '1m' })
  expect(await cache.getOrSet('a', nothing)).toBeUndefined()
  expect(await cache.getOrSet('a', () => 'b')).toBe('b')
})
