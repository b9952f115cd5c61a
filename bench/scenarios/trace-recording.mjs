/** What it costs a service that its cache records the accesses: the same cache, with and without. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipfBelow } from '../data/draws.mjs'
import { Keys, Values } from '../data/keys-and-values.mjs'
import { Random, SharedCache } from '../harness/build.mjs'
import { takeTurns } from '../measuring/turns.mjs'
import { HOTSET, HOTSET_NEAR_OFF } from '../peers/caches.mjs'

const VALUE_BYTES = 100
const EXPONENT = 0.99
const BATCH = 10_000
const TIME_MS = 4000
const PLAIN = 'plain'
const RECORDED = 'recorded'

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'Recording a trace',
  about: `Read-through of Zipf-distributed keys (exponent ${EXPONENT}) by a cache that holds six in ten of them: get,
and on a miss set of a value of ${VALUE_BYTES} characters. Two caches in one process take turns with the same keys, one of
which records its accesses to a file in the system's folder for temporary files; the figure is the median of the ratios
within a turn, so that what slows the machine slows both. Nothing but the cache's calls is timed: a service that does
anything else for a request loses less. Keys are new strings, as from the network. "sample" is the share of the keys
that is recorded, 0.1 the default.`,
  implementations: [HOTSET, HOTSET_NEAR_OFF],
  rounds: 3,
  cases: [
    { name: 'sample 0.1', keys: 100_000, sample: 0.1 },
    { name: 'sample 0.01', keys: 100_000, sample: 0.01 },
    { name: 'all keys', keys: 100_000, sample: 1 },
  ],
  smokeCases: [{ name: 'all keys', keys: 2000, sample: 1, timeMs: 50 }],
  metrics: [
    { key: 'overheadPercent', title: 'longer, %', digits: 1, better: 'less' },
    { key: 'plainNs', title: 'ns a read without', digits: 0 },
    { key: 'recordedNs', title: 'ns a read recorded', digits: 0, better: 'less' },
    { key: 'bytesPerAccess', title: 'bytes a read on disk', digits: 1, better: 'less' },
  ],
  chart: { metric: 'overheadPercent', title: 'Time that recording adds, % (less is better)' },
  aims: [
    {
      case: 'sample 0.1',
      implementation: HOTSET,
      metric: 'overheadPercent',
      of: 'value',
      atMost: 5,
    },
    {
      case: 'sample 0.1',
      implementation: HOTSET_NEAR_OFF,
      metric: 'overheadPercent',
      of: 'value',
      atMost: 5,
    },
  ],

  async run({ implementation, parameters, seed }) {
    const { keys: count, sample, timeMs = TIME_MS } = parameters
    const folder = mkdtempSync(join(tmpdir(), 'hotset-bench-'))
    const path = join(folder, 'bench.hst')
    const options = {
      maxBytes: 2 ** 25,
      maxEntries: Math.floor(count * 0.6),
      ...(implementation === HOTSET_NEAR_OFF && { near: false }),
    }
    const keys = new Keys(count, seed)
    const values = new Values(VALUE_BYTES, seed)
    const draws = new Draws(count, seed)
    const plain = new Reader(new SharedCache(options), keys, values, draws)
    const trace = { path, sample, maxBytes: '64gb' }
    const recorded = new Reader(new SharedCache({ ...options, trace }), keys, values, draws)
    const turns = await takeTurns(
      { [PLAIN]: plain.way(), [RECORDED]: recorded.way() },
      { operations: BATCH, timeMs },
    )
    plain.check()
    recorded.check()
    const { size } = statSync(join(folder, 'bench.0.hst'))
    rmSync(folder, { recursive: true })
    return {
      overheadPercent: (turns.ratio(RECORDED, PLAIN) - 1) * 100,
      plainNs: turns.nsPerOp(PLAIN),
      recordedNs: turns.nsPerOp(RECORDED),
      bytesPerAccess: size / recorded.reads,
    }
  },
}

/** Batches of key numbers: the same for both readers, whichever of them asks first. */
class Draws {
  #next
  #random
  #batches = new Map()

  constructor(count, seed) {
    this.#next = zipfBelow(count, EXPONENT)
    this.#random = new Random(seed)
  }

  batch(turn) {
    const known = this.#batches.get(turn)
    if (known !== undefined) {
      this.#batches.delete(turn)
      return known
    }
    const batch = Array.from({ length: BATCH }, () => this.#next(this.#random))
    this.#batches.set(turn, batch)
    return batch
  }
}

class Reader {
  reads = 0
  #cache
  #keys
  #values
  #draws
  #turn = 0
  #batchKeys = []
  #batchValues = []
  #wrong = 0

  constructor(cache, keys, values, draws) {
    this.#cache = cache
    this.#keys = keys
    this.#values = values
    this.#draws = draws
  }

  way() {
    return { prepare: () => this.#prepare(), batch: () => this.#run() }
  }

  /** Closes the cache, too: then the file is whole. */
  check() {
    assert.equal(this.#wrong, 0, 'a value was not its key’s')
    const { hits, misses } = this.#cache.stats()
    assert.equal(hits + misses, this.reads)
    this.#cache.close()
  }

  #prepare() {
    const numbers = this.#draws.batch(this.#turn++)
    this.#batchKeys = this.#keys.all(numbers)
    this.#batchValues = numbers.map((number) => this.#values.fresh(number))
  }

  #run() {
    const cache = this.#cache
    const keys = this.#batchKeys
    const values = this.#batchValues
    for (let at = 0; at < keys.length; at++) {
      const value = cache.get(keys[at])
      if (value === undefined) cache.set(keys[at], values[at])
      else if (value.length !== VALUE_BYTES) this.#wrong++
    }
    this.reads += keys.length
  }
}
