/** What a loader is given, and what it may say of its result. */
import { describe, expect, it } from 'vitest'
import type { TieredLoaderContext } from '../../../src/tiers/index.js'
import { createPair, createTwo, failing, HeldLoader } from '../support/tiered-fixture.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const PLACES = ['memory', 'map'] as const

describe('the context', () => {
  it('has the key, and no stale value of a key that is new', async () => {
    const { cache } = createPair<string>()
    const answer = await cache.getOrSet('a', ({ key, stale }) => `${key} ${stale}`)
    expect(answer).toBe('a undefined')
  })

  it.each(PLACES)(
    'has the stale value, also without grace for it as an answer, from %s',
    async (place) => {
      const { cache, clock } = createPair<number>({ ttl: '1m' })
      const createdAt = clock.now()
      await cache.getOrSet(
        'a',
        (context) => {
          context.setEtag('"tag"')
          return 1
        },
        { grace: '1h' },
      )
      await cache.drain()
      clock.advance(MINUTE)
      if (place === 'map') cache.memory.clear()
      let stale: TieredLoaderContext<number>['stale']
      await cache.getOrSet('a', (context) => {
        stale = context.stale
        return 2
      })
      expect(stale).toEqual({ value: 1, etag: '"tag"', version: undefined, createdAt })
    },
  )

  it('has the value that forceFresh replaces', async () => {
    const { cache } = createPair<number>()
    await cache.set('a', 1)
    const add = ({ stale }: TieredLoaderContext<number>) => (stale?.value ?? 0) + 1
    expect(await cache.getOrSet('a', add, { forceFresh: true })).toBe(2)
    expect(await cache.get('a')).toBe(2)
  })

  it('has a signal that aborts when nobody waits any more', async () => {
    const { cache } = createPair<number>()
    const loader = new HeldLoader<number>()
    const first = new AbortController()
    const second = new AbortController()
    let signal: AbortSignal | undefined
    const load = (context: TieredLoaderContext<number>) => {
      signal = context.signal
      return loader.load()
    }
    const answers = [first, second].map((controller) =>
      cache.getOrSet('a', load, { signal: controller.signal }),
    )
    await loader.begun()
    first.abort(new Error('first left'))
    await expect(answers[0]).rejects.toThrow('first left')
    expect(signal?.aborted).toBe(false)
    second.abort(new Error('second left'))
    await expect(answers[1]).rejects.toThrow('second left')
    expect(signal?.aborted).toBe(true)
    expect(loader.runs).toBe(1)
  })

  it('rejects a call whose signal has aborted before it, and loads nothing', async () => {
    const { cache } = createPair<number>()
    const signal = AbortSignal.abort(new Error('left'))
    const loader = new HeldLoader<number>()
    await expect(cache.getOrSet('a', loader.load, { signal })).rejects.toThrow('left')
    expect(loader.runs).toBe(0)
  })
})

describe('setTtl', () => {
  it('replaces the lifetime, for all tiers or by tier', async () => {
    const { cache, tier, clock } = createPair<number>({ ttl: '1h' })
    const start = clock.now()
    await cache.getOrSet('a', (context) => {
      context.setTtl('1m')
      return 1
    })
    await cache.getOrSet('b', (context) => {
      context.setTtl({ memory: '1m' })
      return 1
    })
    await cache.drain()
    expect(tier.entry('a')?.expiresAt).toBe(start + MINUTE)
    expect(tier.entry('b')?.expiresAt).toBe(start + HOUR)
    clock.advance(MINUTE)
    expect([cache.getLocal('a'), cache.getLocal('b')]).toEqual([undefined, undefined])
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, 1])
  })

  it('rejects the callers where it is wrong, and nothing is stored', async () => {
    const { cache, tier } = createPair<number>()
    const answer = cache.getOrSet('a', (context) => {
      context.setTtl({ disc: '1m' })
      return 1
    })
    await expect(answer).rejects.toMatchObject({ code: 'ERR_HOTSET_INVALID_OPTION' })
    await cache.drain()
    expect([cache.getLocal('a'), tier.entry('a')]).toEqual([undefined, undefined])
  })
})

describe('setTags', () => {
  it('adds tags to those of the options, in all tiers', async () => {
    const { cache, tier } = createPair<number>({ tags: ['all'] })
    const load = (context: TieredLoaderContext<number>) => {
      context.setTags(['one'])
      return 1
    }
    await cache.getOrSet('a', load)
    await cache.drain()
    expect(tier.entry('a')?.tags).toEqual(['all', 'one'])
    await cache.invalidateTags('one')
    expect(await cache.get('a')).toBeUndefined()
    await cache.getOrSet('a', load)
    await cache.drain()
    await cache.invalidateTags('all')
    expect(await cache.get('a')).toBeUndefined()
  })

  it('takes 32 of them beside an etag', async () => {
    const { cache } = createPair<number>()
    const tags = Array.from({ length: 32 }, (_, index) => `${index}`.padEnd(30, 'x'))
    const answer = cache.getOrSet('a', (context) => {
      context.setTags(tags)
      context.setEtag('e'.repeat(200))
      return 1
    })
    expect(await answer).toBe(1)
    await cache.drain()
    expect((await cache.getEntry('a'))?.tags).toEqual(tags)
  })
})

describe('skip', () => {
  it('answers the value to all who wait, and stores it in no tier', async () => {
    const { cache, tier } = createPair<number>()
    let runs = 0
    const load = (context: TieredLoaderContext<number>) => {
      runs++
      context.skip()
      return 7
    }
    expect(await Promise.all([cache.getOrSet('a', load), cache.getOrSet('a', load)])).toEqual([
      7, 7,
    ])
    await cache.drain()
    expect([runs, cache.getLocal('a'), tier.entry('a')]).toEqual([1, undefined, undefined])
  })
})

describe.each(PLACES)('notModified, where %s has the value', (place) => {
  async function createStale() {
    const pair = createPair<number>({ ttl: '1m', grace: '1h' })
    await pair.cache.getOrSet('a', (context) => {
      context.setVersion(17)
      context.setTags(['t'])
      return 1
    })
    await pair.cache.drain()
    pair.clock.advance(MINUTE)
    if (place === 'map') pair.cache.memory.clear()
    return pair
  }

  it('renews it in all tiers, with its tags and its version', async () => {
    const { cache, tier, clock } = await createStale()
    const seen: unknown[] = []
    const check = (context: TieredLoaderContext<number>) => {
      seen.push(context.stale?.version)
      return context.notModified()
    }
    expect(await cache.getOrSet('a', check)).toBe(1)
    await cache.drain()
    const expiresAt = clock.now() + MINUTE
    expect(await cache.getEntry('a')).toMatchObject({ value: 1, expiresAt, tags: ['t'] })
    expect(tier.entry('a')).toMatchObject({ expiresAt, tags: ['t'] })
    clock.advance(MINUTE)
    expect(await cache.getOrSet('a', check)).toBe(1)
    await cache.drain()
    expect(seen).toEqual(['17', '17'])
    await cache.invalidateTags('t')
    expect(await cache.get('a')).toBeUndefined()
  })

  it('takes a new version and a new lifetime with it', async () => {
    const { cache, clock } = await createStale()
    await cache.getOrSet('a', (context) => {
      context.setVersion(18)
      context.setTtl('1h')
      return context.notModified()
    })
    expect((await cache.getEntry('a'))?.expiresAt).toBe(clock.now() + HOUR)
    clock.advance(HOUR)
    expect(await cache.getOrSet('a', ({ stale }) => Number(stale?.version))).toBe(18)
  })

  it('stores nothing where the key was deleted meanwhile', async () => {
    const { cache, tier } = await createStale()
    const answer = cache.getOrSet('a', async (context) => {
      await cache.delete('a')
      return context.notModified()
    })
    expect(await answer).toBe(1)
    await cache.drain()
    expect([cache.getLocal('a'), tier.entry('a')]).toEqual([undefined, undefined])
  })
})

describe('notModified', () => {
  it('throws a TypeError where there is nothing to renew', async () => {
    const { cache } = createPair<number>()
    const answer = cache.getOrSet('a', (context) => context.notModified())
    await expect(answer).rejects.toThrow(TypeError)
    await expect(answer).rejects.toThrow("notModified() of 'a'")
  })

  it('keeps a null that is stale', async () => {
    const { cache, clock } = createPair<null>({ ttl: '1m', grace: '1h' })
    await cache.set('a', null)
    clock.advance(MINUTE)
    expect(await cache.getOrSet('a', (context) => context.notModified())).toBeNull()
    expect(await cache.get('a')).toBeNull()
  })

  it('is what another process renews from too', async () => {
    const { caches, clock } = createTwo<number>({ ttl: '1m', grace: '1h' })
    await caches[0].getOrSet('a', (context) => {
      context.setEtag('v1')
      return 1
    })
    await caches[0].drain()
    clock.advance(MINUTE)
    const answer = caches[1].getOrSet('a', (context) =>
      context.stale?.etag === 'v1' ? context.notModified() : 2,
    )
    expect(await answer).toBe(1)
    await caches[1].drain()
    expect(await caches[0].get('a')).toBe(1)
  })
})

describe('setEtag and setVersion', () => {
  it.each(['', 'x'.repeat(201)])('refuse text of a wrong length: %j', async (etag) => {
    const { cache } = createPair<number>()
    const answer = cache.getOrSet('a', (context) => {
      context.setEtag(etag)
      return 1
    })
    await expect(answer).rejects.toMatchObject({ code: 'ERR_HOTSET_INVALID_OPTION' })
  })

  it('leave a loader that fails with its own error', async () => {
    const { cache } = createPair<number>()
    await expect(cache.getOrSet('a', failing('own'))).rejects.toThrow('own')
  })
})

it('is of use when its methods are taken out of it', async () => {
  const { cache, clock } = createPair<string>()
  await cache.getOrSet('a', ({ setTags, setTtl, setEtag }) => {
    setTags(['t'])
    setTtl('1m')
    setEtag('one')
    return 'value'
  })
  expect((await cache.getEntry('a'))?.tags).toEqual(['t'])
  expect((await cache.getEntry('a'))?.expiresAt).toBe(clock.now() + MINUTE)

  const renew = { forceFresh: true }
  const seen = await cache.getOrSet(
    'a',
    ({ stale, notModified }) => (stale?.etag === 'one' ? notModified() : 'other'),
    renew,
  )
  expect(seen).toBe('value')

  await cache.getOrSet('b', ({ skip }) => {
    skip()
    return 'not kept'
  })
  expect(await cache.get('b')).toBeUndefined()
})
