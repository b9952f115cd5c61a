/** Ways that take turns, on a clock that only their batches move. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'

interface Way {
  prepare?(): unknown
  batch(): unknown
}
interface Turns {
  nsPerOp(way: string): number
  ratio(way: string, other: string): number
}

const { takeTurns } = (await import(
  new URL('../../bench/measuring/turns.mjs', import.meta.url).href
)) as {
  takeTurns(
    ways: Record<string, Way>,
    options: { operations: number; timeMs: number; clock: { now(): number } },
  ): Promise<Turns>
}

/** Ways of which each batch takes what is next in its list of times, over and over; and what was called. */
function waysOf(lists: Record<string, number[]>) {
  const clock = { nowMs: 0, now: () => clock.nowMs }
  const called: string[] = []
  const ways = Object.entries(lists).map(([name, timesMs]): [string, Way] => {
    let batches = 0
    const batch = () => {
      called.push(name)
      clock.nowMs += timesMs[batches++ % timesMs.length]
    }
    return [name, { batch }]
  })
  return { clock, called, ways: Object.fromEntries(ways) }
}

it('tells the median of a way for each operation, and of its ratios to another within a turn', async () => {
  const { clock, ways } = waysOf({ plain: [2, 2, 200], batched: [1, 1, 400] })
  const turns = await takeTurns(ways, { operations: 100, timeMs: 3000, clock })
  expect(turns.nsPerOp('plain')).toBe(20_000)
  expect(turns.nsPerOp('batched')).toBe(10_000)
  expect(turns.ratio('batched', 'plain')).toBe(0.5)
})

it('reverses the order with each turn, and gives each way as many batches', async () => {
  const { clock, called, ways } = waysOf({ a: [1], b: [1] })
  await takeTurns(ways, { operations: 1, timeMs: 40, clock })
  expect(called.slice(0, 6).join('')).toBe('abbaab')
  expect(called.filter((name) => name === 'a')).toHaveLength(called.length / 2)
})

it('waits for what a batch promises, and leaves the preparing out', async () => {
  const { clock, ways } = waysOf({ plain: [1] })
  ways.promised = {
    prepare: () => {
      clock.nowMs += 1000
    },
    batch: async () => {
      await turn()
      clock.nowMs += 3
    },
  }
  const turns = await takeTurns(ways, { operations: 1, timeMs: 40, clock })
  expect(turns.ratio('promised', 'plain')).toBe(3)
})

it('refuses to tell of a way that there is not', async () => {
  const { clock, ways } = waysOf({ plain: [1] })
  const turns = await takeTurns(ways, { operations: 1, timeMs: 10, clock })
  expect(() => turns.nsPerOp('other')).toThrow('nothing is called other')
})
