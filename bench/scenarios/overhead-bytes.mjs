/** What an entry costs in memory beyond its key and value. */
import assert from 'node:assert/strict'
import { createCache, HOTSET, LRU_CACHE, MAP } from '../harness/caches.mjs'
import { Keys, Values } from '../harness/data.mjs'
import { memory } from '../harness/measure.mjs'

const KEY_BYTES = 16
const VALUE_BYTES = 100
const SAMPLE_STEP = 97

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Bytes an entry',
  about: `Entries of ${KEY_BYTES}-byte keys and ${VALUE_BYTES}-byte values, none evicted. "RSS an entry" is the
growth of the process's resident memory, after a garbage collection, divided by the entries; the others
are hotset's own account: bytes beyond key and value (headers, index, rounding up to a chunk, unfilled
pages), and of its pages the share that no chunk in use covers.`,
  baseline: LRU_CACHE,
  implementations: [HOTSET, LRU_CACHE, MAP],
  rounds: 3,
  cases: [{ name: '1,000,000 entries', entries: 1_000_000, maxBytes: '400mb' }],
  smokeCases: [{ name: '20,000 entries', entries: 20_000, maxBytes: '16mb' }],
  metrics: [
    { key: 'rssPerEntry', title: 'RSS an entry, bytes', digits: 1, ratio: 'share' },
    { key: 'overheadBytes', title: 'overhead an entry, bytes', digits: 1 },
    { key: 'unusedPercent', title: 'of pages unused, %', digits: 2 },
    { key: 'rssMib', title: 'RSS, MiB', digits: 0, ratio: 'share' },
    { key: 'heapMib', title: 'heap, MiB', digits: 0 },
  ],
  chart: {
    metric: 'rssPerEntry',
    title: 'RSS an entry of 116 bytes of key and value (less is better)',
  },
  aims: [
    {
      case: '1,000,000 entries',
      implementation: HOTSET,
      metric: 'overheadBytes',
      of: 'value',
      atMost: 48 + 0.12 * (KEY_BYTES + VALUE_BYTES + 48),
    },
  ],

  run({ implementation, parameters, seed }) {
    const { entries, maxBytes } = parameters
    const keys = new Keys(entries, seed)
    const values = new Values(VALUE_BYTES, seed)
    const cache = createCache(implementation, { maxEntries: entries, hotset: { maxBytes } })
    const before = memory()
    const emptyBytes = cache.bytes
    for (let number = 0; number < entries; number++) {
      cache.set(keys.fresh(number), values.fresh(number))
    }
    const after = memory()

    assert.equal(cache.size, entries)
    const ownCount = emptyBytes === undefined ? {} : account(cache, emptyBytes, entries)
    for (let number = 0; number < entries; number += SAMPLE_STEP) {
      assert.equal(cache.get(keys.fresh(number)), values.fresh(number))
    }
    return {
      rssPerEntry: ((after.rssMib - before.rssMib) * 2 ** 20) / entries,
      ...ownCount,
      ...after,
    }
  },
}

function account(cache, emptyBytes, entries) {
  const { bytes, payloadBytes, fragmentation } = cache.stats()
  assert.equal(payloadBytes, entries * (KEY_BYTES + VALUE_BYTES))
  return {
    overheadBytes: (bytes - emptyBytes - payloadBytes) / entries,
    unusedPercent: fragmentation * 100,
  }
}
