/**
 * What a cache cannot do without, and nothing else: the least that its gets could take if all the rest were free.
 * They look like caches to whoever times them, but hold what they are given once, and evict nothing.
 */

import { KEY_BYTES } from '../data/keys-and-values.mjs'
import { importBuilt } from '../harness/build.mjs'
import { AT_ONCE } from '../peers/calls.mjs'

const { KeyStaging } = await importBuilt('src/engine/key-staging.js')
const { buildLatin1 } = await importBuilt('src/cache/values/short-strings.js')
const { Packr, Unpackr } = await import('msgpackr')

export const MAP_AND_STAMP = 'a Map and a stamp'
export const KEY_AND_VALUE = 'key in, value out'
export const TWO_READS = 'key in, two reads, value out'
export const MSGPACKR = 'msgpackr'

const PAGE_BYTES = 65536
const STAMPS = 2 ** 16
const STAGING_BYTES = 4096
const LINE_BYTES = 64
/** An entry of 16 + 100 bytes with its header, in its chunk. */
const ENTRY_BYTES = 152
/** Slots of 4 bytes in the lines of the index, at the load that the engine's has on the mean. */
const SLOTS_PER_LINE = 12
const LOAD = 0.65
const HEADER_BYTES = 32
const HASH_MULTIPLIER = 0x9e3779b1

/** @param {{ maxEntries: number, valueBytes: number }} bounds */
export function openFloor(implementation, bounds) {
  const cache = createFloor(implementation, bounds)
  return { cache, gets: AT_ONCE, sets: AT_ONCE, isAsynchronous: false, close() {} }
}

function createFloor(implementation, { maxEntries, valueBytes }) {
  switch (implementation) {
    case MAP_AND_STAMP:
      return new MapAndStamp()
    case KEY_AND_VALUE:
      return new KeyAndValue()
    case TWO_READS:
      return new TwoReads(maxEntries, valueBytes)
    case MSGPACKR:
      return new Packed()
    default:
      throw new Error(`no floor is called ${implementation}`)
  }
}

/** The least that a cache of values can do which learns of other threads' writes: look whether there was one. */
class MapAndStamp {
  #entries = new Map()
  #stamps = new Int32Array(sharedMemory(STAMPS * 4).buffer)

  get(key) {
    const entry = this.#entries.get(key)
    if (entry !== undefined && this.#stamps[entry.index] === entry.stamp) return entry.value
    return undefined
  }

  set(key, value) {
    const index = Math.imul(this.#entries.size, HASH_MULTIPLIER) >>> 16
    this.#entries.set(key, { value, index, stamp: this.#stamps[index] })
  }
}

/** The least that a cache off the heap can do: the key's bytes go there, the value's become a string. */
class KeyAndValue {
  #staging = Buffer.from(sharedMemory(STAGING_BYTES).buffer)
  #key = new KeyStaging(this.#staging, 0)

  /** What is not its own to look up: the value is the key. */
  get(key) {
    this.#key.write(key)
    return buildLatin1(this.#staging, 0, KEY_BYTES)
  }

  set() {}
}

/** And a large one, whose memory no processor cache holds: a line of the index, then the entry. */
class TwoReads {
  #memory
  #key
  #words
  #lines
  #entriesAt
  #valueBytes
  #filled = 0

  constructor(maxEntries, valueBytes) {
    this.#lines = Math.ceil(maxEntries / LOAD / SLOTS_PER_LINE)
    this.#entriesAt = STAGING_BYTES + this.#lines * LINE_BYTES
    this.#valueBytes = valueBytes
    this.#memory = Buffer.from(sharedMemory(this.#entriesAt + maxEntries * ENTRY_BYTES).buffer)
    this.#memory.fill('x', this.#entriesAt)
    this.#key = new KeyStaging(this.#memory, 0)
    this.#words = new Int32Array(this.#memory.buffer)
  }

  get(key) {
    const slot = this.#slotOf(key)
    const entry = this.#entriesAt + this.#words[slot] * ENTRY_BYTES
    const value = entry + HEADER_BYTES + KEY_BYTES
    return this.#words[entry >>> 2] === 0
      ? ''
      : this.#memory.latin1Slice(value, value + this.#valueBytes)
  }

  set(key) {
    this.#words[this.#slotOf(key)] = this.#filled++
  }

  #slotOf(key) {
    this.#key.write(key)
    const words = this.#words
    let hash = Math.imul(words[0] ^ Math.imul(words[1], HASH_MULTIPLIER), HASH_MULTIPLIER)
    hash = Math.imul(hash ^ (hash >>> 15) ^ words[2], HASH_MULTIPLIER) ^ words[3]
    hash = Math.imul(hash ^ (hash >>> 13), HASH_MULTIPLIER) >>> 0
    const line = hash % this.#lines
    return (STAGING_BYTES + line * LINE_BYTES) / 4 + ((hash >>> 28) % SLOTS_PER_LINE)
  }
}

/** Objects as msgpackr packs them best, with the names of their fields kept apart. */
class Packed {
  #structures = []
  #packr = new Packr({ structures: this.#structures })
  #unpackr = new Unpackr({ structures: this.#structures })
  #packed = new Map()

  get(key) {
    return this.#unpackr.unpack(this.#packed.get(key))
  }

  set(key, value) {
    this.#packed.set(key, Buffer.from(this.#packr.pack(value)))
  }
}

function sharedMemory(bytes) {
  const pages = Math.ceil(bytes / PAGE_BYTES)
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}
