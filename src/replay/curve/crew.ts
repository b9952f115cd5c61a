/**
 * Threads that share out the points of a curve: each takes the next job when it has done one.
 *
 * 1. There are no more threads than jobs, or than the machine has cores.
 * 2. Each job is answered once, by a result or by what stopped it; one that ends its thread (the heap was
 *    too small, say) is a failure of that job alone, and another thread goes on with the rest.
 * 3. When the signal is given, threads are ended; jobs not done by then have no answer.
 */
import { availableParallelism } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { CurveData, CurveJob, JobMessage, JobResult } from './job.js'

const MIB = 1024 * 1024
/** Of the heap: key strings, and what simulations keep by key. */
const HEAP_BYTES_PER_KEY = 256

export type JobAnswer = JobResult | { failed: string }

export interface CrewOptions {
  signal?: AbortSignal
  /** @param requests simulated so far, by all jobs */
  onProgress?: (requests: number) => void
  threads?: number
}

/** @returns the answers by the index of the job */
export async function runJobs(
  jobs: readonly CurveJob[],
  data: CurveData,
  options: CrewOptions = {},
): Promise<Map<number, JobAnswer>> {
  const crew = new Crew(jobs, data, options)
  const threads = Math.min(options.threads ?? availableParallelism(), jobs.length)
  const stop = () => crew.stop()
  options.signal?.addEventListener('abort', stop)
  await Promise.all(Array.from({ length: threads }, () => crew.work()))
  options.signal?.removeEventListener('abort', stop)
  return crew.answers
}

class Crew {
  readonly answers = new Map<number, JobAnswer>()
  private readonly queue: CurveJob[]
  private readonly requestsDone: Float64Array
  private readonly workers = new Set<Worker>()

  constructor(
    jobs: readonly CurveJob[],
    private readonly data: CurveData,
    private readonly options: CrewOptions,
  ) {
    this.queue = [...jobs]
    this.requestsDone = new Float64Array(jobs.length)
  }

  /** Until the queue is empty, with a new thread in the place of each that ended before. */
  async work(): Promise<void> {
    while (this.queue.length > 0 && !this.isStopped) await this.runThread()
  }

  private get isStopped(): boolean {
    return this.options.signal?.aborted === true
  }

  /** Ends the threads, whatever they are at. */
  stop(): void {
    for (const worker of this.workers) worker.terminate()
  }

  private runThread(): Promise<void> {
    const worker = this.startWorker()
    this.workers.add(worker)
    let current: CurveJob | undefined
    let reason = ''
    const next = () => {
      current = this.isStopped ? undefined : this.queue.shift()
      if (current === undefined) worker.terminate()
      else worker.postMessage(current)
    }
    return new Promise((resolve) => {
      worker.on('message', (message: JobMessage) => {
        if (this.takeMessage(message)) next()
      })
      worker.on('error', (error) => {
        reason = error.message
      })
      worker.on('exit', (code) => {
        this.workers.delete(worker)
        if (current !== undefined && !this.isStopped) {
          this.fail(current, reason || `its thread ended with code ${code}`)
        }
        resolve()
      })
    })
  }

  private startWorker(): Worker {
    const { sample } = this.data
    const usualMib = getHeapStatistics().heap_size_limit / MIB
    return new Worker(new URL('./job-worker.js', import.meta.url), {
      workerData: this.data,
      resourceLimits: {
        maxOldGenerationSizeMb: Math.ceil(usualMib + (sample.keys * HEAP_BYTES_PER_KEY) / MIB),
      },
    })
  }

  /** @returns whether the thread is free for the next job */
  private takeMessage(message: JobMessage): boolean {
    if (message.type === 'ready') return true
    if (message.type === 'progress') {
      this.progressed(message.index, message.requests)
      return false
    }
    this.progressed(message.index, this.data.sample.requests)
    this.answers.set(
      message.index,
      message.type === 'result' ? message.result : { failed: message.message },
    )
    return true
  }

  private fail(job: CurveJob, reason: string): void {
    this.answers.set(job.index, { failed: reason })
  }

  private progressed(index: number, requests: number): void {
    this.requestsDone[index] = requests
    this.options.onProgress?.(this.requestsDone.reduce((sum, done) => sum + done, 0))
  }
}
