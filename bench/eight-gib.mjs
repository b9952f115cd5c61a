/**
 * A cache beyond the 4 GiB of one wasm memory: creates one of 8 GiB, fills 5 GiB of it and reads them
 * back. `node bench/eight-gib.mjs [--gib <n>]`; wants that much free memory and a minute or two, so it
 * is no part of the suite.
 */
import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import { Keys, Values } from './data/keys-and-values.mjs'
import { SharedCache } from './harness/build.mjs'
import { describeEnvironment, environmentLines } from './harness/environment.mjs'
import { performance, Stalls } from './measuring/measure.mjs'

const GIB = 2 ** 30
const VALUE_BYTES = 1000
const SEED = 1
const { values: options } = parseArgs({ options: { gib: { type: 'string', default: '5' } } })
const fillBytes = Number(options.gib) * GIB
const count = Math.ceil(fillBytes / (VALUE_BYTES + 16))

for (const line of environmentLines(describeEnvironment(SEED))) console.log(line)
const created = performance.now()
const cache = new SharedCache({ maxBytes: 8 * GIB, near: false })
report('create', performance.now() - created)
console.log(`  ${cache.stats().banks} banks, ${mib(cache.bytes)} MiB in use`)

const keys = new Keys(count, SEED)
const values = new Values(VALUE_BYTES, SEED)
const sets = new Stalls(count)
for (let number = 0; number < count; number++) {
  const key = keys.fresh(number)
  const value = values.fresh(number)
  const began = performance.now()
  const stored = cache.set(key, value)
  sets.add(performance.now() - began)
  assert.ok(stored, `set ${number} was refused`)
}
report(`set ${count.toLocaleString('en')} values of ${VALUE_BYTES} bytes`, sets.totalMs, sets)
const { size, payloadBytes, evictions, fragmentation } = cache.stats()
console.log(`  ${mib(payloadBytes)} MiB of keys and values, ${mib(cache.bytes)} MiB in use`)
console.log(`  ${(fragmentation * 100).toFixed(2)}% of pages unused, ${evictions} evictions`)
assert.equal(size, count)
assert.equal(evictions, 0)

const gets = new Stalls(count)
for (let number = 0; number < count; number++) {
  const key = keys.fresh(number)
  const expected = values.fresh(number)
  const began = performance.now()
  const value = cache.get(key)
  gets.add(performance.now() - began)
  assert.equal(value, expected)
}
report('get each', gets.totalMs, gets)
console.log(`RSS ${mib(process.memoryUsage().rss)} MiB (the keys of this script included)`)

function report(what, ms, stalls = undefined) {
  const each = stalls === undefined ? '' : `, ${((ms * 1e6) / count).toFixed(0)} ns each`
  const worst = stalls === undefined ? '' : `, longest ${stalls.worstMs.toFixed(2)} ms`
  console.log(`${what}: ${ms.toFixed(0)} ms${each}${worst}`)
}

function mib(bytes) {
  return Math.round(bytes / 2 ** 20).toLocaleString('en')
}
