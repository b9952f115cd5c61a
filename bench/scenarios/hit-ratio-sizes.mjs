/** Hit ratios by objects and by bytes, on traces whose objects differ in size. */
import assert from 'node:assert/strict'
import { LRUCache } from 'lru-cache'
import { importBuilt, SharedCache } from '../harness/build.mjs'
import { loadSizedTrace, tracesUnavailable } from '../parts/traces.mjs'
import { LRU_CACHE } from '../peers/caches.mjs'

const OBJECTS = "hotset, favor 'objects'"
const BYTES = "hotset, favor 'bytes'"
const GDSF = 'GDSF, simulated'
const W_TINYLFU = 'W-TinyLFU by size, simulated'
const SIMULATED = new Map([
  [GDSF, 'gdsf'],
  [W_TINYLFU, 'w-tinylfu'],
])
const TRACES = [
  { name: 'cloudPhysicsIO', file: 'cloudPhysicsIO.oracleGeneral.gz', layout: {} },
  {
    name: 'adaptsize',
    file: 'adaptsize.csv.gz',
    layout: { columns: { time: 1, key: 2, size: 3 }, delimiter: ' ' },
  },
]
const SHARES = [0.02, 0.05, 0.1, 0.2]
const SMOKE_REQUESTS = 5000
const LEAST_BYTES = 2 ** 22

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Hit ratio by size',
  about: `Objects of very different sizes (512 B to 68 KiB, 43 B to 4 MiB), read-through, cold start, one shard,
at a share of the bytes of all distinct objects. hotset stores real Buffers in \`maxBytes\`, which bounds its own
overhead too; lru-cache counts the objects' sizes alone (\`maxSize\`), and so do GDSF and W-TinyLFU with size-aware
admission, which are simulations (\`src/simulation\`). An object above a tenth of the cache is never stored by
hotset (\`maxEntryBytes\`).`,
  implementations: [OBJECTS, BYTES, LRU_CACHE, GDSF, W_TINYLFU],
  rounds: 3,
  cases: casesOf(Number.POSITIVE_INFINITY, SHARES),
  smokeCases: casesOf(SMOKE_REQUESTS, [0.1]),
  metrics: [
    { key: 'objectPercent', title: 'object hit ratio, %', digits: 1, better: 'more' },
    { key: 'bytePercent', title: 'byte hit ratio, %', digits: 1, better: 'more' },
  ],
  chart: { metric: 'objectPercent', title: 'Object hit ratio, % (more is better)' },

  unavailable: () => tracesUnavailable(TRACES.map(({ file }) => file)),

  async run({ implementation, parameters }) {
    const trace = await readSizes(parameters)
    const capacity = Math.max(LEAST_BYTES, Math.floor(trace.distinctBytes * parameters.share))
    const access = SIMULATED.has(implementation)
      ? await simulation(SIMULATED.get(implementation), capacity, trace)
      : realCache(implementation, capacity)
    let [hits, hitBytes, allBytes] = [0, 0, 0]
    for (let at = 0; at < trace.length; at++) {
      const bytes = trace.bytes[at]
      allBytes += bytes
      if (!access(trace.keys[at], bytes, at)) continue
      hits++
      hitBytes += bytes
    }
    return {
      objectPercent: (hits / trace.length) * 100,
      bytePercent: (hitBytes / allBytes) * 100,
    }
  },
}

/** @param requests how many of a trace; null, in the case, for all */
function casesOf(requests, shares) {
  return TRACES.flatMap(({ name, file, layout }) =>
    shares.map((share) => ({
      name: `${name}, ${share * 100}%`,
      file,
      layout,
      share,
      requests: Number.isFinite(requests) ? requests : null,
    })),
  )
}

async function simulation(policy, capacity, requests) {
  const { REFERENCE_POLICIES } = await importBuilt('src/simulation/policies.js')
  const { keyCount } = requests
  const simulated = REFERENCE_POLICIES[policy].create({ capacity, keyCount, requests })
  return (key, bytes, at) => simulated.access(key, bytes, at)
}

function realCache(implementation, capacity) {
  if (implementation === LRU_CACHE) {
    const cache = new LRUCache({ maxSize: capacity, sizeCalculation: (bytes) => bytes })
    return (key, bytes) => cache.get(key) !== undefined || !cache.set(key, bytes)
  }
  const favor = implementation === OBJECTS ? 'objects' : 'bytes'
  const options = { maxBytes: capacity, shards: 1, near: false, codec: 'bytes', favor }
  const cache = new SharedCache(options)
  const stored = []
  return (key, bytes) => {
    const value = cache.get(`key ${key}`)
    if (value !== undefined) {
      assert.equal(value.length, stored[key])
      return true
    }
    cache.set(`key ${key}`, Buffer.alloc(bytes))
    // Why kept: a trace may give an object another size later.
    stored[key] = bytes
    return false
  }
}

/** Keys as numbers from 0, with the sizes of their objects. */
async function readSizes({ file, layout, requests }) {
  const limit = requests ?? Number.POSITIVE_INFINITY
  const { keys, order, bytes } = await loadSizedTrace(file, limit, layout)
  const firstBytes = new Float64Array(keys.length)
  // Why backwards: an object may have another size later.
  for (let at = order.length - 1; at >= 0; at--) firstBytes[order[at]] = bytes[at]
  const distinctBytes = firstBytes.reduce((sum, size) => sum + size, 0)
  return { length: order.length, keyCount: keys.length, distinctBytes, keys: order, bytes }
}
