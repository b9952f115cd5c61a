/**
 * Values to bytes and back.
 *
 * 1. `encode` writes from `offset`, never past `limit`; what does not fit there is left whole in
 *    `overflow`, until the next encode.
 * 2. `decode` answers a value that refers to nothing of `source`: other threads write there.
 * 3. `decode` of damaged bytes raises an error or answers some value; it never hangs.
 * 4. A type says alone how its bytes are read, so every codec reads what `increment` or another
 *    built-in codec wrote; only VALUE_CUSTOM needs the codec that wrote it.
 *
 * Costs are told by the files in values/, one for each kind of value.
 */
import { describe, invalidValueError, UnserializableValueError } from './errors.js'
import type { CacheOptions, CustomCodec } from './options.js'
import {
  VALUE_BIGINT,
  VALUE_BUFFER,
  VALUE_CONSTANT,
  VALUE_CUSTOM,
  VALUE_JSON,
  VALUE_LATIN1,
  VALUE_NUMBER,
  VALUE_RECORD,
  VALUE_STRUCTURED,
  VALUE_TYPED_ARRAY,
  VALUE_UTF16,
} from './value-type.js'
import { decodeBuffer, decodeTypedArray, encodeBinary, isBinary } from './values/binary.js'
import { corrupt, type EncodeState, place } from './values/encoding.js'
import { decodeJson, encodeJson } from './values/json.js'
import { decodeRecord, encodeRecord, NOT_A_RECORD } from './values/record.js'
import {
  decodeBigint,
  decodeConstant,
  decodeNumber,
  encodeBigint,
  encodeConstant,
  encodeNumber,
} from './values/scalars.js'
import { decodeLatin1, decodeUtf16, encodeString } from './values/strings.js'
import { decodeStructured, encodeStructured } from './values/structured.js'

export interface ValueCodec extends EncodeState {
  /**
   * @returns how many bytes were written into `target`, or -1 where they did not fit
   * @throws UnserializableValueError, or TypeError for a kind of value that this codec never takes
   */
  encode(value: unknown, target: Buffer, offset: number, limit: number): number
  /** @throws whatever is wrong with the bytes */
  decode(type: number, source: Buffer, start: number, end: number): unknown
}

export function createCodec(option: CacheOptions['codec']): ValueCodec {
  switch (option) {
    case undefined:
    case 'structured':
      return new StructuredCodec()
    case 'json':
      return new JsonCodec()
    case 'string':
      return new StringCodec()
    case 'bytes':
      return new BytesCodec()
    default:
      return new UserCodec(option)
  }
}

abstract class BuiltInCodec implements ValueCodec {
  type = 0
  overflow: Uint8Array | undefined = undefined

  encode(value: unknown, target: Buffer, offset: number, limit: number): number {
    if (this.overflow !== undefined) this.overflow = undefined
    if (typeof value === 'string') return encodeString(this, value, target, offset, limit)
    if (value === undefined) throw invalidValueError('undefined cannot be stored; null can')
    return this.encodeOther(value, target, offset, limit)
  }

  decode(type: number, source: Buffer, start: number, end: number): unknown {
    if (!(start <= end && end <= source.length)) throw corrupt(`bytes ${start} to ${end}`)
    switch (type) {
      case VALUE_LATIN1:
        return decodeLatin1(source, start, end)
      case VALUE_UTF16:
        return decodeUtf16(source, start, end)
      case VALUE_NUMBER:
        return decodeNumber(source, start, end)
      case VALUE_CONSTANT:
        return decodeConstant(source, start, end)
      case VALUE_BIGINT:
        return decodeBigint(source, start, end)
      case VALUE_BUFFER:
        return decodeBuffer(source, start, end)
      case VALUE_TYPED_ARRAY:
        return decodeTypedArray(source, start, end)
      case VALUE_RECORD:
        return decodeRecord(source, start, end)
      case VALUE_STRUCTURED:
        return decodeStructured(source, start, end)
      case VALUE_JSON:
        return decodeJson(source, start, end)
      default:
        return this.decodeOther(type, source, start, end)
    }
  }

  /** Encodes what is neither a string nor undefined. */
  protected abstract encodeOther(
    value: unknown,
    target: Buffer,
    offset: number,
    limit: number,
  ): number

  protected decodeOther(type: number, _source: Buffer, _start: number, _end: number): unknown {
    throw corrupt(`no value of type ${type} can be read here`)
  }
}

/** Everything that has a meaning outside its thread. */
class StructuredCodec extends BuiltInCodec {
  protected encodeOther(value: unknown, target: Buffer, offset: number, limit: number): number {
    switch (typeof value) {
      case 'number':
        return encodeNumber(this, value, target, offset, limit)
      case 'boolean':
        return encodeConstant(this, value, target, offset, limit)
      case 'bigint':
        return encodeBigint(this, value, target, offset, limit)
      case 'object':
        if (value === null) return encodeConstant(this, value, target, offset, limit)
        return encodeObject(this, value, target, offset, limit)
      default:
        throw new UnserializableValueError('value', `it is a ${typeof value}`)
    }
  }
}

function encodeObject(
  state: EncodeState,
  value: object,
  target: Buffer,
  offset: number,
  limit: number,
): number {
  const bytes = encodeRecord(state, value, target, offset, limit)
  if (bytes !== NOT_A_RECORD) return bytes
  return isBinary(value)
    ? encodeBinary(state, value, target, offset, limit)
    : encodeStructured(state, value, target, offset, limit)
}

/** What JSON can write; a number JSON has no form for (NaN, -0) is kept all the same. */
class JsonCodec extends BuiltInCodec {
  protected encodeOther(value: unknown, target: Buffer, offset: number, limit: number): number {
    if (typeof value === 'number') return encodeNumber(this, value, target, offset, limit)
    if (typeof value === 'boolean' || value === null) {
      return encodeConstant(this, value, target, offset, limit)
    }
    return encodeJson(this, value, target, offset, limit)
  }
}

class StringCodec extends BuiltInCodec {
  protected encodeOther(value: unknown): number {
    throw invalidValueError(`The codec 'string' stores strings only, not ${describe(value)}`)
  }
}

class BytesCodec extends BuiltInCodec {
  override encode(value: unknown, target: Buffer, offset: number, limit: number): number {
    if (this.overflow !== undefined) this.overflow = undefined
    return this.encodeOther(value, target, offset, limit)
  }

  protected encodeOther(value: unknown, target: Buffer, offset: number, limit: number): number {
    if (!(value instanceof Uint8Array)) {
      throw invalidValueError(
        `The codec 'bytes' stores Uint8Array and Buffer only, not ${describe(value)}`,
      )
    }
    return place(this, VALUE_BUFFER, value, target, offset, limit)
  }
}

/** Every value passes through the user's two functions. */
class UserCodec extends BuiltInCodec {
  readonly #codec: CustomCodec

  constructor(codec: CustomCodec) {
    super()
    this.#codec = codec
  }

  override encode(value: unknown, target: Buffer, offset: number, limit: number): number {
    if (this.overflow !== undefined) this.overflow = undefined
    if (value === undefined) throw invalidValueError('undefined cannot be stored; null can')
    return this.encodeOther(value, target, offset, limit)
  }

  protected encodeOther(value: unknown, target: Buffer, offset: number, limit: number): number {
    const bytes = this.#codec.encode(value)
    if (!(bytes instanceof Uint8Array)) {
      throw invalidValueError(`codec.encode must return a Uint8Array, not ${describe(bytes)}`)
    }
    return place(this, VALUE_CUSTOM, bytes, target, offset, limit)
  }

  protected override decodeOther(type: number, source: Buffer, start: number, end: number) {
    if (type !== VALUE_CUSTOM) return super.decodeOther(type, source, start, end)
    return this.#codec.decode(decodeBuffer(source, start, end))
  }
}
