/**
 * A thread that keeps a full cache busy in every way that makes work under a lock, and times how long it
 * holds a shard's: values whose sizes change, so that pages move; lifetimes that end; deletes; evictions.
 */
import assert from 'node:assert/strict'
import { workerData } from 'node:worker_threads'
import { zipfBelow } from '../data/draws.mjs'
import { Keys } from '../data/keys-and-values.mjs'
import { importBuilt, Random, SharedCache } from '../harness/build.mjs'
import { Histogram } from '../measuring/histogram.mjs'
import { performance } from '../measuring/measure.mjs'
import { follow, isStopped } from './member.mjs'
import { watchShards } from './watched-engine.mjs'

const { MAX_SHARDS } = await importBuilt('assembly/constants.js')

const OPERATIONS_A_LOOK = 100
/** In percent: gets, then deletes; the others are sets. */
const GETS = 45
const DELETES = 5
const WITH_LIFETIME = 30
const LIFETIME_MS = { min: 20, max: 1000 }
const EXPONENT = 0.8
/** One set in so many is of a value that takes several pages. */
const SETS_A_LARGE = 1000
const LARGE_CHARACTERS = 40_000
/** Sizes of values, in turn. */
const MIXES = [
  { min: 20, max: 200 },
  { min: 500, max: 4000 },
  { min: 100, max: 900 },
]
const DIGITS = 6

const { handle, thread, keyCount, operationsAMix, seed } = workerData
let holds = new Histogram()
/** Of each shard, since when this thread has its lock; 0: it has not. */
const takenMs = new Float64Array(MAX_SHARDS)
let unpaired = 0

watchShards({
  taken(shard) {
    if (takenMs[shard] !== 0) unpaired++
    takenMs[shard] = performance.now()
  },
  released(shard) {
    const heldMs = performance.now() - takenMs[shard]
    if (takenMs[shard] === 0) unpaired++
    else holds.add(heldMs)
    takenMs[shard] = 0
  },
})

const cache = SharedCache.attach(handle)
const keys = new Keys(keyCount, seed).all(Array(keyCount).keys())
const nextIndex = zipfBelow(keyCount, EXPONENT)
const random = new Random(seed * 1000 + thread)
const text = 'v'.repeat(LARGE_CHARACTERS)
let done = 0
let sets = 0

follow({
  prepare() {
    holds = new Histogram()
  },
  work() {
    do {
      holds.look()
      for (let each = 0; each < OPERATIONS_A_LOOK; each++) operate()
    } while (!isStopped())
    // Why an error: a way to a lock that is not watched would be missing from the figures.
    assert.equal(unpaired, 0, 'locks were released that were not taken, or taken twice')
    return { holds: holds.toPlain() }
  },
})

function operate() {
  done++
  const key = keys[nextIndex(random)]
  const dice = random.next() % 100
  if (dice < GETS) check(cache.get(key))
  else if (dice < GETS + DELETES) cache.delete(key)
  else cache.set(key, nextValue(), nextOptions())
}

function nextValue() {
  const mix = MIXES[Math.floor(done / operationsAMix) % MIXES.length]
  const characters = ++sets % SETS_A_LARGE === 0 ? LARGE_CHARACTERS : draw(mix)
  return String(characters).padStart(DIGITS, '0') + text.slice(DIGITS, characters)
}

function nextOptions() {
  return random.next() % 100 < WITH_LIFETIME ? { ttl: draw(LIFETIME_MS) } : undefined
}

function draw({ min, max }) {
  return min + (random.next() % (max - min + 1))
}

/** A value begins with its length. */
function check(value) {
  if (value !== undefined) assert.equal(Number(value.slice(0, DIGITS)), value.length)
}
