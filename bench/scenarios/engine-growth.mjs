/** What a get costs as entries grow, beside what the machine's memory costs. */
import assert from 'node:assert/strict'
import { drawIndices } from '../data/draws.mjs'
import { Keys } from '../data/keys-and-values.mjs'
import { Bank } from '../engine/bank.mjs'
import { Chase } from '../engine/chase.mjs'
import { driverOf } from '../engine/driver.mjs'
import { Random } from '../harness/build.mjs'
import { collect, timeBatches } from '../measuring/measure.mjs'
import { createCache, HOTSET_NEAR_OFF } from '../peers/caches.mjs'

const ENGINE = 'hotset engine, in WebAssembly'
const SMALL = 1000
const BATCH = 5000
const VALUE_BYTES = 8
/** Room for each, with what is never used of the index and of pages. */
const ENTRY_BYTES = 76
const EMPTY_BYTES = 2 ** 23
const READS_A_GET = 2
const LARGEST = '10 million entries'
const MOST_GROWTH = 1.3
const SIZES = [
  ['1 thousand entries', SMALL],
  ['100 thousand entries', 1e5],
  ['1 million entries', 1e6],
  [LARGEST, 1e7],
]

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Growth: the cost of a get as entries grow',
  about: `Gets of uniformly random keys that are all there, ${BATCH.toLocaleString('en')} a batch, keys of 16 characters, values that
are numbers. "${HOTSET_NEAR_OFF}" gets by strings that were made just before the batch, as ones that come
over the network; "${ENGINE}" has keys of 16 bytes made and staged by a loop beside the engine. "two reads"
is what two reads take, one dependent on the other, at random places of a WebAssembly memory of as many
bytes as the cache has in use. "growth" is what a get takes more than with ${SMALL.toLocaleString('en')} entries, as a multiple
of what two reads take more; all of a row was measured in one process.`,
  implementations: [HOTSET_NEAR_OFF, ENGINE],
  rounds: 2,
  cases: [
    ...SIZES.map(([name, entries]) => ({ name, entries, timeMs: 300 })),
    { name: '50 million entries', entries: 5e7, timeMs: 300, rounds: 1, only: [ENGINE] },
  ],
  smokeCases: [{ name: '20 thousand entries', entries: 2e4, timeMs: 20 }],
  metrics: [
    { key: 'nsPerOp', title: 'ns a get', digits: 0, better: 'less' },
    { key: 'smallNs', title: `with ${SMALL.toLocaleString('en')} entries`, digits: 0 },
    { key: 'readsNs', title: 'two reads, ns', digits: 1 },
    { key: 'smallReadsNs', title: `with ${SMALL.toLocaleString('en')} entries`, digits: 1 },
    { key: 'growth', title: 'growth, in reads', digits: 2, better: 'less' },
    { key: 'mib', title: 'in use, MiB', digits: 0 },
  ],
  chart: { metric: 'nsPerOp', title: 'A get of a uniformly random key, ns (less is better)' },
  aims: [
    {
      case: LARGEST,
      implementation: HOTSET_NEAR_OFF,
      metric: 'growth',
      of: 'value',
      atMost: MOST_GROWTH,
    },
  ],

  async run({ implementation, parameters, seed }) {
    const { entries, timeMs } = parameters
    const timeGets = implementation === ENGINE ? timeEngine : timeCache
    const small = await timeGets(SMALL, seed, timeMs)
    const smallReadsNs = await timeReads(small.bytes, timeMs)
    const large = entries === SMALL ? small : await timeGets(entries, seed, timeMs)
    collect()
    const readsNs = entries === SMALL ? smallReadsNs : await timeReads(large.bytes, timeMs)
    const growth = (large.nsPerOp - small.nsPerOp) / (readsNs - smallReadsNs)
    return {
      nsPerOp: large.nsPerOp,
      readsNs,
      mib: large.bytes / 2 ** 20,
      ...(entries !== SMALL && { smallNs: small.nsPerOp, smallReadsNs, growth }),
    }
  },
}

async function timeCache(entries, seed, timeMs) {
  const cache = createCache(HOTSET_NEAR_OFF, { hotset: { maxBytes: bytesFor(entries) } })
  const keys = new Keys(entries, seed)
  for (let number = 0; number < entries; number++) cache.set(keys.fresh(number), number)
  assert.equal(cache.size, entries)
  const asked = Array(BATCH).fill('')
  let numbers
  let batchNumber = seed
  const prepare = () => {
    numbers = drawIndices(BATCH, entries, mixSeed(batchNumber++))
    for (let at = 0; at < BATCH; at++) asked[at] = keys.fresh(numbers[at])
  }
  const batch = () => {
    let right = 0
    for (let at = 0; at < BATCH; at++) if (cache.get(asked[at]) === numbers[at]) right++
    assert.equal(right, BATCH)
  }
  collect()
  const { nsPerOp } = await timeBatches({ prepare, batch, operations: BATCH, timeMs })
  const { bytes } = cache
  cache.close()
  return { nsPerOp, bytes }
}

async function timeEngine(entries, seed, timeMs) {
  const maxBytes = bytesFor(entries)
  const bank = new Bank({ maxBytes, policy: 'adaptive', valueBytes: VALUE_BYTES, seed })
  const driver = await driverOf(bank)
  assert.equal(driver.setInOrder(0, entries), entries)
  assert.equal(bank.entries, entries)
  let batchNumber = seed
  const batch = () => {
    const right = driver.getRandom(mixSeed(batchNumber++), BATCH, entries)
    assert.equal(right, BATCH)
  }
  const { nsPerOp } = await timeBatches({ batch, operations: BATCH, timeMs })
  return { nsPerOp, bytes: bank.bytes }
}

async function timeReads(bytes, timeMs) {
  const chase = await Chase.over(bytes)
  const batch = () => chase.read(BATCH * READS_A_GET)
  return (await timeBatches({ batch, operations: BATCH, timeMs })).nsPerOp
}

function bytesFor(entries) {
  return EMPTY_BYTES + entries * ENTRY_BYTES
}

/** Of batches that have nothing in common. */
function mixSeed(number) {
  return new Random(number).next()
}
