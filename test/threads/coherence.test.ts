/** What one thread has changed, no thread sees as it was before: neither in the engine, nor in a near cache. */
import { describe, expect, test } from 'vitest'
import { type CacheOptions, type Policy, SharedCache } from '../../src/index.js'
import { createControl, runWorkers } from './support/worker-threads.js'

const THREADS = 3
const POLICIES: Policy[] = ['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority']
/** How often a value is seen in a round that a near cache can answer. */
const NEAR_LOOKS = 2

interface Part {
  part: 'changes' | 'flag' | 'expiry' | 'sliding'
  rounds?: number
  /** Milliseconds. */
  clockWords?: Int32Array
}

/** @returns near hits of all threads */
async function run(options: Partial<CacheOptions>, part: Part): Promise<number> {
  const { clockWords } = part
  const cache = new SharedCache({
    maxBytes: '16mb',
    lockTimeout: '60s',
    ...(clockWords && { clock: { now: () => Atomics.load(clockWords, 0) } }),
    ...options,
  })
  const { handle } = cache
  const control = createControl()
  const nearHits = await runWorkers<number>(
    'coherence-worker.mjs',
    Array.from({ length: THREADS }, (_, thread) => {
      return { handle, control, threads: THREADS, thread, key: 'watched key', ...part }
    }),
  )
  expect(cache.verify()).toEqual({ ok: true, problems: [] })
  return Math.max(...nearHits)
}

describe.each(POLICIES)('policy %s', (policy) => {
  test('no thread sees the old value once a change has returned, near cache or not', async () => {
    const rounds = 420
    const nearHits = await run({ policy }, { part: 'changes', rounds })
    expect(nearHits).toBeGreaterThan(rounds * NEAR_LOOKS)
  })

  test('all threads see an entry expire in the same millisecond', async () => {
    const rounds = 100
    // Why one shard: a hit makes an entry worth keeping near once it is recorded, which a write of its shard brings about.
    const nearHits = await run(
      { policy, shards: 1 },
      { part: 'expiry', rounds, clockWords: createControl() },
    )
    expect(nearHits).toBeGreaterThan(rounds * NEAR_LOOKS)
  })
})

test('without near caches, no thread sees the old value either', async () => {
  expect(await run({ near: false }, { part: 'changes', rounds: 420 })).toBe(0)
})

test('a hit in one thread renews a sliding lifetime for all', async () => {
  await run({}, { part: 'sliding', rounds: 100, clockWords: createControl() })
})

test.each([
  ['with a near cache', {}],
  ['without', { near: false }],
] as const)('a thread that does nothing but look sees a change: %s', async (_, options) => {
  await run(options, { part: 'flag' })
})
