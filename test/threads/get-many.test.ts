/** getMany while other threads write: no value of another key, none in pieces, none older than one seen before. */
import { expect, test } from 'vitest'
import { type CacheOptions, SharedCache } from '../../src/index.js'
import { createControl, runWorkers } from './support/worker-threads.js'

interface Report {
  problems: string[]
  nearHits: number
}

const THREADS = 3

async function run(options: Partial<CacheOptions>, data: object): Promise<number> {
  const cache = new SharedCache({
    maxBytes: '64mb',
    codec: 'string',
    lockTimeout: '60s',
    ...options,
  })
  const { handle } = cache
  const control = createControl()
  const reports = await runWorkers<Report>(
    'batch-worker.mjs',
    Array.from({ length: THREADS }, (_, thread) => {
      const shared = { handle, near: options.near, control, threads: THREADS, thread }
      return { ...shared, keys: 90, rounds: 250, batch: 100, keyChars: 30, ...data }
    }),
  )
  expect(reports.flatMap(({ problems }) => problems)).toEqual([])
  expect(cache.verify()).toEqual({ ok: true, problems: [] })
  expect(cache.stats().rejected.lockTimeout).toBe(0)
  cache.close()
  return Math.max(...reports.map(({ nearHits }) => nearHits))
}

test('without a near cache', async () => {
  expect(await run({ near: false }, {})).toBe(0)
})

test('without a near cache, on one shard, with batches longer than the engine takes', async () => {
  await run({ near: false, shards: 1 }, { batch: 300, rounds: 100 })
})

test('with a near cache', async () => {
  expect(await run({}, { batch: 20, rounds: 800 })).toBeGreaterThan(0)
})

test('with long keys, few of which fit a batch', async () => {
  await run({ near: false, shards: 2 }, { keyChars: 1024, batch: 150, rounds: 150 })
})

test('of few keys whose values are written in place', async () => {
  await run({ near: false }, { keys: 6, isEven: true, batch: 6, rounds: 6000 })
})

test('where entries are evicted all the time', async () => {
  const options = { near: false, maxBytes: '1mb', shards: 2, maxEntryBytes: '100kb' } as const
  await run(options, { rounds: 300 })
})
