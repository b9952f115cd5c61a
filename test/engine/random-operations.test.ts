/**
 * Random operations on small banks of every policy, one to four shards, both builds, against an exact model;
 * verify() every few operations. A failure tells the seed, the operation's number and what it was.
 *
 * Costs about 12 s. Raise SEEDS_OF to look further: forty seeds a test take two minutes.
 */
import { describe, expect, test } from 'vitest'
import * as layout from '../../assembly/constants.js'
import { BUILDS, type Build } from '../support/engine-builds.js'
import { Bank, POLICIES, type PolicyName } from './verify-bank.js'
import { ShardField, VerifyMemory } from './verify-memory.js'
import { ModelledBank } from './verify-model.js'
import { PROFILES, type Profile, RandomOperations } from './verify-operations.js'

const MIB = 1024 * 1024
const SEEDS_OF: Record<Build, number> = { release: 5, debug: 3 }
const OPERATIONS: Record<Profile, number> = {
  mixed: 2500,
  small: 6000,
  unsplit: 6000,
  skewed: 2500,
}
const VERIFY_EVERY: Record<Profile, number> = { mixed: 25, small: 500, unsplit: 500, skewed: 50 }

function settingOf(build: Build, policy: PolicyName, profile: Profile, seed: number) {
  const shardCount = profile === 'skewed' ? [2, 4][seed % 2] : [1, 1, 2, 4][seed % 4]
  const step = (seed - 1 + (seed >> 2)) % 4
  const isSmall = profile === 'small' || profile === 'unsplit'
  const maxBytes = (isSmall ? [0.4, 0.5, 0.75, 1] : [1, 1.5, 2.5, 4])[step] * MIB
  const maxEntries = profile === 'mixed' && seed % 3 === 0 ? [5, 200, 3000][(seed / 3) % 3] : 0
  return { build, policy, shardCount, maxBytes, maxEntries, seed }
}

/** The index of each shard stays one segment, which fills up. */
function keepFromSplitting(bank: Bank): void {
  const memory = new VerifyMemory(bank.engine)
  for (let shard = 0; shard < bank.engine.shardCount; shard++) {
    memory.setWord(memory.shard(shard) + ShardField.maxDepth, 0)
  }
}

function run(build: Build, policy: PolicyName, profile: Profile, seed: number): Bank {
  const bank = new Bank(settingOf(build, policy, profile, seed))
  if (profile === 'unsplit') keepFromSplitting(bank)
  const target = new ModelledBank(bank)
  const operations = new RandomOperations(target, profile, seed)
  let done = 0
  try {
    for (; done < OPERATIONS[profile]; done++) {
      operations.next()
      if (done % VERIFY_EVERY[profile] === 0) target.check()
    }
    target.scan()
    target.clear()
  } catch (error) {
    const where = `${build}, ${policy}, ${profile}, seed ${seed}, operation ${done}`
    throw new Error(`${where}: ${operations.last}: ${String(error)}`, { cause: error })
  }
  return bank
}

describe.each(BUILDS)('the %s build', (build) => {
  describe.each(POLICIES)('with policy %s', (policy) => {
    test.each(PROFILES)('does what the model does (%s)', (profile) => {
      const sum = { sets: 0, evictions: 0, expirations: 0, moves: 0 }
      for (let seed = 1; seed <= SEEDS_OF[build]; seed++) {
        const { engine } = run(build, policy, profile, seed)
        sum.sets += engine.stat(layout.STAT_SETS)
        sum.evictions += engine.stat(layout.STAT_EVICTIONS)
        sum.expirations += engine.stat(layout.STAT_EXPIRATIONS)
        sum.moves += engine.stat(layout.STAT_MOVES)
      }
      // Why: a run that meets none of these has tested little.
      expect(sum.sets).toBeGreaterThan(1000)
      expect(sum.evictions).toBeGreaterThan(0)
      expect(sum.expirations).toBeGreaterThan(0)
      if (profile === 'mixed') expect(sum.moves).toBeGreaterThan(0)
    })
  })
})
