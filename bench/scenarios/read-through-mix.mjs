/** Reads through a full cache, of which half, nine in ten or nearly all hit. */
import assert from 'node:assert/strict'
import { zipfBelow } from '../data/draws.mjs'
import { Keys, numberOf, Values } from '../data/keys-and-values.mjs'
import { Random } from '../harness/build.mjs'
import { collect, timeBatches } from '../measuring/measure.mjs'
import {
  AT_ONCE,
  BENTOCACHE,
  CACHEABLE,
  HOTSET,
  HOTSET_NEAR_OFF,
  LRU_CACHE,
  LRU_MIN,
  MNEMONIST,
  openCache,
  QUICK_LRU,
  TINY_LRU,
} from '../peers/caches.mjs'
import { BATCH, fill } from '../peers/call-batches.mjs'

const VALUE_BYTES = 100
const ENTRIES = 100_000
const AT_ONCE_PEERS = [HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, TINY_LRU, LRU_MIN, QUICK_LRU, MNEMONIST]
const TIME_MS = 300

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Read-through, by share of hits',
  about: `Gets of Zipf-distributed keys, more than the cache may hold; on a miss the value is set. How many
keys there are, and how skewed, makes the share of hits: with LRU about 50, 90 or 99%. Policies differ, so the
shares do; they are told beside the times. A miss costs what the set costs and nothing else: where the
origin is slow, the share of hits decides. The cache is full before the clock starts. Every call has a new string for its key, every miss one for its
value, of 16 and ${VALUE_BYTES} characters, made before the batch of ${BATCH.toLocaleString('en')} is timed. All are
bounded to ${ENTRIES.toLocaleString('en')} entries; quick-lru keeps up to twice as many as it is told. Map, keyv and
lmdb are left out, which have no bound, Redis, whose bound is in bytes, and @isaacs/ttlcache, which takes
milliseconds to evict (see the sets at capacity). cacheable and bentocache are awaited
call by call, and for the time it takes are in one case only.`,
  baseline: LRU_CACHE,
  implementations: [...AT_ONCE_PEERS, CACHEABLE, BENTOCACHE],
  rounds: 3,
  cases: [
    { name: '50% hits', entries: ENTRIES, keys: 900_000, exponent: 0.8, only: AT_ONCE_PEERS },
    { name: '90% hits', entries: ENTRIES, keys: 230_000, exponent: 0.99 },
    { name: '99% hits', entries: ENTRIES, keys: 110_000, exponent: 0.99, only: AT_ONCE_PEERS },
  ],
  smokeCases: [
    {
      name: '90% hits',
      entries: 2000,
      keys: 4600,
      exponent: 0.99,
      only: [HOTSET, LRU_CACHE, TINY_LRU, CACHEABLE],
    },
  ],
  metrics: [
    { key: 'nsPerOp', title: 'ns a read', digits: 0, ratio: 'speed' },
    { key: 'nsPerOpP99', title: 'ns a read, p99 of batches', digits: 0 },
    { key: 'hitPercent', title: 'hits, %', digits: 1, better: 'more' },
  ],
  chart: {
    metric: 'nsPerOp',
    title: 'Read-through, ns a read (less is better)',
    logarithmic: true,
    from: 50,
  },

  async run({ implementation, parameters, seed, smoke }) {
    const { entries, keys: count, exponent } = parameters
    const opened = await openCache(implementation, {
      maxEntries: entries,
      hotset: { maxEntries: entries, maxBytes: 2 ** 25 + entries * 320 },
    })
    const keys = new Keys(count, seed)
    const values = new Values(VALUE_BYTES, seed)
    // Why backwards: the most popular are set last, as they would be used last.
    await fill(
      opened,
      entries,
      (number) => keys.fresh(entries - 1 - number),
      (number) => values.fresh(entries - 1 - number),
    )
    const next = zipfBelow(count, exponent)
    const random = new Random(seed)
    const reads = new Reads(opened.cache, keys, values, () => next(random))
    const batch = opened.gets === AT_ONCE ? () => reads.run() : () => reads.runAwaited()
    // Why so many: what was filled by popularity is to become what use leaves.
    for (let done = 0; done < entries * 3; done += BATCH) {
      reads.prepare()
      await batch()
    }
    reads.forget()
    collect()
    const prepare = () => reads.prepare()
    const timeMs = smoke ? 50 : TIME_MS
    const result = await timeBatches({ prepare, batch, operations: BATCH, timeMs })
    reads.prepare()
    await opened.close()
    return { ...result, hitPercent: reads.hitPercent }
  },
}

class Reads {
  #cache
  #keys
  #values
  #draw
  #indices = new Uint32Array(BATCH)
  #asked = Array(BATCH).fill('')
  #loaded = Array(BATCH).fill('')
  #answers = []
  #count = 0
  #misses = 0

  constructor(cache, keys, values, draw) {
    this.#cache = cache
    this.#keys = keys
    this.#values = values
    this.#draw = draw
  }

  get hitPercent() {
    return 100 * (1 - this.#misses / this.#count)
  }

  /** Counts from here on. */
  forget() {
    this.#answers = []
    this.#count = 0
    this.#misses = 0
  }

  /** Checks the answers of the last batch, and makes keys and values for the next. */
  prepare() {
    for (let at = 0; at < this.#answers.length; at++) this.#check(at)
    for (let at = 0; at < BATCH; at++) {
      const index = this.#draw()
      this.#indices[at] = index
      this.#asked[at] = this.#keys.fresh(index)
      this.#loaded[at] = this.#values.fresh(index)
    }
  }

  run() {
    for (let at = 0; at < BATCH; at++) {
      const value = this.#cache.get(this.#asked[at])
      this.#answers[at] = value
      if (value === undefined) this.#cache.set(this.#asked[at], this.#loaded[at])
    }
  }

  async runAwaited() {
    for (let at = 0; at < BATCH; at++) {
      const value = await this.#cache.get(this.#asked[at])
      this.#answers[at] = value
      if (value === undefined) await this.#cache.set(this.#asked[at], this.#loaded[at])
    }
  }

  #check(at) {
    const value = this.#answers[at]
    this.#count++
    if (value === undefined) this.#misses++
    else assert.equal(numberOf(value), this.#indices[at])
  }
}
