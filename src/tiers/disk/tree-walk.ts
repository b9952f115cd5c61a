/**
 * Walks the trees of an LMDB file, read with plain reads, and says where one is not as LMDB makes them.
 *
 * 1. Pages lie within the file and bear their number, a known kind, and no transaction that is yet to come:
 *    LMDB takes such a page for one in its memory.
 * 2. The nodes of a page fill it from `upper` to its end, without gaps and in no other's bytes.
 * 3. All leaves of a tree are at its depth; its pages and entries are as many as it says.
 * 4. Keys stand in their order, in a page and between the keys that lead to it: a search for a key would pass by
 *    one that does not.
 * 5. Free pages are within the file, and none is free twice or in a tree: it would be written over.
 */
import type { FileHandle } from 'node:fs/promises'
import {
  BIG_VALUE,
  BRANCH_PAGE,
  DATABASE_BYTES,
  type DatabaseRecord,
  HAS_VERSIONS,
  LEAF_PAGE,
  type MetaPage,
  NODE_HEADER_BYTES,
  OVERFLOW_PAGE,
  PAGE_HEADER_BYTES,
  pageFlagsOf,
  readDatabase,
  readWord,
  SUB_DATABASE,
} from './lmdb-file.js'

const REFERENCE_BYTES = 24
/** Pages that are read with one call, if they are wanted one after the other. */
const CHUNK_PAGES = 64
const MAX_DEPTH = 32
const WORD_BYTES = 8

type DatabaseKind = 'free' | 'main' | 'own'

interface Tree {
  readonly kind: DatabaseKind
  readonly record: DatabaseRecord
  readonly counts: {
    branchPages: number
    leafPages: number
    overflowPages: number
    entries: number
  }
}

interface Pending {
  readonly page: number
  readonly level: number
  readonly tree: Tree
  /** Its keys are not before the one, and before the other. Undefined: there is none. */
  readonly from: Key | undefined
  readonly until: Key | undefined
}

interface Key {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** Thrown within the walk only. */
class Damage extends Error {}

export class TreeWalk {
  readonly #file: FileHandle
  readonly #pageBytes: number
  readonly #filePages: number
  readonly #seen: Uint8Array
  readonly #chunk: Buffer
  #chunkAt = 0
  #chunkPages = 0
  #pageCount = 0
  #transaction = 0
  #pending: Pending[] = []
  #trees: Tree[] = []
  /** Lists of free pages: where they stand if in pages of their own, or their bytes. */
  #freeLists: Buffer[] = []
  #largeFreeLists: { page: number; bytes: number }[] = []

  constructor(file: FileHandle, pageBytes: number, filePages: number) {
    this.#file = file
    this.#pageBytes = pageBytes
    this.#filePages = filePages
    this.#seen = new Uint8Array(filePages)
    this.#chunk = Buffer.alloc(pageBytes * CHUNK_PAGES)
  }

  /** @param isFull whether nothing was walked before, so that there is something to count */
  async state(meta: MetaPage, isFull: boolean): Promise<string | undefined> {
    this.#pageCount = meta.pageCount
    this.#transaction = meta.transaction
    this.#trees = []
    this.#freeLists = []
    this.#largeFreeLists = []
    try {
      this.#begin('free', meta.free)
      this.#begin('main', meta.main)
      for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
        await this.#visit(next)
      }
      if (isFull) {
        for (const tree of this.#trees) checkCounts(tree)
        await this.#checkFreePages()
      }
      return undefined
    } catch (error) {
      if (error instanceof Damage) return error.message
      throw error
    }
  }

  #begin(kind: DatabaseKind, record: DatabaseRecord): void {
    const counts = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 }
    const tree: Tree = { kind, record, counts }
    if (record.depth > MAX_DEPTH) throw new Damage('a tree is too deep')
    this.#trees.push(tree)
    if (record.root === undefined) return
    this.#pending.push({ page: record.root, level: 1, tree, from: undefined, until: undefined })
  }

  async #visit(pending: Pending): Promise<void> {
    const { page: number, level, tree } = pending
    this.#checkRange(number, 1)
    if (this.#seen[number] === 1) return
    this.#seen[number] = 1
    const page = await this.#read(number)
    const flags = pageFlagsOf(page)
    if (flags !== BRANCH_PAGE && flags !== LEAF_PAGE)
      throw new Damage(`page ${number}: unknown kind`)
    this.#checkHeader(page, number)
    const isBranch = flags === BRANCH_PAGE
    if (isBranch ? level >= tree.record.depth : level !== tree.record.depth) {
      throw new Damage(`page ${number}: its tree has another depth`)
    }
    if (isBranch) tree.counts.branchPages++
    else tree.counts.leafPages++
    const large = this.#lookAtNodes(page, isBranch, pending)
    for (const first of large) {
      const head = await this.#read(first)
      if (pageFlagsOf(head) !== OVERFLOW_PAGE) throw new Damage(`page ${first}: unknown kind`)
      this.#checkHeader(head, first)
    }
  }

  /** @returns the first pages of its large values */
  #lookAtNodes(page: Buffer, isBranch: boolean, pending: Pending): number[] {
    const { page: number, tree } = pending
    const lower = page.readUInt16LE(20)
    const upper = page.readUInt16LE(22)
    const room = this.#pageBytes - PAGE_HEADER_BYTES
    const count = lower >> 1
    const isBound = lower % 2 === 0 && lower <= upper && upper <= room
    if (!isBound || count < (isBranch ? 2 : 1)) throw new Damage(`page ${number}: wrong bounds`)
    if (page.readUInt16LE(16) !== 0) throw new Damage(`page ${number}: wrong padding`)
    const large: number[] = []
    const places = new Set<number>()
    const keys: Key[] = []
    let filled = 0
    for (let index = 0; index < count; index++) {
      const at = PAGE_HEADER_BYTES + page.readUInt16LE(PAGE_HEADER_BYTES + 2 * index)
      places.add(at)
      if (at < PAGE_HEADER_BYTES + upper || at + NODE_HEADER_BYTES > this.#pageBytes) {
        throw new Damage(`page ${number}: a node is not in it`)
      }
      const valueAt = at + NODE_HEADER_BYTES + page.readUInt16LE(at + 6)
      const end = isBranch ? valueAt : this.#lookAtValue(page, at, valueAt, tree, large)
      if (end > this.#pageBytes) throw new Damage(`page ${number}: a node ends beyond it`)
      filled += end - at + ((end - at) & 1)
      keys.push({ bytes: page, start: at + NODE_HEADER_BYTES, end: valueAt })
    }
    if (places.size !== count || filled !== room - upper) {
      throw new Damage(`page ${number}: its nodes do not fill it`)
    }
    checkOrder(keys, isBranch, pending)
    if (isBranch) this.#descend(keys, pending)
    else tree.counts.entries += count
    return large
  }

  #descend(keys: readonly Key[], { level, tree, from, until }: Pending): void {
    for (const [index, key] of keys.entries()) {
      this.#pending.push({
        page: key.bytes.readUIntLE(key.start - NODE_HEADER_BYTES, 6),
        level: level + 1,
        tree,
        from: index === 0 ? from : copyOf(key),
        until: index + 1 < keys.length ? copyOf(keys[index + 1]) : until,
      })
    }
  }

  /** @returns where the value ends */
  #lookAtValue(page: Buffer, at: number, valueAt: number, tree: Tree, large: number[]): number {
    const bytes = page.readUInt32LE(at)
    const flags = page.readUInt16LE(at + 4)
    const end = valueAt + (flags === BIG_VALUE ? REFERENCE_BYTES : bytes)
    if (end > this.#pageBytes) throw new Damage('a value ends beyond its page')
    if (flags === BIG_VALUE) {
      large.push(this.#lookAtReference(page, valueAt, bytes, tree))
    } else if (flags === SUB_DATABASE) {
      if (tree.kind !== 'main' || bytes !== DATABASE_BYTES) throw new Damage('a database is none')
      const record = readDatabase(page, valueAt)
      const isKnown = (record.flags & ~HAS_VERSIONS) === 0 && record.pad === 0
      if (!isKnown) throw new Damage('a database of another kind')
      this.#begin('own', record)
    } else if (flags !== 0) {
      throw new Damage('a node of unknown kind')
    } else if (tree.kind === 'free') {
      this.#freeLists.push(Buffer.from(page.subarray(valueAt, end)))
    }
    return end
  }

  #lookAtReference(page: Buffer, at: number, bytes: number, tree: Tree): number {
    const first = readWord(page, at)
    const pages = readWord(page, at + 16)
    this.#checkRange(first, pages)
    const isOfNow = readWord(page, at + 8) <= this.#transaction
    // Why not as many as it needs: a smaller one that takes its place in the same transaction keeps its pages.
    const isEnough = pages >= Math.ceil((PAGE_HEADER_BYTES + bytes) / this.#pageBytes)
    if (!isOfNow || !isEnough) throw new Damage('a large value is none')
    this.#seen.fill(1, first, first + pages)
    tree.counts.overflowPages += pages
    if (tree.kind === 'free') this.#largeFreeLists.push({ page: first, bytes })
    return first
  }

  #checkHeader(page: Buffer, number: number): void {
    if (readWord(page, 0) !== number)
      throw new Damage(`page ${number}: another number stands in it`)
    // Why negated: NaN is none either.
    if (!(readWord(page, 8) <= this.#transaction)) throw new Damage(`page ${number}: of the future`)
  }

  #checkRange(first: number, pages: number): void {
    const end = Math.min(this.#pageCount, this.#filePages)
    if (!(first >= 2 && first + pages <= end)) throw new Damage(`page ${first} is not in the file`)
  }

  async #checkFreePages(): Promise<void> {
    for (const { page, bytes } of this.#largeFreeLists) {
      const list = Buffer.alloc(bytes)
      await this.#file.read(list, 0, bytes, page * this.#pageBytes + PAGE_HEADER_BYTES)
      this.#freeLists.push(list)
    }
    const free = new Uint8Array(this.#pageCount)
    for (const list of this.#freeLists) this.#checkFreeList(list, free)
  }

  #checkFreeList(list: Buffer, free: Uint8Array): void {
    const count = list.length < WORD_BYTES ? Number.NaN : readWord(list, 0)
    if (!((count + 1) * WORD_BYTES <= list.length)) throw new Damage('a list of free pages is none')
    for (let index = 1; index <= count; index++) {
      let first = Number(list.readBigInt64LE(index * WORD_BYTES))
      let pages = 1
      if (first === 0) continue
      if (first < 0) {
        pages = -first
        index++
        first = index <= count ? readWord(list, index * WORD_BYTES) : Number.NaN
      }
      if (!(first >= 2 && first + pages <= this.#pageCount)) throw new Damage('a free page is none')
      for (let page = first; page < first + pages; page++) {
        if (free[page] === 1 || this.#seen[page] === 1) throw new Damage(`page ${page} is not free`)
        free[page] = 1
      }
    }
  }

  async #read(number: number): Promise<Buffer> {
    if (number < this.#chunkAt || number >= this.#chunkAt + this.#chunkPages) {
      const position = number * this.#pageBytes
      const { bytesRead } = await this.#file.read(this.#chunk, 0, this.#chunk.length, position)
      this.#chunkAt = number
      this.#chunkPages = Math.floor(bytesRead / this.#pageBytes)
      if (this.#chunkPages === 0) throw new Damage(`page ${number} is not in the file`)
    }
    const start = (number - this.#chunkAt) * this.#pageBytes
    return this.#chunk.subarray(start, start + this.#pageBytes)
  }
}

function checkOrder(
  keys: readonly Key[],
  isBranch: boolean,
  { page, tree, from, until }: Pending,
): void {
  // Why not the first of a branch: LMDB never looks at it, and mostly leaves it empty.
  let before: Key | undefined
  for (const key of isBranch ? keys.slice(1) : keys) {
    const isAfter = before === undefined || compare(tree, before, key) < 0
    const isWithin = before !== undefined || from === undefined || compare(tree, from, key) <= 0
    if (!isAfter || !isWithin) throw new Damage(`page ${page}: its keys are not in order`)
    before = key
  }
  if (before !== undefined && until !== undefined && compare(tree, before, until) >= 0) {
    throw new Damage(`page ${page}: its keys are not in order`)
  }
}

/** Keys of free pages are numbers, all others bytes. */
function compare({ kind }: Tree, key: Key, other: Key): number {
  if (kind !== 'free') {
    return key.bytes.compare(other.bytes, other.start, other.end, key.start, key.end)
  }
  if (key.end - key.start !== WORD_BYTES || other.end - other.start !== WORD_BYTES) {
    throw new Damage('a key of free pages is none')
  }
  return readWord(key.bytes, key.start) - readWord(other.bytes, other.start)
}

/** Why: the page that it stands in is read over. */
function copyOf({ bytes, start, end }: Key): Key {
  return { bytes: Buffer.from(bytes.subarray(start, end)), start: 0, end: end - start }
}

function checkCounts({ record, counts }: Tree): void {
  for (const name of ['branchPages', 'leafPages', 'overflowPages', 'entries'] as const) {
    if (record[name] !== counts[name]) throw new Damage(`a tree has another number of ${name}`)
  }
}
