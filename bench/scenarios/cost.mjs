/** What loads cost in milliseconds where keys differ in it, and what a policy that weighs it saves. */
import assert from 'node:assert/strict'
import { below, zipfBelow } from '../data/draws.mjs'
import { Keys } from '../data/keys-and-values.mjs'
import { Random } from '../harness/build.mjs'
import { boundedBy } from '../parts/traces.mjs'
import { createCache, HOTSET_LRU, LRU_CACHE } from '../peers/caches.mjs'

const COST = "hotset, favor 'cost'"
const OBJECTS = "hotset, favor 'objects'"
const HOTSET_OPTIONS = new Map([
  [COST, { favor: 'cost' }],
  [OBJECTS, { favor: 'objects' }],
])
const ZIPF_EXPONENT = 0.9
const COSTS_MS = [1, 10, 100]
const SHARES = [0.01, 0.05, 0.2]

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Milliseconds in loads',
  about: `Zipf-distributed reads (exponent ${ZIPF_EXPONENT}), read-through, cold start, one shard, near cache off, at a share of
the keys as maxEntries. A key's load takes ${COSTS_MS.join(', ')} ms: drawn by key, each as likely, whatever its
popularity. That time is added up, never waited for, and nothing else is timed. hotset is told it with
\`set(key, value, { cost })\`, as \`getOrSet\` would measure it; to the others it means nothing. "no cache" loads at
every read. Which keys take long, and the reads, are others in each round, and within a round the same for all. The
figures are the same in every run, but for the engine's hashes, which are seeded at random for each cache.`,
  baseline: LRU_CACHE,
  implementations: [COST, OBJECTS, HOTSET_LRU, LRU_CACHE],
  rounds: 3,
  cases: casesOf(100_000, 2_000_000, SHARES),
  smokeCases: casesOf(20_000, 100_000, [0.05]),
  metrics: [
    { key: 'loadMs', title: 'ms in loads a read', digits: 2, ratio: 'share' },
    { key: 'savedMs', title: 'saved to no cache, ms a read', digits: 2, better: 'more' },
    { key: 'savedPercent', title: 'saved, %', digits: 1, better: 'more' },
    { key: 'hitPercent', title: 'object hit ratio, %', digits: 1, better: 'more' },
  ],
  chart: { metric: 'loadMs', title: 'Loads, ms a read (less is better)' },

  run({ implementation, parameters, seed }) {
    const { keys, reads, entries } = parameters
    const cache = openCache(implementation, entries)
    const { hits, loadMs, uncachedMs } = readThrough(cache, new Origin(keys, seed), reads, seed)
    assert.equal(cache.size, entries, 'the cache is not full')
    return {
      loadMs: loadMs / reads,
      savedMs: (uncachedMs - loadMs) / reads,
      savedPercent: (1 - loadMs / uncachedMs) * 100,
      hitPercent: (hits / reads) * 100,
    }
  },
}

/** What is behind the cache: keys, and how long the load of each takes. */
class Origin {
  #keys
  #costsMs
  #next

  constructor(count, seed) {
    const random = new Random(seed)
    this.#keys = new Keys(count, seed)
    this.#costsMs = Uint8Array.from(
      { length: count },
      () => COSTS_MS[below(random, COSTS_MS.length)],
    )
    this.#next = zipfBelow(count, ZIPF_EXPONENT)
  }

  /** Which one is asked for next: a new string for its key, its value, and what it would take to load that. */
  draw(random) {
    const value = this.#next(random)
    return { key: this.#keys.fresh(value), value, costMs: this.#costsMs[value] }
  }
}

function readThrough(cache, origin, reads, seed) {
  const random = new Random(seed + 1)
  let [hits, loadMs, uncachedMs] = [0, 0, 0]
  for (let read = 0; read < reads; read++) {
    const { key, value, costMs } = origin.draw(random)
    uncachedMs += costMs
    const found = cache.get(key)
    if (found === undefined) {
      loadMs += costMs
      cache.set(key, value, { cost: costMs })
    } else {
      assert.equal(found, value)
      hits++
    }
  }
  return { hits, loadMs, uncachedMs }
}

function casesOf(keys, reads, shares) {
  return shares.map((share) => ({
    name: `${share * 100}% of the keys`,
    keys,
    reads,
    entries: keys * share,
  }))
}

/** Why the options to all: lru-cache knows no option `cost`, and passes over it. */
function openCache(implementation, maxEntries) {
  const hotset = {
    ...boundedBy(maxEntries),
    ...HOTSET_OPTIONS.get(implementation),
    shards: 1,
    near: false,
  }
  return createCache(implementation, { maxEntries, hotset })
}
