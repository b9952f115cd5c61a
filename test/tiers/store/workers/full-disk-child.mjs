/**
 * Writes behind until the disk takes no more (the parent bounds the size of its files), then saves what was
 * acknowledged. Prints one line of JSON: how many were acknowledged, how many saved, the refusal, and what
 * nobody handled.
 *
 * argv: the journal.
 */
import { writeBehind } from '../../../../dist/src/tiers/store/write-behind.js'

const MOST_WRITES = 100
const VALUE_BYTES = 50_000

const unhandled = []
process.on('unhandledRejection', (error) => unhandled.push(String(error)))

const saved = new Set()
const store = {
  save: (key) => void saved.add(key),
  remove() {},
}
const writer = writeBehind(store, { journal: process.argv[2], flushInterval: '1h' })
await writer.open({ cacheName: 'child', now: Date.now, tell() {} })

const acknowledged = []
let refusal
for (let index = 0; index < MOST_WRITES && refusal === undefined; index++) {
  try {
    await writer.save(`k${index}`, Buffer.alloc(VALUE_BYTES, index))
    acknowledged.push(`k${index}`)
  } catch (error) {
    refusal = { code: error.code, message: error.message }
  }
}
const { complete } = await writer.flush()
const missing = acknowledged.filter((key) => !saved.has(key))
await writer.close()
await new Promise((resolve) => setImmediate(resolve))
console.log(
  JSON.stringify({ acknowledged: acknowledged.length, complete, missing, refusal, unhandled }),
)
