/** A thread that works out points of a curve: data comes as workerData, jobs and results are messages. */
import { parentPort, workerData } from 'node:worker_threads'
import { type CurveData, type CurveJob, type JobMessage, runJob } from './job.js'

const PROGRESS_EVERY_MS = 100

const data = workerData as CurveData
let nextProgressMs = 0

parentPort?.on('message', (job: CurveJob) => {
  const { index } = job
  try {
    const result = runJob(job, data, (requests) => tellProgress(index, requests))
    post({ type: 'result', index, result })
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    post({ type: 'failure', index, name, message })
  }
})
post({ type: 'ready' })

function tellProgress(index: number, requests: number): void {
  const nowMs = performance.now()
  if (nowMs < nextProgressMs) return
  nextProgressMs = nowMs + PROGRESS_EVERY_MS
  post({ type: 'progress', index, requests })
}

function post(message: JobMessage): void {
  parentPort?.postMessage(message)
}
