/** Threads that ask for the same missing keys at once, and count how often each is loaded, and how many at a time. */
import { setTimeout as wait } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'
import { meet, randomFrom } from './meeting.mjs'

const { handle, near, control, threads, thread, keys, running, loads, failingThreads } = workerData
const LOADERS = 2
const OVERLAPS = 3

const cache = SharedCache.attach(handle, near ? {} : { near: false })
const random = randomFrom(thread)

function load(index) {
  return async () => {
    Atomics.add(control, LOADERS, 1)
    Atomics.add(loads, index, 1)
    if (Atomics.add(running, index, 1) > 0) Atomics.add(control, OVERLAPS, 1)
    await wait(1 + random(5))
    Atomics.sub(running, index, 1)
    if (thread < failingThreads) throw new Error(`thread ${thread} cannot load ${index}`)
    return `value of ${index}`
  }
}

/** Each thread in an order of its own, so that all of them load some. */
function shuffled() {
  const order = Array.from({ length: keys }, (_, index) => index)
  for (let last = keys - 1; last > 0; last--) {
    const other = random(last + 1)
    ;[order[last], order[other]] = [order[other], order[last]]
  }
  return order
}

let timersFired = 0
const timer = setInterval(() => timersFired++, 1)
const order = shuffled()
meet(control, 0, threads)
const results = await Promise.allSettled(
  order.map((index) => cache.getOrSet(`key ${index}`, load(index))),
)
clearInterval(timer)
const wrong = results.filter(
  ({ status, value }, at) => status === 'fulfilled' && value !== `value of ${order[at]}`,
).length
const failures = results.flatMap(({ reason }) => (reason === undefined ? [] : [reason.message]))
cache.close()
parentPort.postMessage({ wrong, failures, timersFired })
