/** The loops of the engine benchmarks ask for what they say, and count right answers only. */
import { describe, expect, it } from 'vitest'
// @ts-expect-error: plain JavaScript
import { Bank, POLICIES } from '../../bench/engine/bank.mjs'
// @ts-expect-error: plain JavaScript
import { Chase } from '../../bench/engine/chase.mjs'
// @ts-expect-error: plain JavaScript
import { driverOf } from '../../bench/engine/driver.mjs'

const COUNT = 2000

describe.each(POLICIES as string[])('the loops on a bank of policy %s', (policy) => {
  const create = () => new Bank({ maxBytes: 2 ** 22, policy, valueBytes: 16, seed: 1 })

  it('store what a bank finds, and find what a bank stores', async () => {
    const bank = create()
    const driver = await driverOf(bank)
    expect(driver.setInOrder(10, COUNT)).toBe(COUNT)
    for (let number = 10; number < 10 + COUNT; number++) expect(bank.get(number)).toBe(true)
    expect(bank.get(9)).toBe(false)
    bank.set(9)
    expect(driver.getInOrder(9, COUNT + 1)).toBe(COUNT + 1)
    bank.verify()
  })

  it('count right answers only, of random keys below the limit', async () => {
    const bank = create()
    const driver = await driverOf(bank)
    driver.setInOrder(0, COUNT)
    expect(driver.getRandom(7, COUNT, COUNT)).toBe(COUNT)
    const right = driver.getRandom(7, COUNT, COUNT * 2)
    expect(right).toBeGreaterThan(COUNT / 4)
    expect(right).toBeLessThan((COUNT * 3) / 4)
    expect(driver.setRandom(7, COUNT, COUNT)).toBe(COUNT)
    expect(bank.entries).toBe(COUNT)
  })
})

describe('dependent reads', () => {
  it('come from all over the memory, and the next place follows from what was read', async () => {
    const visited = async (wordAt?: number) => {
      const chase = await Chase.over(2 ** 16)
      if (wordAt !== undefined) chase.words[wordAt] ^= 0x5555
      const state = []
      for (let turn = 0; turn < 5; turn++) state.push(chase.read(1000))
      return state
    }
    const plain = await visited()
    expect(await visited()).toEqual(plain)
    // Why a line at each end: the walk has to come to both.
    expect(await visited(0)).not.toEqual(plain)
    expect(await visited((2 ** 16 - 64) / 4)).not.toEqual(plain)
    expect(await visited(1)).toEqual(plain)
  })
})
