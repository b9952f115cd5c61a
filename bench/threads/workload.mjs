/**
 * What the threads ask for: keys, values and the order of operations, all made before anything is timed.
 *
 * 1. The keys and values of a seed are the same in every thread; the order is each thread's own.
 * 2. A key's value is always the same, so that any answer can be checked, whoever wrote it.
 * 3. Key 0 is the one that is asked for most.
 */
import assert from 'node:assert/strict'
import { drawIndices, zipfBelow } from '../data/draws.mjs'
import { Keys, Values } from '../data/keys-and-values.mjs'

export const VALUE_BYTES = 100
export const EXPONENT = 0.99
/** Operations between two looks at the flag; where they are pipelined, so many go out together. */
export const DEPTH = 100
/** Operations of a thread before it begins again; in memory that stays in the core's own cache. */
export const ORDER_LENGTH = 1 << 18
/** So few that the benchmark's own copies take next to no memory. */
const DISTINCT_VALUES = 1024
const PERCENT = 100

export class Workload {
  /** @type {string[]} */
  keys
  #pool
  #values
  #seed

  /** @param {Iterable<number>} [chosen] of the keys, those that are used; default: all */
  constructor(keyCount, seed, chosen = Array(keyCount).keys()) {
    this.keys = new Keys(keyCount, seed).all(chosen)
    this.#values = new Values(VALUE_BYTES, seed)
    this.#pool = Array.from({ length: DISTINCT_VALUES }, (_, number) => this.#values.fresh(number))
    this.#seed = seed
  }

  /** The value of a key; the same string for all sets. */
  value(index) {
    return this.#pool[index % DISTINCT_VALUES]
  }

  /** The value of a key, as a string of its own. */
  freshValue(index) {
    return this.#values.fresh(index % DISTINCT_VALUES)
  }

  check(index, answer) {
    assert.equal(answer, this.value(index), `a wrong value of key ${index}`)
  }

  /**
   * What a thread does: the index of a key, doubled, and 1 added where it is to be set.
   * @param {'zipf' | 'uniform'} distribution
   */
  order(thread, distribution, setPercent) {
    const seed = this.#seed * 1000 + thread
    const count = this.keys.length
    const draw = distribution === 'zipf' ? zipfBelow(count, EXPONENT) : undefined
    const indices = drawIndices(ORDER_LENGTH, count, seed, draw)
    const dice = drawIndices(ORDER_LENGTH, PERCENT, seed + 500)
    return indices.map((index, at) => index * 2 + (dice[at] < setPercent ? 1 : 0))
  }

  /** Keys and values of their own, the least asked for first, so that a bounded cache keeps the others. */
  *entries() {
    for (let index = this.keys.length - 1; index >= 0; index--) {
      yield [this.keys[index], this.freshValue(index)]
    }
  }
}
