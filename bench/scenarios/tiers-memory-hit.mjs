/** Hits in the memory of a cache of two tiers: what they cost beside the cache in memory alone, and beside others. */
import { zipfBelow } from '../data/draws.mjs'
import { takeTurns } from '../measuring/turns.mjs'
import {
  failOnLoad,
  HUNDRED,
  OBJECTS,
  roomFor,
  TEXTS,
  TieredReads,
} from '../parts/tiered-reads.mjs'
import { BENTOCACHE, CACHEABLE } from '../peers/names.mjs'
import { HOTSET_TIERS, openTiered, TIERED, TTL } from '../peers/tiered/tiered-caches.mjs'

const BATCH = 10 * HUNDRED
const EXPONENT = 0.99
const TIME_MS = 2000
const WITH_TTL = { ttl: TTL }

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Tiers: hits in memory',
  about: `Memory over Redis, all entries in both and with a lifetime of ten minutes; every read hits in memory.
Each read has a new string for its key, made before the batch of ${BATCH} is timed. "get" and "getOrSet" are
awaited one by one; "with options" is getOrSet whose call says the lifetime, as users write it; "together" are
${HUNDRED} gets awaited by one Promise.all. getLocal answers without a promise, which the others have not; "SharedCache"
is the same process's cache in memory asked directly, in turns with the others, and what getLocal and get take
beyond that is the overhead of the tiers. bentocache keeps JSON text and parses it at each hit, cacheable clones
objects, hotset hands out the same object while its entry is hot; each by its own defaults.`,
  baseline: BENTOCACHE,
  implementations: TIERED,
  rounds: 3,
  cases: [
    { name: `${OBJECTS}, 1,000 keys`, kind: OBJECTS, keys: 1000 },
    { name: `${TEXTS}, 1,000 keys`, kind: TEXTS, keys: 1000 },
    { name: `${OBJECTS}, 50,000 keys, Zipf`, kind: OBJECTS, keys: 50_000, isZipf: true },
  ],
  smokeCases: [{ name: `${OBJECTS}, 500 keys`, kind: OBJECTS, keys: 500 }],
  metrics: [
    { key: 'getNs', title: 'ns a get', digits: 0, ratio: 'speed' },
    { key: 'getOrSetNs', title: 'ns a getOrSet', digits: 0, ratio: 'speed' },
    { key: 'optionsNs', title: 'with options, ns', digits: 0, ratio: 'speed' },
    { key: 'togetherNs', title: 'together, ns', digits: 0, ratio: 'speed' },
    { key: 'sharedNs', title: 'SharedCache, ns', digits: 0, better: 'less' },
    { key: 'localNs', title: 'getLocal, ns', digits: 0, better: 'less' },
    { key: 'localOverNs', title: 'beyond SharedCache: getLocal, ns', digits: 0, better: 'less' },
    { key: 'getOverNs', title: 'get, ns', digits: 0, better: 'less' },
  ],
  chart: { metric: 'getNs', title: 'A get that hits in memory, ns (less is better)' },
  aims: [
    { implementation: HOTSET_TIERS, metric: 'localOverNs', of: 'value', atMost: 150 },
    { implementation: HOTSET_TIERS, metric: 'getOverNs', of: 'value', atMost: 1000 },
    ...['getNs', 'getOrSetNs'].flatMap((metric) => [
      { implementation: HOTSET_TIERS, metric, of: 'ratio', atLeast: 2 },
      { implementation: HOTSET_TIERS, metric, of: 'ratio', to: CACHEABLE, atMost: 0.5 },
    ]),
  ],

  async run({ implementation, parameters, seed, smoke }) {
    const { keys: count, kind, isZipf } = parameters
    const opened = await openTiered(implementation, { below: 'redis', ...roomFor(count) })
    const zipf = isZipf ? zipfBelow(count, EXPONENT) : undefined
    const reads = new TieredReads(opened, { count, kind, batch: BATCH, seed, zipf })
    await reads.fill()
    await reads.readAll()
    const hitsBefore = await opened.hitsBelow()

    const batches = waysOf(reads)
    const prepare = () => reads.draw()
    const ways = Object.fromEntries(
      Object.entries(batches).map(([name, batch]) => [name, { prepare, batch }]),
    )
    const turns = await takeTurns(ways, { operations: BATCH, timeMs: smoke ? 40 : TIME_MS })
    for (const batch of Object.values(batches)) {
      prepare()
      await batch()
      reads.check()
    }
    if ((await opened.hitsBelow()) !== hitsBefore) throw new Error('not all reads hit in memory')
    await opened.close()
    return resultOf(turns, batches)
  },
}

function waysOf(reads) {
  const { get, getOrSet, getLocal, getShared } = reads.opened
  return {
    get: reads.awaited(get),
    getOrSet: reads.awaited((key) => getOrSet(key, failOnLoad)),
    options: reads.awaited((key) => getOrSet(key, failOnLoad, WITH_TTL)),
    together: reads.together(get),
    ...(getLocal && { local: reads.atOnce(getLocal), shared: reads.atOnce(getShared) }),
  }
}

function resultOf(turns, batches) {
  const result = Object.fromEntries(
    Object.keys(batches).map((name) => [`${name}Ns`, turns.nsPerOp(name)]),
  )
  if (result.localNs === undefined) return result
  result.localOverNs = result.localNs - result.sharedNs
  result.getOverNs = result.getNs - result.sharedNs
  return result
}
