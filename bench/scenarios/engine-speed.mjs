/** The engine alone, without strings: lookups, inserts, overwrites and evictions a second. */
import assert from 'node:assert/strict'
import { below } from '../data/draws.mjs'
import { POLICIES } from '../engine/bank.mjs'
import { driverOf } from '../engine/driver.mjs'
import { NEW_KEYS, OPERATIONS, prepareBank } from '../engine/operations.mjs'
import { Random } from '../harness/build.mjs'
import { collect, timeBatches } from '../measuring/measure.mjs'

const BATCH = 2000
const SIZE = { entries: 100_000, valueBytes: 16, timeMs: 400 }
const SMOKE_SIZE = { entries: 20_000, valueBytes: 16, timeMs: 20 }
const S_AS_NS = 1e9
const FOR_ALL = ['hit', 'evict']
const FOR_SOME = ['miss', 'insert', 'overwrite']
const SOME = ['adaptive', 'lru']

/**
 * A batch of each operation: `inWasm` answers how many of its calls did what they should, `fromScript` whether
 * one did. What is drawn is below `entries`; what is not is a new number each time.
 */
const BATCHES = {
  hit: {
    isDrawn: true,
    inWasm: (driver, seed, entries) => driver.getRandom(seed, BATCH, entries),
    fromScript: (bank, number) => bank.get(number),
  },
  miss: {
    inWasm: (driver, first) => BATCH - driver.getInOrder(first, BATCH),
    fromScript: (bank, number) => !bank.get(number),
  },
  insert: {
    inWasm: (driver, first) => driver.setInOrder(first, BATCH),
    fromScript: setOne,
  },
  overwrite: {
    isDrawn: true,
    inWasm: (driver, seed, entries) => driver.setRandom(seed, BATCH, entries),
    fromScript: setOne,
  },
  evict: {
    inWasm: (driver, first) => driver.setInOrder(first, BATCH),
    fromScript: setOne,
  },
}

/** @type {import('../harness/types.d.ts').Scenario} */
export const scenario = {
  title: 'The engine alone: calls a second',
  about: `Keys of 16 bytes made of numbers, values of ${SIZE.valueBytes}, ${SIZE.entries.toLocaleString('en')} entries, ${BATCH.toLocaleString('en')} calls a batch; a clock
that stands still. "in WebAssembly": a loop beside the engine makes and stages the keys, so that nothing
leaves WebAssembly; what the loop takes without the engine stands behind. "from JavaScript": the same by a
loop of JavaScript, which writes the words of the key into the staging and calls the export. Random keys
for hits and overwrites; new ones for the rest. Every answer is checked.`,
  implementations: POLICIES.toReversed(),
  rounds: 2,
  cases: [
    ...FOR_ALL.map((operation) => ({ name: OPERATIONS[operation].title, operation, ...SIZE })),
    ...FOR_SOME.map((operation) => ({
      name: OPERATIONS[operation].title,
      operation,
      only: SOME,
      ...SIZE,
    })),
  ],
  smokeCases: ['hit', 'evict'].map((operation) => ({
    name: OPERATIONS[operation].title,
    operation,
    only: ['adaptive'],
    ...SMOKE_SIZE,
  })),
  metrics: [
    { key: 'perSecond', title: 'calls a second', digits: 0 },
    { key: 'nsPerOp', title: 'ns a call, in WebAssembly', digits: 1, better: 'less' },
    { key: 'loopNs', title: 'the loop, ns', digits: 1 },
    { key: 'scriptNs', title: 'from JavaScript, ns', digits: 1, better: 'less' },
  ],
  chart: {
    metric: 'nsPerOp',
    title: 'A call of the engine, in WebAssembly, ns (less is better)',
    only: ['adaptive', 'lru', 'lfu', 'ttl'],
  },

  async run({ implementation, parameters, seed }) {
    const { operation, entries, timeMs } = parameters
    const setting = { ...parameters, policy: implementation, seed }
    const bank = prepareBank(setting)
    const driver = await driverOf(bank)
    const { inWasm, fromScript, isDrawn } = BATCHES[operation]
    const numbers = new Numbers(isDrawn ? entries : undefined, seed)
    const prepare = () => {
      // Why: it would fill up, and evict, or grow out of the caches.
      if (operation === 'insert' && bank.entries > entries) bank.exports.clear()
    }
    const time = (batch) => timeBatches({ prepare, batch, operations: BATCH, timeMs })

    const wasm = await time(() => check(inWasm(driver, numbers.nextBatch(), entries)))
    const loop = await time(() => driver.stageRandom(numbers.nextBatch(), BATCH, entries))
    collect()
    const script = await time(() => {
      const first = numbers.nextBatch()
      let right = 0
      for (let at = 0; at < BATCH; at++) {
        if (fromScript(bank, numbers.at(first, at))) right++
      }
      check(right)
    })
    bank.verify()
    return {
      perSecond: S_AS_NS / wasm.nsPerOp,
      nsPerOp: wasm.nsPerOp,
      loopNs: loop.nsPerOp,
      scriptNs: script.nsPerOp,
    }
  },
}

/** What calls are about: new numbers, each once, or random ones below `limit`. */
class Numbers {
  #limit
  #random
  #first = NEW_KEYS

  constructor(limit, seed) {
    this.#limit = limit
    this.#random = new Random(seed)
  }

  /** Where the next batch begins: its first new number, or the seed of its random ones. */
  nextBatch() {
    this.#first = (this.#first + BATCH) >>> 0
    return this.#first
  }

  at(first, index) {
    if (this.#limit === undefined) return first + index
    return below(this.#random, this.#limit)
  }
}

function setOne(bank, number) {
  bank.set(number)
  return true
}

function check(right) {
  assert.equal(right >>> 0, BATCH, 'an answer is wrong')
}
