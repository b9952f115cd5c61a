/** Sets of new keys into a full cache: each evicts another entry. */
import assert from 'node:assert/strict'
import { createCache, HOTSET, HOTSET_LRU, LRU_CACHE } from '../harness/caches.mjs'
import { Keys, Values } from '../harness/data.mjs'
import { collect, timeBatches } from '../harness/measure.mjs'

/** Short against a time slice, so that a batch is seldom interrupted. */
const BATCH = 1000
const VALUE_BYTES = 100
/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Set at capacity',
  about: `The cache is full and each set brings a new key, so each evicts an entry. Keys of 16
characters and values of ${VALUE_BYTES}, all strings made just before the batch is timed. hotset is
bounded in bytes; lru-cache in entries, at the number that hotset holds in those bytes.`,
  baseline: LRU_CACHE,
  implementations: [HOTSET, HOTSET_LRU, LRU_CACHE],
  rounds: 5,
  cases: [
    { name: '16 MiB', maxBytes: 16 * 2 ** 20, keys: 400_000 },
    { name: '128 MiB', maxBytes: 128 * 2 ** 20, keys: 3_200_000 },
  ],
  smokeCases: [{ name: '2 MiB', maxBytes: 2 * 2 ** 20, keys: 50_000 }],
  metrics: [
    { key: 'nsPerOp', title: 'ns a set', digits: 0, ratio: 'speed' },
    { key: 'nsPerOpP99', title: 'ns a set, p99 of batches', digits: 0 },
    { key: 'entries', title: 'entries held', digits: 0 },
  ],
  chart: { metric: 'nsPerOp', title: 'Set of a new key into a full cache, ns (less is better)' },

  async run({ implementation, parameters, seed, smoke }) {
    const { maxBytes, keys: count } = parameters
    const bounds = { maxEntries: entriesIn(maxBytes, count, seed), hotset: { maxBytes } }
    const cache = createCache(implementation, bounds)
    const keys = new Keys(count, seed)
    const values = new Values(VALUE_BYTES, seed)
    let number = 0
    const next = () => {
      number = (number + 1) % count
      return number
    }
    for (let filled = 0; filled < count / 2; filled++) {
      const index = next()
      cache.set(keys.fresh(index), values.fresh(index))
    }
    collect()

    const newKeys = Array(BATCH).fill('')
    const newValues = Array(BATCH).fill('')
    const prepare = () => {
      for (let at = 0; at < BATCH; at++) {
        const index = next()
        newKeys[at] = keys.fresh(index)
        newValues[at] = values.fresh(index)
      }
    }
    const batch = () => {
      for (let at = 0; at < BATCH; at++) cache.set(newKeys[at], newValues[at])
    }
    const result = await timeBatches({
      prepare,
      batch,
      operations: BATCH,
      timeMs: smoke ? 50 : 1000,
    })
    const found = checkHeld(cache, keys, values, count)
    assert.ok(found > 0)
    return { ...result, entries: cache.size }
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

/** Every answer is the value of its key; how many there were. */
function checkHeld(cache, keys, values, count) {
  let found = 0
  for (let number = 0; number < count; number += 7) {
    const value = cache.get(keys.fresh(number))
    if (value === undefined) continue
    assert.equal(value, values.fresh(number))
    found++
  }
  return found
}
