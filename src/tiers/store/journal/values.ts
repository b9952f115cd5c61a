/**
 * Values to the journal's bytes and back: by the cache's own codec, which keeps Map, Date, Buffer and cycles,
 * or by the user's two functions.
 */
import { createCodec, type ValueCodec } from '../../../cache/value-codec.js'

export interface JournalValue {
  readonly valueType: number
  readonly value: Uint8Array
}

export class JournalValues<V> {
  readonly #codec: ValueCodec

  constructor(
    encode: ((value: V) => Uint8Array) | undefined,
    decode: ((bytes: Uint8Array) => V) | undefined,
  ) {
    this.#codec =
      encode === undefined || decode === undefined
        ? createCodec(undefined)
        : createCodec({ encode: (value) => encode(value as V), decode })
  }

  /** @throws UnserializableValueError, TypeError, or what the user's `encode` throws */
  encode(value: V): JournalValue {
    const room = Buffer.alloc(0)
    const bytes = this.#codec.encode(value, room, 0, 0)
    // Why a copy: what did not fit lies in memory that the next encode writes over.
    const encoded = bytes < 0 ? Buffer.from(this.#codec.overflow ?? room) : room
    return { valueType: this.#codec.type, value: encoded }
  }

  /** @throws whatever is wrong with the bytes */
  decode({ valueType, value }: JournalValue): V {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    return this.#codec.decode(valueType, bytes, 0, bytes.length) as V
  }
}
