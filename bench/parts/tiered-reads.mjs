/**
 * What the scenarios of tiers have in common: entries of small objects or of text, all stored, and batches of
 * keys that are drawn anew, as fresh strings, before each batch. What was answered can be checked.
 */
import assert from 'node:assert/strict'
import { drawIndices } from '../data/draws.mjs'
import { Keys } from '../data/keys-and-values.mjs'
import { KIB, smallObjects, strings } from '../data/value-kinds.mjs'

export const HUNDRED = 100
const DRAWS = 20_000
/** Of memory: an entry of the larger kind with all that goes with it, and room to spare. */
const ENTRY_BYTES = 2 * KIB
const LEAST_BYTES = 2 ** 24

export const OBJECTS = 'objects of 5 fields'
export const TEXTS = 'text of 1 KB'

/** Memory that holds all entries, and as many again. */
export function roomFor(count) {
  return { maxEntries: count * 2, maxBytes: LEAST_BYTES + count * ENTRY_BYTES }
}

/** A loader where every read is to be a hit. */
export function failOnLoad() {
  throw new Error('a read that was to hit has loaded')
}

export class TieredReads {
  opened
  asked
  answers
  #keys
  #values
  #indices
  #drawn
  #start = 0

  /** @param zipf draws indices; default: uniformly */
  constructor(opened, { count, kind, batch, seed, zipf }) {
    this.opened = opened
    this.#keys = new Keys(count, seed)
    this.#values = kind === OBJECTS ? smallObjects() : strings(KIB, seed)
    this.#indices = drawIndices(DRAWS, count, seed, zipf)
    this.asked = Array(batch).fill('')
    this.answers = Array(batch).fill(undefined)
    this.#drawn = Array(batch).fill(0)
    this.count = count
  }

  async fill() {
    for (let start = 0; start < this.count; start += HUNDRED) {
      const numbers = Array.from(
        { length: Math.min(HUNDRED, this.count - start) },
        (_, at) => start + at,
      )
      await Promise.all(
        numbers.map((number) =>
          this.opened.set(this.#keys.fresh(number), this.#values.make(number)),
        ),
      )
    }
    await this.opened.drain?.()
  }

  /** Each entry once, so that it is in memory. */
  async readAll() {
    for (let number = 0; number < this.count; number++) {
      const value = await this.opened.get(this.#keys.fresh(number))
      assert.equal(this.#values.numberOf(value), number)
    }
  }

  /** New keys to ask for, with repetitions. */
  draw() {
    for (let at = 0; at < this.asked.length; at++) {
      this.#start = (this.#start + 1) % DRAWS
      this.#ask(at, this.#indices[this.#start])
    }
  }

  /** The same without repetitions. */
  drawDifferent() {
    for (let at = 0; at < this.asked.length; at++) {
      this.#start = (this.#start + 1) % this.count
      this.#ask(at, this.#start)
    }
  }

  values() {
    return this.#drawn.map((number) => this.#values.make(number))
  }

  check() {
    for (let at = 0; at < this.asked.length; at++) {
      assert.equal(this.#values.numberOf(this.answers[at]), this.#drawn[at])
    }
  }

  // --- ways to read what is asked for ---

  atOnce(get) {
    return () => {
      const { asked, answers } = this
      for (let at = 0; at < asked.length; at++) answers[at] = get(asked[at])
    }
  }

  /** Each awaited before the next, as one request after the other. */
  awaited(get) {
    return async () => {
      const { asked, answers } = this
      for (let at = 0; at < asked.length; at++) answers[at] = await get(asked[at])
    }
  }

  /** A hundred at a time, as so many requests at once. */
  together(get) {
    return async () => {
      const { asked, answers } = this
      for (let start = 0; start < asked.length; start += HUNDRED) {
        const calls = Array(HUNDRED)
        for (let at = 0; at < HUNDRED; at++) calls[at] = get(asked[start + at])
        const found = await Promise.all(calls)
        for (let at = 0; at < HUNDRED; at++) answers[start + at] = found[at]
      }
    }
  }

  /** A hundred by one call. */
  many(getMany) {
    return async () => {
      const { asked, answers } = this
      for (let start = 0; start < asked.length; start += HUNDRED) {
        const found = await getMany(asked.slice(start, start + HUNDRED))
        for (let at = 0; at < HUNDRED; at++) answers[start + at] = found[at]
      }
    }
  }

  #ask(at, number) {
    this.#drawn[at] = number
    this.asked[at] = this.#keys.fresh(number)
  }
}
