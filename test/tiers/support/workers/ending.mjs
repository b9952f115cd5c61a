/** Uses a cache, closes it or not, and does nothing more: the process is to end by itself. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskTier, memoryTier, redisTier, TieredCache } from '../../../../dist/tiers.js'

const [scenario, url] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'hotset-ending-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const has = (name) => scenario.startsWith(name) || scenario.startsWith('all')
const create = () =>
  new TieredCache({
    tiers: [
      memoryTier({ maxBytes: '2mb' }),
      ...(has('disk') ? [diskTier({ path: join(folder, 'cache.lmdb') })] : []),
      ...(has('redis') ? [redisTier({ url })] : []),
    ],
    ttl: '1h',
    grace: '1h',
    lock: 'distributed',
  })

const cache = create()
await cache.set('a', 1)
await cache.getOrSet('b', () => 2, { hardTimeout: '1h', timeout: '1h' })
await cache.get('missing')
if (scenario.endsWith('waited for')) await closeWhileWaiting()
if (!scenario.endsWith('open')) await cache.close()
process.send('done')
process.disconnect()

/** Another cache has the lease, and keeps it. */
async function closeWhileWaiting() {
  const other = new TieredCache({
    tiers: [memoryTier({ maxBytes: '2mb' }), redisTier({ url, prefix: 'hotset:cache:' })],
    lock: 'distributed',
  })
  let isLoading
  const loading = new Promise((resolve) => {
    isLoading = resolve
  })
  const answers = [
    other.getOrSet('c', () => {
      isLoading()
      return new Promise(() => {})
    }),
  ]
  await loading
  const before = cache.stats().tiers.redis.calls
  answers.push(cache.getOrSet('c', () => 3))
  // Until it has looked for the key, asked for the lease, and waits.
  while (cache.stats().tiers.redis.calls < before + 3)
    await new Promise((resolve) => setTimeout(resolve, 5))
  const settled = Promise.allSettled(answers)
  await Promise.all([other.close(), cache.close()])
  for (const { status, reason } of await settled) {
    // Why: with its connection gone it may load without a lease, and end before the cache does.
    if (status === 'fulfilled') continue
    if (reason?.code !== 'ERR_HOTSET_CACHE_CLOSED') console.log(reason)
  }
}
