/** Hit ratios by objects and by bytes, on traces whose objects differ in size. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { LRUCache } from 'lru-cache'
import { importBuilt, SharedCache } from '../harness/build.mjs'
import { LRU_CACHE } from '../peers/caches.mjs'

/** Traces are not part of the repository; a folder beside it, or the one that this names. */
const folder =
  process.env.HOTSET_TRACES ?? fileURLToPath(new URL('../../../shared/traces', import.meta.url))
const OBJECTS = "hotset, favor 'objects'"
const BYTES = "hotset, favor 'bytes'"
const GDSF = 'GDSF, simulated'
const W_TINYLFU = 'W-TinyLFU by size, simulated'
const SIMULATED = new Map([
  [GDSF, 'gdsf'],
  [W_TINYLFU, 'w-tinylfu'],
])
const TRACES = [
  { name: 'cloudPhysicsIO', file: 'cloudPhysicsIO.oracleGeneral.gz', format: 'oracleGeneral' },
  { name: 'adaptsize', file: 'adaptsize.csv.gz', format: 'columns' },
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

  unavailable: () => (existsSync(folder) ? undefined : `there are no traces in ${folder}`),

  async run({ implementation, parameters }) {
    const trace = await loadTrace(parameters)
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
  return TRACES.flatMap(({ name, file, format }) =>
    shares.map((share) => ({
      name: `${name}, ${share * 100}%`,
      file,
      format,
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
async function loadTrace({ file, format, requests }) {
  const { describeFiles, FileTrace } = await importBuilt('src/replay/trace.js')
  const columns =
    format === 'columns' ? { columns: { time: 1, key: 2, size: 3 }, delimiter: ' ' } : {}
  const files = await describeFiles([`${folder}/${file}`], format, columns)
  const limit = requests ?? Number.POSITIVE_INFINITY
  const numbers = new Map()
  const [keys, bytes] = [[], []]
  let distinctBytes = 0
  for await (const block of new FileTrace(files).blocks()) {
    for (let at = 0; at < block.length && keys.length < limit; at++) {
      const size = Math.max(1, block.sizeBytes[at])
      let number = numbers.get(block.keys[at])
      if (number === undefined) {
        number = numbers.size
        numbers.set(block.keys[at], number)
        distinctBytes += size
      }
      keys.push(number)
      bytes.push(size)
    }
    if (keys.length >= limit) break
  }
  const length = keys.length
  const keyCount = numbers.size
  return {
    length,
    keyCount,
    distinctBytes,
    keys: Uint32Array.from(keys),
    bytes: Uint32Array.from(bytes),
  }
}
