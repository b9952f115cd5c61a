/**
 * Who this thread is, and whether another one still runs, told without the event loop.
 *
 * On Linux a thread is its kernel id and the time it began (ids are used again): both vanish from
 * /proc/self/task within milliseconds of its end, even while the main thread is blocked. Elsewhere it
 * is the id that Node gives it, which is never used again; its end is known only where somebody
 * tells (Registry.declareEnded).
 *
 * Costs a system call or two a question, some 10 microseconds.
 */
import { requireBuiltin } from './builtins.js'

export interface ThreadIdentity {
  /** Greater than 0, below 2^29. */
  id: number
  /** Clock ticks since the system began; 0: not known. */
  startedAt: number
}

/** Of the fields of /proc/<pid>/stat behind the command's name. */
const STATE_FIELD = 0
const STARTED_AT_FIELD = 19
const ENDED_STATES = ['X', 'x', 'Z']

const { existsSync, readFileSync, readlinkSync }: typeof import('node:fs') =
  requireBuiltin('node:fs')
const kernelId = readKernelId()

export const ownThread: ThreadIdentity =
  kernelId === undefined
    ? { id: workerThreads().threadId + 1, startedAt: 0 }
    : { id: kernelId, startedAt: readStat(kernelId)?.startedAt ?? 0 }

/** Linux gives the first thread of a process the process's own id. */
export const isMainThread: boolean =
  kernelId === undefined ? workerThreads().isMainThread : kernelId === process.pid

/** False only where it is certain that the thread has ended. */
export function isRunning({ id, startedAt }: ThreadIdentity): boolean {
  if (kernelId === undefined) return true
  if (!existsSync(`/proc/self/task/${id}`)) return false
  const stat = readStat(id)
  // Why running: the file may not be had for other reasons (no file descriptors left).
  if (stat === undefined) return existsSync(`/proc/self/task/${id}`)
  if (ENDED_STATES.includes(stat.state)) return false
  return startedAt === 0 || stat.startedAt === startedAt
}

// Why only where the kernel does not tell: loading it takes 1.5 ms.
function workerThreads(): typeof import('node:worker_threads') {
  return requireBuiltin('node:worker_threads')
}

function readKernelId(): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const id = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    return Number.isInteger(id) && id > 0 && existsSync(`/proc/self/task/${id}`) ? id : undefined
  } catch {
    return undefined
  }
}

function readStat(id: number): { state: string; startedAt: number } | undefined {
  try {
    const line = readFileSync(`/proc/self/task/${id}/stat`, 'latin1')
    // Why from the last bracket: the command's name may hold anything.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    return { state: fields[STATE_FIELD], startedAt: Number(fields[STARTED_AT_FIELD]) }
  } catch {
    return undefined
  }
}
