/** verify() on sound banks: it finds nothing, whatever was done to them, and leaves them as they are. */
import { describe, expect, test } from 'vitest'
import * as layout from '../../assembly/constants.js'
import { BUILDS } from '../support/engine-builds.js'
import { Random } from '../support/random.js'
import { Bank, NOISE_OFFSETS, noise, POLICIES } from './verify-bank.js'
import { VerifyMemory } from './verify-memory.js'
import { createVariedBank } from './verify-varied-work.js'

const MIB = 1024 * 1024
const VERIFY_EVERY = 250
const TAGS = 20

/** Sets so many entries of the given sizes, and verifies now and then. */
function fill(bank: Bank, random: Random, count: number, minBytes: number, maxBytes: number): void {
  for (let index = 0; index < count; index++) {
    const value = noise(random.below(NOISE_OFFSETS), random.between(minBytes, maxBytes))
    bank.set(`${maxBytes} ${index}`, value, {
      ttlMs: random.pick([0, 0, 5, 1000, 1e9]),
      staleMs: random.pick([0, 0, 500]),
      sliding: random.chance(1 / 8),
      priority: random.below(256),
      tags: random.chance(1 / 8) ? [random.below(TAGS)] : [],
    })
    bank.get(`${maxBytes} ${random.below(count)}`)
    bank.nowMs += 0.25
    if (index % VERIFY_EVERY === 0) expect(bank.broken()).toEqual([])
  }
}

describe.each(BUILDS)('the %s build', (build) => {
  describe.each(POLICIES)('with policy %s', (policy) => {
    test.each([1, 4])('finds nothing in a bank of %i shards that is worked on', (shardCount) => {
      const bank = new Bank({ build, policy, shardCount, maxBytes: 1.5 * MIB, seed: 3 })
      const { engine } = bank
      const random = new Random(3)
      expect(bank.broken()).toEqual([])
      fill(bank, random, 6000, 0, 60)
      expect(engine.stat(layout.STAT_SEGMENTS)).toBeGreaterThan(shardCount)
      fill(bank, random, 400, 2100, 60_000)
      fill(bank, random, 1000, 0, 3000)
      fill(bank, random, 1000, 0, 300)
      expect(engine.stat(layout.STAT_EVICTIONS)).toBeGreaterThan(0)
      expect(engine.stat(layout.STAT_MOVES)).toBeGreaterThan(0)
      for (let tag = 0; tag < TAGS; tag += 2) bank.invalidateTag(tag)
      expect(bank.broken()).toEqual([])
      bank.sweep()
      expect(engine.stat(layout.STAT_INVALIDATIONS)).toBeGreaterThan(0)
      expect(bank.broken()).toEqual([])
      bank.nowMs += 1000
      bank.purge()
      expect(engine.stat(layout.STAT_EXPIRATIONS)).toBeGreaterThan(0)
      expect(bank.broken()).toEqual([])
      for (const key of bank.keys()) bank.remove(key)
      expect(bank.broken()).toEqual([])
      bank.clear()
      expect(bank.broken()).toEqual([])
      expect(engine.stat(layout.STAT_PAGES)).toBe(shardCount)
    })

    test('finds nothing while an entry is reserved', () => {
      const bank = new Bank({ build, policy, shardCount: 2, maxBytes: MIB, seed: 4 })
      let checks = 0
      bank.set('large', noise(0, 100_000), {}, () => {
        expect(bank.broken()).toEqual([])
        bank.clear()
        expect(bank.broken()).toEqual([])
        checks++
      })
      expect(checks).toBe(1)
      expect(bank.broken()).toEqual([])
    })

    test('changes nothing that threads share', () => {
      const bank = createVariedBank(build, policy, 5)
      const memory = new VerifyMemory(bank.engine)
      const before = memory.copyShared()
      expect(bank.broken()).toEqual([])
      expect(memory.copyShared().equals(before)).toBe(true)
    })
  })
})
