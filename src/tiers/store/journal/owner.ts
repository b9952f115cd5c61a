/**
 * Who has a journal: a record in the journal itself, claimed in one LMDB transaction, so of two processes that
 * try at once one gets it.
 *
 * 1. Each claim has a larger number than the one before; every write of an owner is on condition that its
 *    number still stands, so who was taken for dead by mistake can write no more.
 * 2. An owner is dead when its process is: gone, or another one with the same pid (told by when it began).
 * 3. Where that cannot be told (another host or container, another thread of this process, no /proc) it is
 *    dead when it has not renewed its claim for LEASE_MS.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

export const RENEW_MS = 5_000
export const LEASE_MS = 4 * RENEW_MS

export interface Owner {
  /** Tells writers of one process apart. */
  readonly id: string
  readonly pid: number
  readonly host: string
  /** When the process began, since the machine did: '' where that cannot be told. */
  readonly began: string
  /** When the claim was renewed, by the wall clock in ms. */
  readonly renewedAt: number
}

export function describeSelf(now: number, pid = process.pid): Owner {
  return {
    id: randomUUID(),
    pid,
    host: hostname(),
    began: processBeginning(pid),
    renewedAt: now,
  }
}

export function isAlive(owner: Owner, self: Owner): boolean {
  const isRenewed = Math.abs(self.renewedAt - owner.renewedAt) < LEASE_MS
  if (owner.host !== self.host || owner.pid === self.pid) {
    const isSuccessor = owner.host === self.host && owner.began !== self.began
    return isRenewed && !isSuccessor
  }
  if (!hasProcess(owner.pid)) return false
  return owner.began === '' ? isRenewed : owner.began === processBeginning(owner.pid)
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const STATUS_BEGINNING = 19

/** The machine's own start, and the process's in clock ticks since then; '' where there is no /proc. */
function processBeginning(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Why from the last bracket on: the program's name stands in brackets, and may hold anything.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
    return `${boot}/${fields[STATUS_BEGINNING]}`
  } catch {
    return ''
  }
}
