/**
 * Who may do what: `allow: [{ pattern: 'user:*', roles: ['support'], actions: ['read'] }]` with
 * `cache.as({ roles: ['support'] })`.
 *
 * 1. Once there are rules, an empty list of them included, what no rule allows is denied. Without `allow`
 *    everything is allowed to everyone.
 * 2. A caller without roles may do nothing, once there are rules. Roles are names without wildcards.
 * 3. Single keys and tags are refused with AccessDeniedError; what walks over keys (iteration, deletes by
 *    prefix or pattern) passes over those that are not allowed, and is refused where none could be.
 *
 * Which call needs which action is the cache's: 'read' for values, presence and iteration; 'write' for sets and
 * deletes; 'invalidate' for what makes many go, or makes something stale.
 *
 * Costs: the rules of a set of roles are compiled once; a check is then one search in a PatternIndex.
 */
import { InvalidOptionError } from '../../cache/errors.js'
import { compilePattern } from '../../cache/key-pattern.js'
import { checkNames, listed } from '../../cache/option-checks.js'
import { AccessDeniedError } from './errors.js'
import { PatternIndex } from './pattern-index.js'

export const ACCESS_ACTIONS = ['read', 'write', 'invalidate'] as const
export type AccessAction = (typeof ACCESS_ACTIONS)[number]

export interface AccessRule {
  /** The keys: a glob as deleteByPattern has it. */
  pattern: string
  /** Who may: anyone who has one of these. */
  roles: readonly string[]
  /** Default: all three. */
  actions?: readonly AccessAction[]
  /** Tags that they may invalidate, a glob, where 'invalidate' is among the actions. Default: none. */
  tags?: string
}

const MAX_ROLE_SETS = 1024
const NO_ROLES: readonly string[] = Object.freeze([])

export class AccessRules {
  /** Whether there are rules; false: nothing needs to be asked. */
  readonly isEnforced: boolean
  readonly #rules: readonly AccessRule[]
  readonly #known = new Map<string, Access>()

  /** @throws InvalidOptionError, which names the option as `allow[0].roles` */
  constructor(allow: readonly AccessRule[] | undefined) {
    if (allow !== undefined && !Array.isArray(allow)) {
      throw new InvalidOptionError(
        'allow',
        allow,
        'an array of { pattern, roles, actions?, tags? }',
      )
    }
    this.isEnforced = allow !== undefined
    this.#rules = (allow ?? []).map(checkRule)
  }

  /** What those who have these roles may do. @throws InvalidOptionError */
  as(roles: readonly string[] = NO_ROLES): Access {
    checkRoles('roles', roles)
    const own = [...new Set(roles)].sort()
    const name = JSON.stringify(own)
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const rules = this.#rules.filter((rule) => rule.roles.some((role) => own.includes(role)))
    const access = new Access(this.isEnforced ? rules : undefined, own)
    if (this.#known.size === MAX_ROLE_SETS) this.#known.clear()
    this.#known.set(name, access)
    return access
  }
}

/** What one set of roles may do. */
export class Access {
  readonly roles: readonly string[]
  /** Undefined: everything. */
  readonly #keys: Readonly<Record<AccessAction, PatternIndex<true>>> | undefined
  readonly #tags: PatternIndex<true> | undefined

  /** @param rules those that name one of the roles; undefined: everything is allowed */
  constructor(rules: readonly AccessRule[] | undefined, roles: readonly string[]) {
    this.roles = roles
    if (rules === undefined) return
    const keysFor = (action: AccessAction) => indexOf(rulesFor(rules, action), 'pattern')
    this.#keys = {
      read: keysFor('read'),
      write: keysFor('write'),
      invalidate: keysFor('invalidate'),
    }
    this.#tags = indexOf(rulesFor(rules, 'invalidate'), 'tags')
  }

  mayKey(action: AccessAction, key: string): boolean {
    return this.#keys === undefined || this.#keys[action].find(key) === true
  }

  /** @throws AccessDeniedError */
  checkKey(action: AccessAction, key: string): void {
    if (!this.mayKey(action, key)) throw new AccessDeniedError(action, 'key', key, this.roles)
  }

  /** All of them, or an error before anything is done. @throws AccessDeniedError */
  checkKeys(action: AccessAction, keys: readonly string[]): void {
    if (this.#keys !== undefined) for (const key of keys) this.checkKey(action, key)
  }

  /** Whether the tag may be invalidated. */
  mayTag(tag: string): boolean {
    return this.#tags === undefined || this.#tags.find(tag) === true
  }

  /** @throws AccessDeniedError */
  checkTag(tag: string): void {
    if (!this.mayTag(tag)) throw new AccessDeniedError('invalidate', 'tag', tag, this.roles)
  }

  /** Those that the action is allowed on, in their order. */
  filterKeys(action: AccessAction, keys: readonly string[]): readonly string[] {
    return this.#keys === undefined ? keys : keys.filter(this.keyFilter(action))
  }

  /** For walks over keys: whether this one may be touched. */
  keyFilter(action: AccessAction): (key: string) => boolean {
    const index = this.#keys?.[action]
    return index === undefined ? () => true : (key) => index.find(key) === true
  }

  /**
   * How a delete by `pattern` may go on: 'all', every key that matches is allowed; 'some', each key has to be
   * asked for (keyFilter).
   * @throws AccessDeniedError where none of them could be allowed
   */
  checkPattern(action: AccessAction, pattern: string): 'all' | 'some' {
    return this.#checkWalk(action, compilePattern(pattern).prefix, pattern)
  }

  /** The same for all keys that begin with `prefix`; '' for every key. @throws AccessDeniedError */
  checkPrefix(action: AccessAction, prefix: string): 'all' | 'some' {
    return this.#checkWalk(action, prefix, `${prefix}*`)
  }

  #checkWalk(action: AccessAction, prefix: string, pattern: string): 'all' | 'some' {
    const index = this.#keys?.[action]
    if (index === undefined || index.coversPrefix(prefix)) return 'all'
    if (index.mayMatchPrefix(prefix)) return 'some'
    throw new AccessDeniedError(action, 'pattern', pattern, this.roles)
  }
}

function rulesFor(rules: readonly AccessRule[], action: AccessAction): AccessRule[] {
  return rules.filter(({ actions = ACCESS_ACTIONS }) => actions.includes(action))
}

function indexOf(rules: readonly AccessRule[], of: 'pattern' | 'tags'): PatternIndex<true> {
  return new PatternIndex(
    rules.flatMap((rule) => (rule[of] === undefined ? [] : [[rule[of], true]])),
  )
}

/** A copy, so that nobody changes a rule once it holds. */
function checkRule(rule: AccessRule, index: number): AccessRule {
  const path = `allow[${index}]`
  checkNames(path, rule, ['pattern', 'roles', 'actions', 'tags'])
  const { pattern, roles, actions, tags } = rule
  if (typeof pattern !== 'string') {
    throw new InvalidOptionError(`${path}.pattern`, pattern, 'a glob of keys')
  }
  if (tags !== undefined && typeof tags !== 'string') {
    throw new InvalidOptionError(`${path}.tags`, tags, 'a glob of tags')
  }
  checkRoles(`${path}.roles`, roles)
  if (
    actions !== undefined &&
    !(Array.isArray(actions) && actions.every((action) => ACCESS_ACTIONS.includes(action)))
  ) {
    throw new InvalidOptionError(
      `${path}.actions`,
      actions,
      `an array of ${listed(ACCESS_ACTIONS)}`,
    )
  }
  // Why compiled here: a pattern that is none has to fail now, not when a role first asks.
  new PatternIndex([
    [pattern, true],
    [tags ?? pattern, true],
  ])
  return { pattern, roles: [...roles], actions: actions && [...actions], tags }
}

function checkRoles(option: string, roles: unknown): void {
  const isRole = (role: unknown) => typeof role === 'string' && role !== ''
  if (!(Array.isArray(roles) && roles.every(isRole))) {
    throw new InvalidOptionError(option, roles, 'an array of names that are not empty')
  }
}
