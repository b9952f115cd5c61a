/** Hit ratios of the real engine over real traces, beside what others are known to hit there. */
import assert from 'node:assert/strict'
import { SharedCache } from '../harness/build.mjs'
import { OTHERS } from '../parts/published-hit-ratios.mjs'
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
/** Points. */
const MOST_BELOW_BEST = 0.5
const MEAN_ABOVE_CAFFEINE = 1

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Hit ratio',
  about: `The real engine through the public API. Unit-size entries, cold start, read-through, one shard, bounded
by entries, near cache off. The traces are public ones; those of one trace run in one process. Hashes are seeded
at random for each cache, so figures vary from round to round. The columns from OPT to mini-sim are facts from
elsewhere on the same traces and sizes, not measured here: OPT (Belady's offline optimum), LRU, ARC, S3-FIFO and
W-TinyLFU with a window of 1% are simulations, Caffeine is the Java library itself (3.2.2, and its main branch of
August 2026), and mini-sim simulates the design that the engine began from. "to the best" is to the better one of
LRU and Caffeine main. What default shards and the near cache change: [hit-ratio-shared](hit-ratio-shared.md).`,
  implementations: [ADAPTIVE],
  rounds: 3,
  cases: traceCases(),
  smokeCases: smokeTraceCases(),
  mean: MEAN,
  metrics: [
    { key: 'hitPercent', title: 'hits, %', digits: 2, better: 'more' },
    { key: 'overBest', title: 'to the best, points', digits: 2, better: 'more' },
    { key: 'overCaffeine', title: 'to Caffeine main', digits: 2, better: 'more' },
    { key: 'overLru', title: 'to LRU', digits: 2, better: 'more' },
    ...OTHERS.map((name) => ({ key: name, title: name, digits: 1 })),
  ],
  chart: {
    metric: 'overBest',
    title: 'Hit ratio to the best of LRU and Caffeine, points (more is better)',
  },
  aims: [
    { implementation: ADAPTIVE, metric: 'overBest', of: 'value', atLeast: -MOST_BELOW_BEST },
    {
      case: MEAN,
      implementation: ADAPTIVE,
      metric: 'overCaffeine',
      of: 'value',
      atLeast: MEAN_ABOVE_CAFFEINE,
    },
  ],
  unavailable: tracesUnavailable,

  async run({ parameters }) {
    const { trace, entries, requests, others } = parameters
    const cache = new SharedCache({ ...boundedBy(entries), shards: 1, near: false })
    const hitPercent = hitPercentOf(await loadTrace(trace, requests), cache)
    assert.ok(cache.size <= entries)
    cache.close()
    // Why not of a part: the others' figures are of the whole trace.
    if (requests !== undefined) return { hitPercent }
    return {
      hitPercent,
      overBest: hitPercent - Math.max(others.LRU, others['Caffeine main']),
      overCaffeine: hitPercent - others['Caffeine main'],
      overLru: hitPercent - others.LRU,
      ...others,
    }
  },
}
