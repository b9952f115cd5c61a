/** Filling a cache from nothing: what the growth of the index costs the unlucky one. */
import assert from 'node:assert/strict'
import { createCache, HOTSET, LRU_CACHE, MAP, NO_CACHE } from '../harness/caches.mjs'
import { Keys } from '../harness/data.mjs'
import { performance, Stalls, turn } from '../harness/measure.mjs'

const SETS_A_TURN = 10_000
/** Shorter ones are not asked about: asking costs some microseconds. */
const SLOW_MS = 0.3
const SAMPLE_STEP = 997
const VALUE = 'sixteen letters.'

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Growth',
  about: `Fills an empty cache with 16-byte keys, each set timed by itself. The value is one string for all,
so that the heap of the object caches is as small as it can be. "${NO_CACHE}" is the same loop
without a cache: what the machine and the loop's own strings do to it. The last column leaves out the
sets during which the system took the core away for another process, as far as it tells (an involuntary
context switch since the last look, which was at most ${SETS_A_TURN.toLocaleString('en')} sets ago).
hotset's memory is reserved at once and given by the system page by page, when first written.`,
  baseline: LRU_CACHE,
  implementations: [HOTSET, LRU_CACHE, MAP, NO_CACHE],
  rounds: 3,
  cases: [{ name: '10,000,000 entries', entries: 10_000_000, maxBytes: '1600mb' }],
  smokeCases: [{ name: '50,000 entries', entries: 50_000, maxBytes: '32mb' }],
  metrics: [
    { key: 'nsPerSet', title: 'ns a set', digits: 0, ratio: 'speed' },
    { key: 'p99999Us', title: 'p99.999, µs', digits: 0, ratio: 'share' },
    { key: 'worstMs', title: 'longest set, ms', digits: 2, ratio: 'share' },
    { key: 'overOneMs', title: 'sets over 1 ms', digits: 0 },
    { key: 'worstOwnMs', title: 'longest without a switch, ms', digits: 2 },
  ],
  chart: {
    metric: 'worstMs',
    title: 'Longest single set while filling to 10 million entries, ms (less is better)',
    logarithmic: true,
  },
  aims: [
    {
      case: '10,000,000 entries',
      implementation: HOTSET,
      metric: 'worstOwnMs',
      of: 'value',
      atMost: 1,
    },
  ],

  async run({ implementation, parameters, seed }) {
    const { entries, maxBytes } = parameters
    const keys = new Keys(entries, seed)
    const cache =
      implementation === NO_CACHE
        ? { set() {} }
        : createCache(implementation, { maxEntries: entries, hotset: { maxBytes } })
    const stalls = new Stalls(entries)
    const own = { worstMs: 0, overOneMs: 0, switches: switches() }
    for (let start = 0; start < entries; start += SETS_A_TURN) {
      await turn()
      own.switches = switches()
      fillPart(cache, keys, start, Math.min(entries, start + SETS_A_TURN), stalls, own)
    }
    if (implementation !== NO_CACHE) checkAll(cache, keys, entries)
    return {
      nsPerSet: (stalls.totalMs * 1e6) / entries,
      p99999Us: stalls.quantile(0.99999),
      worstMs: stalls.worst / 1000,
      overOneMs: own.overOneMs,
      worstOwnMs: own.worstMs,
    }
  },
}

function fillPart(cache, keys, start, end, stalls, own) {
  for (let index = start; index < end; index++) {
    const key = keys.fresh(index)
    const began = performance.now()
    cache.set(key, VALUE)
    const timeMs = performance.now() - began
    stalls.add(timeMs)
    if (timeMs > SLOW_MS) noteSlow(timeMs, own)
  }
}

function noteSlow(timeMs, own) {
  const before = own.switches
  own.switches = switches()
  if (timeMs > 1) own.overOneMs++
  if (own.switches === before) own.worstMs = Math.max(own.worstMs, timeMs)
}

function switches() {
  return process.resourceUsage().involuntaryContextSwitches
}

function checkAll(cache, keys, entries) {
  assert.equal(cache.size, entries)
  for (let index = 0; index < entries; index += SAMPLE_STEP) {
    assert.equal(cache.get(keys.fresh(index)), VALUE)
  }
}
