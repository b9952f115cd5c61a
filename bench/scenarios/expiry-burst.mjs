/** Very many entries that expire together: what those pay who come by. */
import assert from 'node:assert/strict'
import { LRUCache } from 'lru-cache'
import { Keys, Values } from '../data/keys-and-values.mjs'
import { Random, SharedCache } from '../harness/build.mjs'
import { performance, Stalls, turn } from '../measuring/measure.mjs'
import { HOTSET, LRU_CACHE } from '../peers/caches.mjs'

const VALUE_BYTES = 32
const LIVE_ENTRIES = 10_000
const TTL_MS = 60_000
/** One operation in so many is a set; the others are gets. */
const OPERATIONS_A_SET = 5
const OPERATIONS_A_TURN = 10_000
const OPERATIONS_A_LOOK = 100

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Expiry of a million',
  about: `A million entries have the same lifetime, set within one second of the cache's clock, and
${LIVE_ENTRIES.toLocaleString('en')} more live for ever. Then the time comes: "over a second" lets the clock pass
that second in steps of a microsecond an operation; "at once" has it jump past, as after a pause. Meanwhile
operations on the lasting entries go on, four gets to a set, each timed. The clock is one that the
scenario moves, for both caches. lru-cache does nothing when an entry expires, and keeps it until
somebody asks for its key or it is evicted. "own" leaves out what the thread waited for a core; "entries left" counts what still takes memory at the end.`,
  baseline: LRU_CACHE,
  implementations: [HOTSET, LRU_CACHE],
  rounds: 3,
  cases: [
    { name: 'over a second', entries: 1_000_000, operations: 1_000_000, stepMs: 0.001, jumpMs: 0 },
    { name: 'at once', entries: 1_000_000, operations: 1_000_000, stepMs: 0, jumpMs: 2000 },
  ],
  smokeCases: [
    { name: 'over a second', entries: 20_000, operations: 20_000, stepMs: 0.05, jumpMs: 0 },
  ],
  metrics: [
    { key: 'nsPerOp', title: 'ns an operation', digits: 0, ratio: 'speed' },
    { key: 'p999Us', title: 'p99.9, µs', digits: 1, better: 'less' },
    { key: 'p9999Us', title: 'p99.99, µs', digits: 1, better: 'less' },
    { key: 'worstMs', title: 'longest, ms', digits: 3 },
    { key: 'ownWorstMs', title: 'own, ms', digits: 3, ratio: 'share' },
    { key: 'entriesLeft', title: 'entries left', digits: 0 },
  ],
  chart: {
    metric: 'p9999Us',
    title: 'p99.99 of operations while a million entries expire, µs (less is better)',
  },
  aims: [
    { case: 'over a second', implementation: HOTSET, metric: 'ownWorstMs', of: 'value', atMost: 1 },
    { case: 'at once', implementation: HOTSET, metric: 'ownWorstMs', of: 'value', atMost: 1 },
  ],

  async run({ implementation, parameters, seed }) {
    const { entries, operations, stepMs, jumpMs } = parameters
    const clock = { nowMs: 1000, now: () => clock.nowMs }
    const cache = createWithClock(implementation, entries + LIVE_ENTRIES, clock)
    const keys = new Keys(entries + LIVE_ENTRIES, seed)
    const values = new Values(VALUE_BYTES, seed)
    const began = clock.nowMs
    const setOptions = { ttl: TTL_MS }
    for (let index = 0; index < entries; index++) {
      clock.nowMs = began + (index / entries) * 1000
      cache.set(keys.fresh(index), values.fresh(index), setOptions)
    }
    const lasting = keys.all(Array.from({ length: LIVE_ENTRIES }, (_, index) => entries + index))
    for (const [number, key] of lasting.entries()) cache.set(key, values.fresh(number))

    const stalls = new Stalls(operations)
    const random = new Random(seed)
    clock.nowMs = began + TTL_MS + jumpMs
    for (let done = 0; done < operations; done++) {
      if (done % OPERATIONS_A_TURN === 0) await turn()
      if (done % OPERATIONS_A_LOOK === 0) stalls.look()
      const number = random.next() % LIVE_ENTRIES
      const key = lasting[number]
      const value = values.fresh(number)
      clock.nowMs += stepMs
      const start = performance.now()
      const answer = done % OPERATIONS_A_SET === 0 ? cache.set(key, value) : cache.get(key)
      stalls.add(performance.now() - start)
      if (done % OPERATIONS_A_SET !== 0) assert.equal(answer, value)
    }
    // Why before any expired key is asked for: asking is what takes it away from lru-cache.
    const entriesLeft = heldEntries(cache)
    for (let index = 0; index < entries; index += 101) {
      assert.equal(cache.get(keys.fresh(index)), undefined, 'an expired entry was answered')
    }
    return {
      nsPerOp: (stalls.ownTotalMs * 1e6) / operations,
      p999Us: stalls.quantile(0.999),
      p9999Us: stalls.quantile(0.9999),
      worstMs: stalls.worstMs,
      ownWorstMs: stalls.ownWorstMs,
      entriesLeft,
    }
  },
}

function createWithClock(implementation, maxEntries, clock) {
  return implementation === LRU_CACHE
    ? new LRUCache({ max: maxEntries, perf: clock, ttlResolution: 0 })
    : new SharedCache({ maxBytes: 2 ** 24 + maxEntries * 160, clock })
}

function heldEntries(cache) {
  return cache instanceof LRUCache ? cache.size : cache.stats().size
}
