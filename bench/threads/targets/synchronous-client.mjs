/** A cache with get and set that answer at once, as one thread uses it. */
import assert from 'node:assert/strict'
import { VALUE_BYTES } from '../workload.mjs'

export class SynchronousClient {
  isSynchronous = true
  #cache
  #workload

  constructor(cache, workload) {
    this.#cache = cache
    this.#workload = workload
  }

  get(key) {
    return this.#cache.get(key)
  }

  set(key, value) {
    this.#cache.set(key, value)
  }

  /** @returns {number} how many gets found nothing */
  run(order, start, end) {
    const cache = this.#cache
    const workload = this.#workload
    const { keys } = workload
    let found = 0
    let misses = 0
    let characters = 0
    for (let at = start; at < end; at++) {
      const index = order[at] >>> 1
      if ((order[at] & 1) === 1) {
        cache.set(keys[index], workload.value(index))
        continue
      }
      const answer = cache.get(keys[index])
      if (answer === undefined) misses++
      else {
        found++
        characters += answer.length
      }
    }
    assert.equal(characters, found * VALUE_BYTES)
    return misses
  }
}
