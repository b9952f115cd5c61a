/**
 * A client that knows the code, but not what the cache hashes with, against one whose keys follow Zipf's law, on
 * a cache of 5% of these keys. It is to cost the other one no more than what its share of the traffic buys: the
 * hits that the other one would have alone in a cache smaller by that share, less 2 points.
 *
 * That bound does NOT hold in 15 of these 30 cases. EXCESS names them, and by how much it is broken: mostly by
 * clients whose own keys come back, and so are worth room to a policy that counts hits, whosever they are; and by
 * those that make the selector change configurations, with next to no hits of their own. With LRU it always
 * holds, but from a lower start: what an attack leaves of this policy's hits is LRU's, or more.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Policy, SharedCache } from '../../src/index.js'
import { Random } from '../support/random.js'
import { seedHashes } from '../support/seeded-hashes.js'
import { drive, echo, inTurn, isHit, loop, scan, type Workload, zipf } from './support/workloads.js'

vi.mock('../../src/engine/random-seed.js', () => import('../support/seeded-hashes.js'))

const CAPACITY = 1000
const KEYS = 20 * CAPACITY
const EXPONENT = 0.9
const CACHES = 2
const SEED = 5
const SHARES = [0.1, 0.3, 0.5] as const
const ALLOWANCE = 0.02
/** Against what LRU leaves of its own hits. */
const LRU_ALLOWANCE = 0.01
/** After the attack: of the hits that there were before, the strategies of recency cost up to 2.2 points still. */
const RECOVERY_ALLOWANCE = 0.03
/** Accesses of all clients. */
const WARM_UP = 8 * CAPACITY
const UNTIL_COUNTED = 8 * CAPACITY
const COUNTED = 16 * CAPACITY
const RECOVERY = 20 * CAPACITY
const AFTERWARDS = 8 * CAPACITY

type Share = (typeof SHARES)[number]

/** Keys each used so often in a row: all counters there are reach their maximum. */
function hammer(prefix: string, keys: number): Workload {
  let at = 0
  return () => `${prefix}${Math.floor(at++ / 15) % keys}`
}

/** So many accesses of all clients, in accesses of the attacker alone. */
const ofShare = (accesses: number, share: number): number =>
  Math.max(2, Math.round(accesses * share))

const STRATEGIES: Record<string, (share: number) => Workload> = {
  'keys used once': () => scan('a'),
  'a loop just above the capacity': () => loop('a', 1.05 * CAPACITY),
  'a loop half above the capacity': () => loop('a', 1.5 * CAPACITY),
  'hammering as many keys as there are entries': () => hammer('a', CAPACITY),
  'a loop over half the capacity': () => loop('a', CAPACITY / 2),
  'keys used twice while in the small queue': (share) => echo('a', ofShare(130, share)),
  'keys that come back from the ghost': (share) => echo('a', ofShare(700, share)),
  'keys that only recency would keep': (share) => echo('a', ofShare(800, share)),
  'recency and a loop in turn': (share) => {
    const turn = ofShare(6 * CAPACITY, share)
    return inTurn([echo('a', ofShare(800, share)), turn], [loop('b', 1.05 * CAPACITY), turn])
  },
  'recency and a scan in turn': (share) => {
    const turn = ofShare(5 * CAPACITY, share)
    return inTurn([echo('a', ofShare(800, share)), turn], [scan('b'), turn])
  },
}

/**
 * Where the bound is broken: by so many points beyond the 2, with 10%, 30% and 50% of the traffic. The most of
 * twelve pairs of caches that differed in what they hash with, and up to one more. Not to be raised.
 */
const EXCESS: Record<string, readonly [number, number, number]> = {
  'a loop just above the capacity': [0, 0, 5.5],
  'a loop over half the capacity': [0, 4, 4.5],
  'keys used twice while in the small queue': [0, 4.5, 5],
  'keys that come back from the ghost': [3, 9.5, 9.5],
  'keys that only recency would keep': [2, 9.5, 10],
  'recency and a loop in turn': [0, 8, 9.5],
  'recency and a scan in turn': [0, 9.5, 10.5],
}

function victimKeys(seed: number): Workload {
  return zipf('v', KEYS, EXPONENT, seed)
}

function withCaches(
  policy: Policy,
  maxEntries: number,
  measure: (cache: SharedCache<string>, seed: number) => number,
): number {
  seedHashes(SEED)
  let sum = 0
  for (let seed = 0; seed < CACHES; seed++) {
    const options = { maxBytes: '2mb', shards: 1, near: false, codec: 'string' } as const
    const cache = new SharedCache<string>({ ...options, policy, maxEntries })
    sum += measure(cache, seed)
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
    cache.close()
  }
  return sum / CACHES
}

/** The hit ratio of the victim alone. */
function alone(policy: Policy, maxEntries: number): number {
  return withCaches(policy, maxEntries, (cache, seed) => {
    const victim = victimKeys(seed)
    drive(cache, victim, WARM_UP + UNTIL_COUNTED)
    return drive(cache, victim, COUNTED) / COUNTED
  })
}

/** Accesses of both, of which the attacker has its share. Gives the victim's hit ratio. */
function mix(
  cache: SharedCache<string>,
  random: Random,
  [victim, attacker]: [Workload, Workload],
  share: number,
  accesses: number,
): number {
  let hits = 0
  let all = 0
  for (let access = 0; access < accesses; access++) {
    if (random.chance(share)) isHit(cache, attacker())
    else {
      all++
      hits += Number(isHit(cache, victim()))
    }
  }
  return hits / all
}

/** The hit ratio of the victim while it is attacked. */
function attacked(policy: Policy, strategy: string, share: number): number {
  return withCaches(policy, CAPACITY, (cache, seed) => {
    const clients: [Workload, Workload] = [victimKeys(seed), STRATEGIES[strategy](share)]
    drive(cache, clients[0], WARM_UP)
    const random = new Random(seed)
    mix(cache, random, clients, share, UNTIL_COUNTED)
    return mix(cache, random, clients, share, COUNTED)
  })
}

/** The same once the attacks are over for long enough. */
function afterAttack(strategy: string, share: number): number {
  return withCaches('adaptive', CAPACITY, (cache, seed) => {
    const clients: [Workload, Workload] = [victimKeys(seed), STRATEGIES[strategy](share)]
    drive(cache, clients[0], WARM_UP)
    mix(cache, new Random(seed), clients, share, UNTIL_COUNTED)
    drive(cache, clients[0], RECOVERY)
    return drive(cache, clients[0], AFTERWARDS) / AFTERWARDS
  })
}

const percent = (ratio: number): string => (100 * ratio).toFixed(1)

const cases = Object.keys(STRATEGIES).flatMap((strategy) =>
  SHARES.map((share) => ({ strategy, share, traffic: `${100 * share}%` })),
)

describe('a client that attacks', () => {
  const bought = new Map<Share, number>()
  let undisturbed = 0
  const table: string[] = []

  beforeAll(() => {
    undisturbed = alone('adaptive', CAPACITY)
    for (const share of SHARES) bought.set(share, alone('adaptive', (1 - share) * CAPACITY))
  })

  afterAll(() => console.log(table.join('\n')))

  it.each(cases)('with $traffic of the traffic: $strategy', ({ strategy, share }) => {
    const found = attacked('adaptive', strategy, share)
    const lru = attacked('lru', strategy, share)
    const due = bought.get(share) ?? 0
    table.push(
      `${strategy}, ${share}: ${percent(found)}% where ${percent(due)}% are due; LRU ${percent(lru)}%`,
    )
    const excess = EXCESS[strategy]?.[SHARES.indexOf(share)] ?? 0
    expect(found).toBeGreaterThan(due - ALLOWANCE - excess / 100)
    expect(found).toBeGreaterThan(lru - LRU_ALLOWANCE)
  })

  it.each(Object.keys(STRATEGIES))('has no more of it 20 capacities after: %s', (strategy) => {
    expect(afterAttack(strategy, 0.5)).toBeGreaterThan(undisturbed - RECOVERY_ALLOWANCE)
  })
})
