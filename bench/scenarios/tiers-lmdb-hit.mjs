/** Hits in LMDB, below a memory that has nothing of what is asked for. */
import { takeTurns } from '../measuring/turns.mjs'
import {
  failOnLoad,
  HUNDRED,
  OBJECTS,
  roomFor,
  TEXTS,
  TieredReads,
} from '../parts/tiered-reads.mjs'
import { openCache } from '../peers/caches.mjs'
import { BENTOCACHE, LMDB } from '../peers/names.mjs'
import { openTiered, TIERED } from '../peers/tiered/tiered-caches.mjs'

const BATCH = 5 * HUNDRED
const ENTRIES = 2000
const TIME_MS = 2000
const NS_PER_US = 1000

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Tiers: hits in LMDB',
  about: `Memory over an LMDB file; memory is emptied before each batch of ${BATCH} reads of different keys, so each is
answered by LMDB and goes into memory. "get" and "getOrSet" are awaited one by one, "together" are ${HUNDRED} gets
awaited by one Promise.all, "getMany" is one call for ${HUNDRED} keys, which bentocache has not. All times are a key.
Neither bentocache nor cacheable has LMDB among its stores: each has it by some lines of the benchmark, through
the interface that it has for other people's, without lifetimes, tags or checksums on the disk. "${LMDB}" is the
library alone, values as MessagePack, answering at once: the floor.`,
  baseline: BENTOCACHE,
  implementations: [...TIERED, LMDB],
  rounds: 3,
  cases: [
    { name: OBJECTS, kind: OBJECTS },
    { name: TEXTS, kind: TEXTS },
  ],
  smokeCases: [{ name: OBJECTS, kind: OBJECTS }],
  metrics: [
    { key: 'getUs', title: 'µs a get', digits: 2, ratio: 'speed' },
    { key: 'getOrSetUs', title: 'µs a getOrSet', digits: 2, ratio: 'speed' },
    { key: 'togetherUs', title: 'together, µs', digits: 2, ratio: 'speed' },
    { key: 'manyUs', title: 'getMany, µs', digits: 2, better: 'less' },
  ],
  chart: { metric: 'getUs', title: 'A get that hits in LMDB, µs (less is better)' },

  async run({ implementation, parameters, seed, smoke }) {
    const opened = await openOver(implementation)
    const { kind } = parameters
    const reads = new TieredReads(opened, { count: ENTRIES, kind, batch: BATCH, seed })
    await reads.fill()

    const { get, getOrSet, getMany } = opened
    const isAlone = implementation === LMDB
    const batches = {
      get: isAlone ? reads.atOnce(get) : reads.awaited(get),
      ...(getOrSet && { getOrSet: reads.awaited((key) => getOrSet(key, failOnLoad)) }),
      ...(!isAlone && { together: reads.together(get) }),
      ...(getMany && { many: reads.many(getMany) }),
    }
    const prepare = async () => {
      await opened.forget?.()
      reads.drawDifferent()
    }
    const ways = Object.fromEntries(
      Object.entries(batches).map(([name, batch]) => [name, { prepare, batch }]),
    )
    const turns = await takeTurns(ways, { operations: BATCH, timeMs: smoke ? 60 : TIME_MS })
    for (const batch of Object.values(batches)) {
      await prepare()
      await batch()
      reads.check()
    }
    await opened.close()
    return Object.fromEntries(
      Object.keys(batches).map((name) => [`${name}Us`, turns.nsPerOp(name) / NS_PER_US]),
    )
  },
}

async function openOver(implementation) {
  if (implementation !== LMDB) {
    return openTiered(implementation, { below: 'lmdb', ...roomFor(ENTRIES) })
  }
  const { cache, close } = await openCache(LMDB, {})
  return { ...cache, close }
}
