/** The graph in a real Redis: lifetimes of edges, learning of its use, and a server that fails. */
import { describe, expect, it } from 'vitest'
import { RedisGraph } from '../../../src/tiers/rules/redis-graph.js'
import { useRedis } from './redis-helpers.js'

const redis = useRedis()
let graphs = 0

function createGraph(prefix = `graph-${++graphs}`) {
  return { graph: new RedisGraph(redis, { prefix }), tag: `{${prefix}:dependencies}` }
}

async function secondsLeft(name: string): Promise<number> {
  return Number(await redis.command('TTL', name))
}

describe('RedisGraph', () => {
  it('is shared by all who use its prefix, and by nobody else', async () => {
    const { graph } = createGraph('shared')
    await graph.declare('b', ['a'])
    expect(await createGraph('shared').graph.dependentsOf(['a'])).toEqual(['b'])
    expect(await createGraph('other').graph.dependentsOf(['a'])).toEqual([])
  })

  it('keeps all its keys under one hash tag, whatever the prefix and the keys', async () => {
    await redis.command('FLUSHALL')
    const { graph } = createGraph('a{b}%c}')
    await graph.declare('{x}', ['{y}', 'z'])
    const names = (await redis.command('KEYS', '*')) as string[]
    expect(names).toHaveLength(4)
    const tags = names.map((name) => /\{(.*?)\}/.exec(name)?.[1])
    expect(new Set(tags)).toEqual(new Set(['a%7Bb%7D%25c%7D:dependencies']))
  })

  it('reads a level in one pipeline', async () => {
    const { graph } = createGraph()
    for (let index = 0; index < 50; index++) await graph.declare(`b${index}`, ['a'])
    redis.sent.length = 0
    await graph.dependentsOf(['a'])
    expect(redis.sent).toEqual(Array(51).fill('ZRANGE'))
  })

  it('runs its script where the server has not seen it, or has forgotten it', async () => {
    const { graph } = createGraph()
    await redis.command('SCRIPT', 'FLUSH')
    redis.sent.length = 0
    await graph.declare('b', ['a'])
    await graph.declare('c', ['b'])
    expect(redis.sent).toEqual(['EVALSHA', 'EVAL', 'EVALSHA'])
    expect(await graph.dependentsOf(['a'])).toEqual(['b', 'c'])
  })
})

describe('the edges of a RedisGraph', () => {
  it('last as long as the entry of their dependent may', async () => {
    const { graph, tag } = createGraph()
    await graph.declare('b', ['a'], 100_000)
    await graph.declare('c', ['a'], 50_000)
    for (const [name, seconds] of [
      ['by:a', 100],
      ['on:b', 100],
      ['on:c', 50],
    ] as const) {
      expect(await secondsLeft(`${tag}:${name}`)).toBeGreaterThan(seconds - 40)
      expect(await secondsLeft(`${tag}:${name}`)).toBeLessThanOrEqual(seconds)
    }
    await graph.declare('d', ['a'])
    expect(await secondsLeft(`${tag}:by:a`)).toBe(-1)
  })

  it('last as long as those that lead to them, through cycles too', async () => {
    const { graph, tag } = createGraph()
    await graph.declare('a', ['c'], 1000)
    await graph.declare('b', ['a'], 1000)
    await graph.declare('c', ['b'], 1000)
    await graph.declare('d', ['c'], 500_000)
    for (const name of ['by:a', 'by:b', 'by:c', 'on:a', 'on:b', 'on:c', 'on:d']) {
      expect(await secondsLeft(`${tag}:${name}`)).toBeGreaterThan(400)
    }
  })

  it('last as long as those that lead to them when they are declared after those', async () => {
    const { graph, tag } = createGraph()
    await graph.declare('c', ['b'])
    await graph.declare('b', ['a'], 1000)
    expect(await secondsLeft(`${tag}:by:a`)).toBe(-1)
    expect(await secondsLeft(`${tag}:on:b`)).toBe(-1)
  })

  it('are removed one by one when they have ended', async () => {
    const { graph, tag } = createGraph()
    await graph.declare('short', ['a'], 1)
    await graph.declare('long', ['a'], 100_000)
    await expect
      .poll(async () => {
        await graph.declare('other', ['a'], 100_000)
        const isKept = await redis.command('EXISTS', `${tag}:on:short`)
        return { isKept, found: await graph.dependentsOf(['a']) }
      })
      .toEqual({ isKept: 0, found: ['long', 'other'] })
  })

  it('leave nothing behind when they are forgotten, but that there were any', async () => {
    await redis.command('FLUSHALL')
    const { graph, tag } = createGraph()
    await graph.declare('b', ['a', 'x'])
    await graph.forget('b')
    expect(await redis.command('KEYS', '*')).toEqual([`${tag}:used`])
  })

  it('are refused where too many others would have to last longer with them', async () => {
    const { graph } = createGraph()
    for (let index = 0; index < 11; index++) {
      const below = Array.from({ length: 1000 }, (_, each) => `key-${index}-${each}`)
      await graph.declare(`b${index}`, below, 1000)
    }
    const all = Array.from({ length: 11 }, (_, index) => `b${index}`)
    await expect(graph.declare('c', all, 100_000)).rejects.toThrow('more than 10000 dependencies')
  })
})

describe('whether a RedisGraph is used', () => {
  it('is asked when it is opened', async () => {
    const { graph } = createGraph('asked')
    expect(graph.isUsed).toBe(true)
    await graph.open()
    expect(graph.isUsed).toBe(false)
    const other = createGraph('asked').graph
    await other.open()
    await other.forget('b')
    expect(other.isUsed).toBe(false)
    await other.declare('b', ['a'])
    expect(other.isUsed).toBe(true)
    await graph.open()
    expect(graph.isUsed).toBe(true)
  })

  it('is told by others: each hears when it has declared for the first time', async () => {
    const told: number[] = []
    const create = (number: number) =>
      new RedisGraph(redis, { prefix: 'told', onFirstUse: () => told.push(number) })
    const [one, two] = [create(1), create(2)]
    await two.open()
    await two.forget('b')
    await one.declare('b', ['a'])
    await one.declare('c', ['a'])
    await two.declare('d', ['a'])
    expect(told).toEqual([1, 2])
    const three = create(3)
    three.markUsed()
    await three.open()
    expect(three.isUsed).toBe(true)
  })

  it('is said again by a process that could not say it', async () => {
    let told = 0
    const onFirstUse = async () => {
      told++
      if (told === 1) throw new Error('away')
    }
    const graph = new RedisGraph(redis, { prefix: 'unsaid', onFirstUse })
    await expect(graph.declare('b', ['a'])).rejects.toThrow('away')
    await graph.declare('c', ['a'])
    await graph.declare('d', ['a'])
    expect(told).toBe(2)
  })

  it('is taken for granted where Redis does not answer, until it does', async () => {
    const { graph } = createGraph()
    await graph.open()
    redis.failure = new Error('away')
    await graph.open()
    expect(graph.isUsed).toBe(true)
    redis.failure = undefined
    await graph.open()
    expect(graph.isUsed).toBe(false)
  })

  it('is true as soon as somebody declares, not when Redis has answered', async () => {
    const { graph } = createGraph()
    await graph.open()
    const declared = graph.declare('b', ['a'])
    expect(graph.isUsed).toBe(true)
    await declared
  })
})

describe('a RedisGraph whose server fails', () => {
  it('rejects with what the server said', async () => {
    const { graph } = createGraph()
    redis.failure = new Error('away')
    await expect(graph.declare('b', ['a'])).rejects.toThrow('away')
    await expect(graph.dependentsOf(['a'])).rejects.toThrow('away')
    await expect(graph.forget('b')).rejects.toThrow('away')
    redis.failure = undefined
    expect(await graph.dependentsOf(['a'])).toEqual([])
  })
})
