/** 95 gets to 5 sets by 1, 2 and 4 threads, on a cache that is full. */
import { threadScenario } from '../threads/scenario.mjs'
import { EXPONENT } from '../threads/workload.mjs'

const SET_PERCENT = 5

export const scenario = threadScenario({
  title: 'Gets and sets by several threads',
  about: `Every thread gets and sets keys in a Zipf distribution (exponent ${EXPONENT}): of 100 operations,
${SET_PERCENT} are sets. The cache is full and holds less than half of the 100,000 keys, so that entries are
evicted all the time. A get that finds nothing counts as one that is done. Redis has the same bytes as
maxmemory, and evicts; lmdb evicts nothing and holds all keys.`,
  chartTitle: 'Operations a second, 5% sets, all threads together (more is better)',
  loads: [
    {
      keyCount: 100_000,
      maxBytes: 8 * 2 ** 20,
      maxEntries: 47_000,
      isFull: true,
      distribution: 'zipf',
    },
  ],
  smokeLoad: {
    keyCount: 30_000,
    maxBytes: 4 * 2 ** 20,
    maxEntries: 23_000,
    isFull: true,
    distribution: 'zipf',
  },
  setPercent: SET_PERCENT,
  rateAims: false,
  latencyAim: true,
})
