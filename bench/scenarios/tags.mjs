/** Invalidating all entries with a tag: few of them, and very many. */
import assert from 'node:assert/strict'
import { LRUCache } from 'lru-cache'
import { Keys, Values } from '../data/keys-and-values.mjs'
import { SharedCache } from '../harness/build.mjs'
import { performance } from '../measuring/measure.mjs'
import { HOTSET } from '../peers/caches.mjs'

const VALUE_BYTES = 32
const REPEATS = 5
const SAMPLE_STEP = 101
const BY_TAG_INDEX = 'lru-cache and a Map of tags'
const BY_WALK = 'hotset, deleteByTag'

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Invalidation by tag',
  about: `The cache holds a million entries, of which some carry the tag. Timed is the one call after which
none of them is found any more, ${REPEATS} times with other tags or the same entries set again, the median
taken. lru-cache knows no tags: the usual way with it is a Map from tag to a Set of keys beside it, whose
keys are deleted one by one. deleteByTag walks over all entries, gives their memory back at once and
counts them; invalidateTags leaves that to eviction, expiry and purgeExpired().`,
  baseline: BY_TAG_INDEX,
  implementations: [HOTSET, BY_WALK, BY_TAG_INDEX],
  rounds: 2,
  cases: [
    { name: '10 of 1,000,000', entries: 1_000_000, tagged: 10 },
    { name: '1,000,000 of 1,000,000', entries: 1_000_000, tagged: 1_000_000 },
  ],
  smokeCases: [{ name: '10 of 10,000', entries: 10_000, tagged: 10 }],
  metrics: [
    { key: 'callUs', title: 'the call, µs', digits: 1, ratio: 'speed' },
    { key: 'setNs', title: 'ns a set with the tag', digits: 0, ratio: 'speed' },
  ],
  chart: {
    metric: 'callUs',
    title: 'Invalidating a tag, µs (less is better)',
    logarithmic: true,
  },

  run({ implementation, parameters, seed }) {
    const { entries, tagged } = parameters
    const cache = createTagged(implementation, entries)
    const keys = new Keys(entries, seed)
    const values = new Values(VALUE_BYTES, seed)
    for (let index = tagged; index < entries; index++) {
      cache.set(keys.fresh(index), values.fresh(index), 'other')
    }
    const callsUs = []
    let setMs = 0
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const tag = `tag ${repeat}`
      const began = performance.now()
      for (let index = 0; index < tagged; index++) {
        cache.set(keys.fresh(index), values.fresh(index), tag)
      }
      const set = performance.now()
      setMs += set - began
      assert.equal(cache.get(keys.fresh(0)), values.fresh(0))
      const called = performance.now()
      cache.invalidate(tag)
      callsUs.push((performance.now() - called) * 1000)
      checkGone(cache, keys, values, entries, tagged)
    }
    callsUs.sort((a, b) => a - b)
    return {
      callUs: callsUs[REPEATS >> 1],
      setNs: tagged < SAMPLE_STEP ? Number.NaN : (setMs * 1e6) / (tagged * REPEATS),
    }
  },
}

function createTagged(implementation, entries) {
  if (implementation === BY_TAG_INDEX) return new TagIndex(entries)
  const cache = new SharedCache({ maxBytes: 2 ** 24 + entries * 220 })
  const byWalk = implementation === BY_WALK
  return {
    get: (key) => cache.get(key),
    set: (key, value, tag) => cache.set(key, value, { tags: [tag] }),
    invalidate: (tag) => (byWalk ? cache.deleteByTag(tag) : cache.invalidateTags(tag)),
  }
}

/** What one writes around a cache that has no tags. */
class TagIndex {
  #cache
  #keysByTag = new Map()

  constructor(entries) {
    this.#cache = new LRUCache({ max: entries })
  }

  get(key) {
    return this.#cache.get(key)
  }

  set(key, value, tag) {
    this.#cache.set(key, value)
    const keys = this.#keysByTag.get(tag)
    if (keys === undefined) this.#keysByTag.set(tag, new Set([key]))
    else keys.add(key)
  }

  invalidate(tag) {
    for (const key of this.#keysByTag.get(tag) ?? []) this.#cache.delete(key)
    this.#keysByTag.delete(tag)
  }
}

function checkGone(cache, keys, values, entries, tagged) {
  for (let index = 0; index < tagged; index += tagged > 1000 ? SAMPLE_STEP : 1) {
    assert.equal(cache.get(keys.fresh(index)), undefined)
  }
  for (let index = tagged; index < entries; index += SAMPLE_STEP) {
    assert.equal(cache.get(keys.fresh(index)), values.fresh(index))
  }
}
