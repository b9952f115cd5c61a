/** Sizes and durations as people write them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidOptionError } from '../../src/cache/errors.js'
import {
  formatBytes,
  formatDuration,
  MAX_DURATION_MS,
  parseBytes,
  parseDurationMs,
} from '../../src/cache/units.js'

describe('sizes', () => {
  test('are bytes, or a number and a binary unit in either case', () => {
    const sizes = {
      '100b': 100,
      '512kb': 524_288,
      '64mb': 67_108_864,
      '64 MB': 67_108_864,
      '1.5gb': 1_610_612_736,
      '1Tb': 2 ** 40,
      ' 12 ': 12,
      '0.3kb': 307,
    }
    for (const [text, bytes] of Object.entries(sizes)) expect(parseBytes(text, 'o')).toBe(bytes)
    expect(parseBytes(0, 'o')).toBe(0)
    expect(parseBytes(123, 'o')).toBe(123)
  })

  test('that mean nothing are refused with option, value and what is allowed', () => {
    const wrong = [
      '',
      'mb',
      '-1mb',
      '1 2mb',
      '12abc',
      '1e3',
      '1,5mb',
      '.5mb',
      '5.mb',
      '9999999tb',
      '1m',
      -1,
      1.5,
      Number.NaN,
      Infinity,
      null,
      {},
      5n,
    ]
    for (const value of wrong) {
      expect(() => parseBytes(value as string, 'maxBytes')).toThrow(InvalidOptionError)
    }
    expect(() => parseBytes('lots', 'maxBytes')).toThrow(/'maxBytes'.*'lots'.*bytes/)
    expect(() => parseBytes('1'.repeat(1e6), 'maxBytes')).toThrow(InvalidOptionError)
  })
})

describe('durations', () => {
  test('are milliseconds, or a number and a unit in either case', () => {
    const durations = {
      '250ms': 250,
      '30s': 30_000,
      '5m': 300_000,
      '5 M': 300_000,
      '2h': 7_200_000,
      '7d': 604_800_000,
      '1w': 604_800_000,
      '1.5s': 1500,
      '40': 40,
    }
    for (const [text, ms] of Object.entries(durations)) {
      expect([parseDurationMs(text, 'o'), parseDurationMs(text, 'o')]).toEqual([ms, ms])
    }
    expect([1, 2.9, MAX_DURATION_MS].map((value) => parseDurationMs(value, 'o'))).toEqual([
      1,
      2,
      MAX_DURATION_MS,
    ])
  })

  test('outside 1 ms to 100 years, or that mean nothing, are refused', () => {
    const wrong = [
      0,
      0.5,
      -1,
      Number.NaN,
      Infinity,
      MAX_DURATION_MS + 1,
      '0s',
      '0.5ms',
      '6000w',
      '1y',
      '',
      'soon',
      '-5m',
      undefined,
      null,
      {},
      5n,
    ]
    for (const value of wrong) {
      expect(() => parseDurationMs(value as string, 'ttl')).toThrow(InvalidOptionError)
    }
    expect(() => parseDurationMs('soon', 'ttl')).toThrow(/'ttl'.*'soon'.*100 years/)
  })

  test('stay right however many different ones are asked for', () => {
    for (let round = 0; round < 2; round++) {
      for (let ms = 1; ms < 300; ms++) expect(parseDurationMs(`${ms}ms`, 'o')).toBe(ms)
    }
  })
})

describe('formatting', () => {
  test('shows bytes in the largest unit that fits', () => {
    expect([0, 512, 1536, 64 * 2 ** 20, 1.5 * 2 ** 30, 2 ** 41].map(formatBytes)).toEqual([
      '0 B',
      '512 B',
      '1.5 KiB',
      '64 MiB',
      '1.5 GiB',
      '2 TiB',
    ])
  })

  test('shows durations in the largest unit that fits', () => {
    expect([0.25, 250, 1500, 90_000, 7_200_000, 604_800_000].map(formatDuration)).toEqual([
      '0.25 ms',
      '250 ms',
      '1.5 s',
      '1.5 min',
      '2 h',
      '7 d',
    ])
  })

  test('any size of whole kilobytes is read back from its text', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 20), (kilobytes) => {
        expect(parseBytes(`${kilobytes}kb`, 'o')).toBe(kilobytes * 1024)
      }),
    )
  })
})
