/** Hit ratios of the real engine over real traces. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importBuilt, SharedCache } from '../harness/build.mjs'
import { HOTSET_LRU } from '../peers/caches.mjs'

/** Traces are not part of the repository; a folder beside it, or the one that this names. */
const folder =
  process.env.HOTSET_TRACES ?? fileURLToPath(new URL('../../../shared/traces', import.meta.url))
const ADAPTIVE = 'hotset, adaptive'
const VALUE = true
const SMOKE_REQUESTS = 20_000
const BYTES_PER_ENTRY = 256

/** Entries, and what the best fixed policies and Caffeine reach in per cent (simulations, but Caffeine). */
const CELLS = [
  [
    'OLTP.lis.gz',
    [512, 23.7, 32.7, 32.5],
    [1000, 32.8, 40.9, 39.9],
    [2048, 42.8, 47.2, 46.5],
    [8192, 58.9, 60.8, 60.8],
  ],
  ['P3.lis.gz', [4096, 1.3, 2.5, 2.2], [32768, 3.6, 17.5, 18.1], [131072, 44.8, 48.7, 43.4]],
  ['P6.lis.gz', [16384, 1.7, 12.2, 13.2], [65536, 17.8, 40.9, 56.1], [262144, 90.2, 90.3, 86.5]],
  ['w106.u32be.gz', [2048, 78.5, 80.3, 79.9], [16384, 87.5, 89.1, 89.8], [65536, 93.6, 93.5, 94.3]],
  [
    'orm-busy.u32be.gz',
    [512, 69.6, 70.0, 67.7],
    [4096, 84.6, 85.7, 84.7],
    [20000, 93.6, 94.1, 94.2],
  ],
  ['web12.u32be.gz', [512, 56.1, 61.1, 59.8], [2048, 72.8, 75.6, 73.1], [8192, 84.0, 84.1, 84.2]],
  [
    'cloudPhysicsIO.oracleGeneral.gz',
    [512, 16.2, 17.0, 16.9],
    [2048, 17.3, 18.4, 18.7],
    [10000, 30.2, 33.6, 28.1],
  ],
  [
    'weblog-424.slt.gz',
    [512, 30.8, 38.7, 37.4],
    [2048, 45.5, 53.0, 50.1],
    [8192, 60.8, 63.8, 63.5],
  ],
  ['loop.lirs.gz', [250, 0.0, 22.2, 23.1], [500, 0.0, 44.4, 47.6], [900, 0.0, 61.6, 78.2]],
  ['multi2.lirs.gz', [500, 36.0, 49.8, 48.2], [1500, 48.3, 60.9, 62.7]],
]
const SMOKE_TRACES = ['loop.lirs.gz', 'multi2.lirs.gz']

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Hit ratio',
  about: `Unit-size entries, cold start, read-through, one shard, bounded by entries, near cache off (its hits
reach the policy as a sample only). The traces are public ones. The columns of others are figures from
simulation (LRU, S3-FIFO) and from Caffeine itself (its main branch of August 2026), on the same traces
and sizes: W-TinyLFU with an adaptive window.`,
  implementations: [ADAPTIVE, HOTSET_LRU],
  rounds: 1,
  cases: cellsOf(() => true, Number.POSITIVE_INFINITY),
  smokeCases: cellsOf((trace) => SMOKE_TRACES.includes(trace), SMOKE_REQUESTS),
  metrics: [
    { key: 'hitPercent', title: 'hits, %', digits: 2, better: 'more' },
    { key: 'overLru', title: 'above LRU, points', digits: 2, better: 'more' },
    { key: 'overS3Fifo', title: 'above S3-FIFO', digits: 2, better: 'more' },
    { key: 'overCaffeine', title: 'above Caffeine', digits: 2, better: 'more' },
    { key: 'nsPerOp', title: 'ns a request', digits: 0, better: 'less' },
  ],
  chart: {
    metric: 'overCaffeine',
    only: [ADAPTIVE],
    title: 'Hit ratio above Caffeine, points (more is better)',
  },

  unavailable: () => (existsSync(folder) ? undefined : `there are no traces in ${folder}`),

  async run({ implementation, parameters }) {
    const { trace, entries, requests, others } = parameters
    const { keys, order } = await loadTrace(`${folder}/${trace}`, requests)
    const cache = new SharedCache({
      maxBytes: 2 ** 24 + entries * BYTES_PER_ENTRY,
      maxEntries: entries,
      shards: 1,
      near: false,
      policy: implementation === ADAPTIVE ? 'adaptive' : 'lru',
    })
    let hits = 0
    const began = performance.now()
    for (let at = 0; at < order.length; at++) {
      const key = keys[order[at]]
      if (cache.get(key) === VALUE) hits++
      else cache.set(key, VALUE)
    }
    const ms = performance.now() - began
    assert.ok(cache.size <= entries)
    const hitPercent = (hits / order.length) * 100
    const whole = requests === null
    return {
      hitPercent,
      overLru: whole ? hitPercent - others[0] : Number.NaN,
      overS3Fifo: whole ? hitPercent - others[1] : Number.NaN,
      overCaffeine: whole ? hitPercent - others[2] : Number.NaN,
      nsPerOp: (ms * 1e6) / order.length,
    }
  },
}

/** @param requests how many of a trace; null, in the case, for all */
function cellsOf(isWanted, requests) {
  return CELLS.filter(([trace]) => isWanted(trace)).flatMap(([trace, ...cells]) =>
    cells.map(([entries, ...others]) => ({
      name: `${trace.split('.')[0]}, ${entries.toLocaleString('en')}`,
      trace,
      entries,
      others,
      requests: Number.isFinite(requests) ? requests : null,
    })),
  )
}

/** Each key once, and which one each request is for. */
async function loadTrace(path, requests) {
  const { describeFiles, FileTrace } = await importBuilt('src/replay/trace.js')
  const indexByKey = new Map()
  const order = []
  const limit = requests ?? Number.POSITIVE_INFINITY
  for await (const block of new FileTrace(await describeFiles([path], undefined, {})).blocks()) {
    for (let at = 0; at < block.length && order.length < limit; at++) {
      const key = block.keys[at]
      let index = indexByKey.get(key)
      if (index === undefined) {
        index = indexByKey.size
        indexByKey.set(key, index)
      }
      order.push(index)
    }
    if (order.length >= limit) break
  }
  return { keys: [...indexByKey.keys()], order }
}
