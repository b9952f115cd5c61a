/** What the benchmarks of policy `adaptive` are made of: the switch, the workload that changes, the published table. */
import { describe, expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript
import { SharedCache } from '../../bench/harness/build.mjs'
// @ts-expect-error: plain JavaScript
import { InstructionCounter } from '../../bench/parts/instruction-counter.mjs'
// @ts-expect-error: plain JavaScript
import { CONFIGURATIONS, PolicySwitch } from '../../bench/parts/policy-switch.mjs'
// @ts-expect-error: plain JavaScript
import { OTHERS, publishedCells } from '../../bench/parts/published-hit-ratios.mjs'
// @ts-expect-error: plain JavaScript
import { judgeRegime, runRegimes } from '../../bench/parts/reaction.mjs'
// @ts-expect-error: plain JavaScript
import { regimesOf } from '../../bench/parts/regimes.mjs'

const CAPACITY = 400

function create(options = {}) {
  const bound = { maxBytes: '2mb', maxEntries: CAPACITY }
  return new SharedCache({ ...bound, shards: 1, near: false, ...options })
}

/** How many of the requests hit. */
function loopOver(cache: typeof SharedCache, keys: number, turns: number): number {
  let hits = 0
  for (let request = 0; request < keys * turns; request++) {
    const key = `key ${request % keys}`
    if (cache.get(key) === undefined) cache.set(key, 1)
    else hits++
  }
  return hits
}

describe('the switch of the policy', () => {
  it('takes the choice away and gives it back, and leaves the cache whole', () => {
    const cache = create({ shards: 2, maxBytes: '4mb' })
    const policySwitch = PolicySwitch.of(cache)
    expect(policySwitch.shardCount).toBe(2)
    policySwitch.turnOff()
    expect(cache.stats().policy).toEqual({ name: 'adaptive' })
    loopOver(cache, CAPACITY * 2, 4)
    policySwitch.turnOn()
    expect(cache.stats().policy.candidates).toHaveLength(CONFIGURATIONS.length)
    loopOver(cache, CAPACITY * 2, 4)
    expect(cache.verify()).toEqual({ ok: true, problems: [] })
  })

  it('fixes a configuration, which then does what it is for', () => {
    const hitsOf = (name: string): number => {
      const cache = create()
      PolicySwitch.of(cache).fix(name)
      return loopOver(cache, CAPACITY * 1.5, 10)
    }
    expect(hitsOf('recent')).toBe(0)
    expect(hitsOf('frequent')).toBeGreaterThan(CAPACITY)
  })

  it('knows what the selectors take, which is no more than a hundredth', () => {
    const { selectorBytes } = PolicySwitch.of(create())
    expect(selectorBytes).toBeGreaterThan(1000)
    expect(selectorBytes).toBeLessThan(2 ** 21 / 100)
  })

  it('refuses a cache that chooses nothing', () => {
    expect(() => PolicySwitch.of(create({ maxEntries: 100 }))).toThrow(/too small to choose/)
  })
})

it('counts instructions of calls on the same entries, and only these', () => {
  const cache = create()
  cache.set('key', 1)
  const counter = new InstructionCounter(cache.handle)
  const get = () => expect(counter.cache.get('key')).toBe(1)
  const once = counter.of(get)
  expect(once).toBeGreaterThan(20)
  expect(counter.of(() => cache.get('key'))).toBe(0)
  expect(counter.of(() => [get(), get(), get()])).toBeGreaterThan(2 * once)
})

describe('the workload that changes', () => {
  const draw = (name: string, count: number): number[] => {
    const next = regimesOf(100, 1)[name]
    return Array.from({ length: count }, next)
  }

  it('asks for every second key for the first time, and for the others shortly after', () => {
    const lastAsked = new Map<number, number>()
    let news = 0
    for (const [at, key] of draw('recent', 1000).entries()) {
      const last = lastAsked.get(key)
      if (last === undefined) news++
      else expect(at - last).toBeLessThan(200)
      lastAsked.set(key, at)
    }
    expect(news).toBeGreaterThanOrEqual(500)
    expect(news).toBeLessThan(600)
  })

  it('asks in a scan for the frequent keys half of the time, for all others once', () => {
    const keys = draw('scan', 2000)
    const others = keys.filter((key) => key >= 2 ** 31)
    expect(new Set(others).size).toBe(others.length)
    expect(others.length / keys.length).toBeCloseTo(0.5, 1)
  })

  it('loops over half as many keys again as there is room for', () => {
    const keys = draw('loop', 450)
    expect(new Set(keys).size).toBe(150)
    expect(keys.slice(150, 300)).toEqual(keys.slice(0, 150))
  })

  it('is run with what is in force told at each poll, or with a configuration fixed', () => {
    const setting = { capacity: 200, capacities: 2, seed: 1 }
    const { recent } = runRegimes(setting)
    expect(recent.hits).toHaveLength(8)
    expect(recent.inForce).toEqual(Array(8).fill(0))
    const fixed = runRegimes({ ...setting, fixed: 'frequent' })
    expect(fixed.loop.inForce).toEqual([])
    expect(fixed.loop.hits).not.toEqual(recent.hits)
  })
})

describe('how soon the right configuration is in force', () => {
  const FIXED = [30, 50, 10, 49.5]

  it('is the first poll that finds one within a point of the best, in capacities', () => {
    const judged = judgeRegime([0, 0, 3, 3, 1, 1, 1, 1], FIXED, 0)
    expect(judged).toEqual({ atStake: 20, lag: 0.75, held: 100 })
  })

  it('is at once where it was in force already, whatever comes after', () => {
    expect(judgeRegime([1, 0, 1, 1], FIXED, 1)).toEqual({ atStake: 0, lag: 0, held: 75 })
  })

  it('is the whole regime where it never is', () => {
    expect(judgeRegime([0, 2, 2, 0], FIXED, 2)).toEqual({ atStake: 40, lag: 1, held: 0 })
  })
})

it('has of all thirty cells what each of the others hits, none more than the optimum', () => {
  const cells: { entries: number; others: Record<string, number> }[] = publishedCells()
  expect(cells).toHaveLength(30)
  for (const { others } of cells) {
    expect(Object.keys(others)).toEqual(OTHERS)
    for (const name of OTHERS) expect(others[name]).toBeLessThanOrEqual(others.OPT)
  }
})
