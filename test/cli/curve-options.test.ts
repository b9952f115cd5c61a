/** What asks for a curve, what its options mean, and what is said about wrong ones. */
import { describe, expect, it } from 'vitest'
import { DEFAULT_SAMPLE } from '../../src/cli/curve-options.js'
import { parseReplayOptions } from '../../src/cli/replay-options.js'

const curveOf = (...args: string[]) => parseReplayOptions(args).curve

describe('a curve', () => {
  it('is asked for by a list of policies or by sizes, and by nothing else', () => {
    expect(curveOf()).toBeUndefined()
    expect(curveOf('--policy', 'lru', '--size', '5mb')).toBeUndefined()
    expect(curveOf('--policy', 'lru,lfu')).toBeDefined()
    expect(curveOf('--sizes', '1%')).toBeDefined()
    expect(curveOf('--policy', 'arc', '--sizes', '1%')).toMatchObject({ policies: ['arc'] })
  })

  it('has defaults for what is not said', () => {
    const bySizes = curveOf('--sizes', '1%')
    expect(bySizes?.policies).toEqual(['lru', 'adaptive', 's3-fifo', 'opt'])
    const byPolicies = curveOf('--policy', 'lru,lfu')
    expect(byPolicies?.sizes.map(({ label }) => label).join()).toBe('0.5%,1%,2%,5%,10%,20%,50%')
    expect(byPolicies).toMatchObject({ maxSample: DEFAULT_SAMPLE, svg: undefined, advice: true })
  })

  it('has each policy once, in the order given, in whatever case', () => {
    expect(curveOf('--policy', 'OPT, lru,opt')?.policies).toEqual(['opt', 'lru'])
  })

  it('has advice, unless it is not wanted', () => {
    expect(curveOf('--sizes', '1%', '--no-advice')).toMatchObject({ advice: false })
  })

  it('keeps as many requests as are said, or all', () => {
    expect(curveOf('--sizes', '1%', '--sample', '50000')?.maxSample).toBe(50_000)
    expect(curveOf('--sizes', '1%', '--exact')?.maxSample).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('what is wrong', () => {
  it.each([
    [
      ['--policy', 'lru,mru'],
      "Option '--policy' cannot be 'mru'; allowed: a list of adaptive, lru",
    ],
    [['--policy', 'lru,'], "Option '--policy' cannot be ''"],
    [['--sizes', '0%'], "Option '--sizes' cannot be '0%'; allowed: a list of sizes"],
    [['--sizes', '1%', '--sample', '9999'], 'a whole number of requests from 10000 to 1000000000'],
    [['--sizes', '1%', '--sample', 'many'], "Option '--sample' cannot be 'many'"],
    [['--sizes', '1%', '--exact', '--sample', '20000'], '--sample cannot be given with --exact'],
    [['--sizes', '1%', '--size', '5mb'], '--size cannot be given with --sizes'],
    [['--policy', 'lru,lfu', '--threads', '2'], '--threads cannot be given with --sizes'],
    [['--sizes', '1%', '--no-near'], '--no-near cannot be given with --sizes'],
    [['--svg', 'x.svg'], '--svg needs --sizes, or a list of policies'],
    [['--no-advice'], '--no-advice needs --sizes, or a list of policies'],
    [['--exact'], '--exact needs --sizes, or a list of policies'],
    [['--sample', '20000'], '--sample needs --sizes, or a list of policies'],
    [['--policy', 'arc'], 'priority; with --sizes, or in a list, also s3-fifo'],
    [['--policy', 'mru'], "Option '--policy' cannot be 'mru'; allowed: adaptive, lru"],
  ])('%j is said', (args, message) => {
    expect(() => parseReplayOptions(args)).toThrow(message)
  })
})
