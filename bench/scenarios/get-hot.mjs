/** Gets of a small hot set, always with the same key strings. */
import assert from 'node:assert/strict'
import { createCache, HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, MAP } from '../harness/caches.mjs'
import { drawIndices, Keys, Values } from '../harness/data.mjs'
import { timeBatches } from '../harness/measure.mjs'

/** Short against a time slice, so that a batch is seldom interrupted. */
const BATCH = 1000
const ORDER_BATCHES = 20
const VALUE_BYTES = 16

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Get, hot keys',
  about: `All keys are in the cache; gets in random order, with the very strings the entries were set
with (so V8 knows their hashes already). Keys of 16 characters, values of ${VALUE_BYTES}. hotset's near
cache holds 4,096 values by default: of 10,000 equally hot keys it can answer a part only, and 16,384
would be the setting for such a set.`,
  baseline: LRU_CACHE,
  implementations: [HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, MAP],
  rounds: 5,
  cases: [
    { name: '1,000 keys', keys: 1000 },
    { name: '10,000 keys', keys: 10_000 },
    { name: '10,000 keys, near 16,384', keys: 10_000, near: 16_384, only: [HOTSET, LRU_CACHE] },
  ],
  smokeCases: [{ name: '1,000 keys', keys: 1000 }],
  metrics: [
    { key: 'nsPerOp', title: 'ns a get', digits: 1, ratio: 'speed' },
    { key: 'nsPerOpP99', title: 'ns a get, p99 of batches', digits: 1 },
  ],
  chart: { metric: 'nsPerOp', title: 'Get of hot keys, ns (less is better)' },
  aims: [
    { case: '1,000 keys', implementation: HOTSET, metric: 'nsPerOp', of: 'ratio', atLeast: 1 },
    {
      case: '10,000 keys, near 16,384',
      implementation: HOTSET,
      metric: 'nsPerOp',
      of: 'ratio',
      atLeast: 1,
    },
    {
      case: '1,000 keys',
      implementation: HOTSET_NEAR_OFF,
      metric: 'nsPerOp',
      of: 'ratio',
      atLeast: 0.4,
    },
    {
      case: '10,000 keys',
      implementation: HOTSET_NEAR_OFF,
      metric: 'nsPerOp',
      of: 'ratio',
      atLeast: 0.4,
    },
  ],

  async run({ implementation, parameters, seed, smoke }) {
    const { keys: count, near } = parameters
    const cache = createCache(implementation, {
      maxEntries: count * 2,
      hotset: { maxBytes: '64mb', ...(near && { near: { maxEntries: near } }) },
    })
    const keys = new Keys(count, seed).all(Array(count).keys())
    const values = new Values(VALUE_BYTES, seed)
    for (const [number, key] of keys.entries()) cache.set(key, values.fresh(number))

    const order = Array.from(
      drawIndices(BATCH * ORDER_BATCHES, count, seed),
      (index) => keys[index],
    )
    let characters = 0
    let start = 0
    const prepare = () => {
      start = (start + BATCH) % order.length
    }
    const batch = () => {
      let sum = 0
      for (let at = start; at < start + BATCH; at++) sum += cache.get(order[at]).length
      characters = sum
    }
    const result = await timeBatches({
      prepare,
      batch,
      operations: BATCH,
      timeMs: smoke ? 50 : 600,
    })
    assert.equal(characters, BATCH * VALUE_BYTES)
    for (const [number, key] of keys.entries()) assert.equal(cache.get(key), values.fresh(number))
    return result
  },
}
