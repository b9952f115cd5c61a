/** What hotset cannot go below, whatever its engine does: the parts of a get that are not its own. */
import assert from 'node:assert/strict'
import { drawIndices } from '../data/draws.mjs'
import { Keys, Values } from '../data/keys-and-values.mjs'
import { smallObjects } from '../data/value-kinds.mjs'
import { collect, timeBatches } from '../measuring/measure.mjs'
import { KEY_AND_VALUE, MAP_AND_STAMP, MSGPACKR, openFloor, TWO_READS } from '../parts/floors.mjs'
import { HOTSET, HOTSET_NEAR_OFF, LMDB, LRU_CACHE, MAP, openCache } from '../peers/caches.mjs'
import { BATCH, fill, getBatch } from '../peers/call-batches.mjs'

const FLOORS = [MAP_AND_STAMP, KEY_AND_VALUE, TWO_READS, MSGPACKR]
const TIME_MS = 400
const ENTRY_BYTES = 300

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'What a get cannot do without',
  about: `Gets of uniformly random keys that are all there. The floors hold no cache, only what any cache of their
kind has to do: "${MAP_AND_STAMP}" looks a key up and sees whether another thread has written to it, as a cache of a
thread's own must that is coherent with others; "${KEY_AND_VALUE}" writes the key into a WebAssembly memory and builds a
string of as many bytes there, and asks nobody in between; "${TWO_READS}" finds, by a line of an index, an entry, in as
much memory as hotset takes, and follows no policy, compares no key; "${MSGPACKR}" is a Map of packed objects, the names of
their fields kept apart. What these take of lru-cache's time is the most that hotset could reach. Keys of 16 characters,
the same strings each time where the keys are 1,000, new ones where they are two million, as in the scenarios whose
floors these are (get-hot, read-through-large, values). A miss, and the set after it, can only add to the two reads.`,
  baseline: LRU_CACHE,
  implementations: [HOTSET, HOTSET_NEAR_OFF, ...FLOORS, LRU_CACHE, MAP, LMDB],
  rounds: 3,
  cases: [
    {
      name: '1,000 keys, by reference',
      keys: 1000,
      valueBytes: 16,
      only: [HOTSET, MAP_AND_STAMP, LRU_CACHE, MAP],
    },
    {
      name: '1,000 keys, off the heap',
      keys: 1000,
      valueBytes: 16,
      only: [HOTSET_NEAR_OFF, KEY_AND_VALUE, LRU_CACHE],
    },
    {
      name: '2,000,000 keys built afresh',
      keys: 2_000_000,
      valueBytes: 100,
      isFresh: true,
      only: [HOTSET_NEAR_OFF, TWO_READS, LRU_CACHE],
    },
    {
      name: '1,000 objects of 5 fields, copied',
      keys: 1000,
      only: [HOTSET_NEAR_OFF, MSGPACKR, LMDB, LRU_CACHE],
    },
  ],
  smokeCases: [
    { name: 'keys built afresh', keys: 2000, valueBytes: 100, isFresh: true, only: [TWO_READS] },
    { name: 'objects', keys: 100, only: [MSGPACKR, LRU_CACHE] },
  ],
  metrics: [{ key: 'nsPerOp', title: 'ns a get', digits: 1, ratio: 'speed' }],
  chart: {
    metric: 'nsPerOp',
    title: 'A get, and what it cannot do without, ns (less is better)',
    logarithmic: true,
    from: 10,
  },

  async run({ implementation, parameters, seed, smoke }) {
    const { keys: count, valueBytes, isFresh } = parameters
    const bounds = {
      maxEntries: count,
      valueBytes,
      hotset: { maxBytes: 2 ** 24 + count * ENTRY_BYTES },
    }
    const isFloor = FLOORS.includes(implementation)
    const opened = isFloor
      ? openFloor(implementation, bounds)
      : await openCache(implementation, bounds)
    const keys = new Keys(count, seed)
    const strings = isFresh ? [] : keys.all(Array(count).keys())
    const keyOf = isFresh ? (index) => keys.fresh(index) : (index) => strings[index]
    await fill(opened, count, keyOf, valueMaker(valueBytes, seed))
    const nsPerOp = await timeGets(opened, count, keyOf, seed, smoke)
    await opened.close()
    return { nsPerOp }
  },
}

function valueMaker(bytes, seed) {
  if (bytes === undefined) return smallObjects().make
  const values = new Values(bytes, seed)
  return (index) => values.fresh(index)
}

async function timeGets(opened, count, keyOf, seed, smoke) {
  const draws = Math.max(20 * BATCH, count)
  const indices = drawIndices(draws, count, seed)
  const asked = Array(BATCH).fill('')
  const answers = Array(BATCH).fill(undefined)
  let start = 0
  const prepare = () => {
    start = (start + BATCH) % draws
    for (let at = 0; at < BATCH; at++) asked[at] = keyOf(indices[start + at])
  }
  const batch = getBatch(opened, asked, answers)
  for (let got = 0; got < 20; got++) {
    prepare()
    await batch()
  }
  collect()
  const { nsPerOp } = await timeBatches({
    prepare,
    batch,
    operations: BATCH,
    timeMs: smoke ? 20 : TIME_MS,
  })
  assert.ok(answers.every((answer) => answer !== undefined))
  return nsPerOp
}
