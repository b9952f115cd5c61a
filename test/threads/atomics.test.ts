/** What one call does, it does as a whole, whatever other threads do: nothing is lost, and each prize has one winner. */
import { expect, test } from 'vitest'
import { SharedCache } from '../../src/index.js'
import { createControl, runWorkers } from './support/worker-threads.js'

const THREADS = 4
const ROUNDS = 1500
/** Beyond the staging of values, which large ones do not pass through. */
const PADDINGS = [
  ['small values', ''],
  ['values of 20 KiB', 'x'.repeat(20_480)],
] as const

interface Prize {
  thread: number
  padding: string
}

interface Race {
  race: string
  /** Of each thread. */
  rounds: number
  padding?: string
  /** How many words there are to count winners in. */
  prizes?: number
}

/** How often each prize was won, and by whom at last. */
async function run(
  cache: SharedCache<unknown>,
  { race, rounds, padding = '', prizes = rounds }: Race,
): Promise<{ winnerCounts: Int32Array; winners: Int32Array }> {
  const winnerCounts = createControl(prizes)
  const winners = createControl(prizes)
  const control = createControl()
  const { handle } = cache
  await runWorkers(
    'atomics-worker.mjs',
    Array.from({ length: THREADS }, (_, thread) => {
      const shared = { handle, control, winnerCounts, winners, threads: THREADS }
      return { ...shared, race, rounds, padding, thread }
    }),
  )
  expect(cache.stats().rejected).toMatchObject({ lockTimeout: 0, tooLarge: 0 })
  return { winnerCounts, winners }
}

function createCache<Value>(): SharedCache<Value> {
  return new SharedCache<Value>({ maxBytes: '128mb', lockTimeout: '60s' })
}

const ones = (count: number): number[] => Array.from({ length: count }, () => 1)

test('increments of 4 threads, 250,000 each, are exactly 1,000,000, and no number is answered twice', async () => {
  const cache = createCache<number>()
  const increments = 250_000
  const { winnerCounts } = await run(cache, {
    race: 'increment',
    rounds: increments,
    prizes: THREADS * increments + 1,
  })
  expect(cache.get('count')).toBe(1_000_000)
  expect(winnerCounts.findIndex((count, number) => count !== (number === 0 ? 0 : 1))).toBe(-1)
})

test.each(PADDINGS)('compareAndSet of what was read loses no update: %s', async (_, padding) => {
  const cache = createCache<{ count: number; padding: string }>()
  cache.set('count', { count: 0, padding })
  await run(cache, { race: 'optimisticIncrement', rounds: 2000, padding })
  expect(cache.get('count')?.count).toBe(THREADS * 2000)
})

test.each(PADDINGS)('add has one winner, whose value it is: %s', async (_, padding) => {
  const cache = createCache<Prize>()
  const { winnerCounts, winners } = await run(cache, { race: 'add', rounds: ROUNDS, padding })
  expect([...winnerCounts]).toEqual(ones(ROUNDS))
  expect(namesOf(cache)).toEqual([...winners])
})

test.each(PADDINGS)('compareAndSet has one winner, whose value it is: %s', async (_, padding) => {
  const cache = createCache<Prize>()
  for (let round = 0; round < ROUNDS; round++) cache.set(`key ${round}`, { thread: -1, padding })
  const { winnerCounts, winners } = await run(cache, {
    race: 'compareAndSet',
    rounds: ROUNDS,
    padding,
  })
  expect([...winnerCounts]).toEqual(ones(ROUNDS))
  expect(namesOf(cache)).toEqual([...winners])
})

test.each(
  ['take', 'delete'].flatMap((race) => PADDINGS.map(([name, padding]) => [race, name, padding])),
)('%s has one winner: %s', async (race, _, padding) => {
  const cache = createCache<Prize>()
  for (let round = 0; round < ROUNDS; round++) cache.set(`key ${round}`, { thread: -1, padding })
  const { winnerCounts } = await run(cache, { race, rounds: ROUNDS })
  expect([...winnerCounts]).toEqual(ones(ROUNDS))
  expect(cache.size).toBe(0)
})

/** Whose value each round's key has. */
function namesOf(cache: SharedCache<Prize>): (number | undefined)[] {
  return Array.from({ length: ROUNDS }, (_, round) => cache.get(`key ${round}`)?.thread)
}
