/** Which keys a recorded sample is of: all accesses of a key, or none. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as layout from '../../src/cache/trace/layout.js'
import { type CacheOptions, SharedCache } from '../../src/index.js'
import { type AnyCache, createCache, warm } from './shared-cache-helpers.js'
import { createTraceFolder, readTrace } from './trace-helpers.js'

const FILE = 'service.0.hst'
/** More than the gets that find nothing near: else it would be passed by. */
const NEAR_HITS = 8

/** Accesses each of the keys by all calls that are recorded. @returns the records that it makes of a key */
async function accessAll(cache: AnyCache, keys: readonly string[]): Promise<number> {
  for (const key of keys) {
    cache.get(key) ?? cache.set(key, 'value')
    cache.get(key)
    warm(cache, key)
    for (let hit = 0; hit < NEAR_HITS; hit++) cache.get(key)
    cache.peek(key)
  }
  cache.getMany(keys)
  cache.setMany(keys.map((key) => [key, 'another']))
  cache.getMany(keys)
  for (const key of keys) {
    cache.add(key, 'refused')
    cache.compareAndSet(key, cache.info(key)?.version ?? 0, 'changed')
    cache.delete(key)
    cache.add(key, 'added')
    cache.take(key)
    cache.increment(key)
    cache.deleteMany([key])
    cache.set(key, 'x'.repeat(20_000))
    cache.take(key)
    await cache.getOrSet(key, async () => 'loaded')
    await cache.getOrSet(key, async () => 'not called')
  }
  // A miss and its set are one record; take() makes two.
  return 4 + NEAR_HITS + 3 + (3 + 2 + 2) + (1 + 2 + 2)
}

/** Of each shape that keys have on their way to the engine. */
function keysOfAllShapes(count: number): string[] {
  const endings = ['', ':é', ':ключ', ':long enough not to be copied by words', ':'.repeat(1100)]
  return Array.from({ length: count }, (_, index) => `${index}${endings[index % endings.length]}`)
}

function countOf(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

/** Of how many keys a sample may be, if chance chooses them: one in a million is further off. */
function expectShare(count: number, of: number, share: number): void {
  const deviation = Math.sqrt(of * share * (1 - share))
  expect(Math.abs(count - of * share)).toBeLessThan(5 * deviation)
}

describe('a sample', () => {
  it.each<[string, Partial<CacheOptions>]>([
    ['that the near cache answers too', { near: { maxEntries: 4096 } }],
    ['without a near cache', { near: false }],
    ['of a cache with several memories', { maxBytes: '5gb' }],
  ])('holds all accesses of a key or none, by whatever call: %s', async (_name, options) => {
    const { folder, path } = createTraceFolder()
    const { cache } = createCache({ ...options, trace: { path, keys: 'plain', sample: 0.25 } })
    const keys = keysOfAllShapes(600)
    const expected = await accessAll(cache, keys)
    const { nearHits } = cache.stats()
    expect(nearHits > keys.length * 3).toBe(options.near !== false)
    cache.close()
    const counts = countOf(readTrace(join(folder, FILE)).map(([key]) => key))
    expect([...new Set(counts.values())]).toEqual([expected])
    expectShare(counts.size, keys.length, 0.25)
    const names = new Set(keys.map((key) => Buffer.from(key).toString('latin1')))
    expect([...counts.keys()].every((key) => names.has(key))).toBe(true)
  })

  it.each([
    [0.001, 1],
    [0.1, 1],
    [0.1, 16],
    [0.5, 2],
  ])('of %d of the keys holds about so many, with %d shards', (sample, shards) => {
    const { folder, path } = createTraceFolder()
    const { cache } = createCache({ maxBytes: '32mb', shards, trace: { path, sample } })
    const keys = 40_000
    for (let key = 0; key < keys; key++) cache.get(`key:${key}`)
    cache.close()
    expectShare(readTrace(join(folder, FILE)).length, keys, sample)
    const share = readFileSync(join(folder, FILE)).readFloatLE(layout.AT_SHARE)
    expect(share).toBeGreaterThanOrEqual(sample)
    expect(share).toBeLessThan(sample + 2 ** -16)
  })

  it('is of the same keys in all that attach to a cache, and of others in another cache', () => {
    const { folder, path } = createTraceFolder()
    const trace = { path, keys: 'plain', sample: 0.1 } as const
    const { cache: first, clock } = createCache({ trace })
    const second = SharedCache.attach(first.handle, { clock })
    const { cache: stranger } = createCache({ trace })
    for (const cache of [first, second, stranger]) {
      for (let key = 0; key < 2000; key++) cache.get(`key:${key}`)
      cache.close()
    }
    const files = [FILE, 'service.0-2.hst', 'service.0-3.hst']
    const [chosen, attached, others] = files.map((file) =>
      readTrace(join(folder, file)).map(([key]) => key),
    )
    expect(chosen.length).toBeGreaterThan(100)
    expect(attached).toEqual(chosen)
    expect(others).not.toEqual(chosen)
  })
})
