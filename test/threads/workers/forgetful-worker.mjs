/** Attaches, writes something, and ends without closing. */
import { workerData } from 'node:worker_threads'
import { SharedCache } from '../../../dist/src/index.js'

const cache = SharedCache.attach(workerData)
cache.set('left', 'behind')
