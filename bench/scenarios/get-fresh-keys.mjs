/** Gets with keys that are built afresh for each call, as a server's are. */
import {
  ALL_PEERS,
  AT_ONCE_PEERS,
  EXPONENT,
  LARGE_PEERS,
  METHOD,
  METRICS,
  measureGets,
} from '../parts/gets.mjs'
import { HOTSET, LRU_CACHE, REDIS } from '../peers/caches.mjs'

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Get, keys built afresh',
  about: `All keys are in the cache; which is asked for is uniform or follows a Zipf distribution (exponent
${EXPONENT}). Each call has a new string for its key, made before the batch is timed: it has to be hashed and
compared, which a get with the same string as last time does not. ${METHOD}`,
  baseline: LRU_CACHE,
  implementations: ALL_PEERS,
  rounds: 3,
  cases: [
    { name: '1,000 keys', keys: 1000, draws: 20_000, only: AT_ONCE_PEERS },
    { name: '100,000 keys, Zipf', keys: 100_000, draws: 1_000_000, isZipf: true },
    { name: '100,000 keys, uniform', keys: 100_000, draws: 1_000_000, only: LARGE_PEERS },
    {
      name: '5,000,000 keys, uniform',
      keys: 5_000_000,
      draws: 2_000_000,
      only: LARGE_PEERS,
      rounds: 1,
    },
  ],
  smokeCases: [
    {
      name: '2,000 keys, Zipf',
      keys: 2000,
      draws: 20_000,
      isZipf: true,
      only: [HOTSET, LRU_CACHE, REDIS],
    },
  ],
  metrics: METRICS,
  chart: {
    metric: 'nsPerOp',
    title: 'Get with keys built afresh, ns (less is better)',
    only: ALL_PEERS.filter((name) => name !== REDIS),
    logarithmic: true,
    from: 10,
  },
  aims: [
    {
      case: '100,000 keys, Zipf',
      implementation: HOTSET,
      metric: 'nsPerOp',
      of: 'ratio',
      atLeast: 1.2,
    },
  ],

  run: (context) => measureGets(context, (keys) => (index) => keys.fresh(index)),
}
