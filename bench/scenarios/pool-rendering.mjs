/** Images rendered in worker threads: posted back and kept on the heap, or written into the cache. */
import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { LRUCache } from 'lru-cache'
import { Piscina } from 'piscina'
import { drawIndices } from '../data/draws.mjs'
import { importBuilt, SharedCache } from '../harness/build.mjs'
import { LoopWatch, memory } from '../measuring/measure.mjs'
import { render } from '../parts/rendering.mjs'
import { HOTSET } from '../peers/caches.mjs'

const { CachePool } = await importBuilt('src/pool/index.js')

const LOADERS = new URL('../parts/rendering.mjs', import.meta.url)
const WORKERS = 2
const POSTED = 'Piscina + lru-cache, posted'
const MOVED = 'Piscina + lru-cache, moved'
const POOL = `${HOTSET}/pool`
const CHECK_STEP = 7

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Rendering in a pool',
  about: `${WORKERS} worker threads render images (a Mandelbrot tile repeated to the size); the main thread
asks for images, uniformly out of twice as many as the cache holds, some at a time, and reads each
answer's first bytes. "${POSTED}": the Buffer is a structured clone, kept in an lru-cache of as many bytes;
"${MOVED}": its ArrayBuffer is transferred with Piscina.move, and a hit hands out a reference.
"${POOL}": CachePool; the value is written into the cache by the worker, and each hit copies it out,
so that no two callers share it. Main thread: its event loop's busy time; longest delay: of a timer due
every millisecond, the wait for a core included.`,
  baseline: POSTED,
  implementations: [POSTED, MOVED, POOL],
  rounds: 2,
  cases: [
    { name: '100 KB, 50% hits', bytes: 100_000, images: 1000, operations: 8000, atOnce: 16 },
    { name: '10 MB, 50% hits', bytes: 10_000_000, images: 24, operations: 400, atOnce: 4 },
  ],
  smokeCases: [{ name: '100 KB', bytes: 100_000, images: 20, operations: 60, atOnce: 4 }],
  metrics: [
    { key: 'operationsPerSecond', title: 'operations/s', digits: 0, ratio: 'rate' },
    { key: 'missPercent', title: 'misses, %', digits: 1 },
    { key: 'mainUs', title: 'main thread, µs an operation', digits: 0, ratio: 'share' },
    { key: 'worstDelayMs', title: 'longest delay, ms', digits: 1, ratio: 'share' },
    { key: 'heapMib', title: 'heap, MiB', digits: 0, better: 'less' },
    { key: 'rssMib', title: 'RSS, MiB', digits: 0, ratio: 'share' },
  ],
  chart: {
    metric: 'mainUs',
    title: 'Main thread an image, µs (less is better)',
    logarithmic: true,
  },

  async run({ implementation, parameters, seed }) {
    const { bytes, images, operations, atOnce } = parameters
    const source = await createSource(implementation, bytes, images)
    const order = drawIndices(operations, images * 2, seed)
    // Why first: threads start, and code is compiled, once.
    for (let number = 0; number < WORKERS * 4; number++) await source.get(number)
    source.misses.count = 0
    const watch = new LoopWatch()
    const began = performance.now()
    await askAll(source, order, atOnce)
    const seconds = (performance.now() - began) / 1000
    const { busyMs, worstDelayMs } = watch.stop()
    const { rssMib, heapMib } = memory()
    await checkSome(source, bytes, images)
    await source.close()
    return {
      operationsPerSecond: operations / seconds,
      missPercent: (source.missed(operations) / operations) * 100,
      mainUs: (busyMs * 1000) / operations,
      worstDelayMs,
      heapMib,
      rssMib,
    }
  },
}

/** What the main thread asks: get(number), and how many of its answers had to be rendered. */
async function createSource(implementation, bytes, images) {
  // Why a little more: keys, and what is fixed, count too.
  const maxBytes = Math.ceil(bytes * images * 1.05) + 2 ** 20
  return implementation === POOL
    ? createPoolSource(bytes, maxBytes)
    : createPiscinaSource(implementation === MOVED ? 'renderMoved' : 'render', bytes, images)
}

function createPoolSource(bytes, maxBytes) {
  const cache = new SharedCache({ maxBytes, maxEntryBytes: 2 * bytes, policy: 'lru' })
  const pool = new CachePool({
    cache,
    filename: LOADERS,
    minThreads: WORKERS,
    maxThreads: WORKERS,
  })
  let completed = 0
  return {
    misses: {
      set count(_) {
        completed = pool.stats().completed
      },
    },
    missed: () => pool.stats().completed - completed,
    get: (number) => pool.getOrSet(`image:${number}`, 'render', { number, bytes }),
    async close() {
      await pool.close()
      cache.close()
    },
  }
}

/** Whoever asks for an image that is being rendered waits for the same task, as in the pool. */
function createPiscinaSource(name, bytes, images) {
  const options = { minThreads: WORKERS, maxThreads: WORKERS }
  const piscina = new Piscina({ filename: fileURLToPath(LOADERS), name, ...options })
  const cache = new LRUCache({
    maxSize: bytes * images,
    sizeCalculation: (value) => value.byteLength,
    // Why: an image that is evicted while it is rendered would else be an error.
    ignoreFetchAbort: true,
    fetchMethod: (key) => {
      misses.count++
      return piscina.run({ number: Number(key.slice('image:'.length)), bytes })
    },
  })
  const misses = { count: 0 }
  return {
    misses,
    missed: () => misses.count,
    get: (number) => cache.fetch(`image:${number}`),
    close: () => piscina.destroy(),
  }
}

/** So many callers at a time, each asking for the next number when it has its image. */
async function askAll(source, order, atOnce) {
  let next = 0
  const ask = async () => {
    while (next < order.length) {
      const number = order[next++]
      assert.equal(readNumber(await source.get(number)), number)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, ask))
}

function readNumber(image) {
  return image[0] | (image[1] << 8) | (image[2] << 16) | (image[3] << 24)
}

async function checkSome(source, bytes, images) {
  for (let number = 0; number < images; number += CHECK_STEP) {
    const image = Buffer.from(await source.get(number))
    assert.ok(image.equals(render({ number, bytes })), `image ${number} is another`)
  }
}
