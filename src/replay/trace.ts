/**
 * One trace made of files: each opened, decompressed, parsed and passed on block by block.
 *
 * 1. Nothing is kept of an access once its block has been replayed.
 * 2. Files of one format share their keys (they are parts of one trace: rotated logs, say); files of
 *    different formats do not, so that their numbers are not mixed up.
 * 3. Files of hotset's own format are those of the threads of one service: they are merged by time.
 * 4. Times go on from file to file and never back (see clock.ts); lifetimes are within what a cache
 *    takes.
 */
import { stat } from 'node:fs/promises'
import { MAX_DURATION_MS } from '../cache/units.js'
import { AccessBlock, type AccessSource } from './access.js'
import { TraceTime } from './clock.js'
import { type OpenFile, openFile } from './decompress.js'
import { TraceError } from './errors.js'
import type { FormatOptions, TraceFormat, TraceParser } from './formats/format.js'
import { detectFormat, formatNamed, settleOptions } from './formats/index.js'
import { mergeByTime } from './merge.js'
import { Problems } from './problems.js'
import { SizeMemory } from './size-memory.js'

/** How much of a file its format is told from. */
const HEAD_BYTES = 64 * 1024

/** What a trace is, in a form that can be posted to another thread. */
export interface TraceFile {
  path: string
  format: string
  options: FormatOptions
  /** As it lies on the disk. */
  fileBytes: number
}

/**
 * Finds out what each file is.
 *
 * @param format the format all files have; found out for each where absent
 * @throws TraceError, UsageError
 */
export async function describeFiles(
  paths: readonly string[],
  format: string | undefined,
  options: FormatOptions,
): Promise<TraceFile[]> {
  const files: TraceFile[] = []
  for (const path of paths) {
    const fileBytes = await sizeOf(path)
    const head = await readHead(path)
    const found = format === undefined ? detectFormat(path, head, options) : mustFind(format)
    files.push({
      path,
      format: found.name,
      options: settleOptions(found, path, head, options),
      fileBytes,
    })
  }
  return files
}

export class FileTrace implements AccessSource {
  readonly hasTime: boolean
  readonly problems = new Problems()
  private readonly time = new TraceTime()
  private readonly totalBytes: number
  private doneBytes = 0
  private current: OpenFile | undefined

  /** @param block what the accesses come in */
  constructor(
    private readonly files: readonly TraceFile[],
    private readonly block = new AccessBlock(),
  ) {
    this.hasTime = files.some((file) => mustFind(file.format).hasTime(file.options))
    this.totalBytes = files.reduce((sum, file) => sum + file.fileBytes, 0)
  }

  progress(): number {
    const bytes = this.doneBytes + (this.current?.bytesRead() ?? 0)
    return this.totalBytes === 0 ? 1 : Math.min(1, bytes / this.totalBytes)
  }

  async *blocks(): AsyncGenerator<AccessBlock> {
    if (this.files.length === 0 || !this.files.every(isMergedByTime)) yield* this.blocksInTurn()
    else yield* this.blocksMerged()
  }

  private async *blocksInTurn(): AsyncGenerator<AccessBlock> {
    for (const file of this.files) {
      this.time.startFile()
      this.current = await openFile(file.path)
      const prefix = this.prefixOf(file)
      for await (const block of this.parse(this.current.chunks, this.createParser(file))) {
        this.finish(block, prefix)
        yield block
        block.length = 0
      }
      this.current = undefined
      this.doneBytes += file.fileBytes
    }
  }

  /** Of files that were recorded at the same time. */
  private async *blocksMerged(): AsyncGenerator<AccessBlock> {
    const sizes = new SizeMemory()
    this.time.startFile()
    for await (const block of mergeByTime(this.files.map((file) => this.blocksOf(file)))) {
      sizes.complete(block)
      this.finish(block, '')
      yield block
    }
  }

  private async *blocksOf(file: TraceFile): AsyncGenerator<AccessBlock> {
    const { chunks, bytesRead } = await openFile(file.path)
    const block = new AccessBlock()
    let counted = 0
    for await (const filled of this.parse(chunks, this.createParser(file), block)) {
      yield filled
      filled.length = 0
      this.doneBytes += bytesRead() - counted
      counted = bytesRead()
    }
  }

  private createParser(file: TraceFile): TraceParser {
    const { problems } = this
    return mustFind(file.format).createParser(file.options, {
      broken: (line, reason) => problems.report(file.path, line, reason),
      skipped: () => {
        problems.skipped++
      },
    })
  }

  private async *parse(
    chunks: AsyncIterable<Buffer>,
    parser: TraceParser,
    block = this.block,
  ): AsyncGenerator<AccessBlock> {
    for await (const chunk of chunks) {
      let offset = 0
      while (offset < chunk.length) {
        offset = parser.read(chunk, offset, block)
        if (block.full) yield block
      }
    }
    while (!parser.finish(block)) yield block
    if (block.length > 0) yield block
  }

  private finish(block: AccessBlock, prefix: string): void {
    for (let index = 0; index < block.length; index++) {
      block.timeMs[index] = this.time.place(block.timeMs[index])
      if (block.ttlMs[index] > MAX_DURATION_MS) block.ttlMs[index] = MAX_DURATION_MS
    }
    if (prefix !== '') block.prefixKeys(prefix)
  }

  private prefixOf(file: TraceFile): string {
    const formats = [...new Set(this.files.map(({ format }) => format))]
    return formats.length === 1 ? '' : `${file.format}:`
  }
}

function mustFind(name: string): TraceFormat {
  const format = formatNamed(name)
  if (format === undefined) throw new Error(`There is no format '${name}'`)
  return format
}

function isMergedByTime({ format }: TraceFile): boolean {
  return mustFind(format).isMergedByTime === true
}

async function sizeOf(path: string): Promise<number> {
  try {
    const info = await stat(path)
    if (info.isFile()) return info.size
  } catch (error) {
    throw new TraceError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
  throw new TraceError(`Cannot read ${path}: not a file (it is read once for each implementation)`)
}

async function readHead(path: string): Promise<Buffer> {
  const { chunks } = await openFile(path)
  const read: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    read.push(chunk)
    bytes += chunk.length
    if (bytes >= HEAD_BYTES) break
  }
  return Buffer.concat(read).subarray(0, HEAD_BYTES)
}
