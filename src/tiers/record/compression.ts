/**
 * The ways a payload can be compressed, by their numbers in it: gzip (RFC 1952), Brotli (RFC 7932) and
 * Zstandard (RFC 8878).
 *
 * 1. The numbers are part of the format: they are never reused.
 * 2. Decompression ends at the length that is asked for: what would grow beyond it raises an error, whatever
 *    its bytes say.
 * 3. zstd is Node's own where it has it (22.15, 23.8). Elsewhere nothing can be written with it, and fzstd
 *    reads it.
 */
import { promisify } from 'node:util'
import type { BrotliOptions, ZlibOptions } from 'node:zlib'
import { requireBuiltin } from '../../engine/builtins.js'

export const COMPRESSION_NONE = 0

export type CompressionAlgorithm = 'gzip' | 'brotli' | 'zstd'

export interface Compressor {
  readonly id: number
  readonly levels: { readonly least: number; readonly most: number; readonly otherwise: number }
  compressNow(bytes: Uint8Array, level: number): Uint8Array
  compress(bytes: Uint8Array, level: number): Promise<Uint8Array>
}

export interface Decompressor {
  /** @param length that of the result */
  decompressNow(bytes: Uint8Array, length: number): Uint8Array | Promise<Uint8Array>
  decompress(bytes: Uint8Array, length: number): Promise<Uint8Array>
}

interface ZstdOptions {
  params?: Record<number, number>
  chunkSize?: number
  maxOutputLength?: number
}

type Now = (bytes: Uint8Array, options: object) => Uint8Array
type Later = (
  bytes: Uint8Array,
  options: object,
  done: (error: Error | null, result: Uint8Array) => void,
) => void

/** What @types/node of Node 20 does not know yet. */
interface ZlibWithZstd {
  zstdCompressSync: Now
  zstdCompress: Later
  zstdDecompressSync: Now
  zstdDecompress: Later
  constants: { ZSTD_c_compressionLevel: number }
}

const zlib: typeof import('node:zlib') = requireBuiltin('node:zlib')

/** Undefined on a Node without it. */
const zlibWithZstd = 'zstdCompress' in zlib ? (zlib as unknown as ZlibWithZstd) : undefined

const MIN_CHUNK_BYTES = 1024
/** Why bounded: the length is what the bytes say of themselves. */
const MAX_CHUNK_BYTES = 1024 * 1024
/** Why more than the result: Node takes a full chunk for one after which more comes. */
const CHUNK_SPARE_BYTES = 64

function bounded(length: number): { chunkSize: number; maxOutputLength: number } {
  const chunkSize = Math.min(length + CHUNK_SPARE_BYTES, MAX_CHUNK_BYTES)
  return { chunkSize: Math.max(chunkSize, MIN_CHUNK_BYTES), maxOutputLength: Math.max(length, 1) }
}

function compressor(
  id: number,
  levels: Compressor['levels'],
  now: Now,
  later: Later,
  optionsOf: (level: number, length: number) => ZlibOptions | BrotliOptions | ZstdOptions,
): Compressor {
  const promised = promisify(later)
  return {
    id,
    levels,
    compressNow: (bytes, level) => now(bytes, optionsOf(level, bytes.length)),
    compress: (bytes, level) => promised(bytes, optionsOf(level, bytes.length)),
  }
}

function decompressor(now: Now, later: Later): Decompressor {
  const promised = promisify(later)
  return {
    decompressNow: (bytes, length) => now(bytes, bounded(length)),
    decompress: (bytes, length) => promised(bytes, bounded(length)),
  }
}

const GZIP_ID = 1
const BROTLI_ID = 2
const ZSTD_ID = 3

const gzip = compressor(
  GZIP_ID,
  { least: 1, most: 9, otherwise: 6 },
  zlib.gzipSync,
  zlib.gzip as Later,
  (level) => ({ level }),
)

const brotli = compressor(
  BROTLI_ID,
  // Why not Brotli's own default, 11: that is for what is compressed once and read by everybody.
  { least: 0, most: 11, otherwise: 4 },
  zlib.brotliCompressSync,
  zlib.brotliCompress as Later,
  (level, length) => ({
    params: {
      [zlib.constants.BROTLI_PARAM_QUALITY]: level,
      [zlib.constants.BROTLI_PARAM_SIZE_HINT]: length,
    },
  }),
)

const zstd =
  zlibWithZstd &&
  compressor(
    ZSTD_ID,
    { least: 1, most: 22, otherwise: 3 },
    zlibWithZstd.zstdCompressSync,
    zlibWithZstd.zstdCompress,
    (level) => ({ params: { [zlibWithZstd.constants.ZSTD_c_compressionLevel]: level } }),
  )

/** zstd on a Node without it: slower, and never beside the event loop. */
export const portableZstd: Decompressor = {
  decompressNow: (bytes, length) => decompressPortably(bytes, length),
  decompress: (bytes, length) => decompressPortably(bytes, length),
}

async function decompressPortably(bytes: Uint8Array, length: number): Promise<Uint8Array> {
  const { decompress } = await import('fzstd')
  // Why with a target: fzstd writes no further than that. That nothing is missing, the payload's checksum says.
  return decompress(bytes, new Uint8Array(length))
}

const compressors: Record<CompressionAlgorithm, Compressor | undefined> = { gzip, brotli, zstd }

const decompressors = new Map<number, Decompressor>([
  [GZIP_ID, decompressor(zlib.gunzipSync, zlib.gunzip as Later)],
  [BROTLI_ID, decompressor(zlib.brotliDecompressSync, zlib.brotliDecompress as Later)],
  [
    ZSTD_ID,
    zlibWithZstd === undefined
      ? portableZstd
      : decompressor(zlibWithZstd.zstdDecompressSync, zlibWithZstd.zstdDecompress),
  ],
])

/** What this Node can write, the best first. */
export function knownAlgorithms(): CompressionAlgorithm[] {
  return zstd === undefined ? ['gzip', 'brotli'] : ['zstd', 'gzip', 'brotli']
}

/** Undefined: this Node cannot write it. */
export function compressorFor(algorithm: CompressionAlgorithm): Compressor | undefined {
  return compressors[algorithm]
}

export function decompressorFor(id: number): Decompressor | undefined {
  return decompressors.get(id)
}
