/** Rules of events: what templates become, that values stay values, and what is refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern } from '../../../src/cache/key-pattern.js'
import { type EventRule, EventRules } from '../../../src/tiers/rules/event-rules.js'
import { checkProperty } from '../../support/check-property.js'

function emit(rules: EventRule | EventRule[], data?: unknown) {
  const events = new EventRules()
  events.on('it', rules)
  const { keys, patterns, tags } = events.emit('it', data)
  return { keys, patterns, tags }
}

const NOTHING = { keys: [], patterns: [], tags: [] }

describe('emit', () => {
  it('names the keys, patterns and tags of the rules', () => {
    expect(emit(['user:{id}', 'feed:{id}:*', { tag: 'user:{id}' }], { id: 7 })).toEqual({
      keys: ['user:7'],
      patterns: ['feed:7:*'],
      tags: ['user:7'],
    })
  })

  it('names nothing for an event that nobody has rules for', () => {
    expect(new EventRules().emit('it')).toEqual({ ...NOTHING, soft: NOTHING })
  })

  it.each([
    ['all', undefined, 'all'],
    ['{a.b.c}', { a: { b: { c: 'x' } } }, 'x'],
    ['{a}{b}', { a: 1.5, b: false }, '1.5false'],
    ['{id}:{id}', { id: 7 }, '7:7'],
    ['\\{id}', {}, '{id}'],
    ['a}b', {}, 'a}b'],
    ['a\\*b\\[c\\]\\\\', {}, 'a*b[c]\\'],
    ['end\\', {}, 'end\\'],
    ['{id}', { id: 0 }, '0'],
    ['{id}', { id: '*?[a]\\' }, '*?[a]\\'],
    ['{name.length}', { name: 'four' }, '4'],
  ])('fills the key %j from %j: %j', (template, data, key) => {
    expect(emit(template, data)).toEqual({ ...NOTHING, keys: [key] })
  })

  it('takes a rule at its word that says what it is', () => {
    expect(
      emit([{ key: 'a*{id}' }, { pattern: 'b{id}' }, { tag: 'c?{id}[x]' }], { id: '*' }),
    ).toEqual({ keys: ['a**'], patterns: ['b\\*'], tags: ['c?*[x]'] })
  })

  it('takes one rule without a list, and numbers of any size', () => {
    expect(emit('a{id}', { id: 10n ** 20n }).keys).toEqual(['a100000000000000000000'])
    expect(emit({ tag: 'a' }).tags).toEqual(['a'])
  })

  it('names each once', () => {
    expect(emit(['a', 'a', { key: 'a' }, '{id}'], { id: 'a' }).keys).toEqual(['a'])
  })

  it('expands arrays, of values and on the way to them, in every combination', () => {
    expect(emit('u:{ids}', { ids: [1, 2] }).keys).toEqual(['u:1', 'u:2'])
    expect(emit('u:{users.id}', { users: [{ id: 1 }, { id: 2 }] }).keys).toEqual(['u:1', 'u:2'])
    expect(emit('{a}-{b}-{a}', { a: [1, 2], b: ['x', 'y'] }).keys).toEqual([
      '1-x-1',
      '1-y-1',
      '2-x-2',
      '2-y-2',
    ])
    expect(emit('u:{ids}', { ids: [] })).toEqual(NOTHING)
  })

  it('lets no value become a wildcard: a pattern matches what has the value in its place', () => {
    const data = { id: '*' }
    const [pattern] = emit('user:{id}:*', data).patterns
    expect(compilePattern(pattern).test('user:*:name')).toBe(true)
    expect(compilePattern(pattern).test('user:7:name')).toBe(false)
    const text = fc.string({ unit: fc.constantFrom(...'*?[]^-\\{}ab'), minLength: 1, maxLength: 5 })
    const property = fc.property(text, text, (id, other) => {
      const glob = compilePattern(emit('u:{id}:*', { id }).patterns[0])
      expect(glob.test(`u:${id}:x`)).toBe(true)
      expect(glob.test(`u:${other}:x`)).toBe(`${other}:x`.startsWith(`${id}:`))
    })
    checkProperty(property, 1000)
  })

  it.each([
    ['id', '{id}', {}],
    ['id', '{id}', undefined],
    ['id', '{id}', null],
    ['id', '{id}', { id: null }],
    ['id', '{id}*', { id: '' }],
    ['id', '{id}', { id: {} }],
    ['id', '{id}', { id: Number.NaN }],
    ['id', '{id}', { id: [[1]] }],
    ['constructor', '{constructor}', {}],
    ['user.id', '{user.id}', { user: 7 }],
    ['user.id', '{user.id}', {}],
    ['users.id', '{users.id}', { users: [{ id: 1 }, {}] }],
  ])('refuses data in which %s is missing or no value: %j with %j', (field, template, data) => {
    expect(() => emit(['ok', template], data)).toThrow(
      expect.objectContaining({
        code: 'ERR_HOTSET_EVENT_FIELD',
        name: 'EventFieldError',
        event: 'it',
        template,
        field,
      }),
    )
  })

  it('refuses to name more than 100,000 of one template', () => {
    const list = Array.from({ length: 1000 }, (_, index) => index)
    expect(() => emit('{a}:{b}', { a: list, b: list })).toThrow('more than 100000')
    expect(emit('{a}:{b}', { a: list, b: list.slice(0, 100) }).keys).toHaveLength(100_000)
  })
})

describe('on', () => {
  it('takes globs of event names', () => {
    const events = new EventRules()
    events.on('user.*', 'a')
    events.on('user.updated', 'b')
    events.on('*', 'c')
    expect(events.emit('user.updated').keys).toEqual(['a', 'b', 'c'])
    expect(events.emit('user.deleted').keys).toEqual(['a', 'c'])
    expect(events.emit('user').keys).toEqual(['c'])
  })

  it('returns what takes these rules away, and only these', () => {
    const events = new EventRules()
    const off = events.on('it', 'a')
    events.on('it', 'a')
    events.on('it', 'b')
    off()
    off()
    expect(events.size).toBe(2)
    expect(events.emit('it').keys).toEqual(['a', 'b'])
  })

  it('has soft rules, that only say what is not deleted anyway', () => {
    const events = new EventRules()
    events.on('it', ['a', 'b', 'p*', { tag: 't' }], { soft: true })
    events.on('it', ['b', { tag: 'u' }])
    expect(events.emit('it')).toEqual({
      keys: ['b'],
      patterns: [],
      tags: ['u'],
      soft: { keys: ['a'], patterns: ['p*'], tags: ['t'] },
    })
  })

  it.each([
    ['rules[0]', ['{id']],
    ['rules[0]', ['{}']],
    ['rules[0]', ['{a..b}']],
    ['rules[0]', ['{a b}']],
    ['rules[0]', ['list[{id}]']],
    ['rules[0]', ['[^{id}']],
    ['rules[1]', ['a', '']],
    ['rules[1]', ['a', 7]],
    ['rules[0]', [{}]],
    ['rules[0]', [{ keys: 'a' }]],
    ['rules[0]', [{ key: 'a', tag: 'b' }]],
    ['rules[0].tag', [{ tag: '' }]],
    ['rules[0]', [null]],
  ])('refuses what is no rule, and names it: %s of %j', (option, rules) => {
    const events = new EventRules()
    expect(() => events.on('it', rules as EventRule[])).toThrow(
      expect.objectContaining({ code: 'ERR_HOTSET_INVALID_OPTION', option }),
    )
    expect(events.size).toBe(0)
  })

  it('refuses events without a name', () => {
    expect(() => new EventRules().on('', 'a')).toThrow(expect.objectContaining({ option: 'event' }))
    expect(() => new EventRules().emit(7 as unknown as string)).toThrow(
      expect.objectContaining({ option: 'event' }),
    )
  })
})
