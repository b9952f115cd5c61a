/** Removing what depends on a changed key, while others declare. */
import { describe, expect, it } from 'vitest'
import { LocalGraph } from '../../../src/tiers/rules/local-graph.js'
import { removeDependents } from '../../../src/tiers/rules/remove-dependents.js'

type Removed = (readonly string[] | 'all')[]

describe('removeDependents', () => {
  it('asks nothing of a graph that is not used', async () => {
    const graph = new LocalGraph()
    graph.dependentsOf = () => expect.unreachable('it is not used')
    expect(await removeDependents(graph, ['a'], async () => {})).toBe(0)
  })

  it('removes all dependents, twice as some may come back too early, and nothing where there are none', async () => {
    const graph = new LocalGraph()
    await graph.declare('b', ['a'])
    await graph.declare('c', ['b'])
    const removed: Removed = []
    const remove = async (keys: readonly string[] | 'all') => removed.push(keys)
    expect(await removeDependents(graph, ['a'], remove)).toBe(2)
    expect(await removeDependents(graph, ['c'], remove)).toBe(0)
    expect(removed).toEqual([
      ['b', 'c'],
      ['b', 'c'],
    ])
  })

  it('removes those too that declare while it removes the others', async () => {
    const graph = new LocalGraph()
    await graph.declare('b', ['a'])
    const removed: Removed = []
    const late = ['c', 'd']
    const count = await removeDependents(graph, ['a'], async (keys) => {
      removed.push(keys)
      const next = late.shift()
      if (next !== undefined) await graph.declare(next, ['b'])
    })
    expect(count).toBe(3)
    expect(removed).toEqual([['b'], ['b', 'c'], ['b', 'c', 'd'], ['b', 'c', 'd']])
  })

  it('removes everything where there is no end of them, or too many', async () => {
    const graph = new LocalGraph({ maxDependents: 100 })
    await graph.declare('0', ['a'])
    const removed: Removed = []
    let declared = 0
    const endless = async (keys: readonly string[] | 'all') => {
      removed.push(keys)
      await graph.declare(`${++declared}`, ['a'])
    }
    expect(await removeDependents(graph, ['a'], endless)).toBe('all')
    expect(removed.at(-1)).toBe('all')
    for (let index = 0; index < 101; index++) await graph.declare(`x${index}`, ['a'])
    removed.length = 0
    expect(await removeDependents(graph, ['a'], endless)).toBe('all')
    expect(removed).toEqual(['all'])
  })

  it('rejects with what the graph or the removing rejects with', async () => {
    const graph = new LocalGraph()
    await graph.declare('b', ['a'])
    const failing = () => Promise.reject(new Error('away'))
    await expect(removeDependents(graph, ['a'], failing)).rejects.toThrow('away')
  })
})
