/**
 * Looks at the structure of an LMDB file without LMDB, which trusts what it reads: a page number beyond the
 * file, or a node beyond its page, would end the process.
 *
 * 1. Every page that a tree can reach is within the file, is of its kind, and has its nodes within itself.
 *    Each is looked at once, so the walk ends whatever the file says.
 * 2. What values say is not looked at: they have checksums of their own.
 * 3. Another process may be writing meanwhile. LMDB leaves the pages of its last two states alone, so a
 *    damage counts only if no more than one transaction went by while it was found.
 *
 * Costs the reading of all pages but those of large values.
 */
import { type FileHandle, open } from 'node:fs/promises'
import {
  BIG_VALUE,
  BRANCH_PAGE,
  DATABASE_BYTES,
  isMetaPage,
  LEAF_PAGE,
  type MetaPage,
  NODE_HEADER_BYTES,
  PAGE_HEADER_BYTES,
  pageFlagsOf,
  readMetaPage,
  readRoot,
  readWord,
  SUB_DATABASE,
} from './lmdb-file.js'

const LEAST_PAGE_BYTES = 256
const MOST_PAGE_BYTES = 65_536
const META_READ_BYTES = 512
const OVERFLOW_REFERENCE_BYTES = 24
/** How often a file is looked at that changes meanwhile; one that goes on changing is in good use. */
const ATTEMPTS = 3
/** Pages that are read with one call, if they are wanted one after the other. */
const CHUNK_PAGES = 64

/**
 * @param onlyMeta looks at no more than the first pages and the length
 * @returns what is wrong, or undefined: nothing
 */
export async function findDamage(path: string, onlyMeta: boolean): Promise<string | undefined> {
  const file = await open(path, 'r')
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const metas = await readMetas(file)
      if (typeof metas === 'string') return metas
      const damage = onlyMeta ? undefined : await walkAll(file, metas)
      if (damage === undefined) return undefined
      const after = await readMetas(file)
      if (typeof after === 'string') return after
      if (latestOf(after) - latestOf(metas) <= 1) return damage
    }
    return undefined
  } finally {
    await file.close()
  }
}

function latestOf(metas: readonly MetaPage[]): number {
  return Math.max(...metas.map(({ transaction }) => transaction))
}

/** Those that LMDB may begin with, or what is wrong. */
async function readMetas(file: FileHandle): Promise<MetaPage[] | string> {
  const bytes = Buffer.alloc(META_READ_BYTES)
  const first = await readMetaAt(file, bytes, 0)
  if (first === undefined || !isMetaPage(bytes)) return 'it is no LMDB file'
  const { pageBytes } = first
  const isPowerOfTwo = (pageBytes & (pageBytes - 1)) === 0
  if (pageBytes < LEAST_PAGE_BYTES || pageBytes > MOST_PAGE_BYTES || !isPowerOfTwo) {
    return `pages of ${pageBytes} bytes`
  }
  const second = await readMetaAt(file, bytes, pageBytes)
  if (second === undefined || !isMetaPage(bytes)) return 'its second page is none'
  const metas = [first, second]
  // Why it may be missing: it is written with the first sync.
  const synced = await readMetaAt(file, bytes, pageBytes >> 1)
  if (synced !== undefined && synced.transaction > 0) metas.push(synced)
  const { size } = await file.stat()
  for (const meta of metas) {
    const isSound = meta.pageCount >= 2 && meta.transaction >= 0
    if (!isSound || meta.pageBytes !== pageBytes) return 'a meta page is damaged'
  }
  if (size < 2 * pageBytes) return `it ends after ${size} bytes`
  return metas
}

async function readMetaAt(
  file: FileHandle,
  bytes: Buffer,
  position: number,
): Promise<MetaPage | undefined> {
  const { bytesRead } = await file.read(bytes, 0, META_READ_BYTES, position)
  return readMetaPage(bytes.subarray(0, bytesRead))
}

async function walkAll(file: FileHandle, metas: readonly MetaPage[]): Promise<string | undefined> {
  const { size } = await file.stat()
  const walk = new Walk(file, metas[0].pageBytes, Math.floor(size / metas[0].pageBytes))
  for (const meta of metas) {
    for (const root of meta.roots) {
      const damage = await walk.from(root)
      if (damage !== undefined) return damage
    }
  }
  return undefined
}

class Walk {
  readonly #file: FileHandle
  readonly #pageBytes: number
  readonly #pageCount: number
  readonly #seen: Uint8Array
  readonly #chunk: Buffer
  #chunkAt = -1
  #chunkPages = 0
  #pending: number[] = []

  constructor(file: FileHandle, pageBytes: number, pageCount: number) {
    this.#file = file
    this.#pageBytes = pageBytes
    this.#pageCount = pageCount
    this.#seen = new Uint8Array(pageCount)
    this.#chunk = Buffer.alloc(pageBytes * CHUNK_PAGES)
  }

  async from(root: number): Promise<string | undefined> {
    this.#pending = [root]
    for (let number = this.#pending.pop(); number !== undefined; number = this.#pending.pop()) {
      // Why negated: NaN is none either.
      if (!(number >= 2 && number < this.#pageCount)) return `page ${number} is not in the file`
      if (this.#seen[number] === 1) continue
      this.#seen[number] = 1
      const damage = this.#look(await this.#read(number), number)
      if (damage !== undefined) return `page ${number}: ${damage}`
    }
    return undefined
  }

  async #read(number: number): Promise<Buffer> {
    if (this.#chunkAt < 0 || number < this.#chunkAt || number >= this.#chunkAt + this.#chunkPages) {
      const { bytesRead } = await this.#file.read(
        this.#chunk,
        0,
        this.#chunk.length,
        number * this.#pageBytes,
      )
      this.#chunkAt = number
      this.#chunkPages = Math.floor(bytesRead / this.#pageBytes)
      if (this.#chunkPages === 0) return Buffer.alloc(this.#pageBytes)
    }
    const start = (number - this.#chunkAt) * this.#pageBytes
    return this.#chunk.subarray(start, start + this.#pageBytes)
  }

  #look(page: Buffer, number: number): string | undefined {
    if (readWord(page, 0) !== number) return 'another number stands in it'
    const flags = pageFlagsOf(page)
    if (flags !== BRANCH_PAGE && flags !== LEAF_PAGE) return 'it is of no known kind'
    const isBranch = flags === BRANCH_PAGE
    const lower = page.readUInt16LE(20)
    const upper = page.readUInt16LE(22)
    const room = this.#pageBytes - PAGE_HEADER_BYTES
    if (lower % 2 !== 0 || lower > upper || upper > room) return 'its bounds are wrong'
    const count = lower >> 1
    if (count < (isBranch ? 2 : 1)) return 'it has too few nodes'
    for (let index = 0; index < count; index++) {
      const at = PAGE_HEADER_BYTES + page.readUInt16LE(PAGE_HEADER_BYTES + 2 * index)
      if (at < PAGE_HEADER_BYTES + upper || at + NODE_HEADER_BYTES > this.#pageBytes) {
        return 'a node is not in it'
      }
      const damage = isBranch ? this.#lookAtBranch(page, at) : this.#lookAtLeaf(page, at)
      if (damage !== undefined) return damage
    }
    return undefined
  }

  #lookAtBranch(page: Buffer, at: number): string | undefined {
    const keyBytes = page.readUInt16LE(at + 6)
    if (at + NODE_HEADER_BYTES + keyBytes > this.#pageBytes) return 'a key is not in it'
    this.#pending.push(page.readUIntLE(at, 6))
    return undefined
  }

  #lookAtLeaf(page: Buffer, at: number): string | undefined {
    const valueBytes = page.readUInt32LE(at)
    const flags = page.readUInt16LE(at + 4)
    const valueAt = at + NODE_HEADER_BYTES + page.readUInt16LE(at + 6)
    const ownBytes = flags === BIG_VALUE ? OVERFLOW_REFERENCE_BYTES : valueBytes
    if (valueAt + ownBytes > this.#pageBytes) return 'a value is not in it'
    if (flags === 0) return undefined
    if (flags === SUB_DATABASE) {
      if (valueBytes !== DATABASE_BYTES) return 'a database has another size'
      const root = readRoot(page, valueAt)
      if (root !== undefined) this.#pending.push(root)
      return undefined
    }
    if (flags !== BIG_VALUE) return 'a node is of no known kind'
    const first = readWord(page, valueAt)
    const pages = Math.ceil((PAGE_HEADER_BYTES + valueBytes) / this.#pageBytes)
    const isInside = first >= 2 && first + pages <= this.#pageCount
    return isInside ? undefined : 'a large value is not in the file'
  }
}
