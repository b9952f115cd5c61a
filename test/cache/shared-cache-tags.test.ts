/** Groups of keys: tags, prefixes and patterns. */
import { describe, expect, it } from 'vitest'
import { InvalidOptionError } from '../../src/index.js'
import { createCache, fill, sorted, warm } from './shared-cache-helpers.js'

describe.each([
  ['with a near cache', undefined],
  ['without a near cache', false as const],
])('invalidateTags, %s', (_, near) => {
  it('hides every entry with one of the tags from every method', async () => {
    const { cache } = createCache({ near })
    cache.set('a', 1, { tags: ['red', 'round'] })
    cache.set('b', 'x'.repeat(100_000), { tags: ['round'] })
    cache.set('c', 3, { tags: ['blue'] })
    cache.set('d', 4)
    warm(cache, 'a', 'b', 'c', 'd')
    cache.invalidateTags('round', 'never used')
    for (const key of ['a', 'b']) {
      expect(cache.get(key)).toBeUndefined()
      expect(cache.peek(key)).toBeUndefined()
      expect(cache.has(key)).toBe(false)
      expect(cache.info(key)).toBeUndefined()
      expect(cache.touch(key)).toBe(false)
      expect(cache.take(key)).toBeUndefined()
      expect(cache.compareAndSet(key, 1, 'x')).toBe(false)
      expect(await cache.getOrSet(key, () => undefined)).toBeUndefined()
    }
    expect(sorted(cache.keys())).toEqual(['c', 'd'])
    expect(cache.getMany(['c', 'd'])).toEqual([3, 4])
    expect(cache.delete('a')).toBe(false)
    expect(cache.add('b', 'new')).toBe(true)
    expect(cache.get('b')).toBe('new')
  })

  it('leaves alone what is set afterwards, with the same tag', () => {
    const { cache } = createCache({ near })
    for (let round = 0; round < 50; round++) {
      cache.set('a', round, { tags: ['t'] })
      warm(cache, 'a')
      expect(cache.get('a')).toBe(round)
      cache.invalidateTags('t')
      expect(cache.get('a')).toBeUndefined()
    }
  })

  it('concerns an increment as well', () => {
    const { cache } = createCache({ near })
    cache.increment('n', 5, { tags: ['t'] })
    expect(cache.increment('n', 1)).toBe(6)
    expect(cache.info('n')?.tags).toEqual(['t'])
    cache.invalidateTags('t')
    expect(cache.increment('n', 1)).toBe(1)
  })

  it('follows the tags of the last set', () => {
    const { cache } = createCache({ near })
    cache.set('a', 1, { tags: ['old'] })
    cache.set('a', 2, { tags: ['new'] })
    warm(cache, 'a')
    cache.invalidateTags('old')
    expect(cache.get('a')).toBe(2)
    cache.set('a', 3)
    cache.invalidateTags('new')
    expect(cache.get('a')).toBe(3)
  })

  it('reaches an entry that was touched, which keeps its tags', () => {
    const { cache } = createCache({ near })
    cache.set('a', 1, { tags: ['t'] })
    cache.touch('a', 1000)
    warm(cache, 'a')
    cache.invalidateTags('t')
    expect(cache.get('a')).toBeUndefined()
  })

  it('tells tags apart, whatever their characters', () => {
    const { cache } = createCache({ near })
    const tags = ['a', 'b', 'ab', 'ä', '日', 'a\0', '\ud800', '\udfff', ' ', 'A', '__proto__']
    tags.forEach((tag, index) => {
      cache.set(`key:${index}`, tag, { tags: [tag] })
    })
    tags.forEach((tag, index) => {
      expect(cache.get(`key:${index}`)).toBe(tag)
      cache.invalidateTags(tag)
      expect(cache.get(`key:${index}`)).toBeUndefined()
      expect(cache.purgeExpired()).toBe(1)
    })
    expect(cache.purgeExpired()).toBe(0)
    expect(cache.size).toBe(0)
  })
})

describe('invalidated entries', () => {
  it('are taken away by purgeExpired, which counts them', () => {
    const { cache } = createCache()
    for (let index = 0; index < 3000; index++) {
      cache.set(`key:${index}`, index, { tags: [`t${index % 3}`] })
    }
    cache.invalidateTags('t0', 't1')
    expect(cache.purgeExpired()).toBe(2000)
    expect(cache.size).toBe(1000)
    expect(cache.stats().invalidations).toBe(2000)
    expect(cache.purgeExpired()).toBe(0)
  })

  it('stay dead when hundreds of other tags are invalidated after them', () => {
    const { cache } = createCache()
    cache.set('dead', 1, { tags: ['gone'] })
    cache.invalidateTags('gone')
    for (let index = 0; index < 20_000; index++) cache.invalidateTags(`other:${index}`)
    expect(cache.get('dead')).toBeUndefined()
    cache.set('alive', 1, { tags: ['gone'] })
    expect(cache.get('alive')).toBe(1)
  })
})

describe('deleteByTag', () => {
  it('deletes the entries with the tag, at once, and counts them', () => {
    const { cache } = createCache()
    for (let index = 0; index < 2000; index++) {
      cache.set(`key:${index}`, index, index % 4 === 0 ? { tags: ['x', 'four'] } : undefined)
    }
    expect(cache.deleteByTag('four')).toBe(500)
    expect(cache.size).toBe(1500)
    expect(cache.deleteByTag('four')).toBe(0)
    expect(cache.deleteByTag('never used')).toBe(0)
  })

  it('leaves later entries with the tag alone', () => {
    const { cache } = createCache()
    cache.set('a', 1, { tags: ['t'] })
    cache.deleteByTag('t')
    cache.set('a', 2, { tags: ['t'] })
    expect(cache.get('a')).toBe(2)
  })
})

describe('deleteByPrefix', () => {
  it('deletes the keys that begin so, and counts them', () => {
    const { cache } = createCache()
    fill(cache, 1500, 'user:')
    fill(cache, 10, 'video:')
    cache.set('user', 1)
    expect(cache.deleteByPrefix('user:')).toBe(1500)
    expect(cache.size).toBe(11)
    expect(cache.deleteByPrefix('日')).toBe(0)
    expect(cache.deleteByPrefix('')).toBe(11)
    expect(cache.size).toBe(0)
  })

  it('takes strings only', () => {
    const { cache } = createCache()
    expect(() => cache.deleteByPrefix(1 as never)).toThrow(TypeError)
  })
})

describe('deleteByPattern', () => {
  it('deletes the keys that match as a whole, and counts them', () => {
    const { cache } = createCache()
    const keys = ['user:1', 'user:2', 'user:10', 'user:*', 'superuser:1', '日本:1']
    const setAll = () => cache.setMany(keys.map((key) => [key, 1] as const))
    const remaining = (glob: string) => {
      setAll()
      const count = cache.deleteByPattern(glob)
      const left = sorted(cache.keys())
      expect(count).toBe(keys.length - left.length)
      return left
    }
    expect(remaining('user:?')).toEqual(sorted(['user:10', 'superuser:1', '日本:1']))
    expect(remaining('*user:*')).toEqual(['日本:1'])
    expect(remaining('user:[1-2]')).toEqual(sorted(['user:10', 'user:*', 'superuser:1', '日本:1']))
    expect(remaining('user:\\*')).toEqual(
      sorted(['user:1', 'user:2', 'user:10', 'superuser:1', '日本:1']),
    )
    expect(remaining('??:1')).toEqual(sorted(keys.filter((key) => key !== '日本:1')))
    expect(remaining('*')).toEqual([])
  })
})

it('refuses tags that are none', () => {
  const { cache } = createCache()
  for (const tag of ['', 1, null, 'x'.repeat(256)] as string[]) {
    expect(() => cache.invalidateTags('fine', tag)).toThrow(InvalidOptionError)
    expect(() => cache.deleteByTag(tag)).toThrow(InvalidOptionError)
  }
})
