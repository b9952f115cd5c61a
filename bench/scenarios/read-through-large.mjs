/** Millions of entries, read through: where an object cache meets the garbage collector. */
import assert from 'node:assert/strict'
import { below } from '../data/draws.mjs'
import { Keys, numberOf, Values } from '../data/keys-and-values.mjs'
import { Random } from '../harness/build.mjs'
import { CollectorWatch, memory, performance, Stalls, turn } from '../measuring/measure.mjs'
import { createCache, HOTSET, HOTSET_LRU, LRU_CACHE } from '../peers/caches.mjs'

const BLOCK = 200
/** Between turns of the event loop, which the observer of the garbage collector needs. */
const BLOCKS_A_TURN = 100
const VALUE_BYTES = 100
/** Of this many keys for each entry that the cache may hold, uniformly asked for, 15% miss. */
const KEYS_PER_ENTRY = 1 / 0.85
const MISS_SHARE = [0.1, 0.2]

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Read-through of a large set',
  about: `Uniform reads of 1.18 keys for each entry that the cache may hold: about 15% miss, and a miss
stores the value. Every call has a new string for its key, every miss one for its value, as a server
does that gets both from the network. "cache only" times the calls and nothing else; "whole loop" counts
the making of keys and values too, because the garbage collector runs there as well, and for the sake
of the cache's heap. Stalls are of the whole loop: the longest of single operations (key, get and, on a
miss, set, each timed) and of ${BLOCK} in a row, in a second pass and the first;
"own", and
all but the stalls, leave out what the thread waited for a core. All are bounded in entries. Five million
are one round.`,
  baseline: LRU_CACHE,
  implementations: [HOTSET, HOTSET_LRU, LRU_CACHE],
  rounds: 2,
  cases: [
    { name: '2,000,000 entries', entries: 2_000_000, operations: 4_000_000, maxBytes: '600mb' },
    {
      name: '5,000,000 entries',
      entries: 5_000_000,
      operations: 6_000_000,
      maxBytes: '1500mb',
      only: [HOTSET, LRU_CACHE],
      rounds: 1,
    },
  ],
  smokeCases: [{ name: '20,000 entries', entries: 20_000, operations: 100_000, maxBytes: '16mb' }],
  metrics: [
    { key: 'loopNs', title: 'ns an operation, whole loop', digits: 0, ratio: 'speed' },
    { key: 'cacheNs', title: 'cache only', digits: 0, ratio: 'speed' },
    { key: 'missPercent', title: 'misses, %', digits: 1 },
    { key: 'worstBlockMs', title: `longest ${BLOCK} operations, ms`, digits: 2, ratio: 'share' },
    { key: 'ownBlockMs', title: 'own, ms', digits: 2, ratio: 'share' },
    { key: 'worstMs', title: 'longest operation, ms', digits: 2, ratio: 'share' },
    { key: 'ownWorstMs', title: 'own, ms', digits: 2, ratio: 'share' },
    { key: 'p9999Us', title: 'p99.99, µs', digits: 1, ratio: 'share' },
    { key: 'gcMs', title: 'in GC, ms', digits: 0, ratio: 'share' },
    { key: 'rssMib', title: 'RSS, MiB', digits: 0, ratio: 'share' },
    { key: 'heapMib', title: 'heap, MiB', digits: 0 },
  ],
  chart: { metric: 'loopNs', title: 'Read-through of millions of entries, ns (less is better)' },
  aims: ['2,000,000 entries', '5,000,000 entries'].flatMap((name) => {
    const aim = { case: name, implementation: HOTSET, of: 'ratio' }
    return [
      { ...aim, metric: 'loopNs', atLeast: 2.5 },
      { ...aim, metric: 'ownBlockMs', atMost: 0.1 },
      { ...aim, metric: 'ownWorstMs', atMost: 0.1 },
      { ...aim, metric: 'gcMs', atMost: 0.1 },
    ]
  }),

  async run({ implementation, parameters, seed }) {
    const { entries, operations, maxBytes } = parameters
    const cache = createCache(implementation, {
      maxEntries: entries,
      hotset: { maxBytes, maxEntries: entries },
    })
    const loop = new ReadThrough(cache, Math.round(entries * KEYS_PER_ENTRY), operations, seed)
    await loop.fill(entries)
    const whole = new Stalls(operations / BLOCK)
    const part = new Stalls(operations / BLOCK)
    const single = new Stalls(operations)

    const watch = new CollectorWatch()
    await loop.timeBlocks(whole, part)
    const { gcMs } = await watch.stop()
    await loop.timeOperations(single)

    const missShare = loop.misses / loop.reads
    if (entries >= 1e6) assert.ok(missShare > MISS_SHARE[0] && missShare < MISS_SHARE[1])
    const nsPerMs = 1e6 / operations
    return {
      loopNs: whole.ownTotalMs * nsPerMs,
      cacheNs: part.ownTotalMs * nsPerMs,
      missPercent: missShare * 100,
      worstBlockMs: whole.worstMs,
      ownBlockMs: whole.ownWorstMs,
      worstMs: single.worstMs,
      ownWorstMs: single.ownWorstMs,
      p9999Us: single.quantile(0.9999),
      gcMs,
      ...memory(),
    }
  },
}

class ReadThrough {
  reads = 0
  misses = 0
  #cache
  #keys
  #values
  #keyCount
  #operations
  #random
  #indices = new Uint32Array(BLOCK)
  /** Of each key, the number of the value that was stored last. */
  #stored
  #nextNumber = 1
  #asked = Array(BLOCK).fill('')
  #loaded = Array(BLOCK).fill('')
  #answers = Array(BLOCK).fill('')

  constructor(cache, keyCount, operations, seed) {
    this.#cache = cache
    this.#keys = new Keys(keyCount, seed)
    this.#values = new Values(VALUE_BYTES, seed)
    this.#keyCount = keyCount
    this.#operations = operations
    this.#random = new Random(seed)
    this.#stored = new Uint32Array(keyCount)
  }

  /** In random order, each key once, until the cache is full; then a while as measured. */
  async fill(entries) {
    for (let index = 0; index < entries; index++) this.#store(index)
    for (let start = 0; start < this.#operations / 2; start += BLOCK) {
      await this.#breathe(start)
      this.#draw()
      this.#prepare()
      this.#ask()
      this.#check()
    }
    this.reads = 0
    this.misses = 0
  }

  async timeBlocks(whole, part) {
    for (let start = 0; start < this.#operations; start += BLOCK) {
      await this.#breathe(start)
      this.#draw()
      whole.look()
      const began = performance.now()
      this.#prepare()
      part.look()
      const asked = performance.now()
      this.#ask()
      const ended = performance.now()
      part.add(ended - asked)
      whole.add(ended - began)
      this.#check()
    }
  }

  async timeOperations(stalls) {
    for (let start = 0; start < this.#operations; start += BLOCK) {
      await this.#breathe(start)
      stalls.look()
      this.#draw()
      for (let at = 0; at < BLOCK; at++) this.#loaded[at] ||= this.#values.fresh(this.#nextNumber++)
      for (let at = 0; at < BLOCK; at++) {
        const began = performance.now()
        const key = this.#keys.fresh(this.#indices[at])
        const value = this.#cache.get(key)
        this.#answers[at] = value
        if (value === undefined) this.#cache.set(key, this.#loaded[at])
        stalls.add(performance.now() - began)
      }
      this.#check()
    }
  }

  #draw() {
    for (let at = 0; at < BLOCK; at++) {
      this.#indices[at] = below(this.#random, this.#keyCount)
    }
  }

  /** Keys of the block, and values in place of those that the last block used up. */
  #prepare() {
    for (let at = 0; at < BLOCK; at++) {
      this.#asked[at] = this.#keys.fresh(this.#indices[at])
      if (this.#loaded[at] === '') this.#loaded[at] = this.#values.fresh(this.#nextNumber++)
    }
  }

  #ask() {
    for (let at = 0; at < BLOCK; at++) {
      const value = this.#cache.get(this.#asked[at])
      this.#answers[at] = value
      if (value === undefined) this.#cache.set(this.#asked[at], this.#loaded[at])
    }
  }

  /** Every hit is the value stored last under its key; a miss's value has gone into the cache. */
  #check() {
    for (let at = 0; at < BLOCK; at++) {
      const index = this.#indices[at]
      const value = this.#answers[at]
      if (value === undefined) {
        this.#stored[index] = numberOf(this.#loaded[at])
        this.#loaded[at] = ''
        this.misses++
      } else {
        assert.equal(numberOf(value), this.#stored[index])
      }
    }
    this.reads += BLOCK
  }

  #store(index) {
    const number = this.#nextNumber++
    this.#stored[index] = number
    this.#cache.set(this.#keys.fresh(index), this.#values.fresh(number))
  }

  async #breathe(start) {
    if ((start / BLOCK) % BLOCKS_A_TURN === 0) await turn()
  }
}
