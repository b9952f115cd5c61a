/**
 * Writes growing numbers behind, from several callers at once, until it is killed; tells of each write when it
 * is acknowledged.
 *
 * argv: the journal, the store's file, the first number.
 */
import { writeBehind } from '../../../../dist/src/tiers/store/write-behind.js'
import { LogStore } from './log-store.mjs'

const CALLERS = 8
const KEYS_EACH = 5

const [journal, log, first] = process.argv.slice(2)
const store = new LogStore(log, Math.random)
const writer = writeBehind(store, {
  journal,
  flushSize: 7,
  flushInterval: '4ms',
  maxPending: 60,
  retry: { attempts: Number.POSITIVE_INFINITY, minDelay: 1, maxDelay: 10 },
})
await writer.open({ cacheName: 'child', now: Date.now, tell() {} })
process.send('open')

let next = Number(first)

/** Why keys of its own: of two callers the later write of a key would be a matter of chance. */
async function write(caller) {
  for (;;) {
    const key = `${caller}:${Math.floor(Math.random() * KEYS_EACH)}`
    const value = next++
    await writer.save(key, value)
    process.send([key, value])
  }
}

await Promise.all(Array.from({ length: CALLERS }, (_, caller) => write(caller)))
