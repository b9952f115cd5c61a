/**
 * V8's own structured serialization, for the rare values of which msgpackr would alter a part: -0,
 * lone surrogates, holes in arrays, a key `__proto__`, boxed primitives, subclasses of Map.
 *
 * 1. Its first byte is 0xff, which begins no structured encoding of msgpackr's.
 * 2. Binary parts come back as copies of their own, of the same kind.
 * 3. Of an error it keeps the message, the cause, the stack and the name if that is a standard one.
 *
 * Costs about four times what msgpackr does. An older Node may be unable to read what a newer one
 * wrote: then decoding raises an error.
 */
import { requireBuiltin } from '../../engine/builtins.js'
import { type Binary, bytesOf, kindOf, revive } from './binary.js'

export const EXACT_FIRST_BYTE = 0xff

/** The parts of the interfaces of V8's classes that their types leave out. */
interface HostObjects {
  _setTreatArrayBufferViewsAsHostObjects(flag: boolean): void
}
interface HostReader {
  readUint32(): number
  readRawBytes(length: number): Buffer
}

/** Why not at the start: few need them, and node:v8 takes 1.5 ms to load. */
function createClasses() {
  const { Deserializer, Serializer }: typeof import('node:v8') = requireBuiltin('node:v8')
  return {
    ExactSerializer: class extends Serializer {
      // Called by V8 for what it cannot write itself: views, as asked for below, and native objects.
      _writeHostObject(object: object): void {
        if (!ArrayBuffer.isView(object)) throw new TypeError('a native object cannot be stored')
        const bytes = bytesOf(object as Binary)
        this.writeUint32(kindOf(object as Binary))
        this.writeUint32(bytes.length)
        this.writeRawBytes(bytes)
      }
    },
    ExactDeserializer: class extends Deserializer {
      _readHostObject(): Binary {
        const reader = this as unknown as HostReader
        const kind = reader.readUint32()
        return revive(kind, reader.readRawBytes(reader.readUint32()))
      }
    },
  }
}

let classes: ReturnType<typeof createClasses> | undefined

export function encodeExactly(value: unknown): Buffer {
  classes ??= createClasses()
  const serializer = new classes.ExactSerializer()
  ;(serializer as unknown as HostObjects)._setTreatArrayBufferViewsAsHostObjects(true)
  serializer.writeHeader()
  serializer.writeValue(value)
  return serializer.releaseBuffer()
}

/** @param bytes private memory: nothing of what comes back refers to it */
export function decodeExactly(bytes: Buffer): unknown {
  classes ??= createClasses()
  const deserializer = new classes.ExactDeserializer(bytes)
  deserializer.readHeader()
  return deserializer.readValue()
}
