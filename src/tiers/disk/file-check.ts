/**
 * Looks at the structure of an LMDB file without LMDB, which trusts what it reads: a page number beyond the
 * file, or a node beyond its page, would end the process.
 *
 * 1. Every page that a tree can reach is within the file, is of its kind, and has its nodes within itself
 *    (tree-walk.ts). Each is looked at once, so the walk ends whatever the file says.
 * 2. What values say is not looked at: they have checksums of their own.
 * 3. Another process may be writing meanwhile. LMDB leaves the pages of its last two states alone, so a
 *    damage counts only if no more than one transaction went by while it was found.
 *
 * Costs the reading of all pages but those of large values.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { isMetaPage, type MetaPage, readMetaPage } from './lmdb-file.js'
import { TreeWalk } from './tree-walk.js'

const LEAST_PAGE_BYTES = 256
const MOST_PAGE_BYTES = 65_536
const META_READ_BYTES = 512
/** How many pages a file may be said to have beyond its length. */
const SLACK = 2
const SLACK_PAGES = 1_024
/** Of the database of free pages: its keys are numbers, and the path is that of a file. */
const FREE_FLAGS = 0x4008
/** Which sync the state was written with. */
const OVERLAPPING_SYNC_FLAG = 0x1000
/** How often a file is looked at that changes meanwhile; one that goes on changing is in good use. */
const ATTEMPTS = 3

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
    // Why not exactly as many: LMDB does not write the last pages where they are free.
    const isSound =
      meta.pageCount >= 2 && meta.pageCount <= SLACK * (size / pageBytes) + SLACK_PAGES
    const isKnown = meta.transaction >= 0 && meta.pageBytes === pageBytes && hasKnownFlags(meta)
    if (!isSound || !isKnown) return 'a meta page is damaged'
  }
  if (size < 2 * pageBytes) return `it ends after ${size} bytes`
  return metas
}

function hasKnownFlags({ free, main }: MetaPage): boolean {
  return (free.flags & ~OVERLAPPING_SYNC_FLAG) === FREE_FLAGS && main.flags === 0 && main.pad === 0
}

async function readMetaAt(
  file: FileHandle,
  bytes: Buffer,
  position: number,
): Promise<MetaPage | undefined> {
  const { bytesRead } = await file.read(bytes, 0, META_READ_BYTES, position)
  return readMetaPage(bytes.subarray(0, bytesRead))
}

/** The latest state in full, counts and free pages included; then what the others have beside it. */
async function walkAll(file: FileHandle, metas: readonly MetaPage[]): Promise<string | undefined> {
  const { size } = await file.stat()
  const [latest, ...others] = [...metas].sort((a, b) => b.transaction - a.transaction)
  const walk = new TreeWalk(file, latest.pageBytes, Math.floor(size / latest.pageBytes))
  const damage = await walk.state(latest, true)
  if (damage !== undefined) return damage
  for (const meta of others) {
    const other = await walk.state(meta, false)
    if (other !== undefined) return other
  }
  return undefined
}
