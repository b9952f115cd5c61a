/**
 * Values by description: the same description always makes an equal value. Their bytes differ from place
 * to place, so that a piece of another value, or in the wrong place, is noticed.
 */
import { Random } from './random.js'

export const VALUE_KINDS = [
  'buffer',
  'latin1',
  'utf16',
  'bytes',
  'floats',
  'number',
  'bigint',
  'constant',
  'object',
] as const

export type ValueKind = (typeof VALUE_KINDS)[number]

export interface ValueSpec {
  kind: ValueKind
  bytes: number
  salt: number
}

const MAX_VALUE_BYTES = 400_000
const SALTS = 997
const CONSTANTS = [true, false, null, Number.NaN, -0, Number.NEGATIVE_INFINITY, '', 2 ** 53]

const noise = Buffer.alloc(MAX_VALUE_BYTES + SALTS)
const random = new Random(1)
for (let index = 0; index < noise.length; index++) noise[index] = random.below(256)

/** Why salts are few: the noise is cut at an offset of that much. */
export function buildValue({ kind, bytes, salt }: ValueSpec): unknown {
  const start = salt % SALTS
  switch (kind) {
    case 'buffer':
      return Buffer.from(noise.subarray(start, start + bytes))
    case 'latin1':
      return noise.toString('latin1', start, start + bytes)
    case 'utf16':
      return noise.toString('utf16le', start, start + (bytes & ~1))
    case 'bytes':
      return new Uint8Array(noise.subarray(start, start + bytes))
    case 'floats':
      return Float32Array.from(noise.subarray(start, start + (bytes >> 2)))
    case 'number':
      return salt * 1.5
    case 'bigint':
      return BigInt(`0x1${noise.toString('hex', start, start + Math.min(bytes, 2000))}`)
    case 'constant':
      return CONSTANTS[salt % CONSTANTS.length]
    case 'object':
      return {
        id: salt,
        name: noise.toString('latin1', start, start + Math.min(bytes, 20_000)),
        tags: new Set([salt, 'a']),
        nested: { at: new Date(salt), list: [1, null, { deep: new Map([[salt, 'ж']]) }] },
      }
  }
}
