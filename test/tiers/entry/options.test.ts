/** Options of one entry: what they become, how levels stand over each other, and what is refused. */
import { describe, expect, it } from 'vitest'
import { InvalidOptionError } from '../../../src/cache/errors.js'
import {
  DEFAULT_ENTRY_OPTIONS,
  type EntryOptions,
  resolveEntryOptions,
} from '../../../src/tiers/entry/options.js'

const TIERS = ['memory', 'redis']

describe('resolveEntryOptions', () => {
  it('answers with the options below themselves where nothing is given', () => {
    const below = resolveEntryOptions({ ttl: '5m' })
    expect(resolveEntryOptions(undefined, below)).toBe(below)
    expect(resolveEntryOptions(undefined)).toBe(DEFAULT_ENTRY_OPTIONS)
    expect(resolveEntryOptions({}, below)).toEqual(below)
  })

  it('makes numbers of ms of all durations', () => {
    expect(
      resolveEntryOptions({
        ttl: '10m',
        ttlJitter: 0.1,
        grace: '1h',
        staleWhileRevalidate: '1m',
        refreshAhead: 0.8,
        earlyRefresh: 1,
        timeout: '200ms',
        hardTimeout: 5000,
        negativeTtl: '30s',
        tags: ['video'],
        priority: 7,
        dependsOn: ['user:7'],
        sliding: true,
        lock: 'distributed',
      }),
    ).toEqual({
      ttlMs: 600_000,
      ttlMsByTier: undefined,
      ttlJitter: 0.1,
      graceMs: 3_600_000,
      staleWhileRevalidateMs: 60_000,
      revalidatesForGrace: false,
      keepMs: 3_600_000,
      refreshAhead: 0.8,
      earlyRefresh: 1,
      timeoutMs: 200,
      hardTimeoutMs: 5000,
      negativeTtlMs: 30_000,
      tags: ['video'],
      priority: 7,
      dependsOn: ['user:7'],
      sliding: true,
      lock: 'distributed',
    })
  })

  it('has a ttl by tier replace those tiers only, and one for all replace them all', () => {
    const cache = resolveEntryOptions({ ttl: { memory: '1m', redis: '1h' } })
    const profile = resolveEntryOptions({ ttl: { memory: '5s' } }, cache)
    expect(profile.ttlMs).toBe(Number.POSITIVE_INFINITY)
    expect(Object.fromEntries(profile.ttlMsByTier ?? [])).toEqual({
      memory: 5000,
      redis: 3_600_000,
    })
    expect(Object.fromEntries(cache.ttlMsByTier ?? [])).toEqual({
      memory: 60_000,
      redis: 3_600_000,
    })
    const call = resolveEntryOptions({ ttl: 1 }, profile)
    expect(call).toMatchObject({ ttlMs: 1, ttlMsByTier: undefined })
    expect(resolveEntryOptions({ grace: 1 }, profile).ttlMsByTier).toBe(profile.ttlMsByTier)
  })

  it('turns off by 0, false and Infinity what is on below', () => {
    const below = resolveEntryOptions({
      ttl: 1,
      grace: 2,
      staleWhileRevalidate: 3,
      negativeTtl: 4,
      timeout: 5,
      hardTimeout: 6,
      earlyRefresh: 7,
      refreshAhead: 0,
      lock: 'distributed',
    })
    const off = resolveEntryOptions(
      {
        ttl: Number.POSITIVE_INFINITY,
        grace: 0,
        staleWhileRevalidate: false,
        negativeTtl: 0,
        timeout: Number.POSITIVE_INFINITY,
        hardTimeout: Number.POSITIVE_INFINITY,
        earlyRefresh: 0,
        refreshAhead: 1,
        lock: false,
      },
      below,
    )
    expect(off).toEqual(DEFAULT_ENTRY_OPTIONS)
  })

  it('keeps an entry for the longer of grace and staleWhileRevalidate', () => {
    expect(resolveEntryOptions({ grace: 10, staleWhileRevalidate: 20 }).keepMs).toBe(20)
    expect(resolveEntryOptions({ grace: 20, staleWhileRevalidate: 10 }).keepMs).toBe(20)
  })

  it('has staleWhileRevalidate: true follow the grace, wherever either is said', () => {
    const cache = resolveEntryOptions({ staleWhileRevalidate: true })
    expect(cache.staleWhileRevalidateMs).toBe(0)
    const profile = resolveEntryOptions({ grace: '1m' }, cache)
    expect(profile.staleWhileRevalidateMs).toBe(60_000)
    const shorter = resolveEntryOptions({ staleWhileRevalidate: 5 }, profile)
    expect(shorter).toMatchObject({ staleWhileRevalidateMs: 5, revalidatesForGrace: false })
    expect(resolveEntryOptions({ grace: 9 }, shorter).staleWhileRevalidateMs).toBe(5)
  })

  it('adds tags and dependencies to those below, each once', () => {
    const below = resolveEntryOptions({ tags: ['a', 'b'], dependsOn: ['x'] })
    const both = resolveEntryOptions({ tags: ['b', 'c'], dependsOn: ['y', 'x'] }, below)
    expect(both.tags).toEqual(['a', 'b', 'c'])
    expect(both.dependsOn).toEqual(['x', 'y'])
    expect(resolveEntryOptions({ tags: [] }, below).tags).toEqual(['a', 'b'])
  })

  it('keeps lists of its own', () => {
    const tags = ['a']
    const resolved = resolveEntryOptions({ tags })
    tags.push('b')
    expect(resolved.tags).toEqual(['a'])
  })

  it.each([
    ['ttl', { ttl: '5 parsecs' }],
    ['ttl', { ttl: 0 }],
    ['ttl', { ttl: null }],
    ['ttl', { ttl: ['1m'] }],
    ['ttl.memory', { ttl: { memory: -1 } }],
    ['ttl.memry', { ttl: { memry: '1m' } }],
    ['ttlJitter', { ttlJitter: 1.1 }],
    ['grace', { grace: -1 }],
    ['grace', { grace: Number.POSITIVE_INFINITY }],
    ['staleWhileRevalidate', { staleWhileRevalidate: 'yes' }],
    ['refreshAhead', { refreshAhead: Number.NaN }],
    ['earlyRefresh', { earlyRefresh: -1 }],
    ['timeout', { timeout: 0 }],
    ['hardTimeout', { hardTimeout: '' }],
    ['negativeTtl', { negativeTtl: true }],
    ['tags', { tags: 'a' }],
    ['tags[1]', { tags: ['a', ''] }],
    ['tags', { tags: Array.from({ length: 33 }, (_, index) => `${index}`) }],
    ['priority', { priority: 256 }],
    ['dependsOn', { dependsOn: [7] }],
    ['dependsOn', { dependsOn: Array.from({ length: 1025 }, (_, index) => `${index}`) }],
    ['sliding', { sliding: 1 }],
    ['lock', { lock: true }],
  ])('refuses a wrong %s, and names it with its path: %j', (option, given) => {
    const resolve = (path?: string) =>
      resolveEntryOptions(given as unknown as EntryOptions, undefined, path, TIERS)
    for (const [path, name] of [
      [undefined, option],
      ["profiles['static:*']", `profiles['static:*'].${option}`],
    ] as const) {
      expect(() => resolve(path)).toThrow(InvalidOptionError)
      expect(() => resolve(path)).toThrow(expect.objectContaining({ option: name }))
    }
  })

  it('counts the tags of all levels together', () => {
    const name = (index: number) => `tag-${index}`
    const below = resolveEntryOptions({ tags: Array.from({ length: 30 }, (_, i) => name(i)) })
    expect(resolveEntryOptions({ tags: ['x', 'y', name(3)] }, below).tags).toHaveLength(32)
    expect(() => resolveEntryOptions({ tags: ['x', 'y', 'z'] }, below)).toThrow(InvalidOptionError)
  })

  it('refuses options that are no object', () => {
    for (const given of [null, 7, '5m']) {
      const resolve = () => resolveEntryOptions(given as unknown as EntryOptions)
      expect(resolve).toThrow(expect.objectContaining({ option: 'options' }))
    }
  })
})
