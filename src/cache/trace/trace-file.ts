/**
 * The file of one thread's trace: blocks go to it in the background, and at the end at once.
 *
 * 1. A block has its place before it is written, so that blocks may reach the disk in any order, and one
 *    that is still on its way at the end can be written again to the same place.
 * 2. At most MAX_WAITING blocks are on their way: where the disk is slower than that, or the thread never
 *    comes back to its event loop, the next one is written at once.
 * 3. A file to which nothing was written is taken away again.
 */
import { requireBuiltin } from '../../engine/builtins.js'
import { InvalidOptionError } from '../errors.js'
import { TraceBlock } from './block.js'

const MAX_WAITING = 16

/** Of this thread: two caches may be told the same path. */
const openPaths = new Set<string>()

const fs: typeof import('node:fs') = requireBuiltin('node:fs')

interface Waiting {
  block: TraceBlock
  bytes: Buffer
  position: number
}

export class TraceFile {
  readonly path: string
  readonly #file: number
  readonly #maxBytes: number
  readonly #blockBytes: number
  readonly #onFailure: (error: unknown) => void
  readonly #waiting = new Set<Waiting>()
  readonly #free: TraceBlock[] = []
  #position = 0
  #isClosed = false

  /**
   * @param onFailure what was written in the background could not be
   * @throws InvalidOptionError where the file cannot be created
   */
  constructor(
    path: string,
    thread: number,
    maxBytes: number,
    blockBytes: number,
    onFailure: (error: unknown) => void,
  ) {
    this.path = unusedPath(path, thread)
    this.#maxBytes = maxBytes
    this.#blockBytes = blockBytes
    this.#onFailure = onFailure
    try {
      this.#file = fs.openSync(this.path, 'w')
    } catch (error) {
      const allowed = `a file that can be written (${(error as Error).message})`
      throw new InvalidOptionError('trace.path', path, allowed)
    }
    openPaths.add(this.path)
  }

  /** Whether one more block may be written. */
  get hasRoom(): boolean {
    return this.#position + this.#blockBytes <= this.#maxBytes
  }

  takeBlock(): TraceBlock {
    return this.#free.pop() ?? new TraceBlock(this.#blockBytes)
  }

  /** Takes the block over. @param bytes of the block @throws what the system says */
  write(block: TraceBlock, bytes: Buffer): void {
    const waiting = { block, bytes, position: this.#position }
    this.#position += bytes.length
    if (this.#waiting.size >= MAX_WAITING) {
      this.#writeNow(waiting)
      this.#release(block)
    } else {
      this.#waiting.add(waiting)
      this.#writeLater(waiting, 0)
    }
  }

  /** Writes what is still on its way, and closes the file. @throws what the system says */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    openPaths.delete(this.path)
    try {
      for (const waiting of this.#waiting) this.#writeNow(waiting)
    } finally {
      if (this.#waiting.size === 0) fs.closeSync(this.#file)
      if (this.#position === 0) fs.rmSync(this.path, { force: true })
    }
  }

  #writeNow({ bytes, position }: Waiting): void {
    for (let done = 0; done < bytes.length; ) {
      done += fs.writeSync(this.#file, bytes, done, bytes.length - done, position + done)
    }
  }

  #writeLater(waiting: Waiting, from: number): void {
    const { bytes, position } = waiting
    fs.write(this.#file, bytes, from, bytes.length - from, position + from, (error, written) => {
      if (error === null && from + written < bytes.length && !this.#isClosed) {
        this.#writeLater(waiting, from + written)
        return
      }
      this.#waiting.delete(waiting)
      this.#release(waiting.block)
      if (error !== null && !this.#isClosed) this.#onFailure(error)
      // Why only now: until then its number must not become that of another file.
      if (this.#isClosed && this.#waiting.size === 0) fs.closeSync(this.#file)
    })
  }

  #release(block: TraceBlock): void {
    block.clear()
    if (!this.#isClosed) this.#free.push(block)
  }
}

/** `service.3.hst` of `service.hst` in thread 3; `service.3-2.hst` for the second one there. */
function unusedPath(path: string, thread: number): string {
  const { parse, join }: typeof import('node:path') = requireBuiltin('node:path')
  const { dir, name, ext } = parse(path)
  for (let count = 1; ; count++) {
    const number = count === 1 ? String(thread) : `${thread}-${count}`
    const candidate = join(dir, `${name}.${number}${ext}`)
    if (!openPaths.has(candidate)) return candidate
  }
}
