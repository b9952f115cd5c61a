/**
 * A process that does nothing but start one implementation and use it once: `node probe.mjs <order>`, where
 * the order is JSON of { implementation, bounds }. Prints how long each step took, in ms, as JSON.
 */
import { createRequire } from 'node:module'
import { startOf } from './implementations.mjs'

const KEY = 'user:00000000001'
const VALUE = 'v'.repeat(100)

const { implementation, bounds } = JSON.parse(process.argv[2])
const require = createRequire(import.meta.url)
const { specifiers, isRequired, create } = startOf(implementation)

const began = performance.now()
const exports = {}
for (const specifier of specifiers) {
  Object.assign(exports, isRequired ? { default: require(specifier) } : await import(specifier))
}
const imported = performance.now()
const cache = create(exports, bounds)
const created = performance.now()
await cache.set(KEY, VALUE)
const answer = await cache.get(KEY)
const used = performance.now()

if (answer !== VALUE) throw new Error(`${implementation} answered ${answer}`)
const times = {
  importMs: imported - began,
  createMs: created - imported,
  readyMs: created - began,
  firstUseMs: used - created,
}
// Why exit: a cache may hold timers or threads, and the parent waits for the end.
process.stdout.write(JSON.stringify(times), () => process.exit(0))
