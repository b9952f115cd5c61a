/** A hundred keys in one call, against a hundred calls. */
import assert from 'node:assert/strict'
import { Keys, Values } from '../data/keys-and-values.mjs'
import { takeTurns } from '../measuring/turns.mjs'
import { BATCH, CALLS, HundredKeyCalls, KEYS_A_CALL } from '../parts/hundred-keys.mjs'
import {
  BENTOCACHE,
  CACHEABLE,
  HOTSET,
  HOTSET_NEAR_OFF,
  KEYV,
  LMDB,
  LRU_CACHE,
  openCache,
  REDIS,
  TINY_LRU,
} from '../peers/caches.mjs'
import { deleteBatch, fill, getBatch, setBatch } from '../peers/call-batches.mjs'

const VALUE_BYTES = 100
const NS_PER_SECOND = 1e9
const LARGE_CASE_FOR = [HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, LMDB]
const LARGE = '2,000,000 entries'

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Batches of a hundred',
  about: `The same process gets ${KEYS_A_CALL} keys, drawn uniformly, by as many calls and by one getMany, in turns;
each ratio is the median of those within a turn, above 1 where the one call has more keys a second. All keys
are there, values are of ${VALUE_BYTES} characters. "Fresh" keys are strings that were built just before the batch is
timed; "same" ones are those that were asked for before. Sets overwrite; deleted keys are there, and set again
before the next batch. Single calls whose answer is a promise are awaited one by one; with Redis, and for
lmdb's sets, they go out together. lru-cache and bentocache have no getMany, and only their single gets are told;
tiny-lru and lmdb have one but no setMany or deleteMany. bentocache's deleteMany is left out, having no
setMany beside it.`,
  baseline: LRU_CACHE,
  implementations: [
    HOTSET,
    HOTSET_NEAR_OFF,
    LRU_CACHE,
    TINY_LRU,
    LMDB,
    REDIS,
    KEYV,
    CACHEABLE,
    BENTOCACHE,
  ],
  rounds: 2,
  cases: [
    { name: '1,000 entries', entries: 1000, maxBytes: '64mb' },
    { name: '100,000 entries', entries: 100_000, maxBytes: '64mb' },
    { name: LARGE, entries: 2_000_000, maxBytes: '600mb', rounds: 1, only: LARGE_CASE_FOR },
  ],
  smokeCases: [
    {
      name: '1,000 entries',
      entries: 1000,
      maxBytes: '16mb',
      only: [HOTSET, HOTSET_NEAR_OFF, TINY_LRU, LMDB, KEYV],
    },
  ],
  metrics: [
    { key: 'freshRate', title: 'gets, fresh: keys a second', digits: 0, ratio: 'rate' },
    { key: 'freshManyRate', title: 'getMany', digits: 0, better: 'more' },
    { key: 'freshGain', title: 'to gets', digits: 2, better: 'more' },
    { key: 'sameRate', title: 'gets, same: keys a second', digits: 0, ratio: 'rate' },
    { key: 'sameManyRate', title: 'getMany', digits: 0, better: 'more' },
    { key: 'sameGain', title: 'to gets', digits: 2, better: 'more' },
    { key: 'setManyRate', title: 'setMany', digits: 0, better: 'more' },
    { key: 'setGain', title: 'to sets', digits: 2, better: 'more' },
    { key: 'deleteManyRate', title: 'deleteMany', digits: 0, better: 'more' },
    { key: 'deleteGain', title: 'to deletes', digits: 2, better: 'more' },
  ],
  chart: {
    metric: 'freshGain',
    title: 'Keys a second of getMany to those of single gets (more is better)',
  },
  aims: ['1,000 entries', '100,000 entries', LARGE].flatMap((name) =>
    [HOTSET, HOTSET_NEAR_OFF].map((implementation) => ({
      case: name,
      implementation,
      metric: 'freshGain',
      of: 'value',
      atLeast: 1.5,
    })),
  ),

  async run({ implementation, parameters, seed, smoke }) {
    const { entries, maxBytes } = parameters
    const opened = await openCache(implementation, {
      maxEntries: entries * 2,
      hotset: { maxBytes },
      lmdb: { encoding: 'string' },
    })
    const keys = new Keys(entries, seed)
    const values = new Values(VALUE_BYTES, seed)
    const keyAt = (index) => keys.fresh(index)
    const valueAt = (index) => values.fresh(index)
    await fill(opened, entries, keyAt, valueAt)

    const options = { operations: BATCH, timeMs: smoke ? 10 : 250 }
    const pool = keys.all(Array(entries).keys())
    const work = new HundredKeyCalls(opened, { implementation, entries, keyAt, valueAt, seed })
    const fresh = await compareGets(work, keyAt, options)
    const same = await compareGets(work, (index) => pool[index], options)
    const result = {
      freshRate: fresh.singleRate,
      freshManyRate: fresh.manyRate,
      freshGain: fresh.gain,
      sameRate: same.singleRate,
      sameManyRate: same.manyRate,
      sameGain: same.gain,
      ...(await compareWrites(work, options)),
    }
    await opened.close()
    return result
  },
}

async function compareGets(work, keyAt, options) {
  const { opened } = work
  const prepare = () => work.draw(keyAt)
  const single = { prepare, batch: getBatch(opened, work.keys, work.answers) }
  const hasMany = opened.cache.getMany !== undefined
  const many = {
    prepare,
    batch: callBatch(work, (call) => opened.cache.getMany(work.keyGroups[call])),
  }
  const rates = await compareRates(single, hasMany ? many : undefined, options)
  prepare()
  await single.batch()
  work.checkSingle()
  if (!hasMany) return rates
  await many.batch()
  work.check(work.answerGroups)
  return rates
}

/** Nothing where there is no setMany to compare with. */
async function compareWrites(work, options) {
  const { opened } = work
  const { cache } = opened
  if (cache.setMany === undefined) return {}
  const draw = () => work.drawEntries()
  const setSingle = setBatch(opened, work.keys, work.values)
  const setMany = callBatch(work, (call) => cache.setMany(work.entryGroups[call]))
  const single = { prepare: draw, batch: setSingle }
  const sets = await compareRates(single, { prepare: draw, batch: setMany }, options)

  const restore = async () => {
    await setSingle()
    work.drawEntries()
  }
  work.drawEntries()
  const deleteSingle = deleteBatch(opened, work.keys)
  const deleteMany = callBatch(work, (call) => cache.deleteMany(work.keyGroups[call]))
  const deletes = await compareRates(
    { prepare: restore, batch: deleteSingle },
    { prepare: restore, batch: deleteMany },
    options,
  )
  await checkWrites(work, setSingle, setMany, deleteMany)
  return {
    setManyRate: sets.manyRate,
    setGain: sets.gain,
    deleteManyRate: deletes.manyRate,
    deleteGain: deletes.gain,
  }
}

/** What deleteMany was given is gone, and there again after a setMany; at the end all is there. */
async function checkWrites(work, setSingle, setMany, deleteMany) {
  await setSingle()
  work.drawEntries()
  await deleteMany()
  const get = getBatch(work.opened, work.keys, work.answers)
  await get()
  assert.deepEqual([...new Set(work.answers)], [undefined])
  await setMany()
  await get()
  work.checkSingle()
}

/** Calls after each other, each awaited where it answers a promise; the answers into answerGroups. */
function callBatch(work, call) {
  if (!work.opened.isAsynchronous) {
    return () => {
      for (let at = 0; at < CALLS; at++) work.answerGroups[at] = call(at)
    }
  }
  return async () => {
    for (let at = 0; at < CALLS; at++) work.answerGroups[at] = await call(at)
  }
}

async function compareRates(single, many, options) {
  const turns = await takeTurns(many === undefined ? { single } : { single, many }, options)
  const rateOf = (way) => NS_PER_SECOND / turns.nsPerOp(way)
  const singleRate = rateOf('single')
  if (many === undefined) return { singleRate }
  return { singleRate, manyRate: rateOf('many'), gain: turns.ratio('single', 'many') }
}
