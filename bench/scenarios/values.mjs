/** Gets and sets of values of all kinds and sizes: what a copy costs, and what a reference saves. */
import assert from 'node:assert/strict'
import { drawIndices } from '../data/draws.mjs'
import { Keys } from '../data/keys-and-values.mjs'
import {
  buffers,
  KIB,
  largeObjects,
  numbers,
  smallObjects,
  strings,
  wideStrings,
} from '../data/value-kinds.mjs'
import { collect, timeBatches } from '../measuring/measure.mjs'
import {
  HOTSET,
  HOTSET_NEAR_OFF,
  KEYV,
  LMDB,
  LRU_CACHE,
  MAP,
  openCache,
  REDIS,
} from '../peers/caches.mjs'
import { fill, getBatch, setBatch } from '../peers/call-batches.mjs'
import {
  isCopying,
  LRU_BUFFER_COPY,
  LRU_CLONE,
  LRU_JSON,
  openCopying,
  PLAIN_COPY,
} from '../peers/copying.mjs'

const TIME_MS = 150
const DRAWS = 20_000
/** From this size on it is the copy that costs, and the bandwidth that counts. */
const LARGE_BYTES = 64 * KIB
/** They hand out the value that they were given. */
const BY_REFERENCE = [LRU_CACHE, MAP]

const MAKERS = { strings, wideStrings, buffers, smallObjects, largeObjects, numbers }
const ENCODINGS = { strings: 'string', wideStrings: 'string', buffers: 'binary' }

const ALL = [HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, MAP, KEYV, LMDB]
const FOR_STRINGS = [...ALL, REDIS]
const FOR_BUFFERS = [...ALL, REDIS, LRU_BUFFER_COPY]
const FOR_OBJECTS = [...ALL, LRU_JSON, LRU_CLONE]
const SMALL = { entries: 1000, batch: 1000 }
const LARGE = { entries: 200, batch: 20 }

const SMALL_OBJECTS = 'objects, 5 fields'
const LARGE_BUFFERS = 'Buffers, 64 KiB'

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Values of all kinds',
  about: `Gets, then sets over what is there, of 1,000 keys (200 of 64 KiB) in random order, the same key
strings each time. lru-cache and Map hand out the very object that they were given, and so does hotset's near
cache for values of up to 16 KiB, once a thread has decoded them; hotset with near off, lmdb, Redis and keyv
answer a copy at each get. "${LRU_JSON}", "${LRU_CLONE}" and "${LRU_BUFFER_COPY}"
do the same with lru-cache, in the usual ways: compare like with like. "${PLAIN_COPY}" is Buffer.from() of a
Buffer in a Map. GB/s are of the bytes that a get copies, told for 64 KiB where it copies. lmdb keeps strings
and Buffers as they are and the rest as MessagePack, its default; keyv everything as JSON, awaited call by
call. Redis knows strings and Buffers only; what it and lmdb are to set goes out a batch at a time. Sets make
no values: these lie ready.`,
  baseline: LRU_CACHE,
  implementations: [...FOR_OBJECTS, LRU_BUFFER_COPY, PLAIN_COPY, REDIS],
  rounds: 2,
  cases: [
    { name: 'strings, 16 B', kind: 'strings', bytes: 16, ...SMALL, only: FOR_STRINGS },
    { name: 'strings, 100 B', kind: 'strings', bytes: 100, ...SMALL, only: FOR_STRINGS },
    { name: 'strings, 1 KiB', kind: 'strings', bytes: KIB, ...SMALL, only: FOR_STRINGS },
    {
      name: 'strings, 1 KiB, two-byte',
      kind: 'wideStrings',
      bytes: KIB,
      ...SMALL,
      only: FOR_STRINGS,
    },
    { name: 'strings, 64 KiB', kind: 'strings', bytes: LARGE_BYTES, ...LARGE, only: FOR_STRINGS },
    { name: 'Buffers, 1 KiB', kind: 'buffers', bytes: KIB, ...SMALL, only: FOR_BUFFERS },
    {
      name: LARGE_BUFFERS,
      kind: 'buffers',
      bytes: LARGE_BYTES,
      ...LARGE,
      only: [...FOR_BUFFERS, PLAIN_COPY],
    },
    { name: SMALL_OBJECTS, kind: 'smallObjects', ...SMALL, only: FOR_OBJECTS },
    {
      name: 'objects, 200 fields',
      kind: 'largeObjects',
      entries: 1000,
      batch: 100,
      only: FOR_OBJECTS,
    },
    { name: 'numbers', kind: 'numbers', ...SMALL, only: ALL },
  ],
  smokeCases: [
    {
      name: LARGE_BUFFERS,
      kind: 'buffers',
      bytes: LARGE_BYTES,
      entries: 20,
      batch: 20,
      only: [HOTSET_NEAR_OFF, LRU_BUFFER_COPY, PLAIN_COPY, REDIS],
    },
    {
      name: SMALL_OBJECTS,
      kind: 'smallObjects',
      entries: 100,
      batch: 100,
      only: [HOTSET, LRU_CACHE, KEYV, LMDB, LRU_CLONE],
    },
    {
      name: 'strings, 1 KiB, two-byte',
      kind: 'wideStrings',
      bytes: KIB,
      entries: 100,
      batch: 100,
      only: [HOTSET_NEAR_OFF],
    },
    {
      name: 'objects, 200 fields',
      kind: 'largeObjects',
      entries: 20,
      batch: 20,
      only: [HOTSET_NEAR_OFF, LRU_JSON],
    },
    { name: 'numbers', kind: 'numbers', entries: 100, batch: 100, only: [HOTSET_NEAR_OFF] },
  ],
  metrics: [
    { key: 'getNs', title: 'ns a get', digits: 0, ratio: 'speed' },
    { key: 'setNs', title: 'ns a set', digits: 0, ratio: 'speed' },
    { key: 'gigabytesPerSecond', title: 'get, GB/s', digits: 1, better: 'more' },
  ],
  chart: {
    metric: 'getNs',
    title: 'Get by kind of value, ns (less is better)',
    only: [HOTSET, HOTSET_NEAR_OFF, LRU_CACHE, LRU_JSON, LRU_CLONE, LRU_BUFFER_COPY, KEYV, LMDB],
    logarithmic: true,
    from: 10,
  },
  aims: [
    { case: SMALL_OBJECTS, implementation: HOTSET, metric: 'getNs', of: 'ratio', atLeast: 1 },
    // Why at most: these are times, and three times as fast is a third of them.
    {
      case: SMALL_OBJECTS,
      implementation: HOTSET_NEAR_OFF,
      metric: 'getNs',
      of: 'ratio',
      to: LMDB,
      atMost: 0.33,
    },
    {
      case: LARGE_BUFFERS,
      implementation: HOTSET_NEAR_OFF,
      metric: 'gigabytesPerSecond',
      of: 'ratio',
      to: PLAIN_COPY,
      atLeast: 0.7,
    },
  ],

  async run({ implementation, parameters, seed, smoke }) {
    const { kind: kindName, bytes, entries, batch } = parameters
    const kind = makeKind(kindName, bytes, seed)
    const bounds = {
      maxEntries: entries,
      hotset: { maxBytes: 2 ** 26 + entries * 4 * (bytes ?? 0) },
      lmdb: kindName in ENCODINGS ? { encoding: ENCODINGS[kindName] } : {},
      redis: { buffers: kindName === 'buffers' },
    }
    const opened = isCopying(implementation)
      ? openCopying(implementation, bounds)
      : await openCache(implementation, bounds)
    const keys = new Keys(entries, seed).all(Array(entries).keys())
    await fill(opened, entries, (index) => keys[index], kind.make)
    const load = { opened, keys, kind, batch, seed, timeMs: smoke ? 10 : TIME_MS }
    const getNs = await timeGets(load)
    const setNs = await timeSets(load)
    await opened.close()
    const isCopied = bytes >= LARGE_BYTES && !BY_REFERENCE.includes(implementation)
    return { getNs, setNs, ...(isCopied && { gigabytesPerSecond: bytes / getNs }) }
  },
}

function makeKind(name, bytes, seed) {
  const make = MAKERS[name]
  return bytes === undefined ? make(seed) : make(bytes, seed)
}

async function timeGets({ opened, keys, kind, batch: size, seed, timeMs }) {
  const order = drawIndices(DRAWS, keys.length, seed)
  const asked = Array(size).fill('')
  const answers = Array(size).fill(undefined)
  let start = 0
  const prepare = () => {
    start = (start + size) % DRAWS
    for (let at = 0; at < size; at++) asked[at] = keys[order[start + at]]
  }
  const batch = getBatch(opened, asked, answers)
  for (let got = 0; got < DRAWS; got += size) {
    prepare()
    await batch()
  }
  collect()
  const { nsPerOp } = await timeBatches({ prepare, batch, operations: size, timeMs })
  for (let at = 0; at < size; at++) assert.equal(kind.numberOf(answers[at]), order[start + at])
  return nsPerOp
}

async function timeSets({ opened, keys, kind, batch: size, seed, timeMs }) {
  const order = drawIndices(DRAWS, keys.length, seed + 1)
  const stored = Array.from(keys.keys())
  // Why once: to make large values again and again would take a hundred times what their sets take.
  const ready = Array.from({ length: keys.length * 2 }, (_, number) => kind.make(number))
  const asked = Array(size).fill('')
  const values = Array(size).fill(undefined)
  let start = 0
  let number = 0
  const prepare = () => {
    start = (start + size) % DRAWS
    for (let at = 0; at < size; at++) {
      const index = order[start + at]
      number = (number + 1) % ready.length
      stored[index] = number
      asked[at] = keys[index]
      values[at] = ready[number]
    }
  }
  const batch = setBatch(opened, asked, values)
  collect()
  // Why done at once: what was prepared counts as stored.
  prepare()
  await batch()
  const { nsPerOp } = await timeBatches({ prepare, batch, operations: size, timeMs })
  for (const [index, key] of keys.entries()) {
    assert.equal(kind.numberOf(await opened.cache.get(key)), stored[index])
  }
  return nsPerOp
}
