/** The thread a pass runs in: its spec comes as workerData, progress and result go back as messages. */
import { parentPort, workerData } from 'node:worker_threads'
import { runPass } from './pass.js'
import type { PassMessage, PassRequest } from './pass-thread.js'

const PROGRESS_EVERY_MS = 100

const { implementation, spec } = workerData as PassRequest
let nextProgressMs = 0

try {
  const result = await runPass(implementation, spec, (share) => {
    const nowMs = performance.now()
    if (nowMs < nextProgressMs) return
    nextProgressMs = nowMs + PROGRESS_EVERY_MS
    post({ type: 'progress', share })
  })
  post({ type: 'result', result })
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  post({ type: 'failure', name, message })
}

function post(message: PassMessage): void {
  parentPort?.postMessage(message)
}
