/**
 * Watches another thread until it has ended, for `longestMs` at most, and notes in shared words that it has
 * seen it running, and then what came of it: 1: it has ended, 2: it still ran.
 */
import { workerData } from 'node:worker_threads'
import { isRunning } from '../../../dist/src/engine/thread-identity.js'
import { signal } from './meeting.mjs'

const { thread, control, seenIndex, outcomeIndex, longestMs } = workerData
const end = performance.now() + longestMs
signal(control, seenIndex, isRunning(thread) ? 1 : 2)
while (isRunning(thread) && performance.now() < end) {
  Atomics.wait(control, outcomeIndex, 0, 1)
}
signal(control, outcomeIndex, isRunning(thread) ? 2 : 1)
