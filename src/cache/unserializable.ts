/**
 * Looks through a value before it is stored: can all of it be, and does msgpackr keep all of it?
 *
 * 1. A value that this check lets pass loses nothing silently: what would be lost is refused, with
 *    the path of the culprit, and what msgpackr alone would alter is reported as INEXACT.
 * 2. It reads what msgpackr reads (own enumerable properties of objects, elements, entries), and
 *    judges nothing else: no symbols, nothing inherited.
 * 3. It ends: cycles and shared parts are walked at most twice, and nothing deeper than
 *    MAX_DEPTH at all, because msgpackr and its decoder recurse and a stack has an end.
 *
 * Costs about 10 ns a property (an object of five fields: under 100 ns, where packing it takes
 * 500). The first UNTRACKED_OBJECTS objects are not noted anywhere: a small value allocates nothing.
 * The path is put together only on the way out of a refused value.
 */
import { UnserializableValueError } from './errors.js'
import { shapeOf } from './values/shape.js'

/** msgpackr gives back what it was given. */
export const EXACT = 0
/** All of it can be stored, but msgpackr would alter a part. */
export const INEXACT = 1
const REFUSED = 2

export type Verdict = typeof EXACT | typeof INEXACT
type Finding = Verdict | typeof REFUSED

/** Objects within objects, at most; both encodings manage this on a stack half used. */
export const MAX_DEPTH = 500
const UNTRACKED_OBJECTS = 32
const TOO_DEEP = `nested more than ${MAX_DEPTH} levels deep`
const CAUSE_OF_ITSELF = 'the error whose cause it is part of'

// msgpackr's decoder drops a byte order mark at the start of strings longer than 64 bytes.
const BYTE_ORDER_MARK = 0xfeff
const SHORT_CHARACTERS = 20

/** Part of ES2024, which Node 20 has. */
type WellFormedness = string & { isWellFormed(): boolean }

// The state of the walk under way; values are walked one at a time, from start to end.
let untrackedLeft = 0
let tracked: Set<object> | undefined
/** The errors whose cause is being looked at. */
let openErrors: object[] = []
let path = ''
let reason = ''

/** Raises UnserializableValueError for what cannot be stored. */
export function checkStorable(value: object): Verdict {
  try {
    const finding = walk(value, UNTRACKED_OBJECTS)
    // Why again: the untracked walk may have gone round a cycle, which makes paths long and errors
    // look like parts of their own cause.
    const verdict = finding === REFUSED ? walk(value, 0) : finding
    if (verdict !== REFUSED) return verdict
  } catch (error) {
    throw failedError(error)
  } finally {
    tracked = undefined
  }
  throw new UnserializableValueError(`value${path}`, reason)
}

function walk(value: object, untracked: number): Finding {
  untrackedLeft = untracked
  tracked = undefined
  openErrors = []
  path = ''
  return visitObject(value, 1)
}

/** For an encoder that failed on a value in a way that nobody foresaw. */
export function failedError(error: unknown): UnserializableValueError {
  if (error instanceof UnserializableValueError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new UnserializableValueError('value', `encoding it failed: ${message}`, { cause: error })
}

/** `.name`, or `["odd name"]`. */
export function fieldSegment(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function visit(value: unknown, depth: number): Finding {
  switch (typeof value) {
    case 'string':
      return visitString(value)
    case 'number':
      return Object.is(value, -0) ? INEXACT : EXACT
    case 'object':
      return value === null ? EXACT : visitObject(value, depth + 1)
    case 'function':
      return refuse('a function')
    case 'symbol':
      return refuse('a symbol')
    default:
      return EXACT
  }
}

function visitString(text: string): Finding {
  if (!(text as WellFormedness).isWellFormed()) return INEXACT
  return text.length > SHORT_CHARACTERS && text.charCodeAt(0) === BYTE_ORDER_MARK ? INEXACT : EXACT
}

function visitObject(value: object, depth: number): Finding {
  if (depth > MAX_DEPTH) return refuse(TOO_DEEP)
  // Neither encoding can rebuild an error that is part of its own cause.
  if (openErrors.length > 0 && openErrors.includes(value)) return refuse(CAUSE_OF_ITSELF)
  // Why not from the first object on: a Set costs as much as the rest of the check.
  if (--untrackedLeft < 0) {
    tracked ??= new Set()
    if (tracked.has(value)) return EXACT
    tracked.add(value)
  }
  if (Array.isArray(value)) return visitElements(value, depth)
  if (value.constructor === Object) return visitPlain(value as Record<string, unknown>, depth)
  return visitSpecial(value, depth)
}

// Why for-in: it is the fastest way through a plain object. It may read inherited properties too,
// and what it finds there is ignored.
function visitPlain(value: Record<string, unknown>, depth: number): Finding {
  let verdict: Finding = EXACT
  let empty = true
  for (const key in value) {
    empty = false
    const finding = visit(value[key], depth)
    if (finding !== EXACT && Object.hasOwn(value, key)) {
      if (finding === REFUSED) return refuseWithin(fieldSegment(key))
      verdict = INEXACT
    }
    if (isTroublesomeKey(key) || visitString(key) !== EXACT) verdict = INEXACT
  }
  return empty ? visitEmpty(value) : verdict
}

/** The runtime's iterators look like plain objects without fields. */
function visitEmpty(value: object): Finding {
  if (Object.getPrototypeOf(value) === Object.prototype) return EXACT
  const shape = shapeOf(value)
  return shape.hidesState ? refuse(`${shape.name}, whose state is hidden`) : EXACT
}

function visitFields(value: Record<string, unknown>, depth: number): Finding {
  let verdict: Finding = EXACT
  const keys = Object.keys(value)
  for (const key of keys) {
    const finding = visit(value[key], depth)
    if (finding === REFUSED) return refuseWithin(fieldSegment(key))
    if (finding !== EXACT || isTroublesomeKey(key) || visitString(key) !== EXACT) verdict = INEXACT
  }
  return keys.length === 0 ? visitEmpty(value) : verdict
}

/** Names that msgpackr renames, or that collide with its own bookkeeping. */
function isTroublesomeKey(key: string): boolean {
  return key === '__proto__' || key === '__keys__' || key === 'hasOwnProperty'
}

function visitElements(value: unknown[], depth: number): Finding {
  let verdict: Finding = EXACT
  for (let index = 0; index < value.length; index++) {
    const element = value[index]
    const finding = visit(element, depth)
    if (finding === REFUSED) return refuseWithin(`[${index}]`)
    if (finding !== EXACT) verdict = INEXACT
    if (element === undefined && !(index in value)) return visitSparse(value, depth)
  }
  return verdict
}

// Why by its keys: a sparse array may be four thousand million elements long.
function visitSparse(value: unknown[], depth: number): Finding {
  for (const key of Object.keys(value)) {
    const segment = Number.isInteger(Number(key)) ? `[${key}]` : fieldSegment(key)
    if (visit(value[key as unknown as number], depth) === REFUSED) return refuseWithin(segment)
  }
  return INEXACT
}

/** All that is neither an array nor evidently a plain object. */
function visitSpecial(value: object, depth: number): Finding {
  const shape = shapeOf(value)
  let finding: Finding = EXACT
  switch (shape.walk) {
    case 'refused':
      return refuse(shape.name)
    case 'fields':
      finding = visitFields(value as Record<string, unknown>, depth)
      break
    case 'map':
      finding = visitMap(value as Map<unknown, unknown>, depth)
      break
    case 'set':
      finding = visitSet(value as Set<unknown>, depth)
      break
    case 'error':
      finding = visitError(value as Error, depth)
      break
  }
  return finding === EXACT && shape.inexact ? INEXACT : finding
}

function visitMap(map: Map<unknown, unknown>, depth: number): Finding {
  let verdict: Finding = EXACT
  let index = 0
  for (const [key, value] of Map.prototype.entries.call(map)) {
    const ofKey = visit(key, depth)
    if (ofKey === REFUSED) return refuseWithin(`.keys()[${index}]`)
    const ofValue = visit(value, depth)
    if (ofValue === REFUSED) {
      const named = typeof key === 'string' || typeof key === 'number'
      return refuseWithin(named ? `.get(${JSON.stringify(key)})` : `.values()[${index}]`)
    }
    if (ofKey !== EXACT || ofValue !== EXACT) verdict = INEXACT
    index++
  }
  return verdict
}

function visitSet(set: Set<unknown>, depth: number): Finding {
  let verdict: Finding = EXACT
  let index = 0
  for (const value of Set.prototype.values.call(set)) {
    const finding = visit(value, depth)
    if (finding === REFUSED) return refuseWithin(`.values()[${index}]`)
    if (finding !== EXACT) verdict = INEXACT
    index++
  }
  return verdict
}

function visitError(error: Error, depth: number): Finding {
  // msgpackr looks the name up in an object, and makes an AggregateError wrongly.
  const inexactName =
    typeof error.name !== 'string' || error.name in {} || error.name === 'AggregateError'
  const name = visit(error.name, depth)
  if (name === REFUSED) return refuseWithin('.name')
  const message = visit(error.message, depth)
  if (message === REFUSED) return refuseWithin('.message')
  openErrors.push(error)
  const cause = visit(error.cause, depth)
  openErrors.pop()
  if (cause === REFUSED) return refuseWithin('.cause')
  const exact = name === EXACT && message === EXACT && cause === EXACT
  return exact && !inexactName ? EXACT : INEXACT
}

function refuse(what: string): typeof REFUSED {
  path = ''
  reason = `it is ${what}`
  return REFUSED
}

function refuseWithin(segment: string): typeof REFUSED {
  path = segment + path
  return REFUSED
}
