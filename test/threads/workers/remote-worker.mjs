/**
 * A thread with a cache that does what it is told by messages (support/remote-thread.ts): calls methods, and
 * loads values that come by message too.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'

const cache = SharedCache.attach(workerData.handle, workerData.options)
const loaders = new Map()

function describe(error) {
  const { name, code, message } = error
  return { name, code, message }
}

const ACTIONS = {
  call({ id, method, args }) {
    try {
      parentPort.postMessage({ id, value: cache[method](...args) })
    } catch (error) {
      parentPort.postMessage({ id, error: describe(error) })
    }
  },

  load({ id, key, options, abortAfterMs }) {
    const loader = () =>
      new Promise((resolve, reject) => {
        loaders.set(id, { resolve, reject })
        parentPort.postMessage({ id, stage: 'loading' })
      })
    const signal = abortAfterMs === undefined ? undefined : AbortSignal.timeout(abortAfterMs)
    cache.getOrSet(key, loader, { ...options, signal }).then(
      (value) => parentPort.postMessage({ id, value }),
      (error) => parentPort.postMessage({ id, error: describe(error) }),
    )
    parentPort.postMessage({ id, stage: 'begun' })
  },

  finish({ id, value, failure }) {
    const { resolve, reject } = loaders.get(id)
    if (failure === undefined) resolve(value)
    else reject(new Error(failure))
  },

  end() {
    cache.close()
    parentPort.close()
  },
}

parentPort.on('message', (message) => ACTIONS[message.action](message))
parentPort.postMessage({ id: 0 })
