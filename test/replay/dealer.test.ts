/** How accesses are dealt to threads: all of them, evenly, in order, whatever their keys. */
import { describe, expect, it } from 'vitest'
import { AccessBlock, type AccessSource, NO_TTL, READ } from '../../src/replay/access.js'
import { Dealer } from '../../src/replay/threads/dealer.js'

const NO_LIMIT = Number.POSITIVE_INFINITY

/** Access i is to the key of that number, at that millisecond; blocks of 100. */
function numbered(count: number, keyOf = (index: number) => String(index)): AccessSource {
  return {
    hasTime: true,
    progress: () => 1,
    *blocks() {
      for (let start = 0; start < count; start += 100) {
        const block = new AccessBlock()
        for (let index = start; index < Math.min(count, start + 100); index++) {
          block.push(keyOf(index), index, index, NO_TTL, READ)
        }
        yield block
      }
    },
  }
}

interface Dealt {
  /** Of each round, of each thread, the numbers of its accesses. */
  rounds: number[][][]
  spans: [firstMs: number, lastMs: number][]
}

async function deal(dealer: Dealer, source: AccessSource, limit = NO_LIMIT): Promise<Dealt> {
  const dealt: Dealt = { rounds: [], spans: [] }
  for await (const { shares, firstMs, lastMs } of dealer.rounds(source, limit)) {
    dealt.rounds.push(
      shares.map((share) => Array.from(share.timeMs.subarray(0, share.length), Number)),
    )
    dealt.spans.push([firstMs, lastMs])
  }
  return dealt
}

describe('accesses', () => {
  it('are each dealt once, in the order of the trace, and of every N in a row one to a thread', async () => {
    const { rounds } = await deal(new Dealer(4, 1, 400), numbered(1003))
    const byThread = [0, 1, 2, 3].map((thread) => rounds.flatMap((shares) => shares[thread]))
    for (const numbers of byThread) {
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
      expect(numbers.slice(0, 250).map((number) => Math.floor(number / 4))).toEqual(
        Array.from({ length: 250 }, (_, group) => group),
      )
    }
    expect(byThread.flat().sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1003 }, (_, index) => index),
    )
  })

  it('are dealt alike by the same seed, and otherwise by another', async () => {
    const { rounds } = await deal(new Dealer(4, 1, 400), numbered(1000))
    expect((await deal(new Dealer(4, 1, 400), numbered(1000))).rounds).toEqual(rounds)
    expect((await deal(new Dealer(4, 2, 400), numbered(1000))).rounds).not.toEqual(rounds)
  })

  it('of a trace that repeats itself after N come to all threads, not one key to one thread', async () => {
    const { rounds } = await deal(new Dealer(4, 1), numbered(4000))
    for (const numbers of rounds[0]) {
      for (const key of [0, 1, 2, 3]) {
        const count = numbers.filter((number) => number % 4 === key).length
        expect(count).toBeGreaterThan(200)
        expect(count).toBeLessThan(300)
      }
    }
  })

  it('come with all that the trace says of them', async () => {
    for await (const { shares } of new Dealer(2, 1).rounds(numbered(1), NO_LIMIT)) {
      const [share] = shares.filter(({ length }) => length > 0)
      expect([share.keys[0], share.sizeBytes[0], share.ttlMs[0], share.operations[0]]).toEqual([
        '0',
        0,
        NO_TTL,
        READ,
      ])
    }
  })

  it('end at the limit', async () => {
    const { rounds } = await deal(new Dealer(3, 1, 300), numbered(1000), 451)
    expect(rounds.flat(2)).toHaveLength(451)
  })

  it('that are not there make no round', async () => {
    expect((await deal(new Dealer(3, 1), numbered(0))).rounds).toEqual([])
  })
})

describe('a round', () => {
  it('has so many accesses, in equal shares, and tells when it begins and ends', async () => {
    const { rounds, spans } = await deal(new Dealer(4, 1, 400), numbered(1000))
    expect(rounds.map((shares) => shares.map(({ length }) => length))).toEqual([
      [100, 100, 100, 100],
      [100, 100, 100, 100],
      [50, 50, 50, 50],
    ])
    expect(spans).toEqual([
      [0, 399],
      [400, 799],
      [800, 999],
    ])
  })

  it('ends early where its keys are long', async () => {
    const key = 'k'.repeat(1024 * 1024)
    const { rounds } = await deal(
      new Dealer(2, 1),
      numbered(70, () => key),
    )
    expect(rounds.map((shares) => shares.flat().length)).toEqual([32, 32, 6])
  })
})
