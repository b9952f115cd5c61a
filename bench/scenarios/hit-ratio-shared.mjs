/** What several shards and the near cache take from the hit ratio: the policy sees less of the traffic. */
import assert from 'node:assert/strict'
import { SharedCache } from '../harness/build.mjs'
import {
  boundedBy,
  hitPercentOf,
  loadTrace,
  smokeTraceCases,
  traceCases,
  tracesUnavailable,
} from '../parts/traces.mjs'

const ADAPTIVE = 'hotset, adaptive'
const MEAN = 'mean of the cells'
/** What a cache of 2,048 entries and more gets by default on two cores, if its memory allows it. */
const SHARDS = 8
const LEAST_ENTRIES = 250 * SHARDS
const SMOKE_ENTRIES = 500
/** Points. */
const MOST_LOST = 0.3

/** Options of each variant beside the bound; the first is what the others are compared with. */
const VARIANTS = {
  alone: { shards: 1, near: false },
  shards: { shards: SHARDS, near: false },
  near: { shards: 1 },
  both: { shards: SHARDS },
}
const LOST = { shards: `lost by ${SHARDS} shards, points`, near: 'by near', both: 'by both' }

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Hit ratio with shards and near cache',
  about: `As [hit-ratio](hit-ratio.md), on the cells that leave each of ${SHARDS} shards 250 entries, four times in a
process: one shard without a near cache, ${SHARDS} shards, the default near cache (4,096 entries; its hits reach the
policy as a sample), and both. By default a cache of two cores has ${SHARDS} shards if maxBytes is 64 MiB and
maxEntries 2,048, or more. Each of the four draws its hash seed anew, so single cells differ by chance, too (see
their spread), the mean hardly.`,
  implementations: [ADAPTIVE],
  rounds: 2,
  cases: traceCases(LEAST_ENTRIES),
  smokeCases: smokeTraceCases(SMOKE_ENTRIES),
  mean: MEAN,
  metrics: [
    { key: 'alone', title: 'one shard, near off: hits, %', digits: 2, better: 'more' },
    ...Object.entries(LOST).map(([key, title]) => ({
      key: lostBy(key),
      title,
      digits: 2,
      better: 'less',
    })),
  ],
  chart: { metric: lostBy('both'), title: 'Points lost by shards and near cache (less is better)' },
  aims: Object.keys(LOST).map((key) => ({
    case: MEAN,
    implementation: ADAPTIVE,
    metric: lostBy(key),
    of: 'value',
    atMost: MOST_LOST,
  })),
  unavailable: tracesUnavailable,

  async run({ parameters }) {
    const { trace, entries, requests } = parameters
    const loaded = await loadTrace(trace, requests)
    const hits = {}
    for (const [variant, options] of Object.entries(VARIANTS)) {
      const cache = new SharedCache({ ...boundedBy(entries), ...options })
      hits[variant] = hitPercentOf(loaded, cache)
      assert.equal(cache.stats().perShard.length, options.shards)
      cache.close()
    }
    const lost = Object.keys(LOST).map((key) => [lostBy(key), hits.alone - hits[key]])
    return { alone: hits.alone, ...Object.fromEntries(lost) }
  },
}

function lostBy(variant) {
  return `${variant}Lost`
}
