/**
 * The options of what lower tiers are given, and what becomes of them.
 *
 * 1. Nothing of a key is in an error: not its bytes, and not what was given in its place.
 */
import { InvalidOptionError } from '../../cache/errors.js'
import { checkNames, integer, listed, oneOf } from '../../cache/option-checks.js'
import { parseBytes, type Size } from '../../cache/units.js'
import {
  type CompressionAlgorithm,
  type Compressor,
  compressorFor,
  knownAlgorithms,
} from './compression.js'
import { KEY_BYTES, KeyRing } from './key-ring.js'

export interface CompressionOptions {
  /**
   * What is smaller is not compressed. Default: '4kb': at 1 KB gzip saves 600 bytes and costs a read 6 microseconds
   * and a write 16.
   */
  readonly threshold?: Size
  /** 'auto', the default: zstd where Node has it (22.15, 23.8), else gzip. All that are known can be read. */
  readonly algorithm?: 'auto' | CompressionAlgorithm
  /** gzip: 1 to 9, default 6; brotli: 0 to 11, default 4; zstd: 1 to 22, default 3; 'auto': 1 to 9. */
  readonly level?: number
}

export interface EncryptionOptions {
  /**
   * 32 random bytes each, or their text in base64 or hex, by ids of 1 to 255 bytes. The ids are stored with
   * the values, to be read by anybody.
   */
  readonly keys: Readonly<Record<string, Uint8Array | string>>
  /** The id of the key for new writes. The others are for reading what was written with them. */
  readonly current: string
}

export interface PayloadOptions {
  /** Of values in the lower tiers. Default: on; false: off. What was compressed before can be read anyway. */
  readonly compression?: false | CompressionOptions
  /** AES-256-GCM for values in the lower tiers. Default: none. With it, what is not encrypted is not read. */
  readonly encryption?: EncryptionOptions
}

export interface ResolvedPayload {
  readonly compression: ResolvedCompression | undefined
  readonly keyRing: KeyRing | undefined
}

export interface ResolvedCompression {
  readonly compressor: Compressor
  readonly thresholdBytes: number
  readonly level: number
}

const DEFAULT_THRESHOLD = '4kb'
/** Levels that each of what 'auto' may choose has. */
const AUTO_LEVELS = { least: 1, most: 9 }
const MAX_KEY_ID_BYTES = 255
const NOT_SHOWN = '(not shown)'
const KEY_ALLOWED = `${KEY_BYTES} bytes: a Uint8Array, or text in base64 or hex`
const HEX = /^[0-9a-f]{64}$/i
const BASE64 = /^[0-9a-z+/_-]{43}=?$/i

/** @throws InvalidOptionError */
export function resolvePayload(options: PayloadOptions = {}): ResolvedPayload {
  return {
    compression: resolveCompression(options.compression),
    keyRing: resolveEncryption(options.encryption),
  }
}

function resolveCompression(
  options: false | CompressionOptions | undefined,
): ResolvedCompression | undefined {
  if (options === false) return undefined
  const given = options ?? {}
  checkNames('compression', given, ['threshold', 'algorithm', 'level'])
  const known = knownAlgorithms()
  const algorithm = oneOf('compression.algorithm', given.algorithm, ['auto', ...known], 'auto')
  const compressor = compressorFor(algorithm === 'auto' ? known[0] : algorithm) as Compressor
  const { least, most } = algorithm === 'auto' ? AUTO_LEVELS : compressor.levels
  return {
    compressor,
    thresholdBytes: parseBytes(given.threshold ?? DEFAULT_THRESHOLD, 'compression.threshold'),
    level: integer('compression.level', given.level, least, most, compressor.levels.otherwise),
  }
}

function resolveEncryption(options: EncryptionOptions | undefined): KeyRing | undefined {
  if (options === undefined) return undefined
  checkNames('encryption', withoutValues(options), ['keys', 'current'])
  const { keys, current } = options
  const ids = Object.keys(checkObject(keys))
  // Why not shown: it may be a key, put here by mistake.
  if (typeof current !== 'string' || !ids.includes(current)) {
    const allowed = `one of the ids of encryption.keys: ${listed(ids)}`
    throw new InvalidOptionError('encryption.current', NOT_SHOWN, allowed)
  }
  return new KeyRing(new Map(ids.map((id) => [checkId(id), keyBytes(id, keys[id])])), current)
}

/** The same names, for a check whose error would show the values. */
function withoutValues(options: unknown): unknown {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return NOT_SHOWN
  return Object.fromEntries(Object.keys(options).map((name) => [name, NOT_SHOWN]))
}

function checkObject(keys: unknown): object {
  if (
    typeof keys !== 'object' ||
    keys === null ||
    Array.isArray(keys) ||
    ArrayBuffer.isView(keys)
  ) {
    throw new InvalidOptionError('encryption.keys', NOT_SHOWN, 'an object of keys by their ids')
  }
  return keys
}

function checkId(id: string): string {
  const bytes = Buffer.byteLength(id)
  if (bytes === 0 || bytes > MAX_KEY_ID_BYTES || Buffer.from(id).toString() !== id) {
    const allowed = `ids of 1 to ${MAX_KEY_ID_BYTES} bytes in UTF-8`
    throw new InvalidOptionError('encryption.keys', NOT_SHOWN, allowed)
  }
  return id
}

function keyBytes(id: string, key: unknown): Uint8Array {
  const bytes = typeof key === 'string' ? decodeKey(key.trim()) : key
  if (!(bytes instanceof Uint8Array && bytes.length === KEY_BYTES)) {
    throw new InvalidOptionError(`encryption.keys.${id}`, NOT_SHOWN, KEY_ALLOWED)
  }
  return bytes
}

function decodeKey(text: string): Uint8Array | undefined {
  if (HEX.test(text)) return Buffer.from(text, 'hex')
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
}
