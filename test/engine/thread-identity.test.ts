/** Telling whether a thread still runs, without its help and without an event loop. */
import { once } from 'node:events'
import { isMainThread as isNodesMainThread, Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import {
  isMainThread,
  isRunning,
  ownThread,
  type ThreadIdentity,
} from '../../src/engine/thread-identity.js'
import { createControl, workerUrl } from '../threads/support/worker-threads.js'

const END = 0
const SEEN = 1
const OUTCOME = 2
const SEEN_RUNNING = 1
const HAS_ENDED = 1
const LONGEST_MS = 20_000
const isLinux = process.platform === 'linux'

interface Brief {
  worker: Worker
  thread: ThreadIdentity & { isMainThread: boolean }
  control: Int32Array<SharedArrayBuffer>
}

async function startBrief(): Promise<Brief> {
  const control = createControl()
  const worker = new Worker(workerUrl('brief-worker.mjs'), {
    workerData: { control, endIndex: END },
  })
  const [thread] = await once(worker, 'message')
  return { worker, thread, control }
}

describe('a thread', () => {
  it('is running for itself', () => {
    expect(isRunning(ownThread)).toBe(true)
    expect(ownThread.id).toBeGreaterThan(0)
    expect(ownThread.id).toBeLessThan(2 ** 29)
  })

  it('knows whether it is the main one', async () => {
    const { worker, thread } = await startBrief()
    expect([isMainThread, thread.isMainThread]).toEqual([isNodesMainThread, false])
    await worker.terminate()
  })

  it('is told from others, and is running until it has ended', async () => {
    const one = await startBrief()
    const other = await startBrief()
    expect(new Set([one.thread.id, other.thread.id, ownThread.id]).size).toBe(3)
    expect([isRunning(one.thread), isRunning(other.thread)]).toEqual([true, true])
    await one.worker.terminate()
    await expect.poll(() => isRunning(one.thread), { interval: 1 }).toBe(!isLinux)
    expect(isRunning(other.thread)).toBe(true)
    await other.worker.terminate()
  })

  it('that nobody has heard of is not running, where the system can tell', () => {
    expect(isRunning({ id: 2 ** 29 - 16, startedAt: 0 })).toBe(!isLinux)
  })

  it('whose id another thread has by now is not running', () => {
    const startedAt = ownThread.startedAt - 1
    expect(isRunning({ id: ownThread.id, startedAt })).toBe(!isLinux)
  })

  it('of which no start is known is running while its id is in use', () => {
    expect(isRunning({ id: ownThread.id, startedAt: 0 })).toBe(true)
  })

  it('is seen to end by another one while the main thread is blocked', async () => {
    const { worker, thread, control } = await startBrief()
    const watcher = new Worker(workerUrl('watching-worker.mjs'), {
      workerData: {
        thread,
        control,
        seenIndex: SEEN,
        outcomeIndex: OUTCOME,
        longestMs: isLinux ? LONGEST_MS : 0,
      },
    })
    await expect.poll(() => Atomics.load(control, SEEN), { interval: 1 }).toBe(SEEN_RUNNING)
    Atomics.store(control, END, 1)
    Atomics.notify(control, END)
    // From here on this thread's event loop stands still, and nothing of the end reaches it.
    Atomics.wait(control, OUTCOME, 0, LONGEST_MS)
    expect(Atomics.load(control, OUTCOME) === HAS_ENDED).toBe(isLinux)
    await Promise.all([worker.terminate(), watcher.terminate()])
  })
})
