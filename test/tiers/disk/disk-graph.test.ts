/** Dependencies in a disk tier's file: over restarts, how long edges last, and what they may take of the file. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DiskTier } from '../../../src/tiers/disk/disk-tier.js'
import { HOUR_MS, Workshop } from './disk-helpers.js'

let workshop: Workshop
beforeEach(() => {
  workshop = new Workshop()
})
afterEach(() => workshop.dispose())

function bytesOf(tier: DiskTier): number {
  return tier.stats().bytes as number
}

describe('the dependencies of a disk tier', () => {
  it('are there again when the file is opened anew, and known by all who have it open', async () => {
    const first = await workshop.open()
    const other = await workshop.open()
    expect(first.dependencies().isUsed).toBe(false)
    expect(other.dependencies().isUsed).toBe(false)
    await first.dependencies().declare('b', ['a'])
    await first.dependencies().declare('c', ['b'])
    expect(other.dependencies().isUsed).toBe(true)
    expect(await other.dependencies().dependentsOf(['a'])).toEqual(['b', 'c'])
    await Promise.all([first.close(), other.close()])
    const again = await workshop.open()
    expect(again.dependencies().isUsed).toBe(true)
    expect(await again.dependencies().dependentsOf(['a'])).toEqual(['b', 'c'])
  })

  it('stay when the tier is cleared', async () => {
    const tier = await workshop.open()
    await tier.dependencies().declare('b', ['a'])
    await tier.clear()
    expect(await tier.dependencies().dependentsOf(['a'])).toEqual(['b'])
    await tier.dependencies().forget('b')
    expect(bytesOf(tier)).toBe(0)
  })

  it('take part in the bytes of the file until they are forgotten or replaced', async () => {
    const tier = await workshop.open()
    await tier.dependencies().declare('b', ['a', 'x'])
    const bytes = bytesOf(tier)
    await tier.dependencies().declare('b', ['a', 'x'])
    await tier.dependencies().declare('b', ['y', 'z'])
    expect(bytesOf(tier)).toBe(bytes)
    await tier.dependencies().declare('b', [])
    expect(bytesOf(tier)).toBe(0)
  })

  it('are refused beyond a quarter of the file, and nothing of a refused one is kept', async () => {
    const tier = await workshop.open({ maxBytes: '64kb' })
    const many = Array.from({ length: 300 }, (_, index) => `dependency-${index}`)
    await tier.dependencies().declare('b', ['a'])
    const bytes = bytesOf(tier)
    await expect(tier.dependencies().declare('b', many)).rejects.toThrow('a quarter of maxBytes')
    expect(bytesOf(tier)).toBe(bytes)
    expect(await tier.dependencies().dependentsOf(['a'])).toEqual(['b'])
  })

  it('are no longer answered from when the tier is closed', async () => {
    const tier = await workshop.open()
    const graph = tier.dependencies()
    await tier.close()
    await expect(graph.declare('b', ['a'])).rejects.toThrow('not open')
    await expect(graph.dependentsOf(['a'])).rejects.toThrow('not open')
    expect(graph.isUsed).toBe(true)
  })
})

describe('the edges of a disk tier', () => {
  const purgeInterval = 5

  it('go when their lifetime is over', async () => {
    const tier = await workshop.open({ purgeInterval })
    const graph = tier.dependencies()
    await graph.declare('short', ['a'], 1000)
    await graph.declare('long', ['a'], HOUR_MS)
    const bytes = bytesOf(tier)
    workshop.host.clock.advance(1000)
    await expect.poll(() => bytesOf(tier)).toBeLessThan(bytes)
    await expect.poll(() => graph.dependentsOf(['a'])).toEqual(['long'])
    workshop.host.clock.advance(HOUR_MS)
    await expect.poll(() => bytesOf(tier)).toBe(0)
  })

  it.each<[string, [string, string, number][]]>([
    [
      'above them',
      [
        ['b', 'a', 1000],
        ['c', 'b', HOUR_MS],
      ],
    ],
    [
      'below them',
      [
        ['c', 'b', HOUR_MS],
        ['b', 'a', 1000],
      ],
    ],
  ])('last as long as those %s that lead to them', async (_, edges) => {
    const tier = await workshop.open({ purgeInterval })
    const graph = tier.dependencies()
    for (const [dependent, dependency, ttlMs] of edges) {
      await graph.declare(dependent, [dependency], ttlMs)
    }
    await graph.declare('other', ['x'], 1000)
    workshop.host.clock.advance(2000)
    await expect.poll(() => graph.dependentsOf(['x'])).toEqual([])
    expect(await graph.dependentsOf(['a'])).toEqual(['b', 'c'])
  })

  it('last as long as those that lead to them through cycles too', async () => {
    const tier = await workshop.open({ purgeInterval })
    const graph = tier.dependencies()
    await graph.declare('a', ['c'], 1000)
    await graph.declare('b', ['a'], 1000)
    await graph.declare('c', ['b'], 1000)
    await graph.declare('d', ['c'], HOUR_MS)
    await graph.declare('other', ['x'], 1000)
    workshop.host.clock.advance(2000)
    await expect.poll(() => graph.dependentsOf(['x'])).toEqual([])
    expect(await graph.dependentsOf(['a'])).toEqual(['b', 'c', 'd'])
  })

  it('are refused where too many others would have to last longer with them', async () => {
    const tier = await workshop.open()
    const graph = tier.dependencies()
    for (let index = 0; index < 11; index++) {
      const below = Array.from({ length: 1000 }, (_, each) => `key-${index}-${each}`)
      await graph.declare(`b${index}`, below, 1000)
    }
    const all = Array.from({ length: 11 }, (_, index) => `b${index}`)
    await expect(graph.declare('c', all, HOUR_MS)).rejects.toThrow('more than 10000 dependencies')
    expect(await graph.dependentsOf(['b0'])).toEqual([])
  })
})
