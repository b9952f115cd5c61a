/**
 * Runs a pass in a thread of its own, so that each implementation finds a fresh heap and code that
 * was compiled for it alone.
 *
 * The thread's heap may grow to twice the budget and more: a cache that lives on the heap must have
 * room for what it was promised. Where that does not suffice, the pass fails and says so.
 */
import { getHeapStatistics } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { Implementation, PassResult, ReplaySpec } from './pass.js'

const MIB = 1024 * 1024
const HEAP_BASE_MIB = 1024
const HEAP_FACTOR = 2
/** More than an entry costs beside its value. */
const ENTRY_ALLOWANCE_BYTES = 512

export interface PassRequest {
  implementation: Implementation
  spec: ReplaySpec
}

export type PassMessage =
  | { type: 'progress'; share: number }
  | { type: 'result'; result: PassResult }
  | { type: 'failure'; name: string; message: string }

/** A pass that could not be finished; `cause` in the name of what stopped it. */
export class PassError extends Error {
  constructor(
    readonly implementation: Implementation,
    readonly reason: string,
    message: string,
  ) {
    super(message)
  }

  override get name(): string {
    return 'PassError'
  }
}

/** @throws PassError */
export function runPassInThread(
  implementation: Implementation,
  spec: ReplaySpec,
  onProgress: (share: number) => void,
): Promise<PassResult> {
  const worker = new Worker(new URL('./pass-worker.js', import.meta.url), {
    workerData: { implementation, spec } satisfies PassRequest,
    resourceLimits: { maxOldGenerationSizeMb: heapLimitMib(spec) },
  })
  return new Promise((resolve, reject) => {
    const fail = (reason: string, message: string) => {
      reject(new PassError(implementation, reason, message))
    }
    worker.on('message', (message: PassMessage) => {
      if (message.type === 'progress') onProgress(message.share)
      else if (message.type === 'result') resolve(message.result)
      else fail(message.name, message.message)
    })
    worker.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code ?? error.name, error.message),
    )
    worker.on('exit', (code) => fail('exit', `The thread ended with code ${code}`))
  })
}

function heapLimitMib({ budget, valueBytes }: ReplaySpec): number {
  const budgetBytes =
    budget.unit === 'bytes' ? budget.bytes : budget.entries * (valueBytes + ENTRY_ALLOWANCE_BYTES)
  const usualMib = getHeapStatistics().heap_size_limit / MIB
  return Math.ceil(Math.max(usualMib, HEAP_BASE_MIB + (HEAP_FACTOR * budgetBytes) / MIB))
}
