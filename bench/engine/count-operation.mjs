/** Counts what one operation of the engine does (footprint.mjs), with the answers checked. */
import assert from 'node:assert/strict'
import { KEY_BYTES } from './bank.mjs'
import { Footprint } from './footprint.mjs'
import { compileCountingEngine } from './instrument.mjs'
import { OPERATIONS, prepareBank } from './operations.mjs'

const HEADER_BYTES = 32
/** Before counting: what the first calls find cold that the others do not. */
const WARM_UP = 100

/**
 * @param {{ operation: string, policy: string, entries: number, valueBytes: number, calls: number, seed: number }} setting
 */
export function countOperation(setting) {
  const { operation, entries, valueBytes, calls, seed } = setting
  const { isFull, keys, run } = OPERATIONS[operation]
  const bank = prepareBank(setting)
  const footprint = new Footprint(bank)
  const exports = bank.instantiate(compileCountingEngine(), footprint.imports)
  const ownBytes = HEADER_BYTES + KEY_BYTES + valueBytes
  const numbers = keys(WARM_UP + calls, entries, seed)
  const evictionsBefore = bank.evictions
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at]
    const action = () => run(bank, number, exports)
    if (at < WARM_UP) footprint.warm(action)
    else footprint.call(action, () => bank.locate(number), ownBytes)
  }
  const evictions = bank.evictions - evictionsBefore
  if (isFull) assert.ok(evictions > numbers.length * 0.8, 'hardly anything was evicted')
  else assert.equal(evictions, 0)
  bank.verify()
  return footprint.report()
}
