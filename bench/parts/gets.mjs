/**
 * What get-hot and get-fresh-keys have in common: a cache that holds all keys, and batches of gets, keys put
 * in place before each. They differ in where the key strings come from.
 */
import assert from 'node:assert/strict'
import { drawIndices, zipfBelow } from '../data/draws.mjs'
import { Keys, numberOf, Values } from '../data/keys-and-values.mjs'
import { collect, timeBatches } from '../measuring/measure.mjs'
import {
  ASYNCHRONOUS_PEERS,
  HOTSET,
  HOTSET_NEAR_OFF,
  LRU_CACHE,
  MAP,
  MNEMONIST,
  openCache,
  SYNCHRONOUS_PEERS,
} from '../peers/caches.mjs'
import { BATCH, checkSample, fill, getBatch } from '../peers/call-batches.mjs'

export const VALUE_BYTES = 16
export const EXPONENT = 0.99
/** Of hotset's memory: an entry of these sizes with all that goes with it, and room to spare. */
const ENTRY_BYTES = 160
const TIME_MS = 300

export const AT_ONCE_PEERS = [HOTSET, HOTSET_NEAR_OFF, ...SYNCHRONOUS_PEERS]
export const ALL_PEERS = [...AT_ONCE_PEERS, ...ASYNCHRONOUS_PEERS]
/** For cases that take long or add little: lru-cache and mnemonist stand for what is a Map and a list. */
export const LARGE_PEERS = [HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, MNEMONIST, MAP]

/** For the reports of both. */
export const METHOD = `Keys of 16 characters, values of ${VALUE_BYTES}. hotset's near cache has its default of
4,096 entries where the case says no other. Map has no bound and no order: it is the floor. Of what answers
by promises, cacheable, bentocache and keyv are awaited get by get; lmdb answers gets at once; Redis is a
server on loopback, and ${BATCH.toLocaleString('en')} gets go out together. 5,000,000 keys are one round.`

export const METRICS = [
  { key: 'nsPerOp', title: 'ns a get', digits: 1, ratio: 'speed' },
  { key: 'nsPerOpP99', title: 'ns a get, p99 of batches', digits: 1 },
]

/**
 * @param {import('../harness/types.d.ts').RunContext} context its case: `keys`, how many; `draws`, how many gets
 *   until the same come again; `isZipf`, or uniform; `near`, entries of the near cache
 * @param {(keys: Keys, count: number) => (index: number) => string} keySource makes the function that
 *   answers a key by its number
 */
export async function measureGets({ implementation, parameters, seed, smoke }, keySource) {
  const { keys: count, draws, isZipf, near } = parameters
  const opened = await openCache(implementation, {
    maxEntries: count * 2,
    hotset: {
      maxBytes: 2 ** 24 + count * ENTRY_BYTES,
      ...(near && { near: { maxEntries: near } }),
    },
    lmdb: { encoding: 'string' },
  })
  const keyOf = keySource(new Keys(count, seed), count)
  const values = new Values(VALUE_BYTES, seed)
  await fill(opened, count, keyOf, (index) => values.fresh(index))

  const indices = drawIndices(draws, count, seed, isZipf ? zipfBelow(count, EXPONENT) : undefined)
  const asked = Array(BATCH).fill('')
  const answers = Array(BATCH).fill('')
  let start = 0
  const prepare = () => {
    start = (start + BATCH) % draws
    for (let at = 0; at < BATCH; at++) asked[at] = keyOf(indices[start + at])
  }
  const batch = getBatch(opened, asked, answers)
  for (let got = 0; got < draws; got += BATCH) {
    prepare()
    await batch()
  }
  collect()
  const result = await timeBatches({
    prepare,
    batch,
    operations: BATCH,
    timeMs: smoke ? 20 : TIME_MS,
  })
  for (let at = 0; at < BATCH; at++) assert.equal(numberOf(answers[at]), indices[start + at])
  await checkSample(opened.cache, count, keyOf, (index) => values.fresh(index))
  await opened.close()
  return result
}
