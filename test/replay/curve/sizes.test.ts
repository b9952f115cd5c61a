/** Sizes as they are asked for, and what they come to. */
import { describe, expect, it } from 'vitest'
import { InvalidOptionError } from '../../../src/cache/errors.js'
import {
  OBJECT_OVERHEAD_BYTES,
  parseSizes,
  resolveSizes,
  sampledWorkingSet,
  unitOf,
} from '../../../src/replay/curve/sizes.js'
import { UsageError } from '../../../src/replay/errors.js'
import { sampleOf } from './curve-helpers.js'

const parse = (text: string) => parseSizes(text, '--sizes')

describe('a list of sizes', () => {
  it('can be shares, bytes or entries, and shares beside either', () => {
    expect(parse('0.5%, 20%,100%').map((size) => size.unit === 'share' && size.share)).toEqual([
      0.005, 0.2, 1,
    ])
    expect(parse('64mb')).toEqual([{ label: '64mb', unit: 'bytes', bytes: 64 * 1024 * 1024 }])
    expect(parse('1000entries,5')).toEqual([
      { label: '1000entries', unit: 'entries', entries: 1000 },
      { label: '5', unit: 'entries', entries: 5 },
    ])
    expect(parse('1%,64mb').map(({ unit }) => unit)).toEqual(['share', 'bytes'])
  })

  it.each(['0%', '101%', '-1%', '1 %%', '', '1%,', '0', '5000000000', '1xb', '65tb', 'all'])(
    'cannot have %j',
    (text) => {
      expect(() => parse(text)).toThrow(InvalidOptionError)
    },
  )

  it('names the item that is wrong, and what is allowed', () => {
    expect(() => parse('1%,150%')).toThrow(/'--sizes' cannot be '150%'; allowed: a list of sizes/)
  })

  it('cannot mix bytes and entries', () => {
    expect(() => parse('64mb,1000entries')).toThrow(UsageError)
  })

  it('is in the unit it names, else in that of the trace', () => {
    expect(unitOf(parse('1%,64mb'), false)).toBe('bytes')
    expect(unitOf(parse('1%,10entries'), true)).toBe('entries')
    expect([unitOf(parse('1%'), true), unitOf(parse('1%'), false)]).toEqual(['bytes', 'entries'])
  })
})

describe('the working set', () => {
  it('counts an object once, with its key and what an entry takes beside it', () => {
    const sample = sampleOf([
      { key: 'a', bytes: 10 },
      { key: 'a', bytes: 10 },
      { key: 'bcd', bytes: 20 },
    ])
    expect(sampledWorkingSet(sample, 'entries')).toBe(2)
    expect(sampledWorkingSet(sample, 'bytes')).toBe(10 + 1 + 20 + 3 + 2 * OBJECT_OVERHEAD_BYTES)
  })
})

describe('sizes of a known trace', () => {
  it('are shares of what was sampled, and what that is in the whole', () => {
    const [one, half] = resolveSizes(parse('50%,1%'), 2000, 0.25)
    expect(one).toEqual({ label: '1%', size: 80, share: 0.01, capacity: 20 })
    expect(half).toEqual({ label: '50%', size: 4000, share: 0.5, capacity: 1000 })
  })

  it('in entries become a part of them, and a share of the working set', () => {
    expect(resolveSizes(parse('400'), 2000, 0.25)).toEqual([
      { label: '400', size: 400, share: 0.05, capacity: 100 },
    ])
  })

  it('have room for one object at least, and are listed once', () => {
    expect(resolveSizes(parse('1%,2%,1'), 3, 1).map(({ capacity }) => capacity)).toEqual([1])
  })
})
