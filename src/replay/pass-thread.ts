/**
 * Runs a pass in a thread of its own, so that each implementation finds a fresh heap and code that
 * was compiled for it alone.
 *
 * Where the heap it may have (see heap-limit.ts) does not suffice, the pass fails and says so.
 */
import { Worker } from 'node:worker_threads'
import { heapLimitMib } from './heap-limit.js'
import type { Implementation, OnProgress, PassResult, ReplaySpec } from './spec.js'
import type { StopFlag } from './stop-flag.js'

export interface PassRequest {
  implementation: Implementation
  spec: ReplaySpec
  /** The memory of a StopFlag. */
  stop: SharedArrayBuffer
}

export type PassMessage =
  | { type: 'progress'; share: number; accesses: number }
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
  onProgress: OnProgress,
  stop: StopFlag,
): Promise<PassResult> {
  const worker = new Worker(new URL('./pass-worker.js', import.meta.url), {
    workerData: { implementation, spec, stop: stop.memory } satisfies PassRequest,
    resourceLimits: { maxOldGenerationSizeMb: heapLimitMib(spec.budget, spec.valueBytes) },
  })
  return new Promise((resolve, reject) => {
    const fail = (reason: string, message: string) => {
      reject(new PassError(implementation, reason, message))
    }
    worker.on('message', (message: PassMessage) => {
      if (message.type === 'progress') onProgress(message.share, message.accesses)
      else if (message.type === 'result') resolve(message.result)
      else fail(message.name, message.message)
    })
    worker.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code ?? error.name, error.message),
    )
    worker.on('exit', (code) => fail('exit', `The thread ended with code ${code}`))
  })
}
