/** Sets by 1, 2 and 4 threads, on a cache that is full: more than half of them evict another entry. */
import { threadScenario } from '../threads/scenario.mjs'

export const scenario = threadScenario({
  title: 'Sets by several threads, at capacity',
  about: `Every thread sets keys in random order, each as likely as any other. The cache is full and holds
less than half of the 100,000 keys, so that more than every second set evicts an entry. Redis has the same
bytes as maxmemory, and evicts; lmdb evicts nothing and holds all keys.`,
  chartTitle: 'Sets a second at capacity, all threads together (more is better)',
  loads: [
    {
      keyCount: 100_000,
      maxBytes: 8 * 2 ** 20,
      maxEntries: 47_000,
      isFull: true,
      distribution: 'uniform',
    },
  ],
  smokeLoad: {
    keyCount: 30_000,
    maxBytes: 4 * 2 ** 20,
    maxEntries: 23_000,
    isFull: true,
    distribution: 'uniform',
  },
  setPercent: 100,
  rateAims: false,
  latencyAim: true,
})
