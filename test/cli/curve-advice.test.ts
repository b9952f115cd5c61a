/** Advice in words, from figures that are made up. */
import { describe, expect, it } from 'vitest'
import { adviceText } from '../../src/cli/curve-advice.js'
import type {
  LifetimeAdvice,
  SizeAdvice,
  UncachedAdvice,
} from '../../src/replay/curve/advice/spec.js'

const MIB = 2 ** 20

const SIZE: SizeAdvice = {
  kind: 'size',
  policy: 'adaptive',
  shape: 'knee',
  size: 128 * MIB,
  share: 0.05,
  hitRatio: 0.7123,
  hitRatioError: 0,
  doubled: { gain: 0.0141, error: 0 },
  halved: { gain: -0.09, error: 0 },
  largest: { size: 1024 * MIB, hitRatio: 0.74 },
  firstRequests: { share: 0.2, error: 0 },
}

describe('of sizes', () => {
  it('says what the knee hits, and what twice and half the size do', () => {
    expect(adviceText(SIZE, 'bytes')).toBe(
      'A cache of 128 MiB (5% of the working set) hits 71.2% with adaptive; doubling it adds 1.4 points, ' +
        'halving it costs 9 points. The knee: from there on no doubling adds more than 2 points.',
    )
  })

  it('has errors beside what was sampled', () => {
    const doubled = { gain: 0.0141, error: 0.004 }
    const text = adviceText({ ...SIZE, hitRatioError: 0.003, doubled }, 'entries')
    expect(text).toContain('134,217,728 entries')
    expect(text).toContain('71.2% ±0.3')
    expect(text).toContain('adds 1.4 ±0.4 points')
  })

  it('claims no knee where there is none', () => {
    const text = adviceText({ ...SIZE, shape: 'rising', doubled: undefined }, 'bytes')
    expect(text).toContain('; halving it costs 9 points. No knee so far')
    expect(text).toContain('no cache hits more than 80%')
  })

  it('tells why a curve is flat', () => {
    const flat = (hitRatio: number, share: number) =>
      adviceText({ ...SIZE, shape: 'flat', hitRatio, firstRequests: { share, error: 0 } }, 'bytes')
    expect(flat(0.1, 0.88)).toContain('no size helps. 88% of the reads are the first')
    expect(flat(0.1, 0.2)).toContain('comes too late for these sizes')
    expect(flat(0.97, 0.02)).toContain('128 MiB is enough')
  })
})

describe('of lifetimes', () => {
  const advice: LifetimeAdvice = {
    kind: 'lifetime',
    policy: 'lru',
    size: MIB,
    hitRatio: 0.5,
    doubled: { gain: 0.031, error: 0 },
    unlimited: { gain: 0.12, error: 0 },
  }

  it('says what longer ones bring, and what little is', () => {
    expect(adviceText(advice, 'bytes')).toBe(
      'At 1 MiB lru hits 50%; lifetimes twice as long would bring 3.1 points, endless ones 12 points.',
    )
    const little = { gain: 0.003, error: 0.001 }
    expect(adviceText({ ...advice, doubled: little }, 'bytes')).toContain(
      'would bring less than 0.5 points, endless ones 12 points',
    )
    expect(adviceText({ ...advice, doubled: little, unlimited: little }, 'bytes')).toContain(
      'would bring less than 0.5 points, even endless ones.',
    )
  })

  it('does not call little what may be more', () => {
    const unsure = { gain: 0.003, error: 0.004 }
    expect(adviceText({ ...advice, unlimited: unsure }, 'bytes')).toContain('0.3 ±0.4 points')
  })
})

describe('of what not to cache', () => {
  const group = {
    prefix: 'search:',
    key: undefined,
    readShare: 0.3,
    readShareError: 0,
    heldShare: 0.38,
    hitRatio: 0.02,
    hitRatioError: 0,
  }
  const advice: UncachedAdvice = {
    kind: 'uncached',
    policy: 'adaptive',
    size: MIB,
    groups: [group],
    rest: { hitRatio: 0.702, gain: 0.039, error: 0 },
  }

  it('names it, with what it takes, and what the others gain', () => {
    expect(adviceText(advice, 'bytes')).toBe(
      'search:* takes 30% of the reads and 38% of the bytes held, and hits 2%: do not cache it, or in a cache ' +
        'of its own. Without it the others hit 74.1% instead of 70.2%.',
    )
  })

  it('says so where the others gain little, and nothing where that is not known', () => {
    const rest = { hitRatio: 0.7, gain: -0.01, error: 0.001 }
    expect(adviceText({ ...advice, rest }, 'bytes')).toContain('gain less than 0.5 points')
    expect(adviceText({ ...advice, rest: undefined }, 'bytes')).toMatch(/of its own\.$/)
  })

  it('names several, and keys, and lets no control characters out', () => {
    const key = { ...group, prefix: undefined, key: `a\u001b[31m${'b'.repeat(200)}` }
    const text = adviceText({ ...advice, groups: [group, key] }, 'entries')
    expect(text).toContain('of the entries held, and hits 2%; the key a?[31mbbb')
    expect(text).toContain('do not cache them, or in caches of their own')
    expect(text.length).toBeLessThan(400)
  })
})
