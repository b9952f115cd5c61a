/** Many threads that do everything at once: nothing is mixed up, lost from sight or told to the wrong one. */
import { describe, expect, test } from 'vitest'
import { type CacheOptions, type Policy, type RemoveReason, SharedCache } from '../../src/index.js'
import { createControl, runWorkers } from './support/worker-threads.js'

const THREADS = 3
const POLICIES: Policy[] = ['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority']

interface Part {
  part: 'mixed' | 'iteration' | 'removals'
  /** Of each thread. */
  operations: number
  stableKeys?: string[]
}

async function run<Result>(cache: SharedCache<unknown>, part: Part): Promise<Result[]> {
  const { handle } = cache
  const control = createControl()
  const results = await runWorkers<Result>(
    'churn-worker.mjs',
    Array.from({ length: THREADS }, (_, thread) => {
      return { handle, control, threads: THREADS, thread, ...part }
    }),
  )
  expect(cache.stats().rejected.lockTimeout).toBe(0)
  expect(cache.verify()).toEqual({ ok: true, problems: [] })
  return results
}

function createCache(options: Partial<CacheOptions>): SharedCache<unknown> {
  return new SharedCache({ maxBytes: '16mb', lockTimeout: '60s', ...options })
}

describe.each(POLICIES)('policy %s', (policy) => {
  test('reads, writes, walks, clears and invalidations at once leave all in order, and no page behind', async () => {
    const cache = createCache({ policy, maxBytes: '1mb' })
    const emptyBytes = cache.bytes
    await run(cache, { part: 'mixed', operations: 15_000 })
    cache.clear()
    expect(cache.size).toBe(0)
    expect(cache.bytes).toBe(emptyBytes)
    expect([...cache.keys()]).toEqual([])
  })
})

test('a walk meets each key that stays exactly once, while others write it, and add and delete others', async () => {
  const cache = createCache({})
  const stableKeys = Array.from({ length: 2000 }, (_, index) => `stable ${index}`)
  for (const key of stableKeys) cache.set(key, `${key}|`)
  const [faults] = await run<unknown[]>(cache, { part: 'iteration', operations: 40, stableKeys })
  expect(faults).toEqual([])
})

interface Told {
  deletes: number
  removals: [key: string, reason: RemoveReason][]
}

test('onRemove is told in the thread that removed the entry, and in no other', async () => {
  const cache = createCache({ maxBytes: '1mb', maxEntries: 500, shards: 1 })
  const told = await run<Told>(cache, { part: 'removals', operations: 10_000 })
  told.forEach(({ deletes, removals }, thread) => {
    const own = (reason: RemoveReason): string[] =>
      removals.filter(([, why]) => why === reason).map(([key]) => key)
    expect(own('delete')).toHaveLength(deletes)
    for (const key of [...own('delete'), ...own('replace')]) {
      expect(key.startsWith(`${thread}:`)).toBe(true)
    }
  })
  const evictions = told.flatMap(({ removals }) => removals.filter(([, why]) => why === 'evict'))
  expect(evictions).toHaveLength(cache.stats().evictions)
  expect(evictions.length).toBeGreaterThan(100)
})
