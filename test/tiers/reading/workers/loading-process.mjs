/** A process with memory and Redis: loads a key under a distributed lock, as long as it is told. */
import { memoryTier, redisTier, TieredCache } from '../../../../dist/tiers.js'

const [url, hardTimeout] = process.argv.slice(2)
const cache = new TieredCache({
  tiers: [memoryTier({ maxBytes: '2mb' }), redisTier({ url })],
  lock: 'distributed',
  hardTimeout,
  ttl: '1h',
})
await cache.ready()
process.on('unhandledRejection', (error) => process.send({ unhandled: String(error) }))

let finish = () => {}

const ACTIONS = {
  async load({ key, value, isHeld }) {
    const loader = async () => {
      process.send({ loading: key })
      if (isHeld) {
        await new Promise((resolve) => {
          finish = resolve
        })
      }
      return value
    }
    const answer = await cache.getOrSet(key, loader).catch((error) => error.code)
    await cache.drain()
    process.send({ answer })
  },
  async finish() {
    finish()
  },
  async get({ key }) {
    process.send({ got: await cache.get(key) })
  },
  async take({ key }) {
    process.send({ taken: await cache.take(key) })
  },
  async delete({ key }) {
    process.send(await cache.delete(key))
  },
  async close() {
    await cache.close()
    process.disconnect()
  },
}

process.on('message', (message) => ACTIONS[message.action](message))
process.send('ready')
