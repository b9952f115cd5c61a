/**
 * Threads that die while they take over from dead ones, and while they come and go: each leaves to the next
 * what it had in hand, half of it done.
 */
import { describe, expect, it } from 'vitest'
import type { Policy, SharedCache } from '../../src/index.js'
import { Random } from '../support/random.js'
import { DEATH_SCENARIOS } from './death-scenarios.js'
import type { DeathScenario } from './support/death-scenario.js'
import { DeathStage, faults, LONGEST_MS, samplePoints } from './support/death-stage.js'

const POLICIES: readonly Policy[] = ['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority']
const HEIRS = 1
const VICTIMS = 2

const firstDeaths = DEATH_SCENARIOS.filter(({ isFirstDeath }) => isFirstDeath)
const waysToTakeOver = [
  { how: 'by its upkeep', takeOver: (heir: SharedCache) => heir.maintain() },
  { how: 'for a lock that it needs', takeOver: (heir: SharedCache) => [...heir.keys()] },
]
const cases = firstDeaths.flatMap((scenario) => {
  return waysToTakeOver.flatMap((way) =>
    POLICIES.map((policy) => ({ ...scenario, ...way, policy })),
  )
})

describe('a thread that dies as it takes over, $how, from one that died as it $what', () => {
  it.each(cases)('$how, as it $what ($policy)', { timeout: LONGEST_MS }, async (scenario) => {
    const stage = new DeathStage(scenario, scenario.policy)
    const random = new Random(scenario.what.length)
    await stage.prepare()
    const rehearsal = stage.attachVictim()
    const stores = await faults.count(() => stage.act(rehearsal))
    rehearsal.close()
    const dieFirst = async (point: number): Promise<SharedCache> => {
      await stage.prepare()
      const heir = stage.attachVictim()
      const victim = stage.attachVictim()
      await faults.killAt(point, () => stage.act(victim))
      stage.declareDead(VICTIMS)
      return heir
    }
    const heir = await dieFirst(Math.ceil(stores / 2))
    const storesOfHeir = await faults.count(() => scenario.takeOver(heir))
    expect(stage.survivor.stats().repairs).toBeGreaterThan(0)
    stage.declareDead(HEIRS)
    stage.checkNothingLost()
    for (const point of samplePoints(storesOfHeir, random, 0.75)) {
      const heir = await dieFirst(1 + random.below(stores))
      await faults.killAt(point, () => scenario.takeOver(heir))
      if (point % 2 === 0) stage.declareDead(HEIRS)
      else stage.declareVanished()
      stage.check()
      stage.checkNothingLost()
    }
  })
})

const FULL: DeathScenario = {
  what: 'is full',
  options: { maxBytes: '1280kb' },
  keys: 6000,
  mayLose: true,
  act: () => {},
}

describe('a thread that dies', () => {
  it.each(POLICIES)(
    'as it attaches to a full cache leaves room for others (%s)',
    { timeout: LONGEST_MS },
    async (policy) => {
      const stage = new DeathStage(FULL, policy)
      await stage.prepare()
      const evictionsBefore = stage.survivor.stats().evictions
      let attached: SharedCache | undefined
      const stores = await faults.count(() => {
        attached = stage.attachVictim()
      })
      attached?.close()
      expect(stage.survivor.stats().evictions).toBeGreaterThan(evictionsBefore)
      for (const point of samplePoints(stores, new Random(stores), 0.5)) {
        await stage.prepare()
        await faults.killAt(point, () => stage.attachVictim())
        stage.declareDead()
        stage.check()
        stage.checkNothingLost()
      }
    },
  )

  it.each(POLICIES)(
    'as it closes leaves a sound cache (%s)',
    { timeout: LONGEST_MS },
    async (policy) => {
      const stage = new DeathStage({ ...FULL, mayLose: false, keys: 50 }, policy)
      const beforeClosing = async (): Promise<SharedCache> => {
        await stage.prepare()
        const victim = stage.attachVictim()
        for (let index = 0; index < 20; index++) victim.get(stage.key(index))
        return victim
      }
      const first = await beforeClosing()
      const stores = await faults.count(() => first.close())
      for (const point of samplePoints(stores, new Random(stores))) {
        const victim = await beforeClosing()
        await faults.killAt(point, () => victim.close())
        stage.declareDead()
        stage.check()
        stage.checkNothingLost()
      }
    },
  )
})
