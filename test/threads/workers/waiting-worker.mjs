/** Waits for a value that another thread loads, with nothing else to keep it alive. */
import { parentPort, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'

const cache = SharedCache.attach(workerData.handle)
cache
  .getOrSet('key', () => 'of the waiter')
  .then((value) => {
    cache.close()
    parentPort.postMessage(value)
  })
cache.set('the worker waits', true)
