/**
 * What the batches are made of: keys and values that are drawn anew for each batch, by call too, as getMany
 * and setMany take them. All is made outside of what is timed, and what was answered can be checked.
 */
import assert from 'node:assert/strict'
import { below } from '../data/draws.mjs'
import { Random } from '../harness/build.mjs'
import { CACHEABLE, KEYV } from '../peers/caches.mjs'

export const KEYS_A_CALL = 100
/** Calls a batch, which is to be long against what the clock takes. */
export const CALLS = 10
export const BATCH = KEYS_A_CALL * CALLS
/** Prime, so that so many steps lead to as many keys. */
const STRIDE = 7919

export class HundredKeyCalls {
  opened
  keys = Array(BATCH).fill('')
  values = Array(BATCH).fill('')
  answers = Array(BATCH).fill('')
  /** By call, as are `entryGroups` and `answerGroups`. */
  keyGroups = []
  entryGroups = []
  answerGroups = []
  #indices = new Uint32Array(BATCH)
  #random
  #entryOf
  #entries
  #keyAt
  #valueAt
  #cursor = 0

  constructor(opened, { implementation, entries, keyAt, valueAt, seed }) {
    this.opened = opened
    this.#entryOf = [KEYV, CACHEABLE].includes(implementation)
      ? (key, value) => ({ key, value })
      : (key, value) => [key, value]
    this.#entries = entries
    this.#keyAt = keyAt
    this.#valueAt = valueAt
    this.#random = new Random(seed)
  }

  draw(keyAt) {
    for (let at = 0; at < BATCH; at++) {
      this.#indices[at] = below(this.#random, this.#entries)
    }
    this.#name(keyAt)
  }

  /** Different keys, as long as there are enough of them, and values for them. */
  drawEntries() {
    for (let at = 0; at < BATCH; at++) {
      this.#cursor = (this.#cursor + STRIDE) % this.#entries
      this.#indices[at] = this.#cursor
    }
    this.#name(this.#keyAt)
    for (let at = 0; at < BATCH; at++) this.values[at] = this.#valueAt(this.#indices[at])
    this.entryGroups = this.#grouped((at) => this.#entryOf(this.keys[at], this.values[at]))
  }

  /** @param groups what one call each answered: values in order, or an object by key */
  check(groups) {
    for (let at = 0; at < BATCH; at++) {
      const group = groups[Math.floor(at / KEYS_A_CALL)]
      const answer = Array.isArray(group) ? group[at % KEYS_A_CALL] : group[this.keys[at]]
      assert.equal(answer, this.#valueAt(this.#indices[at]))
    }
  }

  checkSingle() {
    this.check(this.#grouped((at) => this.answers[at]))
  }

  #name(keyAt) {
    for (let at = 0; at < BATCH; at++) this.keys[at] = keyAt(this.#indices[at])
    this.keyGroups = this.#grouped((at) => this.keys[at])
  }

  #grouped(itemOf) {
    return Array.from({ length: CALLS }, (_, call) =>
      Array.from({ length: KEYS_A_CALL }, (_, at) => itemOf(call * KEYS_A_CALL + at)),
    )
  }
}
