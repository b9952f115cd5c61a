/**
 * From a value's encoded bytes to what lower tiers keep, and back: compressed where that makes it smaller,
 * then encrypted or with a checksum.
 *
 *     0    1   format version
 *     1    1   compression: 0 none, 1 gzip, 2 brotli, 3 zstd
 *     2    1   type of the value (src/cache/value-type.ts)
 *     3    1   k: length of the key id; 0: not encrypted
 *     4    4   bytes of the value, not compressed; little-endian, as all here
 *     8    k   key id, UTF-8
 *
 *     encrypted:                          else:
 *     8+k     12   nonce                  8    n   the value, maybe compressed
 *     20+k    n    ciphertext             8+n  4   CRC-32 of all before it
 *     20+k+n  16   tag
 *
 * 1. What is opened is what was sealed, or there is a PayloadError: never other bytes.
 * 2. The tag authenticates all of it, and the cache key. So nobody without the encryption key can change a
 *    payload, or move one to another key; but an older payload of the same key put back is not told from it.
 * 3. Where there are keys, what is not encrypted is refused: else anybody could pass off plain values.
 * 4. Only what has passed its checksum or tag is decompressed, and no further than the length in it.
 * 5. Compression comes first, so lengths say something of what is in a value: where one who sees them can choose
 *    a part of it, next to a secret (as CRIME did), switch compression off.
 */
import { checksumOf } from '../../cache/checksum.js'
import type { PackedValue } from '../../cache/packed-value.js'
import { MIB } from '../../cache/units.js'
import { COMPRESSION_NONE, type Decompressor, decompressorFor } from './compression.js'
import { NONCE_BYTES, TAG_BYTES } from './key-ring.js'
import { PayloadError } from './payload-error.js'
import type { ResolvedPayload } from './payload-options.js'

export const PAYLOAD_VERSION = 1
export const MAX_VALUE_BYTES = 512 * MIB

const COMPRESSION_AT = 1
const TYPE_AT = 2
const KEY_ID_BYTES_AT = 3
const VALUE_BYTES_AT = 4
const HEAD_BYTES = 8
const CHECKSUM_BYTES = 4

/**
 * Up to these sizes at once, above them beside the event loop. By measurement (JSON, Node 20 and 24): handing
 * it over costs the event loop 25 to 50 microseconds and the caller 150 more, and at these sizes the work itself
 * takes 120 to 150 (gzip, Brotli; zstd 70) and 60 to 130.
 */
export const COMPRESS_NOW_BYTES = 16 * 1024
export const DECOMPRESS_NOW_BYTES = 64 * 1024

export class PayloadCodec {
  readonly #options: ResolvedPayload

  constructor(options: ResolvedPayload) {
    this.#options = options
  }

  /**
   * @param packed its bytes must stay as they are until this is done
   * @returns a promise where there is much to compress
   * @throws PayloadError 'too-large'
   */
  seal(key: string, packed: PackedValue): Uint8Array | Promise<Uint8Array> {
    const { bytes } = packed
    if (bytes.length > MAX_VALUE_BYTES) throw tooLarge(key, bytes.length)
    const { compression } = this.#options
    if (compression === undefined || bytes.length < compression.thresholdBytes) {
      return this.#protect(key, packed, COMPRESSION_NONE, bytes)
    }
    const { compressor, level } = compression
    if (bytes.length <= COMPRESS_NOW_BYTES) {
      const compressed = compressor.compressNow(bytes, level)
      return this.#protectSmaller(key, packed, compressor.id, compressed)
    }
    return compressor
      .compress(bytes, level)
      .then((compressed) => this.#protectSmaller(key, packed, compressor.id, compressed))
  }

  #protectSmaller(
    key: string,
    packed: PackedValue,
    compression: number,
    compressed: Uint8Array,
  ): Uint8Array {
    return compressed.length < packed.bytes.length
      ? this.#protect(key, packed, compression, compressed)
      : this.#protect(key, packed, COMPRESSION_NONE, packed.bytes)
  }

  #protect(
    key: string,
    { type, bytes }: PackedValue,
    compression: number,
    body: Uint8Array,
  ): Uint8Array {
    const { keyRing } = this.#options
    const keyId = keyRing?.currentId
    const head = Buffer.allocUnsafe(HEAD_BYTES)
    head[0] = PAYLOAD_VERSION
    head[COMPRESSION_AT] = compression
    head[TYPE_AT] = type
    head[KEY_ID_BYTES_AT] = keyId?.length ?? 0
    head.writeUInt32LE(bytes.length, VALUE_BYTES_AT)
    if (keyRing === undefined || keyId === undefined) return withChecksum(head, body)
    const fullHead = Buffer.concat([head, keyId])
    return Buffer.concat([fullHead, ...keyRing.seal(body, boundTo(key, fullHead))])
  }

  /**
   * @param payload must stay as it is until this is done; what is found may go on to refer to it
   * @returns a promise where there is much to decompress
   * @throws PayloadError, or the promise rejects with it
   */
  open(key: string, payload: Uint8Array): PackedValue | Promise<PackedValue> {
    const whole = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
    const body = this.#verify(key, whole)
    const type = whole[TYPE_AT]
    const valueBytes = whole.readUInt32LE(VALUE_BYTES_AT)
    if (valueBytes > MAX_VALUE_BYTES) throw tooLarge(key, valueBytes)
    if (whole[COMPRESSION_AT] === COMPRESSION_NONE) {
      return { type, bytes: checkLength(key, body, valueBytes) }
    }
    const found = decompress(key, decompressorOf(key, whole[COMPRESSION_AT]), body, valueBytes)
    if (!(found instanceof Promise)) return { type, bytes: checkLength(key, found, valueBytes) }
    return found.then(
      (bytes) => ({ type, bytes: checkLength(key, bytes, valueBytes) }),
      (error) => {
        throw undecodable(key, error)
      },
    )
  }

  /** @returns the value's bytes, maybe compressed: those that were sealed */
  #verify(key: string, payload: Buffer): Uint8Array {
    if (payload.length < HEAD_BYTES + CHECKSUM_BYTES) {
      throw new PayloadError(key, 'corrupt', `${payload.length} bytes are no payload`)
    }
    if (payload[0] !== PAYLOAD_VERSION) {
      throw new PayloadError(key, 'unknown-version', `${payload[0]} is not ${PAYLOAD_VERSION}`)
    }
    return payload[KEY_ID_BYTES_AT] === 0 ? this.#check(key, payload) : this.#decrypt(key, payload)
  }

  #check(key: string, payload: Buffer): Uint8Array {
    if (this.#options.keyRing !== undefined) {
      throw new PayloadError(key, 'authentication', 'it is not encrypted')
    }
    const end = payload.length - CHECKSUM_BYTES
    if (checksumOf(payload.subarray(0, end)) !== payload.readUInt32LE(end)) {
      throw new PayloadError(key, 'corrupt', 'its checksum does not match')
    }
    return payload.subarray(HEAD_BYTES, end)
  }

  #decrypt(key: string, payload: Buffer): Uint8Array {
    const headEnd = HEAD_BYTES + payload[KEY_ID_BYTES_AT]
    const { keyRing } = this.#options
    if (payload.length < headEnd + NONCE_BYTES + TAG_BYTES) {
      throw new PayloadError(key, 'corrupt', `${payload.length} bytes are too few`)
    }
    const id = payload.toString('utf8', HEAD_BYTES, headEnd)
    if (keyRing === undefined || !keyRing.has(id)) {
      throw new PayloadError(key, 'unknown-key-id', `there is no key ${JSON.stringify(id)}`)
    }
    try {
      return keyRing.open(id, payload.subarray(headEnd), boundTo(key, payload.subarray(0, headEnd)))
    } catch (error) {
      throw new PayloadError(key, 'authentication', 'it is not what was sealed for this key', {
        cause: error,
      })
    }
  }
}

/** Why UTF-16: two keys that differ are never the same bytes. Where the head ends, it says itself. */
function boundTo(key: string, head: Uint8Array): Uint8Array {
  return Buffer.concat([head, Buffer.from(key, 'utf16le')])
}

function withChecksum(head: Uint8Array, body: Uint8Array): Uint8Array {
  const end = head.length + body.length
  const payload = Buffer.allocUnsafe(end + CHECKSUM_BYTES)
  payload.set(head)
  payload.set(body, head.length)
  payload.writeUInt32LE(checksumOf(payload.subarray(0, end)), end)
  return payload
}

function decompressorOf(key: string, id: number): Decompressor {
  const decompressor = decompressorFor(id)
  if (decompressor === undefined) {
    throw new PayloadError(key, 'unknown-compression', `there is none of number ${id}`)
  }
  return decompressor
}

function decompress(
  key: string,
  decompressor: Decompressor,
  body: Uint8Array,
  valueBytes: number,
): Uint8Array | Promise<Uint8Array> {
  if (valueBytes > DECOMPRESS_NOW_BYTES) return decompressor.decompress(body, valueBytes)
  try {
    return decompressor.decompressNow(body, valueBytes)
  } catch (error) {
    throw undecodable(key, error)
  }
}

function checkLength(key: string, bytes: Uint8Array, expected: number): Uint8Array {
  if (bytes.length !== expected) {
    throw new PayloadError(key, 'corrupt', `it has ${bytes.length} bytes, and says ${expected}`)
  }
  return bytes
}

function undecodable(key: string, cause: unknown): PayloadError {
  return new PayloadError(key, 'corrupt', 'it cannot be decompressed', { cause })
}

function tooLarge(key: string, bytes: number): PayloadError {
  return new PayloadError(key, 'too-large', `${bytes} bytes, at most ${MAX_VALUE_BYTES}`)
}
