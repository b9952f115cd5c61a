/**
 * How fast a cache follows a change of regime, and what it costs where two regimes take turns.
 *
 * The issue asks for the best configuration within 4 capacities of accesses. Of 160 caches, which differed in
 * what they hash with, so many were that fast: 144 in coming to recency when new, 125 from recency to a loop, 20
 * from recency to scans, 156 and 160 back from these to recency; 155 and 159 came to the loop and the scans
 * within 10 capacities. And 134 lost less than 1.5 points to LRU where regimes take turns. Here it is twenty
 * caches, and what is asked of them is what all eight such groups did.
 *
 * It is late where the sample of a loop happens to fit its miniature although the loop does not fit the cache,
 * and where keys have to be seen for several rounds before frequency tells them from what was there before.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type AdaptiveConfiguration, SharedCache } from '../../src/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { seedHashes } from '../support/seeded-hashes.js'
import {
  drive,
  echo,
  inTurn,
  loop,
  scan,
  uniform,
  type Workload,
  zigzag,
} from './support/workloads.js'

vi.mock('../../src/engine/random-seed.js', () => import('../support/seeded-hashes.js'))

const CAPACITY = 1000
const CACHES = 20
const SEED = 7
const WARM_UP = 10 * CAPACITY
/** In capacities of accesses. */
const SOON = 4

const RECENT: AdaptiveConfiguration[] = ['recent']
const FREQUENT: AdaptiveConfiguration[] = ['frequent', 'frequent-wide']
const NOT_RECENT: AdaptiveConfiguration[] = ['repeated', ...FREQUENT]

function recency(name: string): Workload {
  return echo(name, 0.8 * CAPACITY)
}

function largeLoop(name: string): Workload {
  return loop(name, 1.3 * CAPACITY)
}

function hotKeysAndScans(name: string): Workload {
  const hot = uniform(`${name} hot `, 0.8 * CAPACITY, SEED)
  return inTurn([hot, 2 * CAPACITY], [scan(`${name} scan `), CAPACITY])
}

interface TimedCache {
  cache: SharedCache<string>
  /** Shows the number of the access. */
  clock: ManualClock
}

function createCaches(count: number, maxEntries = CAPACITY): TimedCache[] {
  seedHashes(SEED)
  const caches = Array.from({ length: count }, () => {
    const clock = new ManualClock()
    const options = { maxBytes: '2mb', maxEntries, shards: 1, near: false } as const
    return { cache: new SharedCache<string>({ ...options, codec: 'string', clock }), clock }
  })
  onTestFinished(() => {
    for (const { cache } of caches) {
      expect(cache.verify()).toEqual({ ok: true, problems: [] })
      cache.close()
    }
  })
  return caches
}

function run({ cache, clock }: TimedCache, workload: Workload, accesses: number): number {
  const timed = (): string => {
    clock.advance(1)
    return workload()
  }
  return drive(cache, timed, accesses)
}

/** After how many capacities of the accesses one of these configurations is in force; Infinity: it never is. */
function reactionTo(
  timed: TimedCache,
  workload: Workload,
  accesses: number,
  expected: AdaptiveConfiguration[],
): number {
  const start = timed.clock.time
  const before = timed.cache.stats().policy.configuration
  run(timed, workload, accesses)
  if (before !== undefined && expected.includes(before)) return 0
  const { history = [] } = timed.cache.stats().policy
  const change = history.find(
    ({ at, configuration }) => at > start && expected.includes(configuration),
  )
  return change === undefined ? Number.POSITIVE_INFINITY : (change.at - start) / CAPACITY
}

/** At least so many of the caches react soon, and so many at all while the regime lasts. */
function expectReactions(
  what: string,
  reactions: number[],
  { soon, atAll }: { soon: number; atAll: number },
): void {
  const sorted = [...reactions].sort((a, b) => a - b).map((time) => time.toFixed(1))
  const message = `${what}: ${sorted.join(' ')}`
  expect(reactions.filter((time) => time <= SOON).length, message).toBeGreaterThanOrEqual(soon)
  expect(reactions.filter(Number.isFinite).length, message).toBeGreaterThanOrEqual(atAll)
}

describe('a change of regime', () => {
  it('from none to recency is followed by most caches soon, and by all', () => {
    const caches = createCaches(CACHES)
    const first = caches.map((timed) => reactionTo(timed, recency('first '), WARM_UP, RECENT))
    expectReactions('recency', first, { soon: 13, atAll: CACHES })
  })

  it('from recency to a loop is followed by most caches soon, and back by nearly all', () => {
    const caches = createCaches(CACHES)
    for (const timed of caches) run(timed, recency('first '), WARM_UP)
    const toLoop = caches.map((timed) => reactionTo(timed, largeLoop('loop '), WARM_UP, FREQUENT))
    expectReactions('loop', toLoop, { soon: 12, atAll: 16 })
    const back = caches.map((timed) => reactionTo(timed, recency('again '), WARM_UP, RECENT))
    expectReactions('recency', back, { soon: 17, atAll: CACHES })
  })

  // Why hardly one soon: the second scan is over after six capacities, and the first costs recency too little.
  it('from recency to scans between hot keys is followed after a scan or two, and back soon', () => {
    const caches = createCaches(CACHES)
    for (const timed of caches) run(timed, recency('first '), WARM_UP)
    const toScans = caches.map((timed) => {
      return reactionTo(timed, hotKeysAndScans('mixed '), WARM_UP, NOT_RECENT)
    })
    expectReactions('scans', toScans, { soon: 0, atAll: 18 })
    const back = caches.map((timed) => reactionTo(timed, recency('again '), WARM_UP, RECENT))
    expectReactions('recency', back, { soon: 18, atAll: CACHES })
  })
})

describe('two configurations that take turns', () => {
  const length = 4 * CAPACITY
  const accesses = 10 * length

  it('change seldom, and in most caches cost few of the hits of LRU', () => {
    const caches = createCaches(CACHES)
    // Why no simulation: LRU hits the last CAPACITY keys at each turn, the end itself among them.
    const lru = CAPACITY / length
    for (const timed of caches) run(timed, zigzag('path ', length), accesses)
    const ratios = caches.map((timed) => run(timed, zigzag('path ', length), accesses) / accesses)
    const changes = caches.map(({ cache }) => cache.stats().policy.changes)
    const message = ratios
      .map((ratio, index) => `${ratio.toFixed(3)} (${changes[index]})`)
      .join(' ')
    const near = ratios.filter((ratio) => ratio > lru - 0.015)
    expect(near.length, message).toBeGreaterThanOrEqual(11)
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / CACHES
    expect(mean, message).toBeGreaterThan(lru - 0.02)
    for (const count of changes) expect(count, message).toBeLessThanOrEqual(12)
  })
})

describe('a loop a little larger than the cache', () => {
  it('is hit more than four times in five, whichever keys are in the sample', () => {
    const caches = createCaches(10, 900)
    const ratios = caches.map((timed) => {
      const path = loop('loop ', 1011)
      run(timed, path, 100 * 1011)
      return run(timed, path, 10 * 1011) / (10 * 1011)
    })
    expect(Math.min(...ratios), ratios.join(' ')).toBeGreaterThan(0.8)
  })
})
