/** Gets by 1, 2 and 4 threads, all hits: what one cache for all threads gives. */
import { threadScenario } from '../threads/scenario.mjs'
import { EXPONENT } from '../threads/workload.mjs'

/** A little more than 100,000 entries take. */
const ROOMY = { maxBytes: 18 * 2 ** 20, maxEntries: 108_000 }

export const scenario = threadScenario({
  title: 'Gets by several threads',
  about: `Every thread gets keys that are all in the cache: a hot set of 1,000 in random order, or
100,000 in a Zipf distribution (exponent ${EXPONENT}), where the caches of single threads have no room for
all of them.`,
  chartTitle: 'Gets a second, all threads together (more is better)',
  loads: [
    { name: '1,000 hot keys', keyCount: 1000, ...ROOMY, distribution: 'uniform' },
    { name: '100,000 keys', keyCount: 100_000, ...ROOMY, distribution: 'zipf' },
  ],
  smokeLoad: { name: '1,000 hot keys', keyCount: 1000, ...ROOMY, distribution: 'uniform' },
  setPercent: 0,
  rateAims: true,
  latencyAim: false,
})
