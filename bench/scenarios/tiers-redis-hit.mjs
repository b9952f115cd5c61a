/** Hits in Redis, below a memory that has nothing of what is asked for. */
import assert from 'node:assert/strict'
import { takeTurns } from '../measuring/turns.mjs'
import {
  failOnLoad,
  HUNDRED,
  OBJECTS,
  roomFor,
  TEXTS,
  TieredReads,
} from '../parts/tiered-reads.mjs'
import { BENTOCACHE, CACHEABLE } from '../peers/names.mjs'
import { HOTSET_TIERS, openTiered, TIERED } from '../peers/tiered/tiered-caches.mjs'

const BATCH = 5 * HUNDRED
const ENTRIES = 2000
const TIME_MS = 4000
const NS_PER_US = 1000

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Tiers: hits in Redis',
  about: `Memory over Redis, a server on loopback with one connection; memory is emptied before each batch of
${BATCH} reads of different keys, so each is answered by Redis, which tells so itself after the run, and goes into
memory. "get" and "getOrSet" are awaited one by one; "together" are ${HUNDRED} gets awaited by one Promise.all;
"getMany" is one call for ${HUNDRED} keys, which bentocache has not. All times are a key. hotset and cacheable use the
client \`redis\`, bentocache \`ioredis\`. hotset hears by client tracking of what other processes write, bentocache by
its bus, cacheable not at all, as by their documentations.`,
  baseline: BENTOCACHE,
  implementations: TIERED,
  rounds: 3,
  cases: [
    { name: OBJECTS, kind: OBJECTS },
    { name: TEXTS, kind: TEXTS },
  ],
  smokeCases: [{ name: OBJECTS, kind: OBJECTS }],
  metrics: [
    { key: 'getUs', title: 'µs a get', digits: 1, ratio: 'speed' },
    { key: 'getOrSetUs', title: 'µs a getOrSet', digits: 1, ratio: 'speed' },
    { key: 'togetherUs', title: 'together, µs', digits: 1, ratio: 'speed' },
    { key: 'manyUs', title: 'getMany, µs', digits: 1, better: 'less' },
  ],
  chart: { metric: 'getUs', title: 'A get that hits in Redis, µs (less is better)' },
  aims: [
    ...['getUs', 'getOrSetUs', 'togetherUs'].flatMap((metric) => [
      { implementation: HOTSET_TIERS, metric, of: 'ratio', atLeast: 1 },
      { implementation: HOTSET_TIERS, metric, of: 'ratio', to: CACHEABLE, atMost: 1 },
    ]),
    { implementation: HOTSET_TIERS, metric: 'manyUs', of: 'ratio', to: CACHEABLE, atMost: 1 },
  ],

  async run({ implementation, parameters, seed, smoke }) {
    const opened = await openTiered(implementation, { below: 'redis', ...roomFor(ENTRIES) })
    const { kind } = parameters
    const reads = new TieredReads(opened, { count: ENTRIES, kind, batch: BATCH, seed })
    await reads.fill()

    const { get, getOrSet, getMany } = opened
    const batches = {
      get: reads.awaited(get),
      getOrSet: reads.awaited((key) => getOrSet(key, failOnLoad)),
      together: reads.together(get),
      ...(getMany && { many: reads.many(getMany) }),
    }
    const prepare = async () => {
      await opened.forget()
      reads.drawDifferent()
    }
    const ways = Object.fromEntries(
      Object.entries(batches).map(([name, batch]) => [name, { prepare, batch }]),
    )
    const turns = await takeTurns(ways, { operations: BATCH, timeMs: smoke ? 60 : TIME_MS })
    for (const batch of Object.values(batches)) {
      await prepare()
      const hitsBefore = await opened.hitsBelow()
      await batch()
      assert.ok((await opened.hitsBelow()) - hitsBefore >= BATCH, 'Redis was not asked each time')
      reads.check()
    }
    await opened.close()
    return Object.fromEntries(
      Object.keys(batches).map((name) => [`${name}Us`, turns.nsPerOp(name) / NS_PER_US]),
    )
  },
}
