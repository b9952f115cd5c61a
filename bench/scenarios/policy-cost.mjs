/** What it costs policy `adaptive` to find out which configuration is right: with its selectors, and without. */
import assert from 'node:assert/strict'
import { zipfBelow } from '../data/draws.mjs'
import { Keys } from '../data/keys-and-values.mjs'
import { Random, SharedCache } from '../harness/build.mjs'
import { collect } from '../measuring/measure.mjs'
import { takeTurns } from '../measuring/turns.mjs'
import { InstructionCounter } from '../parts/instruction-counter.mjs'
import { PolicySwitch } from '../parts/policy-switch.mjs'
import { HOTSET_NEAR_OFF } from '../peers/names.mjs'

const BATCH = 4000
const ZIPF_EXPONENT = 0.9
/** Keys that are asked for, to one entry. */
const KEYS_PER_ENTRY = 4
const WARM_UP_PER_ENTRY = 5
const COUNTED_TURNS = 3
const ENTRY_BYTES = 160
const SMALLEST_BYTES = 2 ** 20
const SIZES = [1000, 10_000, 100_000, 1_000_000]
/** Per cent. */
const MOST_OF_GET = 5
const MOST_OF_MEMORY = 1

/** What a batch does, and which keys it is about: those that are there, any, or new ones. */
const OPERATIONS = {
  gets: { draw: (keys) => keys.present(), batch: getAll },
  'sets at capacity': { draw: (keys) => keys.next(), batch: setAll },
  'read-through': { draw: (keys) => keys.any(), batch: readThrough },
}

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'What choosing among configurations costs',
  about: `A full cache of policy \`adaptive\`, default shards, maxEntries as named and 160 bytes an entry of maxBytes beside
1 MiB, near cache off, keys of 16 characters that were made just before the batch, values that are numbers. "gets"
all hit (Zipf ${ZIPF_EXPONENT} over ${KEYS_PER_ENTRY} keys an entry, of which only those that are there are asked for), "sets at capacity"
bring a new key each, "read-through" gets any of these keys and sets what is not there. With and without take
turns, ${BATCH.toLocaleString('en')} calls each, on the same cache: without, the words of the shards that say where their selectors
are read as zero, as in a shard that is too small to have one; what remains of the cost is a load and a branch.
"more" is the median of the ratios within a turn. "instructions" are the engine's, counted (WebAssembly, without
JavaScript's part): the same on every machine. "of maxBytes" is what the selectors' state takes; a shard that
would spend more than 1% on it has none.`,
  implementations: [HOTSET_NEAR_OFF],
  rounds: 2,
  cases: casesOf(SIZES, 800),
  smokeCases: casesOf([1000], 20).slice(0, 1),
  metrics: [
    { key: 'nsPerOp', title: 'ns a call', digits: 0, better: 'less' },
    { key: 'withoutNs', title: 'without', digits: 0 },
    { key: 'percent', title: 'more, %', digits: 1, better: 'less' },
    { key: 'instructions', title: 'instructions', digits: 0, better: 'less' },
    { key: 'withoutInstructions', title: 'without', digits: 0 },
    { key: 'instructionsPercent', title: 'more, %', digits: 1, better: 'less' },
    { key: 'shards', title: 'shards', digits: 0 },
    { key: 'memoryPercent', title: 'of maxBytes, %', digits: 2, better: 'less' },
  ],
  chart: { metric: 'percent', title: 'What the choice adds to a call, % (less is better)' },
  aims: [
    ...SIZES.map((entries) => ({
      case: nameOf('gets', entries),
      implementation: HOTSET_NEAR_OFF,
      metric: 'percent',
      of: 'value',
      atMost: MOST_OF_GET,
    })),
    {
      implementation: HOTSET_NEAR_OFF,
      metric: 'memoryPercent',
      of: 'value',
      atMost: MOST_OF_MEMORY,
    },
  ],

  async run({ parameters, seed }) {
    const { operation, entries, timeMs } = parameters
    const maxBytes = SMALLEST_BYTES + entries * ENTRY_BYTES
    const cache = new SharedCache({ maxBytes, maxEntries: entries, near: false })
    const policySwitch = PolicySwitch.of(cache)
    const asked = new AskedKeys(cache, entries, seed)
    asked.warmUp()
    collect()
    const { draw, batch } = OPERATIONS[operation]
    const keys = Array(BATCH).fill('')
    const prepare = () => {
      for (let at = 0; at < BATCH; at++) keys[at] = draw(asked)
    }
    const way = (turn) => ({
      prepare() {
        prepare()
        turn()
      },
      batch: () => batch(cache, keys),
    })
    const ways = {
      with: way(() => policySwitch.turnOn()),
      without: way(() => policySwitch.turnOff()),
    }
    const turns = await takeTurns(ways, { operations: BATCH, timeMs })
    assert.ok(cache.stats().evictions > 0 && cache.size > entries * 0.9, 'the cache is not full')
    const counted = countInstructions(cache, ways, batch, keys)
    return {
      nsPerOp: turns.nsPerOp('with'),
      withoutNs: turns.nsPerOp('without'),
      percent: (turns.ratio('with', 'without') - 1) * 100,
      instructions: counted.with,
      withoutInstructions: counted.without,
      instructionsPercent: (counted.with / counted.without - 1) * 100,
      shards: policySwitch.shardCount,
      memoryPercent: (policySwitch.selectorBytes / maxBytes) * 100,
    }
  },
}

/** Of a call, with and without; after all times were taken, since it slows the process down. */
function countInstructions(cache, ways, batch, keys) {
  const counter = new InstructionCounter(cache.handle)
  const counted = { with: 0, without: 0 }
  for (let turn = 0; turn < COUNTED_TURNS; turn++) {
    for (const [name, { prepare }] of Object.entries(ways)) {
      prepare()
      const instructions = counter.of(() => batch(counter.cache, keys))
      counted[name] += instructions / (COUNTED_TURNS * BATCH)
    }
  }
  return counted
}

function casesOf(sizes, timeMs) {
  return sizes.flatMap((entries) =>
    Object.keys(OPERATIONS).map((operation) => ({
      name: nameOf(operation, entries),
      operation,
      entries,
      timeMs,
    })),
  )
}

function nameOf(operation, entries) {
  return `${operation}, ${entries.toLocaleString('en')} entries`
}

/** Keys of a cache that is read through, by a Zipf distribution; each is a new string. */
class AskedKeys {
  #cache
  #entries
  #keys
  #random
  #zipf
  #newest = 0

  constructor(cache, entries, seed) {
    this.#cache = cache
    this.#entries = entries
    this.#keys = new Keys(2 * entries * KEYS_PER_ENTRY, seed)
    this.#random = new Random(seed)
    this.#zipf = zipfBelow(entries * KEYS_PER_ENTRY, ZIPF_EXPONENT)
  }

  warmUp() {
    for (let asked = 0; asked < this.#entries * WARM_UP_PER_ENTRY; asked++) {
      const key = this.any()
      if (this.#cache.get(key) === undefined) this.#cache.set(key, asked)
    }
  }

  any() {
    return this.#keys.fresh(this.#zipf(this.#random))
  }

  present() {
    let key = this.any()
    while (!this.#cache.has(key)) key = this.any()
    return key
  }

  /** Of those that are never asked for; the first again when all had their turn, long after they went. */
  next() {
    const count = this.#entries * KEYS_PER_ENTRY
    this.#newest = (this.#newest + 1) % count
    return this.#keys.fresh(count + this.#newest)
  }
}

function getAll(cache, keys) {
  let found = 0
  for (const key of keys) if (cache.get(key) !== undefined) found++
  assert.equal(found, keys.length)
}

function setAll(cache, keys) {
  let stored = 0
  for (const key of keys) if (cache.set(key, 1)) stored++
  assert.equal(stored, keys.length)
}

function readThrough(cache, keys) {
  for (const key of keys) if (cache.get(key) === undefined) cache.set(key, 1)
}
