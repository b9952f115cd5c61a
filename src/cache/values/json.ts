/**
 * Values as JSON text, in UTF-8: what JSON drops or alters (undefined fields, Dates, Maps) is
 * dropped or altered here too, and only what it cannot write at all is an error.
 *
 * Costs, for an object of five fields: encode 350 ns, decode 500 ns.
 */
import { UnserializableValueError } from '../errors.js'
import { failedError, fieldSegment } from '../unserializable.js'
import { VALUE_JSON } from '../value-type.js'
import { type EncodeState, place, type RawBuffer } from './encoding.js'

const MAX_UTF8_BYTES_PER_UNIT = 3

export function encodeJson(
  state: EncodeState,
  value: unknown,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  const text = stringify(value)
  // Why the bound and not the exact length: finding that takes as long as writing.
  if (text.length * MAX_UTF8_BYTES_PER_UNIT <= limit - offset) {
    state.type = VALUE_JSON
    return (target as RawBuffer).utf8Write(text, offset, limit - offset)
  }
  return place(state, VALUE_JSON, Buffer.from(text, 'utf8'), target, offset, limit)
}

export function decodeJson(source: Buffer, start: number, end: number): unknown {
  return JSON.parse((source as RawBuffer).utf8Slice(start, end))
}

function stringify(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (error) {
    throw findCulprit(value) ?? failedError(error)
  }
  if (text === undefined) {
    throw new UnserializableValueError('value', `JSON has no form for ${typeof value}`)
  }
  return text
}

/** The first bigint, or the first object that contains itself. */
function findCulprit(value: unknown): UnserializableValueError | undefined {
  const done = new Set<object>()
  const above = new Map<object, string>()

  const search = (part: unknown, path: string): UnserializableValueError | undefined => {
    if (typeof part === 'bigint') {
      return new UnserializableValueError(path, 'JSON has no form for a bigint')
    }
    if (typeof part !== 'object' || part === null || done.has(part)) return undefined
    const first = above.get(part)
    if (first !== undefined) {
      return new UnserializableValueError(path, `it is ${first} again, and JSON has no cycles`)
    }

    above.set(part, path)
    for (const [key, child] of Object.entries(part)) {
      const segment = Array.isArray(part) ? `[${key}]` : fieldSegment(key)
      const found = search(child, path + segment)
      if (found !== undefined) return found
    }
    above.delete(part)
    done.add(part)
    return undefined
  }

  try {
    return search(value, 'value')
  } catch {
    // Too deep for the stack, or a getter that throws: the error of JSON.stringify says so.
    return undefined
  }
}
