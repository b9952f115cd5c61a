/**
 * LMDB's file as far as its structure goes (data version 2, as lmdb-js 3 builds it; little-endian, 64 bits).
 *
 *     page    0  8  page number          8  8  transaction      16  2  pad     18  2  flags
 *             20 2  end of the node list, beyond the header     22  2  begin of the nodes, likewise;
 *             together, of the first page of an overflow: how many pages it has
 *             24    2 bytes a node: where it stands, beyond the header
 *     node    0  4  size of the value; in a branch the page of the child, with bytes 4 and 5 on top
 *             4  2  flags in a leaf      6  2  size of the key  8  the key, then the value
 *     meta    page 0 and 1, and in the middle of page 0 what overlapping sync knows to be on the disk:
 *             24 4  magic   28  4  version   32 8  address   40 8  map size
 *             48 48 database of free pages; its pad is the page size     96 48 main database
 *             144 8 last page            152 8  transaction
 *     free pages: a word for the length of the list, then words: a page; minus n, and the first of n pages; 0
 *     database  0 4 pad  4 2 flags  6 2 depth  8 8 8 8 pages and entries  40 8 root; -1: none
 */

export const PAGE_HEADER_BYTES = 24
export const NODE_HEADER_BYTES = 8
export const DATABASE_BYTES = 48

export const BRANCH_PAGE = 1
export const LEAF_PAGE = 2
export const OVERFLOW_PAGE = 4
const META_PAGE = 8

export const BIG_VALUE = 1
export const SUB_DATABASE = 2
/** Of a database: lmdb-js puts a version before each value (`useVersions`, as the journal's owners have it). */
export const HAS_VERSIONS = 0x100

const MAGIC = 0xbeefc0de
const DATA_VERSION = 2
const PAGE_FLAGS_AT = 18
const META_BYTES = 160
const NO_ROOT = 0xffff_ffff_ffff_ffffn

/** A database as it stands in a meta page, or in the main database under its name. */
export interface DatabaseRecord {
  readonly pad: number
  readonly flags: number
  readonly depth: number
  readonly branchPages: number
  readonly leafPages: number
  readonly overflowPages: number
  readonly entries: number
  /** Undefined: it is empty. */
  readonly root: number | undefined
}

export interface MetaPage {
  readonly pageBytes: number
  readonly pageCount: number
  readonly transaction: number
  readonly free: DatabaseRecord
  readonly main: DatabaseRecord
}

/** What a page number or another word of 8 bytes is; NaN: too large to be one. */
export function readWord(bytes: Buffer, at: number): number {
  const word = bytes.readBigUInt64LE(at)
  return word <= Number.MAX_SAFE_INTEGER ? Number(word) : Number.NaN
}

export function readDatabase(bytes: Buffer, at: number): DatabaseRecord {
  return {
    pad: bytes.readUInt32LE(at),
    flags: bytes.readUInt16LE(at + 4),
    depth: bytes.readUInt16LE(at + 6),
    branchPages: readWord(bytes, at + 8),
    leafPages: readWord(bytes, at + 16),
    overflowPages: readWord(bytes, at + 24),
    entries: readWord(bytes, at + 32),
    root: bytes.readBigUInt64LE(at + 40) === NO_ROOT ? undefined : readWord(bytes, at + 40),
  }
}

/** Undefined: these bytes are no meta page. */
export function readMetaPage(bytes: Buffer): MetaPage | undefined {
  if (bytes.length < META_BYTES) return undefined
  if (bytes.readUInt32LE(24) !== MAGIC) return undefined
  if ((bytes.readUInt32LE(28) & 0xffff) !== DATA_VERSION) return undefined
  const free = readDatabase(bytes, 48)
  return {
    pageBytes: free.pad,
    pageCount: readWord(bytes, 144) + 1,
    transaction: readWord(bytes, 152),
    free,
    main: readDatabase(bytes, 96),
  }
}

export function isMetaPage(bytes: Buffer): boolean {
  return (bytes.readUInt16LE(PAGE_FLAGS_AT) & META_PAGE) !== 0
}

export function pageFlagsOf(page: Buffer): number {
  return page.readUInt16LE(PAGE_FLAGS_AT)
}
