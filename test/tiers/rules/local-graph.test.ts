/** The bound of the graph on the heap: what goes to make room, and who has to hear of it. */
import { describe, expect, it } from 'vitest'
import { LocalGraph } from '../../../src/tiers/rules/local-graph.js'
import { Random } from '../../support/random.js'

describe('LocalGraph', () => {
  it('is not used until somebody declares something', async () => {
    const graph = new LocalGraph()
    expect(graph.isUsed).toBe(false)
    await graph.declare('a', [])
    await graph.declare('a', ['a'])
    await graph.forget('a')
    expect(graph.isUsed).toBe(false)
  })

  it('forgets the oldest declarations beyond maxEdges, and tells them with all that depends on them', async () => {
    const dropped: unknown[] = []
    const graph = new LocalGraph({ maxEdges: 4, onDropped: (keys) => dropped.push(keys) })
    await graph.declare('b', ['a'])
    await graph.declare('c', ['b'])
    await graph.declare('d', ['x', 'y'])
    expect(dropped).toEqual([])
    await graph.declare('e', ['x'])
    expect(dropped).toEqual([['b', 'c']])
    expect(graph.edges).toBe(4)
    expect(await graph.dependentsOf(['a'])).toEqual([])
    expect(await graph.dependentsOf(['b'])).toEqual(['c'])
  })

  it('counts a key that declares again as new', async () => {
    const dropped: unknown[] = []
    const graph = new LocalGraph({ maxEdges: 2, onDropped: (keys) => dropped.push(keys) })
    await graph.declare('b', ['a'])
    await graph.declare('c', ['a'])
    await graph.declare('b', ['a'])
    await graph.declare('d', ['a'])
    expect(dropped).toEqual([['c']])
    expect(await graph.dependentsOf(['a'])).toEqual(['b', 'd'])
  })

  it('has room for all dependencies of one key', async () => {
    const graph = new LocalGraph({ maxEdges: 2 })
    await graph.declare('b', ['a'])
    await graph.declare('c', ['1', '2', '3'])
    expect(graph.edges).toBe(3)
    expect(await graph.dependentsOf(['a'])).toEqual([])
    expect(await graph.dependentsOf(['3'])).toEqual(['c'])
  })

  it("tells 'all' where too much depends on what it drops", async () => {
    const dropped: unknown[] = []
    const graph = new LocalGraph({
      maxEdges: 4,
      maxDependents: 2,
      onDropped: (keys) => dropped.push(keys),
    })
    await graph.declare('b', ['a'])
    for (const key of ['c', 'd', 'e', 'f']) await graph.declare(key, ['b'])
    expect(dropped).toEqual(['all'])
  })

  it('tells all that it can no longer find when it drops something', async () => {
    const random = new Random(66)
    const told = new Set<string>()
    const graph = new LocalGraph({
      maxEdges: 20,
      onDropped: (keys) => {
        for (const key of keys) told.add(key)
      },
    })
    const names = Array.from({ length: 30 }, (_, index) => `k${index}`)
    const reached = () => Promise.all(names.map((name) => graph.dependentsOf([name])))
    let toldInstead = 0
    for (let step = 0; step < 1000; step++) {
      const key = random.pick(names)
      await graph.forget(key)
      const before = await reached()
      told.clear()
      await graph.declare(key, [random.pick(names), random.pick(names)])
      const after = await reached()
      for (const [index, dependents] of before.entries()) {
        const lost = (dependents as string[]).filter((each) => !after[index].includes(each))
        expect(lost.filter((each) => !told.has(each))).toEqual([])
        toldInstead += lost.length
      }
      expect(graph.edges).toBeLessThanOrEqual(20)
    }
    expect(toldInstead).toBeGreaterThan(0)
  })

  it('refuses bounds that are none', () => {
    expect(() => new LocalGraph({ maxEdges: 0 })).toThrow(
      expect.objectContaining({ option: 'maxEdges' }),
    )
    expect(() => new LocalGraph({ maxDependents: 1.5 })).toThrow(
      expect.objectContaining({ option: 'maxDependents' }),
    )
  })
})
