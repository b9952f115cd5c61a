/** What can go wrong with an LMDB file, told apart by the codes that LMDB gives. */
import { HotsetError } from '../../cache/errors.js'

const MDB_PAGE_NOTFOUND = -30797
const MDB_CORRUPTED = -30796
const MDB_PANIC = -30795
const MDB_VERSION_MISMATCH = -30794
const MDB_INVALID = -30793
const MDB_MAP_FULL = -30792
const MDB_BAD_TXN = -30782
const MDB_BAD_CHECKSUM = -30778

const EIO = 5
const ENOSPC = 28
const EFBIG = 27
const EDQUOT = 122

const DAMAGES = [
  MDB_PAGE_NOTFOUND,
  MDB_CORRUPTED,
  MDB_VERSION_MISMATCH,
  MDB_INVALID,
  MDB_BAD_CHECKSUM,
]
/** Why EIO: LMDB says so where the system wrote less than it should, which is how a disk becomes full. */
const NO_ROOM = [MDB_MAP_FULL, EIO, ENOSPC, EFBIG, EDQUOT]

/** The tier is not open: `close` was called, or `open` was not. */
export class TierClosedError extends HotsetError {
  /** The tier's name. */
  readonly tier: string

  constructor(tier: string) {
    super('ERR_HOTSET_TIER_CLOSED', `Tier '${tier}' is not open`)
    this.tier = tier
  }

  override get name(): string {
    return 'TierClosedError'
  }
}

/** The file is not what it should be. */
export class DamagedFileError extends Error {
  override get name(): string {
    return 'DamagedFileError'
  }
}

/** The bytes of one entry, or of another row, are not what they should be. */
export class DamagedEntryError extends Error {
  override get name(): string {
    return 'DamagedEntryError'
  }
}

export function isDamage(error: unknown): boolean {
  return error instanceof DamagedFileError || DAMAGES.includes(codeOf(error))
}

export function isLackOfRoom(error: unknown): boolean {
  return NO_ROOM.includes(codeOf(error))
}

/** After it LMDB takes no more writes, or reads nothing, until the file is opened anew. */
export function isPanic(error: unknown): boolean {
  return [MDB_PANIC, MDB_BAD_TXN].includes(codeOf(error))
}

/**
 * The error behind the one with which lmdb rejects where a commit failed.
 * Why awaited by all means: it is a rejected promise of its own, which ends the process if nobody looks.
 */
export async function commitErrorOf(error: unknown): Promise<unknown> {
  const commitError = (error as { commitError?: PromiseLike<unknown> } | null)?.commitError
  if (commitError === undefined) return error
  try {
    await commitError
    return error
  } catch (cause) {
    return cause
  }
}

function codeOf(error: unknown): number {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'number' ? code : 0
}
