/** One load for a key in a process: over worker threads that share one SharedCache. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, it, onTestFinished } from 'vitest'

const THREADS = 4
const KEYS = Array.from({ length: 20 }, (_, index) => `key ${index}`)
const SCRIPT = new URL('workers/loading-thread.mjs', import.meta.url)

interface Answer {
  values: string[]
  taken: string | undefined
}

it('threads with one SharedCache load each key once, all get its value, and one of them takes a key', async () => {
  const { SharedCache } = (await import(
    new URL('../../../dist/index.js', import.meta.url).href
  )) as typeof import('../../../src/index.js')
  using shared = new SharedCache<string>({ maxBytes: '4mb' })
  shared.set('prize', 'the prize')
  const loads = new Int32Array(new SharedArrayBuffer(4 * KEYS.length))
  const workers = Array.from({ length: THREADS }, () => {
    const worker = new Worker(SCRIPT, { workerData: { handle: shared.handle, loads, keys: KEYS } })
    onTestFinished(async () => {
      await worker.terminate()
    })
    return worker
  })
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const answers = Promise.all(workers.map((worker) => once(worker, 'message')))
  for (const worker of workers) worker.postMessage('go')
  const told = (await answers).map(([answer]) => answer as Answer)
  expect([...loads]).toEqual(KEYS.map(() => 1))
  for (const { values } of told) expect(values).toEqual(KEYS.map((key) => `value of ${key}`))
  expect(told.map(({ taken }) => taken).filter((taken) => taken !== undefined)).toEqual([
    'the prize',
  ])
})
