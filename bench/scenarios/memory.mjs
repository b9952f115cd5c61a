/** What entries take: memory of the process and of the heap, and bytes beyond key and value. */
import assert from 'node:assert/strict'
import { ComputedKeys, KEY_BYTES, Values } from '../data/keys-and-values.mjs'
import { settledMemory } from '../measuring/measure.mjs'
import {
  HOTSET,
  LMDB,
  LRU_CACHE,
  LRU_MIN,
  MAP,
  MNEMONIST,
  openCache,
  QUICK_LRU,
  REDIS,
  TINY_LRU,
  TTLCACHE,
} from '../peers/caches.mjs'
import { checkSample, fill } from '../peers/call-batches.mjs'

const VALUE_BYTES = 100
const MIB = 2 ** 20
const MILLION = '1,000,000 entries'
const FIVE_MILLION = '5,000,000 entries'

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Memory',
  about: `Entries of ${KEY_BYTES}-byte keys and ${VALUE_BYTES}-byte values, none evicted. RSS and heap are what the process has
beyond what it had before the cache was made (that is the "base"), after garbage collection, until they change
no more. The scenario itself keeps nothing: keys and values are computed, and are flat strings of a byte a
character, as those from a network or a file are. So a cache on the heap keeps strings of 16 bytes beside their
characters, rounded up to words, and no others hang on them, as they do on slices of a larger string. Of Redis
it is the server's RSS. lmdb has its data in a file, of which the system keeps the pages in memory that it
likes: the file is told. Five million entries are for some of the caches only, because of the time it takes. "Overhead" is hotset's own account of bytes beyond key and value (headers,
index, rounding up to a chunk, unfilled pages), "unused" the share of its pages that no chunk in use covers.`,
  baseline: LRU_CACHE,
  implementations: [
    HOTSET,
    LRU_CACHE,
    TINY_LRU,
    LRU_MIN,
    QUICK_LRU,
    MNEMONIST,
    TTLCACHE,
    MAP,
    LMDB,
    REDIS,
  ],
  // Why one: they take minutes, and the figures differ by a hundredth from one to the next.
  rounds: 1,
  cases: [
    { name: MILLION, entries: 1_000_000, maxBytes: '400mb' },
    {
      name: FIVE_MILLION,
      entries: 5_000_000,
      maxBytes: '1600mb',
      only: [HOTSET, LRU_CACHE, TINY_LRU, LRU_MIN, MNEMONIST, MAP],
    },
  ],
  smokeCases: [
    {
      name: '20,000 entries',
      entries: 20_000,
      maxBytes: '16mb',
      only: [HOTSET, LRU_CACHE, LMDB, REDIS],
    },
  ],
  metrics: [
    { key: 'rssMib', title: 'RSS, MiB', digits: 0, ratio: 'share' },
    { key: 'rssPerEntry', title: 'an entry, bytes', digits: 0, better: 'less' },
    { key: 'heapMib', title: 'heap, MiB', digits: 0, ratio: 'share' },
    { key: 'fileMib', title: 'file, MiB', digits: 0 },
    { key: 'overheadBytes', title: 'overhead an entry, bytes', digits: 1, better: 'less' },
    { key: 'unusedPercent', title: 'unused, %', digits: 2 },
    { key: 'baseMib', title: 'base RSS, MiB', digits: 0 },
  ],
  chart: {
    metric: 'rssPerEntry',
    title: `RSS an entry of ${KEY_BYTES + VALUE_BYTES} bytes of key and value (less is better)`,
  },
  aims: [
    { case: FIVE_MILLION, implementation: HOTSET, metric: 'rssMib', of: 'ratio', atMost: 0.4 },
    {
      case: MILLION,
      implementation: HOTSET,
      metric: 'overheadBytes',
      of: 'value',
      atMost: 48 + 0.12 * (KEY_BYTES + VALUE_BYTES + 48),
    },
  ],

  async run({ implementation, parameters, seed }) {
    const { entries, maxBytes } = parameters
    const keys = new ComputedKeys(seed)
    const values = new Values(VALUE_BYTES, seed)
    const base = await settledMemory()
    const opened = await openCache(implementation, {
      maxEntries: entries,
      hotset: { maxBytes },
      lmdb: { encoding: 'string' },
    })
    const { cache } = opened
    const emptyBytes = cache.bytes
    const serverBase = await opened.serverRssBytes?.()
    const keyAt = (index) => keys.fresh(index)
    const valueAt = (index) => values.fresh(index)
    await fill(opened, entries, keyAt, valueAt)

    const after = await settledMemory()
    const serverAfter = await opened.serverRssBytes?.()
    const rssMib =
      serverAfter === undefined ? after.rssMib - base.rssMib : (serverAfter - serverBase) / MIB
    const result = {
      rssMib,
      rssPerEntry: (rssMib * MIB) / entries,
      heapMib: after.heapMib - base.heapMib,
      fileMib: (opened.fileBytes?.() ?? Number.NaN) / MIB,
      baseMib: base.rssMib,
      ...(emptyBytes !== undefined && account(cache, emptyBytes, entries)),
    }
    await checkSample(cache, entries, keyAt, valueAt)
    await opened.close()
    return result
  },
}

function account(cache, emptyBytes, entries) {
  const { bytes, payloadBytes, fragmentation } = cache.stats()
  assert.equal(cache.size, entries)
  assert.equal(payloadBytes, entries * (KEY_BYTES + VALUE_BYTES))
  return {
    overheadBytes: (bytes - emptyBytes - payloadBytes) / entries,
    unusedPercent: fragmentation * 100,
  }
}
