/** Filling a cache from nothing: what the growth of the index costs the unlucky one. */
import assert from 'node:assert/strict'
import { Keys } from '../data/keys-and-values.mjs'
import { performance, Stalls, turn } from '../measuring/measure.mjs'
import { createCache, HOTSET, LRU_CACHE, MAP, NO_CACHE } from '../peers/caches.mjs'

const SETS_A_TURN = 10_000
const SETS_A_LOOK = 100
const SAMPLE_STEP = 997
const VALUE = 'sixteen letters.'

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Growth',
  about: `Fills an empty cache with 16-byte keys, each set timed by itself. The value is one string for all,
so that the heap of the object caches is as small as it can be. "${NO_CACHE}" is the same loop
without a cache. "own" leaves out the time that the thread waited for a core (other processes ran
on it), as Linux tells it. hotset's memory is reserved at once and given by the system page by page, when first written: the second
fill, after clear(), finds all pages there and shows what growth alone costs.`,
  baseline: LRU_CACHE,
  implementations: [HOTSET, LRU_CACHE, MAP, NO_CACHE],
  // Why one: it takes minutes, and each fill is ten million sets.
  rounds: 1,
  cases: [{ name: '10,000,000 entries', entries: 10_000_000, maxBytes: '1600mb' }],
  smokeCases: [{ name: '50,000 entries', entries: 50_000, maxBytes: '32mb' }],
  metrics: [
    { key: 'nsPerSet', title: 'ns a set', digits: 0, ratio: 'speed' },
    { key: 'p99999Us', title: 'p99.999, µs', digits: 0, ratio: 'share' },
    { key: 'worstMs', title: 'longest set, ms', digits: 2, ratio: 'share' },
    { key: 'ownWorstMs', title: 'own, ms', digits: 2, ratio: 'share' },
    { key: 'ownOverOneMs', title: 'own over 1 ms', digits: 0 },
    { key: 'againOwnWorstMs', title: 'second fill: own, ms', digits: 2, ratio: 'share' },
    { key: 'againOwnOverOneMs', title: 'own over 1 ms', digits: 0 },
  ],
  chart: {
    metric: 'ownWorstMs',
    title: 'Longest single set while filling to 10 million entries, ms (less is better)',
    logarithmic: true,
  },
  aims: [
    {
      case: '10,000,000 entries',
      implementation: HOTSET,
      metric: 'againOwnWorstMs',
      of: 'value',
      atMost: 1,
    },
  ],

  async run({ implementation, parameters, seed }) {
    const { entries, maxBytes } = parameters
    const keys = new Keys(entries, seed)
    const cache =
      implementation === NO_CACHE
        ? { set() {}, clear() {} }
        : createCache(implementation, { maxEntries: entries, hotset: { maxBytes } })
    const stalls = await fill(cache, keys, entries)
    if (implementation !== NO_CACHE) checkAll(cache, keys, entries)
    cache.clear()
    const again = await fill(cache, keys, entries)
    if (implementation !== NO_CACHE) checkAll(cache, keys, entries)
    return {
      nsPerSet: (stalls.ownTotalMs * 1e6) / entries,
      p99999Us: stalls.quantile(0.99999),
      worstMs: stalls.worstMs,
      ownWorstMs: stalls.ownWorstMs,
      ownOverOneMs: stalls.ownOverOneMs,
      againOwnWorstMs: again.ownWorstMs,
      againOwnOverOneMs: again.ownOverOneMs,
    }
  },
}

async function fill(cache, keys, entries) {
  const stalls = new Stalls(entries)
  for (let start = 0; start < entries; start += SETS_A_LOOK) {
    if (start % SETS_A_TURN === 0) await turn()
    stalls.look()
    fillPart(cache, keys, start, Math.min(entries, start + SETS_A_LOOK), stalls)
  }
  return stalls
}

function fillPart(cache, keys, start, end, stalls) {
  for (let index = start; index < end; index++) {
    const key = keys.fresh(index)
    const began = performance.now()
    cache.set(key, VALUE)
    stalls.add(performance.now() - began)
  }
}

function checkAll(cache, keys, entries) {
  assert.equal(cache.size, entries)
  for (let index = 0; index < entries; index += SAMPLE_STEP) {
    assert.equal(cache.get(keys.fresh(index)), VALUE)
  }
}
