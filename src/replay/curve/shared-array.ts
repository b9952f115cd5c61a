/** Typed arrays in memory that the threads of a curve share, and that grow by moving house. */

const FIRST_LENGTH = 65_536

export type SharedArray = Uint8Array | Uint32Array | Float64Array

interface ArrayType<Kind extends SharedArray> {
  new (buffer: SharedArrayBuffer): Kind
  readonly BYTES_PER_ELEMENT: number
}

export function sharedArray<Kind extends SharedArray>(
  type: ArrayType<Kind>,
  length = FIRST_LENGTH,
): Kind {
  return new type(new SharedArrayBuffer(length * type.BYTES_PER_ELEMENT))
}

/** The array itself while it holds so many, else a copy of at least twice its length. */
export function withRoom<Kind extends SharedArray>(array: Kind, length: number): Kind {
  if (length <= array.length) return array
  const type = array.constructor as ArrayType<Kind>
  const grown = sharedArray(type, Math.max(length, array.length * 2))
  grown.set(array)
  return grown
}
