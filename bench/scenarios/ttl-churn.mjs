/** A million entries that expire over two seconds: what goes by itself, when, and whom that holds up. */
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { ComputedKeys, Values } from '../data/keys-and-values.mjs'
import { Histogram } from '../measuring/histogram.mjs'
import { memory, performance, turn } from '../measuring/measure.mjs'
import {
  CHECK_EVERY_MS,
  FILL_FACTORS,
  HOTSET_MAINTAINED,
  IMPLEMENTATIONS,
  MAINTAIN_EVERY_MS,
  MAINTAIN_FOR_MS,
  openExpiring,
} from '../parts/expiring-caches.mjs'
import { HOTSET, LRU_CACHE, TTLCACHE } from '../peers/caches.mjs'

const VALUE_BYTES = 100
const LASTING_ENTRIES = 100_000
const LASTING_MS = 3_600_000
const SETS_A_SECOND = 100_000
/** At most so many of them between two turns of the event loop. */
const SETS_A_TURN = 1000
const TURN_MS = 1
const FILLS_A_TURN = 1000
const SAMPLE_STEP = 101
const MIB = 2 ** 20
const WRITES = 'while new ones come'
const QUIET = 'nobody calls'

const full = { entries: 1_000_000, leadMs: 3500, spreadMs: 2000, graceMs: 500 }
const small = { entries: 5000, leadMs: 60, spreadMs: 100, graceMs: 50 }

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'A million expirations',
  about: `A million entries of 16-byte keys and ${VALUE_BYTES}-byte values have lifetimes that end evenly over two
seconds, in real time. "${WRITES}": meanwhile ${SETS_A_SECOND.toLocaleString('en')} sets a second of ${LASTING_ENTRIES.toLocaleString('en')}
other keys, each timed. "${QUIET}": the event loop turns, and that is all. Told is, half a second after the last
one's time, what part of the million still takes memory and how many went a second since the first one's time;
heap and hotset's pages in use, full and then, each after a garbage collection; and the longest turn of the
event loop, which has a timer of ${TURN_MS} ms, with all timers and sets in it. Times leave out what the thread waited
for a core. hotset expires some entries with each write, and where maintain() is called: in one row every
${MAINTAIN_EVERY_MS} ms, until nothing is left to do or ${MAINTAIN_FOR_MS} ms have passed. lru-cache and quick-lru
wait until somebody asks for the key; lru-cache's ttlAutopurge sets a timer for each entry, @isaacs/ttlcache one
for all, and cacheable's memory looks at all its entries every ${CHECK_EVERY_MS.toLocaleString('en')} ms. tiny-lru has one lifetime for
all entries; cacheable, bentocache and keyv leave it to the store behind them.`,
  baseline: LRU_CACHE,
  implementations: IMPLEMENTATIONS,
  // Why one: it takes the time that lifetimes take.
  rounds: 1,
  cases: [
    { name: WRITES, ...full, setsASecond: SETS_A_SECOND },
    { name: QUIET, ...full, setsASecond: 0 },
  ],
  smokeCases: [
    { name: WRITES, ...small, setsASecond: SETS_A_SECOND, only: [HOTSET, LRU_CACHE, TTLCACHE] },
    { name: QUIET, ...small, setsASecond: 0, only: [HOTSET_MAINTAINED] },
  ],
  metrics: [
    { key: 'leftPercent', title: 'still held, %', digits: 1, better: 'less' },
    { key: 'expiredPerSecond', title: 'expired a second', digits: 0 },
    { key: 'heldBeforeMib', title: 'memory before, MiB', digits: 0 },
    { key: 'heldAfterMib', title: 'after, MiB', digits: 0, better: 'less' },
    { key: 'setP999Us', title: 'set, p99.9, µs', digits: 1, better: 'less' },
    { key: 'setWorstMs', title: 'longest set, ms', digits: 2, better: 'less' },
    { key: 'turnWorstMs', title: 'longest turn, ms', digits: 2, better: 'less' },
  ],
  chart: {
    metric: 'leftPercent',
    title: 'Of a million expired entries, still held, % (less is better)',
  },
  aims: [
    ...[HOTSET, HOTSET_MAINTAINED].map((implementation) => ({
      case: WRITES,
      implementation,
      metric: 'leftPercent',
      of: 'value',
      atMost: 1,
    })),
    { case: WRITES, implementation: HOTSET, metric: 'setWorstMs', of: 'value', atMost: 1 },
    {
      case: QUIET,
      implementation: HOTSET_MAINTAINED,
      metric: 'leftPercent',
      of: 'value',
      atMost: 1,
    },
  ],

  async run({ implementation, parameters, seed }) {
    const { entries, leadMs, spreadMs, graceMs, setsASecond } = parameters
    const cache = openExpiring(implementation, entries + LASTING_ENTRIES)
    const churn = new Churn(cache, entries, seed)
    const firstMs = performance.now() + leadMs * (FILL_FACTORS.get(implementation) ?? 1)
    const lastMs = firstMs + spreadMs
    await churn.fill(firstMs, spreadMs)
    assert.ok(
      performance.now() < lastMs,
      'the machine is too slow: filling took until all had expired',
    )
    const heldBefore = heldBytes(cache)

    const { sets, turns } = await churn.run(lastMs + graceMs, setsASecond)
    // Why before any expired key is asked for: some take them away only then.
    const left = cache.held() - churn.lasting
    const seconds = (performance.now() - firstMs) / 1000
    const heldAfter = heldBytes(cache)
    churn.check()
    cache.close()
    return {
      leftPercent: (left / entries) * 100,
      expiredPerSecond: (entries - left) / seconds,
      heldBeforeMib: heldBefore / MIB,
      heldAfterMib: heldAfter / MIB,
      ...(sets.count > 0 && { setP999Us: sets.ownQuantile(0.999), setWorstMs: sets.ownWorstMs }),
      turnWorstMs: turns.ownWorstMs,
    }
  },
}

function heldBytes(cache) {
  return memory().heapMib * MIB + cache.offHeapBytes()
}

/** Keys below `entries` expire; those after them are set again and again, and live for ever. */
class Churn {
  #cache
  #entries
  #keys
  #values
  #done = 0

  constructor(cache, entries, seed) {
    this.#cache = cache
    this.#entries = entries
    this.#keys = new ComputedKeys(seed)
    this.#values = new Values(VALUE_BYTES, seed)
  }

  get lasting() {
    return Math.min(this.#done, LASTING_ENTRIES)
  }

  async fill(firstMs, spreadMs) {
    let nowMs = 0
    for (let index = 0; index < this.#entries; index++) {
      if (index % FILLS_A_TURN === 0) {
        await turn()
        nowMs = performance.now()
      }
      const endMs = firstMs + (index / this.#entries) * spreadMs
      const ttlMs = Math.max(1, Math.round(endMs - nowMs))
      this.#cache.set(this.#keys.fresh(index), this.#values.fresh(index), ttlMs)
    }
  }

  async run(untilMs, setsASecond) {
    const sets = new Histogram()
    const turns = new Histogram()
    const beganMs = performance.now()
    for (let nowMs = beganMs; nowMs < untilMs; ) {
      turns.look()
      const due = Math.floor(((nowMs - beganMs) * setsASecond) / 1000)
      this.#set(Math.min(due - this.#done, SETS_A_TURN), sets)
      await wait(TURN_MS)
      const turnedMs = performance.now()
      turns.add(turnedMs - nowMs)
      nowMs = turnedMs
    }
    return { sets, turns }
  }

  /** What has expired is not answered, what lives is. */
  check() {
    for (let index = 0; index < this.#entries; index += SAMPLE_STEP) {
      assert.equal(this.#cache.get(this.#keys.fresh(index)), undefined)
    }
    for (let number = 0; number < this.lasting; number += SAMPLE_STEP) {
      const index = this.#entries + number
      assert.equal(this.#cache.get(this.#keys.fresh(index)), this.#values.fresh(index))
    }
  }

  #set(count, histogram) {
    histogram.look()
    for (let at = 0; at < count; at++) {
      const index = this.#entries + (this.#done++ % LASTING_ENTRIES)
      const key = this.#keys.fresh(index)
      const value = this.#values.fresh(index)
      const began = performance.now()
      this.#cache.set(key, value, LASTING_MS)
      histogram.add(performance.now() - began)
    }
  }
}
