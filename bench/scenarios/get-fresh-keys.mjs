/** Gets with Zipf-distributed keys that are built afresh for each call, as a server's are. */
import assert from 'node:assert/strict'
import { createCache, HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, MAP } from '../harness/caches.mjs'
import { drawIndices, Keys, numberOf, Values } from '../harness/data.mjs'
import { Zipf } from '../harness/hotset.mjs'
import { timeBatches } from '../harness/measure.mjs'

/** Short against a time slice, so that a batch is seldom interrupted. */
const BATCH = 1000
const VALUE_BYTES = 16
const EXPONENT = 0.99

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Get, keys built afresh',
  about: `All keys are in the cache; which is asked for follows a Zipf distribution (exponent ${EXPONENT}).
Each call has a new string for its key, made before the batch is timed: it has to be hashed and
compared, which a get with the same string as last time does not. Keys of 16 characters, values of
${VALUE_BYTES}; hotset's near cache has its default of 4,096 entries.`,
  baseline: LRU_CACHE,
  implementations: [HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, MAP],
  rounds: 5,
  cases: [{ name: '100,000 keys', keys: 100_000, draws: 1_000_000 }],
  smokeCases: [{ name: '2,000 keys', keys: 2000, draws: 20_000 }],
  metrics: [
    { key: 'nsPerOp', title: 'ns a get', digits: 1, ratio: 'speed' },
    { key: 'nsPerOpP99', title: 'ns a get, p99 of batches', digits: 1 },
  ],
  chart: { metric: 'nsPerOp', title: 'Get with keys built afresh, ns (less is better)' },

  async run({ implementation, parameters, seed, smoke }) {
    const { keys: count, draws } = parameters
    const cache = createCache(implementation, {
      maxEntries: count * 2,
      hotset: { maxBytes: '64mb' },
    })
    const keys = new Keys(count, seed)
    const values = new Values(VALUE_BYTES, seed)
    for (let number = 0; number < count; number++) {
      cache.set(keys.fresh(number), values.fresh(number))
    }

    const zipf = new Zipf(count, EXPONENT)
    const indices = drawIndices(draws, count, seed, (random) => zipf.next(random) - 1)
    const asked = Array(BATCH).fill('')
    const answers = Array(BATCH).fill('')
    let start = 0
    const prepare = () => {
      start = (start + BATCH) % draws
      for (let at = 0; at < BATCH; at++) asked[at] = keys.fresh(indices[start + at])
    }
    const batch = () => {
      for (let at = 0; at < BATCH; at++) answers[at] = cache.get(asked[at])
    }
    const result = await timeBatches({
      prepare,
      batch,
      operations: BATCH,
      timeMs: smoke ? 50 : 1000,
    })
    for (let at = 0; at < BATCH; at++) assert.equal(numberOf(answers[at]), indices[start + at])
    return result
  },
}
