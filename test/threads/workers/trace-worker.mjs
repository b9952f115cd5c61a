/** Reads, misses and sets, by a seed of its own, and tells in which order; then closes, or just ends. */
import { parentPort, threadId, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'
import { Random } from '../../../dist/src/replay/random.js'

const { handle, seed, accesses, keys, closes } = workerData
const cache = SharedCache.attach(handle)
const random = new Random(seed)
const made = []
for (let access = 0; access < accesses; access++) {
  const key = `key:${random.next() % keys}`
  made.push(key)
  if (cache.get(key) === undefined) cache.set(key, seed)
}
if (closes) cache.close()
parentPort.postMessage({ threadId, made })
