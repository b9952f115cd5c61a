/** What policy `adaptive` weighs beside how often entries are used: their sizes, what they cost, their lifetimes. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type CacheOptions, InvalidOptionError, SharedCache } from '../../src/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { Random } from '../support/random.js'
import { seedHashes } from '../support/seeded-hashes.js'

// Why: the samples of keys by which the policy chooses are drawn by their hashes.
vi.mock('../../src/engine/random-seed.js', () => import('../support/seeded-hashes.js'))

const KEYS = 20_000
const ACCESSES = 150_000
const COSTS_MS = [1, 1, 10, 200]

beforeEach(() => seedHashes(7))

describe("favor: 'objects'", () => {
  it('hits more requests than favor bytes where sizes differ, and loses few bytes', () => {
    const objects = replaySizes('objects')
    const bytes = replaySizes('bytes')
    expect(objects.hits).toBeGreaterThan(bytes.hits + 0.005 * ACCESSES)
    expect(objects.byteHitRatio).toBeGreaterThan(bytes.byteHitRatio - 0.02)
  })

  it('lets small entries go too, when nobody asks for them any more', () => {
    const cache = createCache({ maxBytes: '8mb' })
    for (let index = 0; index < 60_000; index++) cache.set(`small ${index}`, Buffer.alloc(100))
    for (let index = 0; index < 4000; index++) cache.set(`large ${index}`, Buffer.alloc(8000))
    const large = [...cache.keys()].filter((key) => key.startsWith('large')).length
    expect(large * 8000).toBeGreaterThan(0.8 * 8 * 2 ** 20)
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
  })
})

describe("favor: 'cost'", () => {
  it('spends less time on loads than favor objects, though it hits no more', () => {
    expect(replayCosts('cost')).toBeLessThan(0.99 * replayCosts('objects'))
  })

  it('does not matter to other policies', () => {
    const cache = createCache({ favor: 'cost', policy: 'lfu', maxEntries: 100 })
    for (let index = 0; index < 1000; index++) {
      cache.set(`key ${index}`, Buffer.alloc(10), { cost: index })
    }
    expect(cache.size).toBe(100)
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
  })

  it('takes from getOrSet how long the loader took, by the clock of the cache', async () => {
    const clock = new ManualClock()
    const cache = createCache({ favor: 'cost', maxEntries: 1000, clock })
    for (let index = 0; index < 3000; index++) {
      const isSlow = index % 3 === 0
      await cache.getOrSet(`${isSlow ? 'slow' : 'fast'} ${index}`, () => {
        clock.advance(isSlow ? 500 : 1)
        return Buffer.alloc(10)
      })
    }
    const slow = [...cache.keys()].filter((key) => key.startsWith('slow')).length
    // A third of them came; what was cheap went first.
    expect(slow).toBeGreaterThan(0.6 * cache.size)
  })

  it('is known to a thread that attaches', () => {
    const cache = createCache({ favor: 'cost', maxEntries: 1000 })
    const attached = SharedCache.attach<Buffer>(cache.handle)
    for (let index = 0; index < 3000; index++) {
      attached.set(`key ${index}`, Buffer.alloc(10), { cost: index % 3 === 0 ? 500 : 1 })
    }
    const slow = [...cache.keys()].filter((key) => Number(key.slice(4)) % 3 === 0).length
    expect(slow).toBeGreaterThan(0.6 * cache.size)
    attached.close()
  })
})

describe('lifetimes', () => {
  it('keep entries that would expire before their next use out of the way of others', () => {
    const clock = new ManualClock()
    const cache = createCache({ maxEntries: 400, clock })
    const random = new Random(7)
    let hits = 0
    for (let at = 0; at < 60_000; at++) {
      clock.advance(1)
      const key = random.below(800)
      if (cache.get(`key ${key}`) !== undefined) hits++
      else cache.set(`key ${key}`, Buffer.alloc(10), { ttl: key < 400 ? 1_000_000 : 500 })
    }
    // The half that lives long fills the cache; what lives for half a round is worth no place.
    expect(hits / 60_000).toBeGreaterThan(0.35)
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
  })
})

describe('wrong values', () => {
  it.each(['size', '', 1, null])('of favor are refused: %j', (favor) => {
    const options = { maxBytes: '4mb', favor } as unknown as CacheOptions
    expect(() => new SharedCache(options)).toThrow(InvalidOptionError)
  })

  it.each([-1, Number.NaN, '5', null])('of cost are refused, and nothing is stored: %j', (cost) => {
    const cache = createCache({ favor: 'cost' })
    const options = { cost: cost as number }
    expect(() => cache.set('key', Buffer.alloc(1), options)).toThrow(InvalidOptionError)
    expect(cache.has('key')).toBe(false)
  })
})

function createCache(options: Partial<CacheOptions>): SharedCache<Buffer> {
  const cache = new SharedCache<Buffer>({
    maxBytes: '8mb',
    shards: 1,
    near: false,
    codec: 'bytes',
    ...options,
  })
  onTestFinished(() => cache.close())
  return cache
}

/** Zipf-like accesses to keys whose objects have sizes from 50 bytes to 20 KB. */
function replaySizes(favor: 'objects' | 'bytes'): { hits: number; byteHitRatio: number } {
  const cache = createCache({ favor })
  const random = new Random(11)
  const sizes = Array.from({ length: KEYS }, () => random.logBetween(50, 20_000))
  let [hits, hitBytes, allBytes] = [0, 0, 0]
  for (let at = 0; at < ACCESSES; at++) {
    const key = skewed(random)
    allBytes += sizes[key]
    if (cache.get(`key ${key}`) === undefined) {
      cache.set(`key ${key}`, Buffer.alloc(sizes[key]))
    } else {
      hits++
      hitBytes += sizes[key]
    }
  }
  expect(cache.verify()).toEqual({ ok: true, problems: [] })
  return { hits, byteHitRatio: hitBytes / allBytes }
}

/** Milliseconds spent on loads. */
function replayCosts(favor: 'objects' | 'cost'): number {
  const cache = createCache({ favor, maxEntries: 2000 })
  const random = new Random(12)
  const costs = Array.from({ length: KEYS }, () => COSTS_MS[random.below(COSTS_MS.length)])
  let spentMs = 0
  for (let at = 0; at < ACCESSES; at++) {
    const key = skewed(random)
    if (cache.get(`key ${key}`) !== undefined) continue
    spentMs += costs[key]
    cache.set(`key ${key}`, Buffer.alloc(10), { cost: costs[key] })
  }
  expect(cache.verify()).toEqual({ ok: true, problems: [] })
  return spentMs
}

function skewed(random: Random): number {
  return Math.floor(KEYS * random.next() ** 4)
}
