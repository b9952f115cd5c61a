/** Access rules: who may do what, against a naive model; and that whatever is not allowed is denied. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern } from '../../../src/cache/key-pattern.js'
import {
  ACCESS_ACTIONS,
  type AccessRule,
  AccessRules,
} from '../../../src/tiers/rules/access-rules.js'
import { AccessDeniedError } from '../../../src/tiers/rules/errors.js'
import { checkProperty } from '../../support/check-property.js'

const ALLOW: AccessRule[] = [
  { pattern: 'user:*', roles: ['support', 'admin'], actions: ['read'] },
  { pattern: 'user:*', roles: ['admin'], tags: 'user:*' },
  { pattern: 'public:*', roles: ['support'], tags: '*', actions: ['read', 'write'] },
]

describe('AccessRules', () => {
  it('allow everything to everyone where there are none', () => {
    const rules = new AccessRules(undefined)
    expect(rules.isEnforced).toBe(false)
    const access = rules.as()
    access.checkKey('write', 'a')
    access.checkKeys('read', ['a', 'b'])
    access.checkTag('a')
    expect(access.filterKeys('read', ['a', 'b'])).toEqual(['a', 'b'])
    expect(access.keyFilter('invalidate')('a')).toBe(true)
    expect(access.checkPrefix('invalidate', '')).toBe('all')
  })

  it('deny everything to everyone where the list is empty, and to those without roles', () => {
    for (const access of [new AccessRules([]).as(['admin']), new AccessRules(ALLOW).as()]) {
      for (const action of ACCESS_ACTIONS) {
        expect(access.mayKey(action, 'user:1')).toBe(false)
        expect(access.filterKeys(action, ['user:1', 'public:1'])).toEqual([])
        expect(() => access.checkPattern(action, '*')).toThrow(AccessDeniedError)
      }
      expect(() => access.checkTag('user:1')).toThrow(AccessDeniedError)
    }
  })

  it('allow what a rule of one of the roles allows', () => {
    const rules = new AccessRules(ALLOW)
    const support = rules.as(['support'])
    expect(support.mayKey('read', 'user:1')).toBe(true)
    expect(support.mayKey('write', 'user:1')).toBe(false)
    expect(support.mayKey('write', 'public:1')).toBe(true)
    expect(support.mayKey('read', 'group:1')).toBe(false)
    const admin = rules.as(['admin'])
    expect(admin.mayKey('invalidate', 'user:1')).toBe(true)
    expect(admin.mayKey('read', 'public:1')).toBe(false)
    expect(rules.as(['admin', 'support']).mayKey('read', 'public:1')).toBe(true)
    expect(rules.as(['*']).mayKey('read', 'user:1')).toBe(false)
  })

  it('allow tags to those who may invalidate, by the tags of the rule', () => {
    const rules = new AccessRules(ALLOW)
    rules.as(['admin']).checkTag('user:1')
    expect(rules.as(['admin']).mayTag('group:1')).toBe(false)
    expect(rules.as(['support']).mayTag('user:1')).toBe(false)
  })

  it('say in the error who was denied what', () => {
    const access = new AccessRules(ALLOW).as(['support'])
    const expected = {
      code: 'ERR_HOTSET_ACCESS_DENIED',
      name: 'AccessDeniedError',
      roles: ['support'],
    }
    const denied = (kind: string, action: string, target: string) =>
      expect.objectContaining({ ...expected, kind, action, target })
    expect(() => access.checkKey('write', 'user:1')).toThrow(denied('key', 'write', 'user:1'))
    expect(() => access.checkKeys('write', ['public:1', 'user:2'])).toThrow(
      denied('key', 'write', 'user:2'),
    )
    expect(() => access.checkTag('t')).toThrow(denied('tag', 'invalidate', 't'))
    expect(() => access.checkPattern('read', 'group:*')).toThrow(
      denied('pattern', 'read', 'group:*'),
    )
    expect(() => access.checkPrefix('write', 'user:')).toThrow(denied('pattern', 'write', 'user:*'))
    expect(() => access.checkKey('write', 'user:1')).toThrow(
      "No rule allows the roles 'support' to write the key 'user:1'",
    )
  })

  it('know when a walk has to ask for each key', () => {
    const admin = new AccessRules(ALLOW).as(['admin'])
    expect(admin.checkPattern('invalidate', 'user:7:*')).toBe('all')
    expect(admin.checkPrefix('invalidate', 'user:')).toBe('all')
    expect(admin.checkPattern('invalidate', '*:7')).toBe('some')
    expect(admin.checkPrefix('invalidate', 'us')).toBe('some')
  })

  it('are compiled once for a set of roles, in whatever order they are given', () => {
    const rules = new AccessRules(ALLOW)
    const access = rules.as(['admin', 'support'])
    expect(rules.as(['support', 'admin', 'support'])).toBe(access)
    expect(rules.as(['admin,support'])).not.toBe(access)
    for (let index = 0; index < 3000; index++) rules.as([`role-${index}`])
    expect(rules.as(['admin', 'support']).mayKey('read', 'user:1')).toBe(true)
  })

  it('do not change with the objects they were made from', () => {
    const roles = ['support']
    const rules = new AccessRules([{ pattern: 'a', roles }])
    roles.push('guest')
    expect(rules.as(['guest']).mayKey('read', 'a')).toBe(false)
  })

  it('agree with a naive model', () => {
    const glob = fc.constantFrom('*', 'a*', 'ab*', '*b', 'a', 'a?', '[ab]*', 'a\\*')
    const names = fc.subarray(['x', 'y', 'z'])
    const rule = fc.record(
      { pattern: glob, roles: names, actions: fc.subarray([...ACCESS_ACTIONS]), tags: glob },
      { requiredKeys: ['pattern', 'roles'] },
    )
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 3 })
    const action = fc.constantFrom(...ACCESS_ACTIONS)
    const property = fc.property(
      fc.array(rule, { maxLength: 5 }),
      names,
      action,
      text,
      glob,
      (allow, roles, action, key, pattern) => {
        const access = new AccessRules(allow).as(roles)
        const own = allow.filter((each) => each.roles.some((role) => roles.includes(role)))
        const may = (action: string, glob: 'pattern' | 'tags') =>
          own.some(
            (each) =>
              (each.actions ?? ACCESS_ACTIONS).some((allowed) => allowed === action) &&
              each[glob] !== undefined &&
              compilePattern(each[glob]).test(key),
          )
        expect(access.mayKey(action, key)).toBe(may(action, 'pattern'))
        expect(access.keyFilter(action)(key)).toBe(may(action, 'pattern'))
        expect(access.mayTag(key)).toBe(may('invalidate', 'tags'))
        if (!compilePattern(pattern).test(key)) return
        if (may(action, 'pattern')) expect(access.checkPattern(action, pattern)).toMatch(/all|some/)
        else expect(walk(() => access.checkPattern(action, pattern))).not.toBe('all')
      },
    )
    checkProperty(property, 2000)
  })

  it.each([
    ['allow', {}],
    ['allow[0]', [7]],
    [
      'allow[1].role',
      [
        { pattern: 'a', roles: [] },
        { pattern: 'a', role: 'b' },
      ],
    ],
    ['allow[0].pattern', [{ roles: ['a'] }]],
    ['allow[0].roles', [{ pattern: 'a' }]],
    ['allow[0].roles', [{ pattern: 'a', roles: 'admin' }]],
    ['allow[0].roles', [{ pattern: 'a', roles: [''] }]],
    ['allow[0].actions', [{ pattern: 'a', roles: [], actions: ['delete'] }]],
    ['allow[0].tags', [{ pattern: 'a', roles: [], tags: ['a'] }]],
  ])('refuse what is no rule, and name it: %s', (option, allow) => {
    expect(() => new AccessRules(allow as AccessRule[])).toThrow(
      expect.objectContaining({ code: 'ERR_HOTSET_INVALID_OPTION', option }),
    )
  })

  it('refuse roles that are no list of names', () => {
    const rules = new AccessRules(ALLOW)
    for (const roles of ['admin', [7], null]) {
      expect(() => rules.as(roles as unknown as string[])).toThrow(
        expect.objectContaining({ option: 'roles' }),
      )
    }
  })
})

function walk(check: () => string): string {
  try {
    return check()
  } catch (error) {
    expect(error).toBeInstanceOf(AccessDeniedError)
    return 'none'
  }
}
