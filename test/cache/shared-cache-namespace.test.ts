/** Namespaces on a real cache (namespace.test.ts has the view by itself). */
import { describe, expect, it, vi } from 'vitest'
import { CacheNamespace } from '../../src/index.js'
import { createCache, fill, sorted } from './shared-cache-helpers.js'

describe('a namespace', () => {
  it('is a view whose keys begin with its name', () => {
    const { cache } = createCache()
    const users = cache.namespace('user')
    expect(users).toBeInstanceOf(CacheNamespace)
    users.set('1', 'Ada', { ttl: 1000, tags: ['t'] })
    cache.set('user:2', 'Bob')
    cache.set('other', 1)
    expect(cache.get('user:1')).toBe('Ada')
    expect(users.get('2')).toBe('Bob')
    expect(users.info('1')).toMatchObject({ remainingTtl: 1000, tags: ['t'] })
    expect(users.has('other')).toBe(false)
    expect(users.size).toBe(2)
    expect(sorted(users.keys())).toEqual(['1', '2'])
    expect([...users].sort()).toEqual([
      ['1', 'Ada'],
      ['2', 'Bob'],
    ])
  })

  it('has every method of the cache for single keys', () => {
    const { cache, clock } = createCache()
    const view = cache.namespace('n')
    expect(view.add('a', 1)).toBe(true)
    expect(view.add('a', 2)).toBe(false)
    expect(view.peek('a')).toBe(1)
    expect(view.increment('a', 4)).toBe(5)
    expect(view.compareAndSet('a', view.info('a')?.version ?? -1, 6)).toBe(true)
    expect(view.touch('a', 10)).toBe(true)
    expect(view.take('a')).toBe(6)
    expect(
      view.setMany(
        [
          ['b', 1],
          ['c', 2],
        ],
        { ttl: 100 },
      ),
    ).toBe(2)
    expect(view.getMany(['b', 'x', 'c'])).toEqual([1, undefined, 2])
    expect(view.hasMany(['b', 'x'])).toEqual([true, false])
    expect(view.deleteMany(['b', 'x'])).toBe(1)
    clock.advance(100)
    expect(view.get('c')).toBeUndefined()
    expect(view.size).toBe(0)
  })

  it('clears and deletes inside only', () => {
    const { cache } = createCache()
    const users = cache.namespace('user')
    const videos = cache.namespace('video')
    for (let index = 0; index < 1000; index++) {
      users.set(`${index}`, index)
      videos.set(`${index}`, index)
    }
    cache.set('user', 1)
    expect(users.deleteByPattern('1?')).toBe(10)
    expect(users.deleteByPrefix('2')).toBe(111)
    expect(videos.size).toBe(1000)
    users.clear()
    expect(users.size).toBe(0)
    expect(videos.size).toBe(1000)
    expect(cache.size).toBe(1001)
  })

  it('nests', () => {
    const { cache } = createCache()
    const inner = cache.namespace('a').namespace('b')
    inner.set('k', 1)
    expect(cache.get('a:b:k')).toBe(1)
    expect(cache.namespace('a').get('b:k')).toBe(1)
    expect(cache.namespace('a:b').get('k')).toBe(1)
    expect(inner.size).toBe(1)
    cache.namespace('a').set('x', 1)
    inner.clear()
    expect(sorted(cache.keys())).toEqual(['a:x'])
  })

  it('loads with the short key, and names the whole one to callbacks', async () => {
    const removed: string[] = []
    const { cache } = createCache({ onRemove: (key) => removed.push(key) })
    const users = cache.namespace('user')
    const loader = vi.fn(({ key }: { key: string }) => `loaded ${key}`)
    expect(await users.getOrSet('1', loader)).toBe('loaded 1')
    expect(await users.getOrSet('1', loader)).toBe('loaded 1')
    expect(loader).toHaveBeenCalledTimes(1)
    users.delete('1')
    expect(removed).toEqual(['user:1'])
  })

  it('shares the tags of the cache', () => {
    const { cache } = createCache()
    const view = cache.namespace('n')
    view.set('a', 1, { tags: ['t'] })
    cache.set('b', 1, { tags: ['t'] })
    view.invalidateTags('t')
    expect(cache.has('b')).toBe(false)
    expect(view.has('a')).toBe(false)
  })

  it('is closed with its cache', () => {
    const { cache } = createCache()
    const view = cache.namespace('n')
    cache.close()
    expect(() => view.get('a')).toThrow(expect.objectContaining({ name: 'CacheClosedError' }))
    expect(() => view.size).toThrow(expect.objectContaining({ name: 'CacheClosedError' }))
  })
})

it('iterates values inside only, and forEach hands over the view', () => {
  const { cache } = createCache()
  fill(cache, 100, 'outside:')
  const view = cache.namespace('n')
  view.set('a', 1)
  view.set('b', 2)
  expect([...view.values()].sort()).toEqual([1, 2])
  const seen: unknown[] = []
  view.forEach(function (this: unknown, value, key, owner) {
    seen.push([value, key, owner === view, this])
  }, 'this')
  expect(seen.sort()).toEqual([
    [1, 'a', true, 'this'],
    [2, 'b', true, 'this'],
  ])
})
