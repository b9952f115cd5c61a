/** Threads that attach to a cache, come and go, and attach others in turn. */
import assert from 'node:assert/strict'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'
import { meet } from './meeting.mjs'

const { handle, control, part, thread, threads, attachments, depth } = workerData

const PARTS = {
  /** All attachments of all threads at once: each writes a key, and reads those of all others. */
  many() {
    const caches = Array.from({ length: attachments }, () => SharedCache.attach(handle))
    meet(control, 0, threads)
    for (const [index, cache] of caches.entries())
      cache.set(`${thread}:${index}`, { thread, index })
    meet(control, 0, threads)
    for (const cache of caches) {
      for (let other = 0; other < threads; other++) {
        for (let index = 0; index < attachments; index++) {
          assert.deepEqual(cache.get(`${other}:${index}`), { thread: other, index })
        }
      }
    }
    meet(control, 0, threads)
    for (const cache of caches) cache.close()
    return attachments
  },

  /** One closes after the other, while the rest go on; the last works alone. */
  leaving() {
    const cache = SharedCache.attach(handle)
    for (let round = 0; round < threads; round++) {
      meet(control, 0, threads)
      if (round > thread) continue
      for (let index = 0; index < 500; index++) {
        const key = `${thread}: ${round}: ${index}`
        assert.ok(cache.set(key, 'x'.repeat(index)))
        assert.equal(cache.get(key), 'x'.repeat(index))
      }
      if (round < thread) continue
      assert.deepEqual(cache.verify(), { ok: true, problems: [] })
      cache.close()
    }
    return thread
  },

  brief() {
    const cache = SharedCache.attach(handle)
    const count = cache.increment('visits')
    cache.close()
    return count
  },

  async nested() {
    if (depth > 0) {
      const deeper = { ...workerData, depth: depth - 1 }
      const worker = new Worker(new URL(import.meta.url), { workerData: deeper })
      return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    }
    const cache = SharedCache.attach(handle)
    cache.set('from the innermost', cache.get('from the outermost'))
    // Why: a handle is passed on by any thread, not only by the first.
    const again = SharedCache.attach(cache.handle)
    const value = again.get('from the innermost')
    cache.close()
    again.close()
    return value
  },
}

parentPort.postMessage(await PARTS[part]())
