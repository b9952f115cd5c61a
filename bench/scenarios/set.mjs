/** Sets of new keys into an empty cache, sets of keys that it has, and deletes; sets at capacity apart. */
import { shuffled } from '../data/draws.mjs'
import { Keys, Values } from '../data/keys-and-values.mjs'
import { summarise } from '../harness/statistics.mjs'
import { collect, performance, Stalls } from '../measuring/measure.mjs'
import {
  ASYNCHRONOUS_PEERS,
  HOTSET,
  HOTSET_NEAR_OFF,
  LRU_CACHE,
  openCache,
  SYNCHRONOUS_PEERS,
} from '../peers/caches.mjs'
import { BATCH, checkSample, deleteBatch, setBatch } from '../peers/call-batches.mjs'

const VALUE_BYTES = 100
const ENTRY_BYTES = 320
const TIME_MS = 500
const MAX_PASSES = 200

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Set and delete',
  about: `"new": keys that are not there yet, into a cache that begins empty (made before the clock starts)
and has room for all, so that the growth of its index counts, and with
hotset the system's giving of pages when they are first written. "overwrite": a full set of other values, in
random order. "delete": all of them, in random order. Keys of 16 characters and values of ${VALUE_BYTES}, all
new strings, made before each batch of ${BATCH.toLocaleString('en')} is timed. One pass after the other in the
same process, the cache made anew for each; a figure is the mean of a pass, of the median pass, without what
the thread waited for a core. cacheable, bentocache and keyv are awaited call by call; what Redis and lmdb
are asked goes out a batch at a time and is awaited together.`,
  baseline: LRU_CACHE,
  implementations: [HOTSET, HOTSET_NEAR_OFF, ...SYNCHRONOUS_PEERS, ...ASYNCHRONOUS_PEERS],
  rounds: 2,
  cases: [{ name: '100,000 keys', keys: 100_000 }],
  smokeCases: [
    { name: '2,000 keys', keys: 2000, only: [HOTSET, LRU_CACHE, ...ASYNCHRONOUS_PEERS] },
  ],
  metrics: [
    { key: 'newNs', title: 'ns a new key', digits: 0, ratio: 'speed' },
    { key: 'overwriteNs', title: 'ns an overwrite', digits: 0, ratio: 'speed' },
    { key: 'deleteNs', title: 'ns a delete', digits: 0, ratio: 'speed' },
    { key: 'newWorstMs', title: `longest ${BATCH} new keys, own, ms`, digits: 2 },
  ],
  chart: {
    metric: 'newNs',
    title: 'Set of a new key, 100 thousand into an empty cache, ns (less is better)',
    logarithmic: true,
    from: 100,
  },

  async run({ implementation, parameters, seed, smoke }) {
    const { keys: count } = parameters
    const keys = new Keys(count, seed)
    const values = new Values(VALUE_BYTES, seed)
    const order = shuffled(count, seed)
    const passes = []
    const until = performance.now() + (smoke ? 50 : TIME_MS)
    // Why one more than kept: the first is the compiler's.
    while (passes.length < 2 || (performance.now() < until && passes.length < MAX_PASSES)) {
      const opened = await openCache(implementation, {
        maxEntries: count,
        hotset: { maxBytes: 2 ** 24 + count * ENTRY_BYTES },
        lmdb: { encoding: 'string' },
      })
      collect()
      passes.push(await pass(opened, keys, values, order))
      await opened.close()
    }
    const kept = passes.slice(1)
    return {
      newNs: medianNs(kept, 'added', count),
      overwriteNs: medianNs(kept, 'overwritten', count),
      deleteNs: medianNs(kept, 'deleted', count),
      newWorstMs: Math.max(...kept.map(({ added }) => added.ownWorstMs)),
    }
  },
}

async function pass(opened, keys, values, order) {
  const count = order.length
  const keyAt = (index) => keys.fresh(index)
  const inOrder = Array.from({ length: count }, (_, index) => index)
  const added = await timeSets(opened, keys, inOrder, (index) => values.fresh(index))
  await checkSample(opened.cache, count, keyAt, (index) => values.fresh(index))
  const overwritten = await timeSets(opened, keys, order, (index) => values.fresh(count + index))
  await checkSample(opened.cache, count, keyAt, (index) => values.fresh(count + index))
  const deleted = await timeDeletes(opened, keys, order)
  await checkSample(opened.cache, count, keyAt, () => undefined)
  return { added, overwritten, deleted }
}

function timeSets(opened, keys, order, makeValue) {
  return timeEach(order, (indices) =>
    setBatch(opened, keys.all(indices), Array.from(indices, makeValue)),
  )
}

function timeDeletes(opened, keys, order) {
  return timeEach(order, (indices) => deleteBatch(opened, keys.all(indices)))
}

/** Times the batches that `prepare` makes, each of the next ones in `order`. */
async function timeEach(order, prepare) {
  const stalls = new Stalls(Math.ceil(order.length / BATCH))
  for (let start = 0; start < order.length; start += BATCH) {
    const batch = prepare(order.slice(start, start + BATCH))
    stalls.look()
    const began = performance.now()
    // Why not awaited always: those that answer at once are not to pay for a promise.
    const answer = batch()
    if (answer !== undefined) await answer
    stalls.add(performance.now() - began)
  }
  return stalls
}

function medianNs(passes, key, count) {
  return (summarise(passes.map((each) => each[key].ownTotalMs)).median * 1e6) / count
}
