/**
 * Texts with fields: `'user:{id}'`, `'feed:{user.id}:*'`, filled from the data of an event.
 *
 *     {name}   a field of the data; {user.id}: a field of a field
 *     \        the next character as it is: `\{`, in patterns `\*` too
 *
 * 1. A template for patterns has the wildcards of its own text only. Those of a value are escaped, so that an id
 *    of '*' matches that id; and no field stands within a class, where '^' and '-' could not be escaped.
 * 2. A value is a text that is not empty, a finite number, a bigint or a boolean. An array stands for each of
 *    its items, also on the way to a field. Anything else is an EventFieldError: a pattern must not become
 *    wider because something is missing.
 * 3. Several fields with several values give every combination, up to MAX_TEXTS.
 */
import { describe, InvalidOptionError } from '../../cache/errors.js'
import { escapePattern } from '../../cache/key-pattern.js'
import { EventFieldError } from './errors.js'

/** 'auto': a pattern where its own text has wildcards, else a key. */
export type TemplateKind = 'auto' | 'key' | 'pattern' | 'tag'

/** A literal text, or the path of a field. */
type Part = string | { readonly field: string; readonly path: readonly string[] }

const MAX_TEXTS = 100_000
const FIELD = /^[^\s{}.]+(\.[^\s{}.]+)*$/

export class Template {
  readonly source: string
  readonly kind: Exclude<TemplateKind, 'auto'>
  readonly #parts: readonly Part[]

  /**
   * @param option the name to put into the error
   * @throws InvalidOptionError
   */
  constructor(source: string, kind: TemplateKind, option: string) {
    if (typeof source !== 'string' || source === '') {
      throw new InvalidOptionError(option, source, "a template such as 'user:{id}'")
    }
    this.source = source
    this.kind = kind === 'auto' ? (hasWildcards(source) ? 'pattern' : 'key') : kind
    this.#parts = parse(source, this.kind === 'pattern', option)
  }

  /** All texts that the data give. @throws EventFieldError */
  fill(data: unknown, event: string): string[] {
    const known = new Map<string, readonly string[]>()
    const fields: string[] = []
    for (const part of this.#parts) {
      if (typeof part !== 'string' && !known.has(part.field)) {
        known.set(part.field, this.#read(data, part.path, part.field, event))
        fields.push(part.field)
      }
    }
    // Why by fields, not by parts: a field that stands twice has the same value in both places.
    const choices = combine(fields.map((field) => known.get(field) as readonly string[]))
    if (choices === undefined) {
      const reason = `gives more than ${MAX_TEXTS} texts`
      throw new EventFieldError(event, this.source, fields.join("', '"), reason)
    }
    return choices.map((values) =>
      this.#parts
        .map((part) => (typeof part === 'string' ? part : values[fields.indexOf(part.field)]))
        .join(''),
    )
  }

  #read(data: unknown, path: readonly string[], field: string, event: string): readonly string[] {
    let values: unknown[] = [data]
    for (const name of path) {
      values = values.flat(1).map((value) => {
        const found = (value as Record<string, unknown> | null | undefined)?.[name]
        if (found === undefined || found === null) {
          throw new EventFieldError(event, this.source, field, 'is missing')
        }
        return found
      })
    }
    return values.flat(1).map((value) => {
      const text = textOf(value)
      if (text === undefined) {
        const reason = `cannot be ${describe(value)}: only texts that are not empty, numbers and booleans`
        throw new EventFieldError(event, this.source, field, reason)
      }
      return this.kind === 'pattern' ? escapePattern(text) : text
    })
  }
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' ? undefined : value
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      return undefined
  }
}

/** One value of each list, in every combination; undefined where these are too many. */
function combine(lists: readonly (readonly string[])[]): string[][] | undefined {
  const count = lists.reduce((product, list) => product * list.length, 1)
  if (count > MAX_TEXTS) return undefined
  let combinations: string[][] = [[]]
  for (const list of lists) {
    combinations = combinations.flatMap((chosen) => list.map((value) => [...chosen, value]))
  }
  return combinations
}

function hasWildcards(source: string): boolean {
  return /[*?[]/.test(source.replace(/\\[\s\S]|\{[^{}]*\}/g, ''))
}

function parse(source: string, isPattern: boolean, option: string): Part[] {
  const parts: Part[] = []
  let literal = ''
  let isInClass = false
  for (let position = 0; position < source.length; position++) {
    const character = source[position]
    if (character === '\\' && position + 1 < source.length) {
      position++
      // Why kept in a pattern: it escapes there as well, a brace too.
      literal += isPattern ? character + source[position] : source[position]
    } else if (character === '{') {
      const end = source.indexOf('}', position)
      const field = source.slice(position + 1, end === -1 ? source.length : end)
      if (end === -1 || !FIELD.test(field)) {
        const allowed = "fields such as {id} or {user.id}; a brace of its own as '\\{'"
        throw new InvalidOptionError(option, source, allowed)
      }
      if (isInClass) {
        const allowed = "no field within a class; a bracket of its own as '\\['"
        throw new InvalidOptionError(option, source, allowed)
      }
      parts.push(literal, { field, path: field.split('.') })
      literal = ''
      position = end
    } else {
      if (isPattern && character === '[') isInClass = true
      if (character === ']') isInClass = false
      literal += character
    }
  }
  parts.push(literal)
  return parts
}
