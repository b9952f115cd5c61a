/** Single operations, timed one by one: the tail that a median over batches hides. */
import assert from 'node:assert/strict'
import { below } from '../data/draws.mjs'
import { Keys, numberOf, Values } from '../data/keys-and-values.mjs'
import { Random } from '../harness/build.mjs'
import { Histogram } from '../measuring/histogram.mjs'
import { CollectorWatch, collect, performance, turn } from '../measuring/measure.mjs'
import {
  AT_ONCE,
  HOTSET,
  HOTSET_NEAR_OFF,
  LMDB,
  LRU_CACHE,
  LRU_MIN,
  MNEMONIST,
  NO_CACHE,
  openCache,
  QUICK_LRU,
  TINY_LRU,
  TTLCACHE,
} from '../peers/caches.mjs'
import { fill } from '../peers/call-batches.mjs'

const BLOCK = 200
/** Between turns of the event loop, which the observer of the garbage collector needs. */
const BLOCKS_A_TURN = 50
/** Of the measured operations, as many more to warm up. */
const WARM_UP_SHARE = 0.25
const VALUE_BYTES = 100
const US_PER_NS = 1000
const MIX = '90% gets'
const LARGE_GETS_FOR = [NO_CACHE, HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, LMDB]
const LARGE_SETS_FOR = [NO_CACHE, HOTSET, HOTSET_NEAR_OFF, LRU_CACHE]

const small = { entries: 100_000, operations: 300_000, maxBytes: '64mb' }
const large = { entries: 1_000_000, operations: 600_000, maxBytes: '400mb' }

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Latency of single operations',
  about: `Every get and set is timed by itself, with the clock read before and after; "${NO_CACHE}" shows what
the clock takes (its p50), and what the loop and the machine add to the tail. Keys are drawn uniformly and all
are in the cache, sets overwrite; values have ${VALUE_BYTES} characters. Keys and values are built afresh for each
${BLOCK} operations, outside of what is timed. Much of the garbage collection that a cache brings about happens
there: so the longest ${BLOCK} operations with the making of their data are told too, and the time in garbage
collection in all. All but "longest" leave out what the thread waited for a core. lmdb's sets are timed until
the call returns, which is before the entry is stored. A million entries with gets alone or sets alone are for
some of the caches only, because of the time it takes. Map has no bound, and is no cache.`,
  baseline: LRU_CACHE,
  implementations: [
    NO_CACHE,
    HOTSET,
    HOTSET_NEAR_OFF,
    LRU_CACHE,
    TINY_LRU,
    LRU_MIN,
    QUICK_LRU,
    MNEMONIST,
    TTLCACHE,
    LMDB,
  ],
  rounds: 2,
  cases: [
    { name: '100,000 entries, gets', ...small, setPercent: 0 },
    { name: '100,000 entries, sets', ...small, setPercent: 100 },
    { name: `100,000 entries, ${MIX}`, ...small, setPercent: 10 },
    { name: '1,000,000 entries, gets', ...large, setPercent: 0, rounds: 1, only: LARGE_GETS_FOR },
    { name: '1,000,000 entries, sets', ...large, setPercent: 100, rounds: 1, only: LARGE_SETS_FOR },
    { name: `1,000,000 entries, ${MIX}`, ...large, setPercent: 10 },
  ],
  smokeCases: [
    {
      name: `2,000 entries, ${MIX}`,
      entries: 2000,
      operations: 10_000,
      maxBytes: '16mb',
      setPercent: 10,
    },
  ],
  metrics: [
    { key: 'p50Ns', title: 'p50, ns', digits: 0, ratio: 'share' },
    { key: 'p99Ns', title: 'p99, ns', digits: 0, ratio: 'share' },
    { key: 'p999Us', title: 'p99.9, µs', digits: 1, ratio: 'share' },
    { key: 'p9999Us', title: 'p99.99, µs', digits: 1, ratio: 'share' },
    { key: 'worstMs', title: 'longest, ms', digits: 2 },
    { key: 'ownWorstMs', title: 'own, ms', digits: 2, ratio: 'share' },
    {
      key: 'ownBlockMs',
      title: `longest ${BLOCK} with their data, own, ms`,
      digits: 2,
      ratio: 'share',
    },
    { key: 'gcMs', title: 'in GC, ms', digits: 0, ratio: 'share' },
    { key: 'gcWorstMs', title: 'longest GC, ms', digits: 1, ratio: 'share' },
  ],
  chart: {
    metric: 'ownBlockMs',
    title: `Longest ${BLOCK} operations with their data, ms (less is better)`,
    only: [HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, TINY_LRU, QUICK_LRU, LMDB],
    logarithmic: true,
  },

  async run({ implementation, parameters, seed }) {
    const { entries, operations, maxBytes, setPercent } = parameters
    const opened = await open(implementation, entries, maxBytes)
    const keys = new Keys(entries, seed)
    const values = new Values(VALUE_BYTES, seed)
    const valueAt = (index) => values.fresh(index)
    await fill(opened, entries, (index) => keys.fresh(index), valueAt)
    const load = new Load(opened, { keys, values, entries, setPercent, seed })
    load.isChecked = implementation !== NO_CACHE
    await load.run(operations * WARM_UP_SHARE)
    collect()

    const watch = new CollectorWatch()
    const { single, blocks } = await load.run(operations)
    const { gcMs, gcWorstMs } = await watch.stop()
    await opened.close()
    return {
      p50Ns: single.ownQuantile(0.5) * US_PER_NS,
      p99Ns: single.ownQuantile(0.99) * US_PER_NS,
      p999Us: single.ownQuantile(0.999),
      p9999Us: single.ownQuantile(0.9999),
      worstMs: single.worstMs,
      ownWorstMs: single.ownWorstMs,
      ownBlockMs: blocks.ownWorstMs,
      gcMs,
      gcWorstMs,
    }
  },
}

function open(implementation, entries, maxBytes) {
  if (implementation === NO_CACHE) {
    return { cache: { get() {}, set() {} }, gets: AT_ONCE, sets: AT_ONCE, close() {} }
  }
  const bounds = { maxEntries: entries * 2, hotset: { maxBytes }, lmdb: { encoding: 'string' } }
  return openCache(implementation, bounds)
}

/** Blocks of operations on keys that are there; each value begins with the number of its key. */
class Load {
  isChecked = true
  #opened
  #data
  #random
  #indices = new Uint32Array(BLOCK)
  #keys = Array(BLOCK).fill('')
  /** Empty for a get. */
  #stored = Array(BLOCK).fill('')
  #answers = Array(BLOCK).fill('')

  constructor(opened, data) {
    this.#opened = opened
    this.#data = data
    this.#random = new Random(data.seed)
  }

  async run(operations) {
    const single = new Histogram()
    const blocks = new Histogram()
    for (let start = 0; start < operations; start += BLOCK) {
      if ((start / BLOCK) % BLOCKS_A_TURN === 0) await turn()
      blocks.look()
      const began = performance.now()
      this.#prepare()
      this.#time(single)
      blocks.add(performance.now() - began)
      if (this.#opened.sets !== AT_ONCE) await Promise.all(this.#answers)
      this.#check()
    }
    return { single, blocks }
  }

  #prepare() {
    const { keys, values, entries, setPercent } = this.#data
    for (let at = 0; at < BLOCK; at++) {
      const index = below(this.#random, entries)
      this.#indices[at] = index
      this.#keys[at] = keys.fresh(index)
      const isSet = this.#random.nextFraction() * 100 < setPercent
      this.#stored[at] = isSet ? values.fresh(index) : ''
    }
  }

  #time(histogram) {
    const { cache } = this.#opened
    histogram.look()
    for (let at = 0; at < BLOCK; at++) {
      const key = this.#keys[at]
      const value = this.#stored[at]
      const began = performance.now()
      const answer = value === '' ? cache.get(key) : cache.set(key, value)
      histogram.add(performance.now() - began)
      this.#answers[at] = answer
    }
  }

  #check() {
    if (!this.isChecked) return
    for (let at = 0; at < BLOCK; at++) {
      if (this.#stored[at] === '') assert.equal(numberOf(this.#answers[at]), this.#indices[at])
    }
  }
}
