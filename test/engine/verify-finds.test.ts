/**
 * verify() on banks with one word broken: it tells which invariant that breaks. Every number of
 * src/engine/invariants.ts has a word here.
 */
import { afterEach, describe, expect, test } from 'vitest'
import * as layout from '../../assembly/constants.js'
import { INVARIANTS } from '../../src/engine/invariants.js'
import { BUILDS } from '../support/engine-builds.js'
import type { Bank, PolicyName } from './verify-bank.js'
import { ENTRY_BREAKAGES } from './verify-breakages-entries.js'
import { INDEX_BREAKAGES } from './verify-breakages-index.js'
import { POLICY_BREAKAGES } from './verify-breakages-policies.js'
import { SHARD_BREAKAGES } from './verify-breakages-shards.js'
import { SLAB_BREAKAGES } from './verify-breakages-slabs.js'
import { TAG_BREAKAGES } from './verify-breakages-tags.js'
import { VerifyMemory } from './verify-memory.js'
import { createVariedBank } from './verify-varied-work.js'

const BREAKAGES = [
  ...INDEX_BREAKAGES,
  ...SLAB_BREAKAGES,
  ...ENTRY_BREAKAGES,
  ...POLICY_BREAKAGES,
  ...SHARD_BREAKAGES,
  ...TAG_BREAKAGES,
].map((breakage) => ({ ...breakage, policy: breakage.policy ?? ('lru' as const) }))

/** What is always found as something else: a broken link stops the walk over the lists before. */
const FOUND_AS: ReadonlyMap<number, number> = new Map([[423, 401]])

test('every invariant is broken by one of these', () => {
  const broken = new Set(BREAKAGES.map(({ invariant }) => invariant))
  const numbers = Object.keys(INVARIANTS).map(Number)
  expect(numbers.filter((number) => !broken.has(FOUND_AS.get(number) ?? number))).toEqual([])
})

describe.each(BUILDS)('the %s build', (build) => {
  const banks = new Map<PolicyName, { bank: Bank; memory: VerifyMemory }>()
  function bankOf(policy: PolicyName) {
    let found = banks.get(policy)
    if (found === undefined) {
      const bank = createVariedBank(build, policy, 7)
      found = { bank, memory: new VerifyMemory(bank.engine) }
      banks.set(policy, found)
    }
    return found
  }

  // Why: all breakages of a policy share a bank, which has to be sound again.
  afterEach(() => {
    for (const { bank, memory } of banks.values()) {
      memory.restore()
      expect(bank.broken()).toEqual([])
    }
  })

  test.each(BREAKAGES)('finds $invariant where $what ($policy)', (breakage) => {
    const { bank, memory } = bankOf(breakage.policy)
    for (const shard of memory.shards) {
      breakage.act(memory, shard)
      expect(bank.broken()).toContain(breakage.invariant)
      memory.restore()
    }
  })

  test('keeps the first problems and counts them all', () => {
    const { bank, memory } = bankOf('lru')
    memory.setWord(memory.controlPtr(layout.CONTROL_MAX_ENTRY_BYTES), 0)
    const count = bank.engine.exports.verify()
    expect(count).toBeGreaterThan(1000)
    expect(bank.engine.problems()).toHaveLength(layout.MAX_PROBLEMS)
  })

  test('tells where: the entry whose key is another', () => {
    const { bank, memory } = bankOf('lru')
    const entry = memory.findEntry(memory.shard(1), (at) => !memory.has(at, layout.FLAG_TAGS))
    memory.flip(memory.contentPtr(entry), 0x0100)
    bank.engine.exports.verify()
    expect(bank.engine.problems()).toContainEqual({ invariant: 113, where: entry })
  })
})
