/** The thread a pass runs in: its spec comes as workerData, progress and result go back as messages. */
import { parentPort, workerData } from 'node:worker_threads'
import { runPass } from './pass.js'
import type { PassMessage, PassRequest } from './pass-thread.js'
import type { OnProgress } from './spec.js'
import { StopFlag } from './stop-flag.js'

const PROGRESS_EVERY_MS = 100

const { implementation, spec, stop } = workerData as PassRequest
let nextProgressMs = 0

try {
  const result = await runPass(implementation, spec, postProgress, new StopFlag(stop))
  post({ type: 'result', result })
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  post({ type: 'failure', name, message })
}

function postProgress(...[share, accesses]: Parameters<OnProgress>): void {
  const nowMs = performance.now()
  if (nowMs < nextProgressMs) return
  nextProgressMs = nowMs + PROGRESS_EVERY_MS
  post({ type: 'progress', share, accesses })
}

function post(message: PassMessage): void {
  parentPort?.postMessage(message)
}
