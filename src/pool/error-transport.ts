/**
 * Errors on their way from a worker to the caller.
 *
 * Why not as they are: a structured clone drops an error's own properties and its class, and fails
 * where one part of it cannot be cloned.
 *
 * 1. Message, name, stack, own properties, cause and the errors of an AggregateError arrive; the class
 *    does where it is the language's or hotset's, else it is Error.
 * 2. A property that cannot be cloned is left out; packing itself never fails.
 * 3. What is thrown and no error arrives as it is, or, where it cannot be cloned, as an Error that
 *    shows it.
 */
import { types } from 'node:util'
import * as cacheErrors from '../cache/errors.js'
import * as poolErrors from './errors.js'

export type PackedError =
  | { kind: 'thrown'; value: unknown }
  | {
      kind: 'error'
      className: string
      name: string
      message: string
      stack: string | undefined
      properties: Record<string, unknown>
      cause: PackedError | undefined
      errors: PackedError[] | undefined
    }

/** Causes of causes, and errors in errors. */
const MAX_DEPTH = 8
const MAX_ERRORS = 100
const TOLD_APART = new Set(['name', 'message', 'stack', 'cause', 'errors'])

const CLASSES = new Map<string, { prototype: object }>(
  [
    Error,
    TypeError,
    RangeError,
    SyntaxError,
    ReferenceError,
    EvalError,
    URIError,
    AggregateError,
    ...[...Object.values(cacheErrors), ...Object.values(poolErrors)].filter(isErrorClass),
    // Why the prototype's name: minifiers rename classes.
  ].map((each) => [each.prototype.name, each]),
)

export function packError(error: unknown, depth = 0): PackedError {
  try {
    return pack(error, depth)
  } catch {
    return plain('an error that cannot be read')
  }
}

export function unpackError(packed: PackedError): unknown {
  if (packed.kind === 'thrown') return packed.value
  const { className, name, message, stack, properties, cause, errors } = packed
  if (className === 'DOMException') return withStack(new DOMException(message, name), stack)
  // Why so: a class may want other arguments than the message; a native error keeps its stack.
  const error = new Error(message)
  const { prototype } = CLASSES.get(className) ?? Error
  Object.setPrototypeOf(error, prototype)
  for (const [key, value] of Object.entries(properties)) define(error, key, value, true)
  if (error.name !== name) define(error, 'name', name, false)
  if (cause !== undefined) define(error, 'cause', unpackError(cause), false)
  if (errors !== undefined) define(error, 'errors', errors.map(unpackError), false)
  return withStack(error, stack)
}

function pack(error: unknown, depth: number): PackedError {
  if (!(types.isNativeError(error) || error instanceof Error)) return packThrown(error)
  const { cause, errors } = error as { cause?: unknown; errors?: unknown }
  const isDeep = depth >= MAX_DEPTH
  return {
    kind: 'error',
    className: classNameOf(error),
    name: String(error.name),
    message: String(error.message),
    stack: typeof error.stack === 'string' ? error.stack : undefined,
    properties: cloneableProperties(error),
    cause: cause === undefined || isDeep ? undefined : packError(cause, depth + 1),
    errors:
      Array.isArray(errors) && !isDeep
        ? errors.slice(0, MAX_ERRORS).map((each) => packError(each, depth + 1))
        : undefined,
  }
}

function packThrown(value: unknown): PackedError {
  try {
    return { kind: 'thrown', value: structuredClone(value) }
  } catch {
    return plain(cacheErrors.describe(value))
  }
}

function plain(message: string): PackedError {
  return {
    kind: 'error',
    className: 'Error',
    name: 'Error',
    message,
    stack: undefined,
    properties: {},
    cause: undefined,
    errors: undefined,
  }
}

/** The nearest class that the other side knows too. */
function classNameOf(error: Error): string {
  if (error instanceof DOMException) return 'DOMException'
  let prototype: object | null = Object.getPrototypeOf(error)
  while (prototype !== null) {
    for (const [name, each] of CLASSES) if (each.prototype === prototype) return name
    prototype = Object.getPrototypeOf(prototype)
  }
  return 'Error'
}

function cloneableProperties(error: Error): Record<string, unknown> {
  const properties: Record<string, unknown> = {}
  for (const key of Object.keys(error)) {
    if (TOLD_APART.has(key)) continue
    try {
      properties[key] = structuredClone((error as unknown as Record<string, unknown>)[key])
    } catch {
      // Left out: see 2.
    }
  }
  return properties
}

function withStack<E extends Error>(error: E, stack: string | undefined): E {
  if (stack !== undefined) define(error, 'stack', stack, false)
  return error
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true })
}

function isErrorClass(value: unknown): value is typeof Error {
  return typeof value === 'function' && value.prototype instanceof Error
}
