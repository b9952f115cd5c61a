/** What the default policy keeps: more of what is used again than LRU does, and nothing for too long. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type CacheOptions, type Policy, SharedCache } from '../../src/index.js'
import { describeFiles, FileTrace } from '../../src/replay/trace.js'
import { Random } from '../support/random.js'
import { seedHashes } from '../support/seeded-hashes.js'

// Why: the samples of keys by which the policy chooses are drawn by their hashes.
vi.mock('../../src/engine/random-seed.js', () => import('../support/seeded-hashes.js'))

const SEED = 20_251
const VALUE = 'a value of no account'
const TRACE_FOLDER = fileURLToPath(new URL('../../../shared/traces/', import.meta.url))

/** `gain` is what hits of the first accesses have to be above LRU's, as a share of all. */
const TRACES = [
  { file: 'OLTP.lis.gz', entries: 1000, accesses: 300_000, gain: 0.04 },
  { file: 'loop.lirs.gz', entries: 900, accesses: 200_000, gain: 0.5 },
  { file: 'multi2.lirs.gz', entries: 1500, accesses: 26_311, gain: 0.06 },
  { file: 'weblog-424.slt.gz', entries: 2048, accesses: 116_215, gain: 0.04 },
  { file: 'web12.u32be.gz', entries: 512, accesses: 95_607, gain: 0.02 },
  { file: 'orm-busy.u32be.gz', entries: 4096, accesses: 500_000, gain: 0.001 },
  { file: 'w106.u32be.gz', entries: 2048, accesses: 300_000, gain: 0 },
]

beforeEach(() => seedHashes(SEED))

describe('the adaptive policy', () => {
  it('keeps most of a loop that LRU would never hit', () => {
    const loop = generate(100_000, (at) => at % 1000)
    expect(hitRatio(loop, 'lru', 800)).toBe(0)
    expect(hitRatio(loop, 'adaptive', 800)).toBeGreaterThan(0.5)
  })

  it('hits a loop four times larger than the cache', () => {
    const loop = generate(400_000, (at) => at % 1000)
    expect(hitRatio(loop, 'adaptive', 250)).toBeGreaterThan(0.15)
  })

  it('lets scans pass without losing its hot set', () => {
    const random = new Random(SEED)
    let scanned = 0
    const accesses = generate(200_000, (at) =>
      at % 4000 < 2000 ? 1_000_000 + scanned++ : random.below(800),
    )
    const lru = hitRatio(accesses, 'lru', 1000)
    expect(hitRatio(accesses, 'adaptive', 1000)).toBeGreaterThan(lru + 0.08)
  })

  it('beats LRU on a Zipf distribution', () => {
    const accesses = zipf(200_000, 50_000, 0.9)
    const lru = hitRatio(accesses, 'lru', 1000)
    expect(hitRatio(accesses, 'adaptive', 1000)).toBeGreaterThan(lru + 0.05)
  })

  it('follows a hot set that is replaced by another', () => {
    const random = new Random(SEED)
    const accesses = generate(300_000, (at) => (at < 150_000 ? 0 : 10_000) + random.below(1000))
    const cache = createCache('adaptive', { maxEntries: 900 })
    replay(cache, accesses.slice(0, 200_000))
    expect(replay(cache, accesses.slice(200_000))).toBeGreaterThan(0.8)
  })

  it('evicts what was never read in the order it came, whatever sizes come after', () => {
    const cache = createCache('adaptive', { maxBytes: '8mb' })
    for (let index = 0; index < 60_000; index++) cache.set(`small ${index}`, 'x'.repeat(100))
    const large = 'y'.repeat(8000)
    for (let index = 0; index < 3000; index++) expect(cache.set(`large ${index}`, large)).toBe(true)
    const kept = [...cache.keys()].filter((key) => key.startsWith('large'))
    expect(kept.length * large.length).toBeGreaterThan(0.8 * 8 * 2 ** 20)
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
  })

  it('is sound after growth, shrinking, deletes and clears, in caches too small for a sketch too', () => {
    for (const options of [{ maxBytes: '1mb', shards: 16 }, { maxBytes: '4mb' }] as const) {
      const cache = createCache('adaptive', options)
      const random = new Random(SEED)
      for (let round = 0; round < 60; round++) {
        const valueBytes = random.logBetween(1, 5000)
        for (let step = 0; step < 200; step++) {
          const key = `key ${random.below(20_000)}`
          if (random.chance(0.1)) cache.delete(key)
          else if (random.chance(0.3)) cache.get(key)
          else cache.set(key, 'v'.repeat(valueBytes))
        }
        if (random.chance(0.05)) cache.clear()
        expect(cache.verify()).toEqual({ ok: true, problems: [] })
      }
    }
  })
})

describe('the adaptive policy on published traces', () => {
  const present = TRACES.filter(({ file }) => existsSync(TRACE_FOLDER + file))

  it('is tried where they lie beside the checkout, and a note names those that do not', () => {
    const absent = TRACES.filter((trace) => !present.includes(trace)).map(({ file }) => file)
    if (absent.length > 0) console.warn(`Not in ${TRACE_FOLDER}: ${absent.join(', ')}`)
    expect(present.length + absent.length).toBe(TRACES.length)
  })

  for (const { file, entries, accesses, gain } of present) {
    it(`hits more than LRU on ${file}`, async () => {
      const keys = await readKeys(TRACE_FOLDER + file, accesses)
      const lru = hitRatio(keys, 'lru', entries)
      expect(hitRatio(keys, 'adaptive', entries)).toBeGreaterThan(lru + gain)
    })
  }
})

function createCache(policy: Policy, options: Partial<CacheOptions>): SharedCache<string> {
  const cache = new SharedCache<string>({
    policy,
    maxBytes: '16mb',
    shards: 1,
    near: false,
    codec: 'string',
    ...options,
  })
  onTestFinished(() => cache.close())
  return cache
}

function hitRatio(keys: readonly string[], policy: Policy, maxEntries: number): number {
  const cache = createCache(policy, { maxEntries })
  const ratio = replay(cache, keys)
  expect(cache.verify()).toEqual({ ok: true, problems: [] })
  return ratio
}

/** Read-through: a miss stores the object. */
function replay(cache: SharedCache<string>, keys: readonly string[]): number {
  let hits = 0
  for (const key of keys) {
    if (cache.get(key) !== undefined) hits++
    else cache.set(key, VALUE)
  }
  return hits / keys.length
}

function generate(count: number, keyAt: (index: number) => number): string[] {
  return Array.from({ length: count }, (_, index) => `key ${keyAt(index)}`)
}

/** Accesses to keys whose shares fall with their rank, by inverting the summed distribution. */
function zipf(count: number, keyCount: number, exponent: number): string[] {
  const sums = new Float64Array(keyCount)
  let sum = 0
  for (let rank = 0; rank < keyCount; rank++) {
    sum += (rank + 1) ** -exponent
    sums[rank] = sum
  }
  const random = new Random(SEED)
  return generate(count, () => {
    const wanted = random.next() * sum
    let low = 0
    let high = keyCount - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sums[middle] < wanted) low = middle + 1
      else high = middle
    }
    return low
  })
}

async function readKeys(path: string, accesses: number): Promise<string[]> {
  const keys: string[] = []
  for await (const block of new FileTrace(await describeFiles([path], undefined, {})).blocks()) {
    keys.push(...block.keys.slice(0, Math.min(block.length, accesses - keys.length)))
    if (keys.length >= accesses) break
  }
  return keys
}
