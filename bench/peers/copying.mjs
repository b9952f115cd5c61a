/**
 * lru-cache with copies, as one writes it where callers may change what they get: it then does what a cache
 * outside of the heap does anyway, and is what that is to be compared with. And a copy without any cache.
 */
import assert from 'node:assert/strict'
import { LRUCache } from 'lru-cache'
import { AT_ONCE } from './calls.mjs'

export const LRU_JSON = 'lru-cache of JSON text'
export const LRU_CLONE = 'lru-cache, structuredClone'
export const LRU_BUFFER_COPY = 'lru-cache, Buffers copied'
export const PLAIN_COPY = 'plain copy'

const COPIES = new Map([
  [LRU_JSON, { write: JSON.stringify, read: JSON.parse }],
  [LRU_CLONE, { write: structuredClone, read: structuredClone }],
  [LRU_BUFFER_COPY, { write: Buffer.from, read: Buffer.from }],
])

export function isCopying(implementation) {
  return implementation === PLAIN_COPY || COPIES.has(implementation)
}

export function openCopying(implementation, { maxEntries }) {
  const cache =
    implementation === PLAIN_COPY ? new PlainCopy() : copiesOf(implementation, maxEntries)
  return { cache, gets: AT_ONCE, sets: AT_ONCE, isAsynchronous: false, close() {} }
}

function copiesOf(implementation, maxEntries) {
  const cache = new LRUCache({ max: maxEntries })
  const { write, read } = COPIES.get(implementation)
  return {
    // Why one argument: these functions take others, which a get or set has none for.
    get: (key) => read(cache.get(key)),
    set: (key, value) => cache.set(key, write(value)),
  }
}

/** Buffers in a Map, copied when they are asked for: the most that a cache of copies could reach. */
class PlainCopy {
  #buffers = new Map()

  get(key) {
    return Buffer.from(this.#buffers.get(key))
  }

  set(key, buffer) {
    assert.ok(Buffer.isBuffer(buffer), 'a plain copy is of Buffers')
    this.#buffers.set(key, Buffer.from(buffer))
  }
}
