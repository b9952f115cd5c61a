/** Profiles by key pattern: which one a key has, against a naive choice, and what it becomes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern } from '../../../src/cache/key-pattern.js'
import { resolveEntryOptions } from '../../../src/tiers/entry/options.js'
import { lifetimes } from '../../../src/tiers/rules/lifetimes.js'
import { PatternIndex } from '../../../src/tiers/rules/pattern-index.js'
import { type ProfileOptions, Profiles } from '../../../src/tiers/rules/profiles.js'
import { checkProperty } from '../../support/check-property.js'

function find(patterns: string[], key: string): string | undefined {
  return new PatternIndex(patterns.map((pattern) => [pattern, pattern] as const)).find(key)
}

describe('the most specific pattern', () => {
  it.each([
    [['*', 'user:*', 'user:1'], 'user:1', 'user:1'],
    [['*', 'user:*', 'user:1'], 'user:2', 'user:*'],
    [['*', 'user:*', 'user:1'], 'group:1', '*'],
    [['user:*', 'user:admin:*'], 'user:admin:1', 'user:admin:*'],
    [['user:admin:*', 'user:*'], 'user:b', 'user:*'],
    [['user:*', 'user:*:name'], 'user:1:name', 'user:*:name'],
    [['user:*', 'user:?'], 'user:1', 'user:?'],
    [['user:?*', 'user:?'], 'user:1', 'user:?'],
    [['user:[0-9]', 'user:?'], 'user:1', 'user:[0-9]'],
    [['user:?', 'user:[0-9]'], 'user:1', 'user:?'],
    [['*:name', 'u*'], 'user:name', 'u*'],
    [['a*', 'a**', '\\a*'], 'ab', 'a*'],
    [['user:*'], 'use', undefined],
    [['\\*', 'b'], '*', '\\*'],
    [['\\*', 'b'], 'a', undefined],
    [['', '*'], '', ''],
    [['\ud83d*'], '😀', undefined],
    [['[]]*', '[a\\]]*'], ']x', '[a\\]]*'],
  ])('of %j for %j is %j', (patterns, key, expected) => {
    expect(find(patterns as string[], key as string)).toBe(expected)
  })

  it('is the one that a naive search finds', () => {
    // Tokens of which each says how long it is at least, and whether it is literal.
    const token = fc.constantFrom('a', 'b', ':', '\\*', '*', '?', '[ab]', '[^a]')
    const tokens = fc.array(token, { maxLength: 5 })
    const key = fc.string({ unit: fc.constantFrom('a', 'b', ':', '*'), maxLength: 6 })
    const property = fc.property(
      fc.array(tokens, { maxLength: 12 }),
      fc.array(key),
      (lists, keys) => {
        const patterns = lists.map((list) => list.join(''))
        const index = new PatternIndex(patterns.map((pattern, at) => [pattern, at] as const))
        for (const each of keys) expect(index.find(each)).toBe(findNaively(lists, each))
      },
    )
    checkProperty(property, 2000)
  })

  it('says soundly whether a prefix is covered, and whether it can match', () => {
    const glob = fc.array(fc.constantFrom('a', 'b', '*', '?', '\\*'), { maxLength: 4 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 3 })
    const property = fc.property(
      fc.array(glob, { maxLength: 4 }),
      text,
      text,
      (globs, prefix, rest) => {
        const index = new PatternIndex(globs.map((tokens) => [tokens.join(''), true] as const))
        const matches = index.find(prefix + rest) === true
        if (index.coversPrefix(prefix)) expect(matches).toBe(true)
        if (!index.mayMatchPrefix(prefix)) expect(matches).toBe(false)
      },
    )
    checkProperty(property, 2000)
  })
})

function findNaively(lists: string[][], key: string): number | undefined {
  const isWild = (token: string) => /^[*?[]/.test(token)
  const measured = lists.map((list, at) => {
    const firstWild = list.findIndex(isWild)
    const stars = list.filter((token, place) => token === '*' && list[place - 1] !== '*').length
    const characters = list.filter((token) => token !== '*').length
    const others = list.filter((token) => isWild(token) && token !== '*').length
    const prefix = firstWild === -1 ? list.length : firstWild
    return { at, pattern: list.join(''), prefix, characters, wildcards: stars + others }
  })
  const matching = measured.filter(({ pattern }) => compilePattern(pattern).test(key))
  matching.sort(
    (a, b) =>
      b.prefix - a.prefix ||
      b.characters - a.characters ||
      a.wildcards - b.wildcards ||
      a.at - b.at,
  )
  return matching[0]?.at
}

describe('Profiles', () => {
  it('resolve nothing where there are none, or none matches', () => {
    expect(new Profiles(undefined).resolve('a')).toBeUndefined()
    expect(new Profiles({}).resolve('a')).toBeUndefined()
    expect(new Profiles({ 'b*': {} }).resolve('a')).toBeUndefined()
  })

  it('stand over the cache, and under a call', () => {
    const cache = resolveEntryOptions({ ttl: '1m', grace: '1h', tags: ['all'] })
    const profiles = new Profiles(
      { 'static:*': { ttl: { memory: '1d', redis: '7d' }, tags: ['static'] } },
      cache,
      ['memory', 'redis'],
    )
    const profile = profiles.resolve('static:logo')
    expect(profile).toMatchObject({ ttlMs: 60_000, graceMs: 3_600_000, tags: ['all', 'static'] })
    expect(profile?.ttlMsByTier?.get('redis')).toBe(7 * 86_400_000)
    const call = resolveEntryOptions({ ttl: { memory: 5 } }, profile)
    expect(call.ttlMsByTier?.get('memory')).toBe(5)
    expect(call.ttlMsByTier?.get('redis')).toBe(7 * 86_400_000)
  })

  it('answer with the same object each time', () => {
    const profiles = new Profiles({ 'a*': { ttl: 1 } })
    expect(profiles.resolve('ab')).toBe(profiles.resolve('ac'))
  })

  it('extend the ready-made lifetimes', () => {
    const cache = resolveEntryOptions({ timeout: 7 })
    const profiles = new Profiles(
      {
        's:*': { extends: 'static', ttl: '2d' },
        'f:*': { extends: 'frequent' },
        't:*': { extends: 'temporary' },
        'session:*': { extends: 'session' },
      },
      cache,
    )
    const day = 86_400_000
    expect(profiles.resolve('s:1')).toMatchObject({
      ttlMs: 2 * day,
      graceMs: day,
      staleWhileRevalidateMs: day,
      timeoutMs: 7,
    })
    expect(profiles.resolve('f:1')).toEqual(resolveEntryOptions(lifetimes.frequent, cache))
    expect(profiles.resolve('t:1')).toMatchObject({ ttlMs: 60_000, keepMs: 0, refreshAhead: 1 })
    expect(profiles.resolve('session:1')).toMatchObject({ ttlMs: 1_800_000, sliding: true })
  })

  it.each([
    ['profiles', 7],
    ['profiles', []],
    ["profiles['a*']", { 'a*': 'static' }],
    ["profiles['a*'].tttl", { 'a*': { tttl: 1 } }],
    ["profiles['a*'].extends", { 'a*': { extends: 'for-ever' } }],
    ["profiles['static:*'].ttl.memory", { 'static:*': { ttl: { memory: 'long' } } }],
    ["profiles['static:*'].ttl.disk", { 'static:*': { ttl: { disk: '1d' } } }],
    ["profiles['a*'].grace", { b: {}, 'a*': { extends: 'static', grace: 'none' } }],
  ])('name the option that is wrong: %s', (option, given) => {
    expect(() => new Profiles(given as ProfileOptions, undefined, ['memory'])).toThrow(
      expect.objectContaining({ code: 'ERR_HOTSET_INVALID_OPTION', option }),
    )
  })
})
