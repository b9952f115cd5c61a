/** What every graph of dependencies does, on the heap, in an LMDB file and in a real Redis; against naive reachability. */
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { DiskFile } from '../../../src/tiers/disk/disk-file.js'
import { DiskGraph } from '../../../src/tiers/disk/disk-graph.js'
import { resolveDiskTierOptions } from '../../../src/tiers/disk/options.js'
import type { DependencyGraph } from '../../../src/tiers/rules/dependencies.js'
import { LocalGraph } from '../../../src/tiers/rules/local-graph.js'
import { RedisGraph } from '../../../src/tiers/rules/redis-graph.js'
import { Workshop } from '../disk/disk-helpers.js'
import { useRedis } from './redis-helpers.js'

const redis = useRedis()
const workshop = new Workshop()
const files: DiskFile[] = []
let graphs = 0

afterAll(async () => {
  await Promise.all(files.map((file) => file.close()))
  await workshop.dispose()
})

async function openDiskGraph(maxDependents?: number): Promise<DependencyGraph> {
  const options = resolveDiskTierOptions({ path: `${workshop.folder}/${++graphs}.lmdb` })
  const file = await DiskFile.open(options, workshop.host)
  files.push(file)
  return new DiskGraph(() => file, maxDependents)
}

type Create = (maxDependents?: number) => DependencyGraph | Promise<DependencyGraph>

const KINDS: [string, Create][] = [
  ['LocalGraph', (maxDependents) => new LocalGraph({ maxDependents })],
  [
    'RedisGraph',
    (maxDependents) => new RedisGraph(redis, { prefix: `${++graphs}`, maxDependents }),
  ],
  ['DiskGraph', openDiskGraph],
]

describe.each(KINDS)('%s', (_, create) => {
  async function createWith(edges: Record<string, string[]>): Promise<DependencyGraph> {
    const graph = await create()
    for (const [dependent, dependencies] of Object.entries(edges)) {
      await graph.declare(dependent, dependencies)
    }
    return graph
  }

  it('finds what depends on a key, directly or not, the nearest first', async () => {
    const graph = await createWith({ b: ['a'], c: ['b'], d: ['c', 'x'], e: ['x'] })
    expect(await graph.dependentsOf(['a'])).toEqual(['b', 'c', 'd'])
    expect(await graph.dependentsOf(['c'])).toEqual(['d'])
    expect(sorted(await graph.dependentsOf(['x']))).toEqual(['d', 'e'])
    expect(await graph.dependentsOf(['d'])).toEqual([])
    expect(await graph.dependentsOf([])).toEqual([])
  })

  it('reaches through a key that declared before what it depends on had declared anything', async () => {
    const graph = await createWith({ c: ['b'] })
    expect(await graph.dependentsOf(['a'])).toEqual([])
    await graph.declare('b', ['a'])
    expect(await graph.dependentsOf(['a'])).toEqual(['b', 'c'])
  })

  it('goes round a cycle once, and never names the keys themselves', async () => {
    const graph = await createWith({ a: ['c'], b: ['a'], c: ['b'], self: ['self'] })
    expect(await graph.dependentsOf(['a'])).toEqual(['b', 'c'])
    expect(await graph.dependentsOf(['a', 'b'])).toEqual(['c'])
    expect(await graph.dependentsOf(['self'])).toEqual([])
  })

  it('replaces what a key depended on, and keeps what depends on it', async () => {
    const graph = await createWith({ b: ['a', 'x'], c: ['b'] })
    await graph.declare('b', ['x', 'y'])
    expect(await graph.dependentsOf(['a'])).toEqual([])
    expect(await graph.dependentsOf(['x'])).toEqual(['b', 'c'])
    expect(await graph.dependentsOf(['y'])).toEqual(['b', 'c'])
    await graph.forget('b')
    expect(await graph.dependentsOf(['x', 'y'])).toEqual([])
    expect(await graph.dependentsOf(['b'])).toEqual(['c'])
  })

  it('takes keys of all characters', async () => {
    const keys = ['', ' ', '{a}', 'a:b*?[x]\\', '😀', '__proto__', 'ä'.repeat(1000), '\n\0']
    const graph = await create()
    for (const [index, key] of keys.entries()) {
      if (index > 0) await graph.declare(key, [keys[index - 1]])
    }
    expect(await graph.dependentsOf([''])).toEqual(keys.slice(1))
  })

  it("answers 'all' where there are more dependents than it may name", async () => {
    const graph = await create(10)
    for (let index = 0; index < 10; index++) await graph.declare(`d${index}`, ['a'])
    expect(await graph.dependentsOf(['a'])).toHaveLength(10)
    await graph.declare('one-more', ['d3'])
    expect(await graph.dependentsOf(['a'])).toBe('all')
  })

  it('finds thousands of dependents of one key', async () => {
    const graph = await create()
    const keys = Array.from({ length: 3500 }, (_, index) => `d${index}`)
    await Promise.all(keys.map((key) => graph.declare(key, ['a'])))
    const found = await graph.dependentsOf(['a'])
    expect(sorted(found)).toEqual(keys.sort())
  })

  it('is used from its first declaration on', async () => {
    const graph = await create()
    await graph.declare('a', ['b'])
    expect(graph.isUsed).toBe(true)
    await graph.forget('a')
    expect(graph.isUsed).toBe(true)
    await graph.close()
  })

  it('agrees with naive reachability whatever is declared and forgotten', async () => {
    const key = fc.constantFrom(...'abcdefgh')
    const step = fc.tuple(key, fc.array(key, { maxLength: 3 }))
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      key,
      async (steps, start) => {
        const graph = await create()
        const edges = new Map<string, string[]>()
        for (const [dependent, dependencies] of steps) {
          await graph.declare(dependent, dependencies)
          edges.set(dependent, dependencies)
          const found = await graph.dependentsOf([start])
          expect(sorted(found)).toEqual(reachedNaively(edges, start))
        }
      },
    )
    await fc.assert(property, { numRuns: 40 })
  })
})

function sorted(found: string[] | 'all'): string[] {
  return found === 'all' ? [found] : found.slice().sort()
}

/** Grows the set until nothing is added any more. */
function reachedNaively(edges: Map<string, string[]>, start: string): string[] {
  const reached = new Set([start])
  for (let size = 0; size < reached.size; ) {
    size = reached.size
    for (const [dependent, dependencies] of edges) {
      if (dependencies.some((dependency) => reached.has(dependency))) reached.add(dependent)
    }
  }
  reached.delete(start)
  return [...reached].sort()
}
