/** Soft invalidation: entries of a tag are stale from then on, as if each of them had been expired by its key. */
import { describe, expect, it } from 'vitest'
import { insideOf } from '../../src/cache/shared-cache.js'
import { type CacheOptions, InvalidOptionError, SharedCache } from '../../src/index.js'
import { type AnyCache, createCache, sorted, warm } from './shared-cache-helpers.js'

const TTL_MS = 10_000
const STALE_MS = 5000
const LASTING = { ttl: TTL_MS, staleWhileRevalidate: STALE_MS, staleIfError: STALE_MS }

const expireTags = (cache: AnyCache, ...tags: string[]) => insideOf(cache).expireTags(tags)
const expire = (cache: AnyCache, key: string) => insideOf(cache).expire(key)
/** What getOrSet sees. */
const look = (cache: AnyCache, key: string) => {
  const found = insideOf(cache).target.lookup(key)
  return found && { ...found }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** Stores a value with a stale period. */
async function load(cache: AnyCache, key: string, value: unknown, ...tags: string[]) {
  await cache.getOrSet(key, () => value, { ...LASTING, tags, forceFresh: true })
}

describe.each([
  ['with a near cache', undefined],
  ['without a near cache', false as const],
])('a soft invalidation, %s', (_, near) => {
  it('hides every entry with one of the tags from every method but getOrSet', async () => {
    const { cache } = createCache({ near })
    await load(cache, 'a', 1, 'red', 'round')
    await load(cache, 'b', 'x'.repeat(100_000), 'round')
    await load(cache, 'c', 3, 'blue')
    cache.set('d', 4)
    warm(cache, 'a', 'b', 'c', 'd')
    expireTags(cache, 'round', 'never used')
    for (const key of ['a', 'b']) {
      expect(cache.get(key)).toBeUndefined()
      expect(cache.getMany([key])).toEqual([undefined])
      expect(cache.peek(key)).toBeUndefined()
      expect(cache.has(key)).toBe(false)
      expect(cache.info(key)).toBeUndefined()
      expect(cache.touch(key)).toBe(false)
      expect(cache.take(key)).toBeUndefined()
      expect(cache.compareAndSet(key, 1, 'x')).toBe(false)
      expect(look(cache, key)?.state).toBe('stale')
    }
    expect(sorted(cache.keys())).toEqual(['c', 'd'])
    expect(cache.getMany(['c', 'd'])).toEqual([3, 4])
    expect(cache.delete('a')).toBe(false)
    expect(look(cache, 'a')).toBeUndefined()
    expect(cache.add('b', 'new')).toBe(true)
    expect(cache.get('b')).toBe('new')
  })

  it('lasts for the stale period, from the moment of the invalidation', async () => {
    const { cache, clock } = createCache({ near })
    await load(cache, 'a', 1, 't')
    warm(cache, 'a')
    clock.advance(100)
    expireTags(cache, 't')
    const expiresAt = clock.now()
    expect(insideOf(cache).infoOfStale('a')?.expiresAt).toBe(expiresAt)
    clock.advance(STALE_MS - 1)
    expect(look(cache, 'a')).toMatchObject({ value: 1, state: 'stale', expiresAt })
    clock.advance(1)
    expect(look(cache, 'a')).toBeUndefined()
    expect(insideOf(cache).infoOfStale('a')).toBeUndefined()
  })

  it('does not lengthen the stale period of what is stale already', async () => {
    const { cache, clock } = createCache({ near })
    await load(cache, 'by tag', 1, 't', 'u')
    await load(cache, 'by key', 1, 't')
    await load(cache, 'by itself', 1, 't')
    await load(cache, 'looked up', 1, 't')
    expireTags(cache, 'u')
    expire(cache, 'by key')
    for (const wait of [1000, 1000, 1000, 1999]) {
      clock.advance(wait)
      expireTags(cache, 't', 'u')
      look(cache, 'looked up')
    }
    for (const key of ['by tag', 'by key']) expect(look(cache, key)?.state).toBe('stale')
    clock.advance(1)
    for (const key of ['by tag', 'by key']) expect(look(cache, key)).toBeUndefined()
    for (const key of ['by itself', 'looked up']) expect(look(cache, key)?.state).toBe('stale')
    clock.advance(1000)
    for (const key of ['by itself', 'looked up']) expect(look(cache, key)).toBeUndefined()
  })

  it('leaves alone what is set afterwards, in the same millisecond, with the same tag', async () => {
    const { cache } = createCache({ near })
    for (let round = 0; round < 50; round++) {
      await load(cache, 'a', round, 't')
      warm(cache, 'a')
      expect(cache.get('a')).toBe(round)
      expireTags(cache, 't')
      expect(cache.get('a')).toBeUndefined()
      expect(look(cache, 'a')).toMatchObject({ value: round, state: 'stale' })
    }
  })

  it('is over for an entry that was written again, and for an earlier one of other tags', async () => {
    const { cache } = createCache({ near })
    await load(cache, 'a', 1, 'old')
    cache.set('a', 2, { tags: ['new'] })
    warm(cache, 'a')
    expireTags(cache, 'old')
    expect(cache.get('a')).toBe(2)
  })

  it('is not undone by a touch, an increment or the hit of a sliding entry', async () => {
    const { cache, clock } = createCache({ near })
    await load(cache, 'n', 5, 't')
    const sliding = { ...LASTING, sliding: true, tags: ['t'] }
    await cache.getOrSet('slides', () => 1, sliding)
    warm(cache, 'n', 'slides')
    expireTags(cache, 't')
    expect(cache.touch('n', 60_000)).toBe(false)
    expect(look(cache, 'slides')?.state).toBe('stale')
    clock.advance(STALE_MS - 1)
    expect(look(cache, 'slides')?.state).toBe('stale')
    expect(look(cache, 'n')?.state).toBe('stale')
    clock.advance(1)
    expect(look(cache, 'slides')).toBeUndefined()
    expect(look(cache, 'n')).toBeUndefined()
    expect(cache.increment('n', 1)).toBe(1)
    expect(cache.get('n')).toBe(1)
  })

  it('reaches what a touch has rebuilt or made to live for ever', async () => {
    const { cache } = createCache({ near })
    cache.set('rebuilt', 1, { tags: ['t'] })
    cache.touch('rebuilt', 1000)
    await load(cache, 'for ever', 1, 't')
    cache.touch('for ever')
    warm(cache, 'rebuilt', 'for ever')
    expireTags(cache, 't')
    expect(look(cache, 'rebuilt')).toBeUndefined()
    expect(look(cache, 'for ever')?.state).toBe('stale')
  })

  it('ends with a hard one, which takes the stale value too', async () => {
    const { cache } = createCache({ near })
    await load(cache, 'a', 1, 't', 'u')
    expireTags(cache, 't')
    cache.invalidateTags('u')
    expect(look(cache, 'a')).toBeUndefined()
    await load(cache, 'a', 2, 't', 'u')
    cache.invalidateTags('u')
    expireTags(cache, 't')
    expect(look(cache, 'a')).toBeUndefined()
  })
})

describe('for an entry that is softly invalidated', () => {
  it('getOrSet answers the stale value at once, and loads anew', async () => {
    const { cache } = createCache()
    await load(cache, 'a', 'old', 't')
    expireTags(cache, 't')
    const options = { ...LASTING, tags: ['t'] }
    expect(await cache.getOrSet('a', () => 'new', options)).toBe('old')
    await new Promise(setImmediate)
    expect(cache.get('a')).toBe('new')
  })

  it('getOrSet answers the stale value where the load fails', async () => {
    const { cache, clock } = createCache()
    await load(cache, 'a', 'old', 't')
    expireTags(cache, 't')
    const fail = () => Promise.reject(new Error('down'))
    const options = { ttl: TTL_MS, staleIfError: STALE_MS }
    expect(await cache.getOrSet('a', fail, options)).toBe('old')
    clock.advance(STALE_MS)
    await expect(cache.getOrSet('a', fail, options)).rejects.toThrow('down')
  })

  it('a lifetime can be ended longer ago, not later', async () => {
    const { cache, clock } = createCache()
    await load(cache, 'a', 1, 't')
    expireTags(cache, 't')
    const expiresAt = clock.now()
    clock.advance(1000)
    expect(insideOf(cache).expire('a')).toBe(false)
    expect(insideOf(cache).expire('a', 400)).toBe(false)
    expect(look(cache, 'a')).toMatchObject({ expiresAt })
    expect(insideOf(cache).expire('a', 3000)).toBe(true)
    expect(look(cache, 'a')).toMatchObject({ expiresAt: expiresAt - 2000 })
  })

  it('which has no stale period, purgeExpired takes it away, as one that has expired', () => {
    const told: [string, string][] = []
    const { cache } = createCache({ onRemove: (...removal) => told.push(removal) })
    cache.set('a', 1, { tags: ['t'] })
    cache.set('b', 2, { tags: ['t'], ttl: TTL_MS })
    cache.set('c', 3)
    expireTags(cache, 't')
    expect(cache.purgeExpired()).toBe(2)
    expect(told.sort()).toEqual([
      ['a', 'expire'],
      ['b', 'expire'],
    ])
    expect(cache.size).toBe(1)
    expect(cache.stats()).toMatchObject({ expirations: 2, invalidations: 0 })
    expect(cache.purgeExpired()).toBe(0)
  })

  it('purgeExpired leaves its stale value, and takes that away when its period is over', async () => {
    const { cache, clock } = createCache()
    await load(cache, 'a', 1, 't')
    expireTags(cache, 't')
    expect(cache.purgeExpired()).toBe(0)
    expect(cache.size).toBe(0)
    clock.advance(STALE_MS)
    // Why no sweep is needed: nothing has been invalidated since the last one.
    expect(cache.purgeExpired()).toBe(1)
  })

  it('a write tells that it has expired, or was replaced while stale', async () => {
    const told: [string, string][] = []
    const { cache } = createCache({ onRemove: (...removal) => told.push(removal) })
    cache.set('over', 1, { tags: ['t'] })
    await load(cache, 'stale', 1, 't')
    expireTags(cache, 't')
    cache.set('over', 2)
    cache.set('stale', 2)
    expect(told).toEqual([
      ['over', 'expire'],
      ['stale', 'replace'],
    ])
  })
})

describe('a load that a soft invalidation came into', () => {
  it('is stored, as stale as the invalidation has made its tags', async () => {
    const { cache, clock } = createCache()
    const loads = deferred<string>()
    const options = { ...LASTING, tags: ['t'] }
    const tagged = cache.getOrSet('tagged', () => loads.promise, options)
    const other = cache.getOrSet('other', () => loads.promise, { ...LASTING, tags: ['u'] })
    expireTags(cache, 't')
    const expiresAt = clock.now()
    clock.advance(10)
    loads.resolve('value')
    expect(await Promise.all([tagged, other])).toEqual(['value', 'value'])
    expect(cache.get('tagged')).toBeUndefined()
    expect(look(cache, 'tagged')).toMatchObject({ value: 'value', state: 'stale', expiresAt })
    expect(cache.get('other')).toBe('value')
  })

  it('does not answer who asks afterwards', async () => {
    const { cache } = createCache()
    const first = deferred<string>()
    const before = cache.getOrSet('a', () => first.promise, { tags: ['t'] })
    expireTags(cache, 't')
    const after = cache.getOrSet('a', () => 'after', { tags: ['t'] })
    first.resolve('before')
    expect(await Promise.all([before, after])).toEqual(['before', 'after'])
    expect(cache.get('a')).toBe('after')
  })
})

it('is seen by every thread that is attached', async () => {
  const { cache, clock } = createCache<{ of: string }>()
  const other = SharedCache.attach<{ of: string }>(cache.handle, { clock })
  await load(cache, 'a', { of: 'a' }, 't')
  for (const each of [cache, other]) {
    warm(each, 'a')
    expect(each.get('a')).toBe(each.get('a'))
  }
  expireTags(other, 't')
  for (const each of [cache, other]) {
    expect(each.get('a')).toBeUndefined()
    expect(look(each, 'a')).toMatchObject({ value: { of: 'a' }, state: 'stale' })
  }
  other.close()
})

describe('where there is no room for all invalidations', () => {
  const TAGS = 20_000

  it('entries are stale, and fresh when they are written anew', async () => {
    const { cache } = createCache()
    await load(cache, 'a', 1, 't')
    await load(cache, 'without', 1)
    expireTags(cache, 't')
    for (let index = 0; index < TAGS; index++) expireTags(cache, `other:${index}`)
    expect(cache.get('a')).toBeUndefined()
    expect(look(cache, 'a')?.state).toBe('stale')
    expect(cache.get('without')).toBe(1)
    await load(cache, 'a', 2, 't')
    expect(cache.get('a')).toBe(2)
  })

  it('entries of other tags are stale at most, and not gone', async () => {
    const { cache, clock } = createCache()
    await load(cache, 'a', 1, 'never invalidated')
    for (let index = 0; index < TAGS; index++) expireTags(cache, `other:${index}`)
    clock.advance(STALE_MS - 1)
    expect(cache.get('a')).toBeUndefined()
    expect(look(cache, 'a')).toMatchObject({ value: 1, state: 'stale' })
    await load(cache, 'a', 2, 'never invalidated')
    expect(cache.get('a')).toBe(2)
  })

  it('one tag that is invalidated again and again leaves those of other tags fresh', async () => {
    const { cache, clock } = createCache()
    for (let index = 0; index < 200; index++) await load(cache, `${index}`, index, `tag ${index}`)
    await load(cache, 'a', 1, 'hot')
    for (let round = 0; round < 1000; round++) {
      expireTags(cache, 'hot')
      clock.advance(1)
    }
    expect(look(cache, 'a')?.state).toBe('stale')
    for (let index = 0; index < 200; index++) expect(cache.get(`${index}`)).toBe(index)
  })
})

it('does what expiring each key does, over several memories too', async () => {
  const options: Partial<CacheOptions> = { maxBytes: '5gb', near: false }
  const { cache: one, clock: oneClock } = createCache(options)
  const { cache: other, clock: otherClock } = createCache(options)
  const keys = Array.from({ length: 60 }, (_, index) => `key:${index}`)
  for (const cache of [one, other]) {
    for (const [index, key] of keys.entries()) {
      const tags = [`third:${index % 3}`, `fifth:${index % 5}`]
      if (index % 2 === 0) await load(cache, key, index, ...tags)
      else cache.set(key, index, { tags, sliding: index % 7 === 0 })
    }
  }
  for (const { ofTag, tag, waitMs } of [
    { ofTag: (index: number) => index % 3 === 1, tag: 'third:1', waitMs: 1000 },
    { ofTag: (index: number) => index % 5 === 2, tag: 'fifth:2', waitMs: 3000 },
    { ofTag: (index: number) => index % 3 === 1, tag: 'third:1', waitMs: 1000 },
    { ofTag: (index: number) => index % 3 === 0, tag: 'third:0', waitMs: 3000 },
    { ofTag: (index: number) => index % 5 === 2, tag: 'fifth:2', waitMs: 3000 },
  ]) {
    expireTags(one, tag)
    for (const [index, key] of keys.entries()) if (ofTag(index)) expire(other, key)
    oneClock.advance(waitMs)
    otherClock.advance(waitMs)
    for (const key of keys) {
      expect(one.get(key), key).toBe(other.get(key))
      expect(look(one, key), key).toEqual(look(other, key))
    }
    expect(one.purgeExpired()).toBeGreaterThanOrEqual(0)
    expect(one.size).toBe(other.size)
  }
})

it.each(['by key', 'by tag'])(
  'makes what lives for ever stale, policy ttl, where nothing else expires (%s)',
  async (how) => {
    const { cache } = createCache({ policy: 'ttl', shards: 1 })
    await load(cache, 'a', 1, 't')
    cache.touch('a')
    if (how === 'by key') expire(cache, 'a')
    else expireTags(cache, 't')
    expect(look(cache, 'a')).toMatchObject({ value: 1, state: 'stale' })
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
  },
)

it('refuses tags that are none', () => {
  const { cache } = createCache()
  for (const tag of ['', 1, null, 'x'.repeat(256)] as string[]) {
    expect(() => expireTags(cache, 'fine', tag)).toThrow(InvalidOptionError)
  }
})
