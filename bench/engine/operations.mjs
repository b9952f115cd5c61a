/**
 * What the engine is asked to do, alone: each operation with a bank in the state that it needs, and numbers
 * to do it with, one after the other.
 *
 * 1. A bank that is full was read through before (Zipf), so that its policy knows its entries.
 * 2. Nothing expires, and no two operations are about the same new key.
 */
import assert from 'node:assert/strict'
import { drawIndices, shuffled, zipfBelow } from '../data/draws.mjs'
import { Random } from '../harness/build.mjs'
import { Bank } from './bank.mjs'

/** What an empty bank takes at the sizes in question. */
const EMPTY_BYTES = 2 ** 19
/** An entry beside its value: key, header, and its share of the index and of the policy. */
const ENTRY_BYTES = 62
/** Beyond that, where a bank is not to be full. */
const SPARE_BYTES = 16 * 2 ** 20
/** Of the keys that the read-through before an eviction asks for. */
const ZIPF_EXPONENT = 0.9
const KEYS_PER_ENTRY = 4
const ASKED_PER_ENTRY = 10

/** Keys beyond any that a bank was filled with. */
export const NEW_KEYS = 2 ** 31

/** @type {Record<string, { title: string, isFull?: boolean, keys: (count: number, entries: number, seed: number) => ArrayLike<number>, run(bank: Bank, number: number, exports: object): void }>} */
export const OPERATIONS = {
  hit: {
    title: 'get, a hit',
    keys: present,
    run: (bank, number, exports) => assert.ok(bank.get(number, exports)),
  },
  miss: {
    title: 'get, a miss',
    keys: absent,
    run: (bank, number, exports) => assert.ok(!bank.get(number, exports)),
  },
  insert: {
    title: 'set, a new key',
    keys: absent,
    run: (bank, number, exports) => bank.set(number, exports),
  },
  overwrite: {
    title: 'set, a key that is there',
    keys: present,
    run: (bank, number, exports) => bank.set(number, exports),
  },
  evict: {
    title: 'set, a new key for another',
    isFull: true,
    keys: absent,
    run: (bank, number, exports) => bank.set(number, exports),
  },
  remove: {
    title: 'delete',
    keys: presentOnce,
    run: (bank, number, exports) => assert.equal(bank.remove(number, exports), 1),
  },
}

/**
 * @param {{ operation: string, policy: string, entries: number, valueBytes: number, seed: number }} setting
 *   `entries`: what the bank holds, or about that where it is full
 */
export function prepareBank({ operation, policy, entries, valueBytes, seed }) {
  const { isFull = false } = OPERATIONS[operation]
  const entriesBytes = entries * (ENTRY_BYTES + valueBytes)
  const maxBytes = EMPTY_BYTES + (isFull ? entriesBytes : 2 * entriesBytes + SPARE_BYTES)
  const bank = new Bank({ maxBytes, policy, valueBytes, seed })
  if (isFull) readThrough(bank, entries, seed)
  else for (let number = 0; number < entries; number++) bank.set(number)
  return bank
}

/** Until the bank is full, and has been for a while. */
function readThrough(bank, entries, seed) {
  const random = new Random(seed)
  const next = zipfBelow(entries * KEYS_PER_ENTRY, ZIPF_EXPONENT)
  for (let asked = 0; asked < entries * ASKED_PER_ENTRY; asked++) {
    const number = next(random)
    if (!bank.get(number)) bank.set(number)
  }
  assert.ok(bank.evictions > 0, 'the bank is not full')
}

function present(count, entries, seed) {
  return drawIndices(count, entries, seed)
}

/** In an order that has nothing to do with that in which they were stored. */
function presentOnce(count, entries, seed) {
  assert.ok(count <= entries, 'each can be deleted once')
  return shuffled(entries, seed).subarray(0, count)
}

function absent(count) {
  return Uint32Array.from({ length: count }, (_, index) => NEW_KEYS + index)
}
