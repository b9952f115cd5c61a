/** A thread with a TieredCache of its own over a SharedCache of all: loads keys when it is told to. */
import { parentPort, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../../dist/index.js'
import { memoryTier, TieredCache } from '../../../../dist/tiers.js'

const { handle, loads, keys } = workerData
const shared = SharedCache.attach(handle)
const cache = new TieredCache({ tiers: [memoryTier({ cache: shared })], ttl: '1h' })

parentPort.postMessage('ready')
parentPort.once('message', async () => {
  const answers = keys.map((key, index) =>
    cache.getOrSet(key, async () => {
      Atomics.add(loads, index, 1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      return `value of ${key}`
    }),
  )
  const values = await Promise.all(answers)
  const entry = await cache.getEntry(keys[0])
  const taken = await cache.take('prize')
  await cache.close()
  shared.close()
  parentPort.postMessage({ values, tags: entry.tags, taken })
})
