/** What the operating system says of the memory of a process that fills a cache. Needs the build. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const CACHE = fileURLToPath(new URL('../../dist/src/index.js', import.meta.url))
const MAX_BYTES = 256 * 1024 * 1024

/** Fills a cache over and over with values of random sizes; prints how much the RSS grew, in bytes. */
const FILL = `
  import { SharedCache } from ${JSON.stringify(CACHE)}
  const values = Array.from({ length: 64 }, (_, index) => Buffer.alloc(1 + (index * 7919) % 5000, index))
  const fill = (cache, count, prefix) => {
    for (let index = 0; index < count; index++) {
      cache.set(prefix + index, values[(index * 31) % 64], index % 3 === 0 ? { ttl: 1 + (index % 1000) } : undefined)
      if (index % 7 === 0) cache.delete(prefix + (index - 3))
    }
  }
  fill(new SharedCache({ maxBytes: '1mb' }), 20_000, 'warm-up ')
  gc()
  const before = process.memoryUsage().rss
  const cache = new SharedCache({ maxBytes: ${MAX_BYTES} })
  fill(cache, 400_000, 'first ')
  cache.clear()
  fill(cache, 200_000, 'second ')
  gc()
  console.log(JSON.stringify({ grown: process.memoryUsage().rss - before, bytes: cache.bytes }))
`

it('grows by at most 1.1 times maxBytes, however often the cache is filled and cleared', () => {
  const output = execFileSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '--eval', FILL],
    { encoding: 'utf8' },
  )
  const { grown, bytes } = JSON.parse(output)
  expect(bytes).toBeGreaterThan(0.9 * MAX_BYTES)
  expect(bytes).toBeLessThanOrEqual(MAX_BYTES)
  expect(grown).toBeGreaterThan(0.9 * MAX_BYTES)
  expect(grown).toBeLessThanOrEqual(1.1 * MAX_BYTES)
})
