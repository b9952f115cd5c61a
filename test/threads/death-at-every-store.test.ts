/**
 * A thread that dies before a store to memory, whichever: the engine is built so that it can be stopped
 * there, as worker.terminate() would. Another thread, here a second attachment, then finds its locks
 * held by a dead one, and has to be left with a sound cache.
 */
import { it } from 'vitest'
import { Random } from '../support/random.js'
import { DEATH_SCENARIOS } from './death-scenarios.js'
import { DeathStage, faults, LONGEST_MS, samplePoints } from './support/death-stage.js'

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority'] as const
/** Of the policies where a scenario has little to do with them. */
const FEW_POLICIES = ['adaptive', 'ttl'] as const

const cases = DEATH_SCENARIOS.flatMap((scenario) => {
  const policies = scenario.anyPolicy ? FEW_POLICIES : POLICIES
  return policies.map((policy) => ({ ...scenario, policy }))
})

it.each(cases)(
  'a thread that dies as it $what leaves a sound cache to others ($policy)',
  { timeout: LONGEST_MS },
  async (scenario) => {
    const stage = new DeathStage(scenario, scenario.policy)
    await stage.prepare()
    const first = stage.attachVictim()
    const steps = await faults.count(() => stage.act(first))
    first.close()
    for (const point of samplePoints(steps, new Random(steps), scenario.share)) {
      await stage.prepare()
      const victim = stage.attachVictim()
      await faults.killAt(point, () => stage.act(victim))
      stage.declareDead()
      stage.check()
      stage.checkNothingLost()
    }
  },
)
