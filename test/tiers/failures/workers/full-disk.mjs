/**
 * A cache whose disk takes files of at most 1 MB: it starts itself again under that limit, writes more than that,
 * and tells what became of it. `node full-disk.mjs path`.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { diskTier, memoryTier, TieredCache } from '../../../../dist/tiers.js'

const [path, isLimited] = process.argv.slice(2)
const ENTRIES = 1_000

if (isLimited === undefined) {
  const self = fileURLToPath(import.meta.url)
  const command = 'ulimit -f 1024; exec "$0" "$@"'
  const args = ['-c', command, process.execPath, self, path, 'limited']
  const { stdout, stderr, status, signal } = spawnSync('bash', args, { encoding: 'utf8' })
  const line = stdout.trim().split('\n').at(-1)
  process.send(line ? JSON.parse(line) : { status, signal, stderr })
  process.disconnect()
} else {
  const unhandled = []
  for (const name of ['unhandledRejection', 'uncaughtException']) {
    process.on(name, (error) => unhandled.push(String(error)))
  }
  const cache = new TieredCache({
    tiers: [memoryTier({ maxBytes: '16mb' }), diskTier({ path })],
    compression: false,
  })
  const result = {
    stored: 0,
    refused: 0,
    failed: 0,
    wrong: 0,
    full: false,
    rejections: [],
    unhandled,
  }
  cache.events.on('full', () => {
    result.full = true
  })
  await cache.ready()
  const value = (nth) => `${nth} ${String(Math.sin(nth)).repeat(150)}`
  for (let nth = 0; nth < ENTRIES; nth++) {
    try {
      const { tiers } = await cache.set(`k${nth}`, value(nth))
      result[tiers.disk]++
      if ((await cache.get(`k${nth}`)) !== value(nth)) result.wrong++
    } catch (error) {
      result.rejections.push(String(error))
    }
  }
  cache.memory.clear()
  for (let nth = 0; nth < ENTRIES; nth++) {
    const found = await cache.get(`k${nth}`)
    if (found !== undefined && found !== value(nth)) result.wrong++
  }
  result.atLast = await cache.getOrSet('last', async () => 'loaded')
  await cache.close()
  await new Promise((resolve) => setImmediate(resolve))
  console.log(JSON.stringify(result))
}
