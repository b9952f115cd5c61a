/** Gets and sets of entries that have a lifetime, against those of entries that live for ever. */
import assert from 'node:assert/strict'
import { below } from '../data/draws.mjs'
import { Keys, Values } from '../data/keys-and-values.mjs'
import { Random } from '../harness/build.mjs'
import { takeTurns } from '../measuring/turns.mjs'
import {
  BENTOCACHE,
  CACHEABLE,
  HOTSET,
  HOTSET_NEAR_OFF,
  KEYV,
  LRU_CACHE,
  openCache,
  QUICK_LRU,
  REDIS,
  TINY_LRU,
  TTLCACHE,
} from '../peers/caches.mjs'
import { BATCH, fill, getBatch, setBatch } from '../peers/call-batches.mjs'

const VALUE_BYTES = 100
const CHECKED_BATCHES = 10
/** Long enough that nothing expires meanwhile. */
const TTL_MS = 1_800_000
const OWN_COST = 1.15
const OF_THE_CACHE = 'lifetime of the cache'
const OF_EACH_SET = 'lifetime with each set'

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'What a lifetime costs',
  about: `Two caches of one implementation in one process, full of the same entries: in one they live for half
an hour, in the other for ever. Gets and then sets (of keys that are there, with their values) go to the two in
turns; "with to without" is the median of the ratios within a turn. No entry expires meanwhile. Keys are
drawn uniformly; they and the values are built afresh before a batch is timed, values of ${VALUE_BYTES} characters. "${OF_THE_CACHE}" is
given once, when the cache is made; "${OF_EACH_SET}" as an option of every set, to those that have such
a one. @isaacs/ttlcache has no entries without a lifetime that it would ever evict, and has one of an hour in
the place of none. Map, lru.min, mnemonist and lmdb have no lifetimes.`,
  baseline: LRU_CACHE,
  implementations: [
    HOTSET,
    HOTSET_NEAR_OFF,
    LRU_CACHE,
    TINY_LRU,
    QUICK_LRU,
    TTLCACHE,
    CACHEABLE,
    BENTOCACHE,
    KEYV,
    REDIS,
  ],
  rounds: 2,
  cases: [
    { name: OF_THE_CACHE, entries: 100_000 },
    { name: OF_EACH_SET, entries: 100_000, only: [HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, TTLCACHE] },
  ],
  smokeCases: [
    { name: OF_THE_CACHE, entries: 2000, only: [HOTSET, LRU_CACHE, TINY_LRU, QUICK_LRU, KEYV] },
    { name: OF_EACH_SET, entries: 2000, only: [HOTSET, TTLCACHE] },
  ],
  metrics: [
    { key: 'getNs', title: 'ns a get, without', digits: 0, ratio: 'speed' },
    { key: 'getTtlNs', title: 'with', digits: 0, ratio: 'speed' },
    { key: 'getCost', title: 'with to without', digits: 2, better: 'less' },
    { key: 'setNs', title: 'ns a set, without', digits: 0, ratio: 'speed' },
    { key: 'setTtlNs', title: 'with', digits: 0, ratio: 'speed' },
    { key: 'setCost', title: 'with to without', digits: 2, better: 'less' },
  ],
  chart: { metric: 'setCost', title: 'Set with a lifetime to set without (less is better)' },
  aims: [OF_THE_CACHE, OF_EACH_SET].flatMap((name) =>
    [HOTSET, HOTSET_NEAR_OFF].flatMap((implementation) =>
      ['getCost', 'setCost'].map((metric) => ({
        case: name,
        implementation,
        metric,
        of: 'value',
        atMost: OWN_COST,
      })),
    ),
  ),

  async run({ implementation, parameters, seed, smoke }) {
    const { name, entries } = parameters
    const bounds = { maxEntries: entries * 2, hotset: { maxBytes: '64mb' } }
    const isOfTheCache = name === OF_THE_CACHE
    const plain = await openCache(implementation, bounds)
    const limited = await openCache(implementation, {
      ...bounds,
      ...(isOfTheCache && { ttlMs: TTL_MS }),
    })
    const openedByWay = {
      without: isOfTheCache ? plain : settingWith(plain, {}),
      withTtl: isOfTheCache ? limited : settingWith(limited, { ttl: TTL_MS }),
    }
    const batches = new UniformBatches(entries, seed)
    for (const opened of Object.values(openedByWay)) await batches.fill(opened)
    const options = { operations: BATCH, timeMs: smoke ? 10 : 400 }
    const gets = await takeTurns(batches.gets(openedByWay), options)
    const sets = await takeTurns(batches.sets(openedByWay), options)
    for (const opened of Object.values(openedByWay)) await batches.check(opened)
    await plain.close()
    await limited.close()
    return {
      getNs: gets.nsPerOp('without'),
      getTtlNs: gets.nsPerOp('withTtl'),
      getCost: gets.ratio('withTtl', 'without'),
      setNs: sets.nsPerOp('without'),
      setTtlNs: sets.nsPerOp('withTtl'),
      setCost: sets.ratio('withTtl', 'without'),
    }
  },
}

/** Why for sets without a lifetime too: the call in between is to cost both the same. */
function settingWith(opened, options) {
  const { cache } = opened
  return {
    ...opened,
    cache: {
      get: (key) => cache.get(key),
      set: (key, value) => cache.set(key, value, options),
    },
  }
}

/** Batches of gets and of sets, with keys and values that are built before each. */
class UniformBatches {
  #keys
  #values
  #entries
  #random
  #asked = Array(BATCH).fill('')
  #stored = Array(BATCH).fill('')
  #answers = Array(BATCH).fill('')

  constructor(entries, seed) {
    this.#keys = new Keys(entries, seed)
    this.#values = new Values(VALUE_BYTES, seed)
    this.#entries = entries
    this.#random = new Random(seed)
  }

  fill(opened) {
    const keyAt = (index) => this.#keys.fresh(index)
    return fill(opened, this.#entries, keyAt, (index) => this.#values.fresh(index))
  }

  gets(openedByWay) {
    return this.#ways(openedByWay, (opened) => getBatch(opened, this.#asked, this.#answers))
  }

  sets(openedByWay) {
    return this.#ways(openedByWay, (opened) => setBatch(opened, this.#asked, this.#stored))
  }

  /** A part of the entries: all there, with their values. */
  async check(opened) {
    const get = getBatch(opened, this.#asked, this.#answers)
    for (let pass = 0; pass < CHECKED_BATCHES; pass++) {
      this.#prepare()
      await get()
      assert.deepEqual(this.#answers, this.#stored)
    }
  }

  #ways(openedByWay, batchOf) {
    const prepare = () => this.#prepare()
    const ways = Object.entries(openedByWay).map(([way, opened]) => {
      return [way, { prepare, batch: batchOf(opened) }]
    })
    return Object.fromEntries(ways)
  }

  #prepare() {
    for (let at = 0; at < BATCH; at++) {
      const index = below(this.#random, this.#entries)
      this.#asked[at] = this.#keys.fresh(index)
      this.#stored[at] = this.#values.fresh(index)
    }
  }
}
