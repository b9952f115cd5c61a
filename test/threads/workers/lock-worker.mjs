/**
 * A thread that holds a shard's lock for as long as the test likes, and one that waits for it. The first stands
 * still in its clock, which the engine reads with the lock in hand.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'
import { awaitSignal, signal } from './meeting.mjs'

const { handle, control, part, heldIndex, goIndex, waitsIndex } = workerData
let isArmed = false
const clock = {
  now() {
    if (isArmed) {
      isArmed = false
      signal(control, heldIndex, 1)
      awaitSignal(control, goIndex, 1)
    }
    return 0
  },
}
const cache = SharedCache.attach(handle, { clock })

const PARTS = {
  hold() {
    isArmed = true
    return cache.set('held', 'by the holder')
  },

  wait() {
    const { wait } = Atomics
    Atomics.wait = (...args) => {
      Atomics.add(control, waitsIndex, 1)
      return wait(...args)
    }
    return cache.set('waited for', 'by the waiter')
  },
}

const isStored = PARTS[part]()
cache.close()
parentPort.postMessage(isStored)
