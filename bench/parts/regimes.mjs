/**
 * A workload that changes what it asks of a cache, with that many entries: each regime has one set of rules that
 * is right for it, and wants another than the one before.
 *
 * 1. Keys are numbers. `frequent` and `scan` have their frequent ones in common, and `recent again` takes up where
 *    `recent` ended; else no regime asks for what another did.
 */
import { below, zipfBelow } from '../data/draws.mjs'
import { Random } from '../harness/build.mjs'

/** Where the keys of a regime begin. */
const ZIPF_KEYS = 2 ** 30
const SCAN_KEYS = 2 ** 31
const LOOP_KEYS = 3 * 2 ** 30

/** In capacities. */
const WINDOW = 0.8
const ZIPF_RANGE = 10
const LOOP_LENGTH = 1.5
const ZIPF_EXPONENT = 0.9

/**
 * By name, in their order: every other request is for a new key and the next for one of the latest; Zipf; every
 * other request is for a key that never comes again, the others as before; a loop over more keys than fit; and
 * the first again. Each answers the next key.
 * @param {number} capacity entries of the cache
 * @param {number} seed
 * @returns {Record<string, () => number>}
 */
export function regimesOf(capacity, seed) {
  const random = new Random(seed)
  const zipf = zipfBelow(capacity * ZIPF_RANGE, ZIPF_EXPONENT)
  const window = capacity * WINDOW
  const loopLength = capacity * LOOP_LENGTH
  let newest = window
  let scanned = 0
  let looped = 0
  let isNew = false
  const recent = () => {
    isNew = !isNew
    return isNew ? newest++ : newest - 1 - below(random, window)
  }
  return {
    recent,
    frequent: () => ZIPF_KEYS + zipf(random),
    scan: () => (random.nextFraction() < 0.5 ? ZIPF_KEYS + zipf(random) : SCAN_KEYS + scanned++),
    loop: () => LOOP_KEYS + (looped++ % loopLength),
    'recent again': recent,
  }
}
