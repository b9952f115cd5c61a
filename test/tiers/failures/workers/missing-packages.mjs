/** Caches with tiers that cannot be opened; run from a folder that has dist/ beside it. `node ... path`. */
const { diskTier, memoryTier, redisTier, TieredCache } = await import('./dist/tiers.js')

const unhandled = []
for (const name of ['unhandledRejection', 'uncaughtException']) {
  process.on(name, (error) => unhandled.push(String(error)))
}
const [path] = process.argv.slice(2)
const disk = () => diskTier({ path })
const why = async (tier) => {
  const cache = new TieredCache({ tiers: [memoryTier({ maxBytes: '1mb' }), tier] })
  const error = await cache.ready().catch((error) => error)
  await cache.close()
  return { code: error?.code, package: /'(redis|lmdb)'/.exec(error?.message)?.[1] }
}
const ready = { redis: await why(redisTier()), disk: await why(disk()) }

const cache = new TieredCache({ tiers: [memoryTier({ maxBytes: '1mb' }), disk(), redisTier()] })
const told = new Set()
cache.events.on('tier-error', ({ tier }) => told.add(tier))
const result = {
  ready,
  set: await cache.set('key', 'value'),
  get: await cache.get('key'),
  loaded: await cache.getOrSet('other', async () => 'by loader'),
  tiersTold: [...told].sort(),
  unhandled,
}
await cache.close()
await new Promise((resolve) => setImmediate(resolve))
process.send(result)
process.disconnect()
