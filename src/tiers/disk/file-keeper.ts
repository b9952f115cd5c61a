/**
 * Opens the file, and where it is damaged puts it aside and begins a new one.
 *
 * 1. LMDB gets a file only after its structure was looked at, as it crashes the process on some
 *    damages; unless the file is as the last `close` left it, byte count and time (`<path>-clean`).
 * 2. A damaged file is renamed, never deleted: `<path>.corrupt-<time>`.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InvalidOptionError } from '../../cache/errors.js'
import { closeDatabases, type Databases, LedgerReader, openDatabases } from './databases.js'
import { DamagedFileError, isDamage } from './errors.js'
import { findDamage } from './file-check.js'
import type { ResolvedDiskTierOptions } from './options.js'

type FileOptions = Pick<ResolvedDiskTierOptions, 'path' | 'sync' | 'verify'>

/** Which file it is, and in which state. */
interface FileState {
  readonly inode: number
  readonly bytes: number
  readonly modifiedMs: number
}

export interface OpenFile {
  readonly databases: Databases
  /** For reads; what writes has one of its own. */
  readonly ledger: LedgerReader
  readonly inode: number
  /** It is as it was closed, or new: its rows need not be looked at. */
  readonly isClean: boolean
}

const ATTEMPTS = 3

/** @param onSetAside is told why, with `path` where the old file is */
export async function openFile(
  options: FileOptions,
  onSetAside: (error: unknown) => void,
): Promise<OpenFile> {
  const { path } = options
  await mkdir(dirname(path), { recursive: true })
  for (let attempt = 1; ; attempt++) {
    const state = await stateOf(path)
    const isClean = await isTrusted(options, state)
    const damage = state && (await damageOf(path, state, isClean))
    if (state !== undefined && damage !== undefined) {
      await setAside(path, state.inode)
      onSetAside(damage)
    }
    await rm(cleanPathOf(path), { force: true })
    try {
      const databases = await openDatabases(path, options.sync, randomBytes)
      const ledger = new LedgerReader(databases)
      const opened = await stateOf(path)
      return {
        databases,
        ledger,
        inode: opened?.inode ?? 0,
        isClean: isClean || damage !== undefined,
      }
    } catch (error) {
      if (!isDamage(error) || attempt === ATTEMPTS) throw error
      const now = await stateOf(path)
      if (now === undefined) continue
      await setAside(path, now.inode)
      onSetAside(error)
    }
  }
}

/** Closes it, and notes its state. */
export async function closeFile(path: string, { databases, inode }: OpenFile): Promise<void> {
  await closeDatabases(databases)
  try {
    const state = await stateOf(path)
    if (state?.inode === inode) await writeFile(cleanPathOf(path), JSON.stringify(state))
  } catch {
    // Then the next that opens the file looks at all of it.
  }
}

/** Renames the file where it still is the one that was meant, and its lock. */
export async function setAside(path: string, inode: number): Promise<void> {
  const state = await stateOf(path)
  if (state?.inode !== inode) return
  const aside = `${path}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`
  await rename(path, aside)
  // Why: a process that still has the old file must not share its lock with the new one's.
  await rename(`${path}-lock`, `${aside}-lock`).catch(() => {})
}

/** Whether there is nothing in it, or it is as the last `close` left it where that is enough. */
async function isTrusted(
  { path, verify }: FileOptions,
  state: FileState | undefined,
): Promise<boolean> {
  if (state === undefined || state.bytes === 0) return true
  return verify === 'unclean' && (await isAsClosed(path, state))
}

async function damageOf(
  path: string,
  state: FileState,
  isClean: boolean,
): Promise<DamagedFileError | undefined> {
  // Why: an empty file is what a process leaves that was killed when it began one.
  if (state.bytes === 0) return undefined
  const reason = await findDamage(path, isClean)
  return reason === undefined ? undefined : new DamagedFileError(`${path}: ${reason}`)
}

async function isAsClosed(path: string, state: FileState): Promise<boolean> {
  try {
    return (await readFile(cleanPathOf(path), 'utf8')) === JSON.stringify(state)
  } catch {
    return false
  }
}

async function stateOf(path: string): Promise<FileState | undefined> {
  try {
    const stats = await stat(path)
    if (!stats.isFile()) throw new InvalidOptionError('path', path, 'a file; this is none')
    return { inode: stats.ino, bytes: stats.size, modifiedMs: stats.mtimeMs }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function cleanPathOf(path: string): string {
  return `${path}-clean`
}
