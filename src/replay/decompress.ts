/**
 * Opens a trace file and takes off its compression, told by the file's first bytes.
 *
 * 1. Everything is streamed: memory is bounded by the decompressors' windows, whatever the file's
 *    size.
 * 2. gzip is Node's own; zstd is Node's own where it has it (22.15, 23.8), else fzstd; bzip2 is
 *    unbzip2-stream and xz is xz-decompress. The libraries are loaded when a file needs them.
 */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { PassThrough, pipeline, Readable, Transform } from 'node:stream'
import type { ReadableStream as WebReadableStream } from 'node:stream/web'
import * as zlib from 'node:zlib'
import { TraceError } from './errors.js'

const READ_CHUNK_BYTES = 256 * 1024
const MAGIC_BYTES = 6

type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz'

const MAGICS: readonly [Compression, Buffer][] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['bzip2', Buffer.from('BZh', 'latin1')],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
]

export interface OpenFile {
  chunks: AsyncIterable<Buffer>
  /** Bytes of the file itself, compressed as it is, that have been read so far. */
  bytesRead(): number
}

/** @throws TraceError where the file cannot be opened; reading on may raise one as well */
export async function openFile(path: string): Promise<OpenFile> {
  const compression = await readCompression(path)
  const file = createReadStream(path, { highWaterMark: READ_CHUNK_BYTES })
  const decompressed = await decompress(file, compression)
  return { chunks: readChunks(decompressed, path), bytesRead: () => file.bytesRead }
}

async function* readChunks(stream: Readable, path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)
  } catch (error) {
    throw readError(path, error)
  }
}

async function readCompression(path: string): Promise<Compression> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0)
      const head = buffer.subarray(0, bytesRead)
      const match = MAGICS.find(([, magic]) => head.subarray(0, magic.length).equals(magic))
      return match === undefined ? 'none' : match[0]
    } finally {
      await file.close()
    }
  } catch (error) {
    throw readError(path, error)
  }
}

async function decompress(file: Readable, compression: Compression): Promise<Readable> {
  switch (compression) {
    case 'none':
      return file
    case 'gzip':
      return through(file, zlib.createGunzip({ chunkSize: READ_CHUNK_BYTES }))
    case 'zstd':
      return through(file, await createZstd())
    case 'bzip2': {
      const { default: unbzip2Stream } = await import('unbzip2-stream')
      return through(file, unbzip2Stream(), new PassThrough())
    }
    case 'xz': {
      const { default: xz } = await import('xz-decompress')
      const web = new xz.XzReadableStream(Readable.toWeb(file) as ReadableStream<Uint8Array>)
      return Readable.fromWeb(web as WebReadableStream<Uint8Array>)
    }
  }
}

/** Joins the streams so that an error in any of them reaches the reader of the last. */
function through(first: Readable, ...rest: NodeJS.ReadWriteStream[]): Readable {
  const last = rest[rest.length - 1] as unknown as Readable
  pipeline([first, ...rest], (error) => {
    if (error) last.destroy(error)
  })
  return last
}

interface ZlibWithZstd {
  createZstdDecompress?: () => Transform
}

async function createZstd(): Promise<Transform> {
  const native = (zlib as unknown as ZlibWithZstd).createZstdDecompress
  if (native !== undefined) return native()
  const { Decompress } = await import('fzstd')
  const decoder = new Decompress()
  const stream: Transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      decode(chunk, false, done)
    },
    flush(done) {
      decode(Buffer.alloc(0), true, done)
    },
  })
  decoder.ondata = (data) => {
    if (data.length > 0) stream.push(Buffer.from(data))
  }
  function decode(chunk: Buffer, isLast: boolean, done: (error?: Error | null) => void): void {
    try {
      decoder.push(chunk, isLast)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
  return stream
}

function readError(path: string, error: unknown): TraceError {
  const reason = error instanceof Error ? error.message : String(error)
  return new TraceError(`Cannot read ${path}: ${reason}`, { cause: error })
}
