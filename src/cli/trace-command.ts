/**
 * `hotset trace`: a made-up trace to a file or to stdout.
 *
 * 1. It waits for whoever reads: memory is that of a few blocks, however long the trace.
 * 2. A reader that has enough (`| head`) ends it without an error.
 * 3. A file that could not be written whole is taken away again.
 */
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { TraceError, UsageError } from '../replay/errors.js'
import { Generator, type Phase } from '../replay/generate/generator.js'
import { blocksOf } from '../replay/generate/write-trace.js'
import { createProgress } from './progress.js'
import { TRACE_HELP } from './trace-help.js'
import { parseTraceOptions } from './trace-options.js'

/** Bytes that are joined to one write. */
const CHUNK_BYTES = 256 * 1024

/**
 * @returns the exit code
 * @throws UsageError, InvalidOptionError, TraceError
 */
export async function traceCommand(args: string[]): Promise<number> {
  const { phases, seed, output, help } = parseTraceOptions(args)
  if (help) {
    process.stdout.write(TRACE_HELP)
    return 0
  }
  if (output === undefined && process.stdout.isTTY) {
    throw new UsageError('A trace is no text for a terminal; allowed: -o <file>, or > file')
  }
  const chunks = Readable.from(chunksOf(new Generator(phases, seed), phases), { objectMode: false })
  if (output === undefined) await writeToStdout(chunks)
  else await writeToFile(chunks, output)
  return 0
}

async function writeToStdout(chunks: Readable): Promise<void> {
  try {
    await pipeline(chunks, process.stdout, { end: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return
    throw new TraceError(`Cannot write the trace: ${(error as Error).message}`, { cause: error })
  }
}

async function writeToFile(chunks: Readable, path: string): Promise<void> {
  const file: Writable = createWriteStream(path)
  let isOpen = false
  file.once('open', () => {
    isOpen = true
  })
  try {
    if (/\.gz$/i.test(path)) await pipeline(chunks, createGzip(), file)
    else await pipeline(chunks, file)
  } catch (error) {
    // Why asked: a file that was there before and cannot be written is not ours.
    if (isOpen) await rm(path, { force: true })
    throw new TraceError(`Cannot write ${path}: ${(error as Error).message}`, { cause: error })
  }
}

function* chunksOf(generator: Generator, phases: readonly Phase[]): globalThis.Generator<Buffer> {
  const total = phases.reduce((sum, { requests }) => sum + requests, 0)
  const progress = createProgress(process.stderr)
  try {
    let parts: Buffer[] = []
    let bytes = 0
    for (const block of blocksOf(generator)) {
      // Why a copy: the block is filled again.
      parts.push(Buffer.from(block))
      bytes += block.length
      if (bytes < CHUNK_BYTES) continue
      progress.update(generator.done / total, 'trace')
      yield Buffer.concat(parts, bytes)
      parts = []
      bytes = 0
    }
    if (bytes > 0) yield Buffer.concat(parts, bytes)
  } finally {
    progress.stop()
  }
}
