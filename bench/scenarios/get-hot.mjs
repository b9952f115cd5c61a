/** Gets always with the same key strings: of a small hot set, and of larger ones. */
import {
  ALL_PEERS,
  AT_ONCE_PEERS,
  EXPONENT,
  LARGE_PEERS,
  METHOD,
  METRICS,
  measureGets,
} from '../parts/gets.mjs'
import { HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, REDIS } from '../peers/caches.mjs'

const AIM = { metric: 'nsPerOp', of: 'ratio' }

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Get, hot keys',
  about: `All keys are in the cache; gets in random order (uniform, or after a Zipf distribution of exponent
${EXPONENT}), with the very strings the entries were set with, so V8 knows their hashes already, and a cache
of objects finds the same string that it holds. Of 10,000 equally hot keys hotset's near cache can answer a
part only, and 16,384 would be the setting for such a set. ${METHOD}`,
  baseline: LRU_CACHE,
  implementations: ALL_PEERS,
  rounds: 3,
  cases: [
    { name: '1,000 keys', keys: 1000, draws: 20_000 },
    { name: '10,000 keys', keys: 10_000, draws: 20_000, only: AT_ONCE_PEERS },
    {
      name: '10,000 keys, near 16,384',
      keys: 10_000,
      draws: 20_000,
      near: 16_384,
      only: [HOTSET, LRU_CACHE],
    },
    {
      name: '100,000 keys, Zipf',
      keys: 100_000,
      draws: 1_000_000,
      isZipf: true,
      only: AT_ONCE_PEERS,
    },
    { name: '100,000 keys, uniform', keys: 100_000, draws: 1_000_000, only: LARGE_PEERS },
    {
      name: '5,000,000 keys, uniform',
      keys: 5_000_000,
      draws: 2_000_000,
      only: LARGE_PEERS,
      rounds: 1,
    },
  ],
  smokeCases: [{ name: '1,000 keys', keys: 1000, draws: 20_000 }],
  metrics: METRICS,
  chart: {
    metric: 'nsPerOp',
    title: 'Get of hot keys, ns (less is better)',
    only: ALL_PEERS.filter((name) => name !== REDIS),
    logarithmic: true,
    from: 10,
  },
  aims: [
    { ...AIM, case: '1,000 keys', implementation: HOTSET, atLeast: 1.2 },
    { ...AIM, case: '10,000 keys, near 16,384', implementation: HOTSET, atLeast: 1.2 },
    { ...AIM, case: '1,000 keys', implementation: HOTSET_NEAR_OFF, atLeast: 0.5 },
    { ...AIM, case: '10,000 keys', implementation: HOTSET_NEAR_OFF, atLeast: 0.5 },
  ],

  run: (context) =>
    measureGets(context, (keys, count) => {
      const strings = keys.all(Array(count).keys())
      return (index) => strings[index]
    }),
}
