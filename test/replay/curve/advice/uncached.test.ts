/** Which keys had better not be cached, in made traces of which it is known. */
import { describe, expect, it, vi } from 'vitest'
import { parseSizes } from '../../../../src/replay/curve/sizes.js'
import { prepareRuns, run, withSearches } from './advice-helpers.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

prepareRuns()

describe('a prefix that never hits', () => {
  it('is named, with its shares, and what the others gain without it', async () => {
    const { of } = await run('searches.keys', withSearches(20_000, 0.4))
    const found = of('uncached')
    expect(found?.groups).toHaveLength(1)
    expect(found?.groups[0]).toMatchObject({ prefix: 'search:', key: undefined, hitRatio: 0 })
    expect(found?.groups[0].readShare).toBeCloseTo(0.4, 1)
    expect(found?.groups[0].heldShare).toBeGreaterThan(0.3)
    // LRU keeps what comes last, so that searches take its room in proportion.
    const { of: alone } = await run('no-searches.keys', withSearches(20_000, 0))
    const { hitRatio = 0, gain = 0, error } = found?.rest ?? {}
    expect(error).toBe(0)
    expect(gain).toBeGreaterThan(0.05)
    expect(hitRatio + gain).toBeCloseTo(alone('size')?.hitRatio ?? 0, 1)
  })

  it('is named from a sample too, with errors', async () => {
    const { result, of } = await run('sampled.keys', withSearches(120_000, 0.3, 1), {
      maxSample: 40_000,
      policies: ['adaptive', 'lru'],
      sizes: parseSizes('5000entries', ''),
    })
    expect(result.sample.rate).toBeLessThan(0.5)
    const [group] = of('uncached')?.groups ?? []
    expect(group).toMatchObject({ prefix: 'search:', hitRatio: 0 })
    expect(group.readShareError).toBeGreaterThan(0)
    expect(Math.abs(group.readShare - 0.3)).toBeLessThan(4 * group.readShareError)
    expect(of('uncached')).toMatchObject({ policy: 'adaptive', size: 5000 })
  })

  it('is not named where it is rare, or where nothing else hits either', async () => {
    const { of: rare } = await run('rare.keys', withSearches(30_000, 0.01))
    expect(rare('uncached')).toBeUndefined()
    const once = Array.from({ length: 5000 }, (_, index) => `${'ab'[index % 2]}:${index}`)
    const { of: all } = await run('once.keys', once)
    expect(all('uncached')).toBeUndefined()
  })
})

describe('a single key that never hits', () => {
  it('is named: it is written anew before each read', async () => {
    const lines = withSearches(20_000, 0).flatMap((key, index) =>
      index % 10 === 0 ? ['get,counter', 'delete,counter'] : [`get,${key}`],
    )
    const { of } = await run('counter.csv', ['op,key', ...lines])
    expect(of('uncached')?.groups).toEqual([
      expect.objectContaining({ prefix: undefined, key: 'counter', hitRatio: 0 }),
    ])
    expect(of('uncached')?.groups[0].readShare).toBeCloseTo(0.1)
  })
})
