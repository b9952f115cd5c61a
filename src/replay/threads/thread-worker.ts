/** A thread of a pass: its request comes as workerData; see messages.ts for what is posted. */
import { parentPort, workerData } from 'node:worker_threads'
import type { FromThread, ThreadRequest, ToThread } from './messages.js'
import { ReplayThread } from './replay-thread.js'

try {
  const thread = await ReplayThread.start(workerData as ThreadRequest)
  parentPort?.on('message', (message: ToThread) => {
    answer(thread, message).catch(postFailure)
  })
  post({ type: 'attached' })
} catch (error) {
  postFailure(error)
}

async function answer(thread: ReplayThread, message: ToThread): Promise<void> {
  if (message.type === 'finish') {
    post({ type: 'finished', part: await thread.finish() })
    return
  }
  thread.prepare()
  post({ type: 'prepared' })
  post({ type: 'done', endMs: thread.perform(message.accesses) })
}

function postFailure(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  post({ type: 'failure', name, message })
}

function post(message: FromThread): void {
  parentPort?.postMessage(message)
}
