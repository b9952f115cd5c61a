/** Sets of new keys into a full cache: each evicts another entry. */
import assert from 'node:assert/strict'
import { Keys, Values } from '../data/keys-and-values.mjs'
import { collect, timeBatches } from '../measuring/measure.mjs'
import {
  BENTOCACHE,
  CACHEABLE,
  createCache,
  HOTSET,
  HOTSET_LRU,
  LRU_CACHE,
  MAP,
  MNEMONIST,
  openCache,
  QUICK_LRU,
  REDIS,
  SYNCHRONOUS_PEERS,
  TTLCACHE,
} from '../peers/caches.mjs'
import { BATCH, fill, setBatch } from '../peers/call-batches.mjs'

const VALUE_BYTES = 100
const SAMPLE_COUNT = 7000

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Set at capacity',
  about: `The cache is full and each set brings a new key, so each evicts an entry. Keys of 16
characters and values of ${VALUE_BYTES}, all strings made just before the batch is timed. hotset is
bounded in bytes, and so is Redis, in the same; the others in entries, at the number that hotset holds in
those bytes. quick-lru keeps up to twice as many as it is told (its own count leaves them out), and evicts
them all at once now and then. Map, keyv and lmdb are left out: they have no bound. So is @isaacs/ttlcache: to evict one
entry it looks through all the times at which entries expire, which took 14 ms a set here. cacheable and bentocache
are awaited set by set; ${BATCH.toLocaleString('en')} sets go out to Redis together.`,
  baseline: LRU_CACHE,
  implementations: [
    HOTSET,
    HOTSET_LRU,
    ...SYNCHRONOUS_PEERS.filter((name) => name !== MAP && name !== TTLCACHE),
    CACHEABLE,
    BENTOCACHE,
    REDIS,
  ],
  rounds: 3,
  cases: [
    { name: '16 MiB', maxBytes: 16 * 2 ** 20, keys: 400_000 },
    {
      name: '128 MiB',
      maxBytes: 128 * 2 ** 20,
      keys: 3_200_000,
      rounds: 2,
      only: [HOTSET, HOTSET_LRU, LRU_CACHE, MNEMONIST, QUICK_LRU],
    },
  ],
  smokeCases: [
    {
      name: '2 MiB',
      maxBytes: 2 * 2 ** 20,
      keys: 50_000,
      only: [HOTSET, HOTSET_LRU, LRU_CACHE, MNEMONIST, BENTOCACHE],
    },
  ],
  metrics: [
    { key: 'nsPerOp', title: 'ns a set', digits: 0, ratio: 'speed' },
    { key: 'nsPerOpP99', title: 'ns a set, p99 of batches', digits: 0 },
    { key: 'entries', title: 'entries held', digits: 0 },
  ],
  chart: {
    metric: 'nsPerOp',
    title: 'Set of a new key into a full cache, ns (less is better)',
    logarithmic: true,
    from: 100,
  },
  aims: ['16 MiB', '128 MiB'].map((name) => ({
    case: name,
    implementation: HOTSET,
    metric: 'nsPerOp',
    of: 'ratio',
    atLeast: 1,
  })),

  async run({ implementation, parameters, seed, smoke }) {
    const { maxBytes, keys: count } = parameters
    const opened = await openCache(implementation, {
      maxEntries: entriesIn(maxBytes, count, seed),
      hotset: { maxBytes },
      redis: { maxBytes },
    })
    const keys = new Keys(count, seed)
    const values = new Values(VALUE_BYTES, seed)
    const filled = count / 2
    await fill(
      opened,
      filled,
      (index) => keys.fresh(index),
      (index) => values.fresh(index),
    )
    collect()

    let number = filled
    const newKeys = Array(BATCH).fill('')
    const newValues = Array(BATCH).fill('')
    const prepare = () => {
      for (let at = 0; at < BATCH; at++) {
        newKeys[at] = keys.fresh(number)
        newValues[at] = values.fresh(number)
        number = (number + 1) % count
      }
    }
    prepare()
    const result = await timeBatches({
      prepare,
      batch: setBatch(opened, newKeys, newValues),
      operations: BATCH,
      timeMs: smoke ? 50 : 300,
    })
    const found = await checkHeld(opened.cache, keys, values, count)
    assert.ok(found > 0)
    const entries = opened.cache.size
    await opened.close()
    return { ...result, entries }
  },
}

/** How many entries hotset holds in so many bytes: fills a cache of its own with these keys. */
function entriesIn(maxBytes, count, seed) {
  const cache = createCache(HOTSET_LRU, { hotset: { maxBytes } })
  const keys = new Keys(count, seed)
  const values = new Values(VALUE_BYTES, seed)
  for (let number = 0; number < count; number++) cache.set(keys.fresh(number), values.fresh(number))
  const { size } = cache
  cache.close()
  assert.ok(size < count * 0.4, 'the keys do not fill the cache')
  return size
}

/** Every answer is the value of its key; how many there were, of a sample. */
async function checkHeld(cache, keys, values, count) {
  let found = 0
  for (let number = 0; number < count; number += Math.ceil(count / SAMPLE_COUNT)) {
    const value = await cache.get(keys.fresh(number))
    if (value === undefined) continue
    assert.equal(value, values.fresh(number))
    found++
  }
  return found
}
