/**
 * Worker threads of a test: started together, waited for together.
 *
 * 1. A worker's file is plain JavaScript next to the tests, on the built package: nothing transforms it.
 * 2. A worker posts one message, its result, once it has closed what it had open, and ends. One that fails
 *    fails the test, and the others are ended. So does one that ends without a result.
 */
import { Worker } from 'node:worker_threads'

/** Words for workers to meet at: zeroed, shared. */
export function createControl(words = 16): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(words * 4))
}

/**
 * Runs one worker for each of `data`, at the same time.
 * @param file in test/threads/workers/
 * @returns their results, in the order of `data`
 */
export async function runWorkers<Result>(file: string, data: readonly object[]): Promise<Result[]> {
  const workers = data.map((workerData) => new Worker(workerUrl(file), { workerData }))
  try {
    return await Promise.all(workers.map((worker) => resultOf<Result>(worker)))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

export function workerUrl(file: string): URL {
  return new URL(`../workers/${file}`, import.meta.url)
}

function resultOf<Result>(worker: Worker): Promise<Result> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => {
      reject(new Error(`a worker ended with code ${code} and without a result`))
    })
  })
}
