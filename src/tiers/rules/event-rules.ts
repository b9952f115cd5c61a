/**
 * What has to go when something happens: `on('user.updated', ['user:{id}', 'feed:{id}:*'])`, then
 * `emit('user.updated', { id: 7 })`.
 *
 * 1. `emit` computes, and does nothing else: where a template cannot be filled it throws, and no rule of that
 *    event has had any effect.
 * 2. Each text is named once. What one rule deletes and another only makes stale is deleted.
 * 3. The name of an event in `on` is a glob (`'user.*'`); in `emit` it is a plain name.
 */
import { InvalidOptionError } from '../../cache/errors.js'
import { compilePattern, type KeyPattern } from '../../cache/key-pattern.js'
import { Template, type TemplateKind } from './template.js'

/**
 * A template: of keys, or where it has wildcards of a pattern; or said outright. In `{ key }` and `{ tag }` a
 * wildcard is a character like any other.
 */
export type EventRule =
  | string
  | { readonly key: string }
  | { readonly pattern: string }
  | { readonly tag: string }

export interface EventRuleOptions {
  /** What the rules name becomes stale, and is kept for its grace. Default false: it goes. */
  soft?: boolean
}

export interface InvalidationTargets {
  readonly keys: readonly string[]
  readonly patterns: readonly string[]
  readonly tags: readonly string[]
}

export interface EventTargets extends InvalidationTargets {
  /** To be made stale only. */
  readonly soft: InvalidationTargets
}

interface Entry {
  readonly event: KeyPattern
  readonly templates: readonly Template[]
  readonly isSoft: boolean
}

type Found = Record<'key' | 'pattern' | 'tag', Set<string>>

const RULE_ALLOWED =
  "a template such as 'user:{id}' or 'feed:{id}:*', or { key }, { pattern } or { tag } with one"

export class EventRules {
  readonly #entries = new Set<Entry>()

  /** How many calls of `on` hold. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * @param event a name, or a glob of names
   * @returns takes these rules away; calling it again does nothing
   * @throws InvalidOptionError
   */
  on(
    event: string,
    rules: EventRule | readonly EventRule[],
    options: EventRuleOptions = {},
  ): () => void {
    if (typeof event !== 'string' || event === '') {
      throw new InvalidOptionError('event', event, "an event's name, or a glob such as 'user.*'")
    }
    const { soft = false } = options
    if (typeof soft !== 'boolean') throw new InvalidOptionError('soft', soft, 'true or false')
    const list = (Array.isArray(rules) ? rules : [rules]) as readonly EventRule[]
    const entry: Entry = {
      event: compilePattern(event),
      templates: list.map((rule, index) => createTemplate(rule, `rules[${index}]`)),
      isSoft: soft,
    }
    this.#entries.add(entry)
    return () => {
      this.#entries.delete(entry)
    }
  }

  /**
   * What is to be invalidated, in the order of the rules.
   * @throws EventFieldError where the data lack a field
   */
  emit(event: string, data?: unknown): EventTargets {
    if (typeof event !== 'string') throw new InvalidOptionError('event', event, 'a string')
    const hard = emptySets()
    const soft = emptySets()
    for (const entry of this.#entries) {
      if (!entry.event.test(event)) continue
      const found = entry.isSoft ? soft : hard
      for (const template of entry.templates) {
        for (const text of template.fill(data, event)) found[template.kind].add(text)
      }
    }
    return { ...targets(hard), soft: targets(soft, hard) }
  }
}

function createTemplate(rule: EventRule, option: string): Template {
  if (typeof rule === 'string') return new Template(rule, 'auto', option)
  const entries = typeof rule === 'object' && rule !== null ? Object.entries(rule) : []
  const [kind, source] = entries[0] ?? []
  const isKnown = kind === 'key' || kind === 'pattern' || kind === 'tag'
  if (!isKnown || entries.length > 1) {
    throw new InvalidOptionError(option, rule, RULE_ALLOWED)
  }
  return new Template(source as string, kind as TemplateKind, `${option}.${kind}`)
}

function emptySets(): Found {
  return { key: new Set(), pattern: new Set(), tag: new Set() }
}

function targets(found: Found, without?: Found): InvalidationTargets {
  const list = (kind: keyof Found) => [...found[kind]].filter((text) => !without?.[kind].has(text))
  return { keys: list('key'), patterns: list('pattern'), tags: list('tag') }
}
