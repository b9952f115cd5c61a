/**
 * Does all that a cache can be asked for, on few keys, as fast as it can: to be terminated in the middle of
 * it, or (with `stopIndex`) to be told to stop and say what it saw.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'
import { randomFrom, signal } from './meeting.mjs'
import { isWholeValue, keyOf, makeValue } from './victim-values.mjs'

const { handle, control, startedIndex, progressIndex, stopIndex, seed, keys } = workerData
const cache = SharedCache.attach(handle)
const random = randomFrom(seed)
let wrong = 0
let longestMs = 0

const look = (key, value) => {
  if (value !== undefined && !isWholeValue(key, value)) wrong++
}

const actions = [
  (key) => look(key, cache.get(key)),
  (key) => look(key, cache.get(key)),
  () => {
    const names = Array.from({ length: 40 }, () => keyOf(random(keys)))
    cache.getMany(names).forEach((value, index) => {
      look(names[index], value)
    })
  },
  (key) => cache.set(key, makeValue(key, random(1000))),
  (key) => cache.set(key, makeValue(key, random(1000))),
  (key) => cache.set(key, makeValue(key, random(1000)), { ttl: 1 + random(20), tags: ['a', 'b'] }),
  (key) => cache.set(key, makeValue(key, random(1000)), { priority: random(5), tags: [key] }),
  (key) => cache.add(key, makeValue(key, random(1000))),
  (key) => cache.delete(key),
  (key) => look(key, cache.take(key)),
  (key) => cache.touch(key, 5 + random(50)),
  (key) => {
    const version = cache.info(key)?.version ?? 0
    cache.compareAndSet(key, version, makeValue(key, random(1000)))
  },
  (key) => {
    cache.getOrSet(key, () => makeValue(key, random(1000))).catch(() => {})
  },
  (key) => cache.increment(`count:${key}`),
  (key) => (random(50) === 0 ? cache.invalidateTags(key, 'a') : cache.has(key)),
  (key) => (random(2000) === 0 ? cache.clear() : cache.peek(key)),
  () => random(200) === 0 && cache.purgeExpired(),
  () => random(200) === 0 && cache.maintain(),
]

signal(control, startedIndex, 1)
for (let step = 0; stopIndex === undefined || Atomics.load(control, stopIndex) === 0; step++) {
  const before = performance.now()
  actions[random(actions.length)](keyOf(random(keys)))
  longestMs = Math.max(longestMs, performance.now() - before)
  if ((step & 63) === 0) Atomics.add(control, progressIndex, 1)
}
cache.close()
parentPort.postMessage({ wrong, longestMs })
