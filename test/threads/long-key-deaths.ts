/** Deaths at keys that do not fit one chunk: of several thousand characters, and of 60,000 wide ones. */
import { expect } from 'vitest'
import type { SharedCache } from '../../src/index.js'
import { type DeathScenario, onlyKey, type Stage, set } from './support/death-scenario.js'

const LONG = { keys: 8, keyChars: 3000, bytesOf: () => 40 }
const WIDE = {
  keys: 8,
  keyChars: 60_000,
  keyFiller: '€',
  bytesOf: () => 40,
  anyPolicy: true,
  options: { maxBytes: '4mb' },
}
/** Keys of numbers, which are none of those that have values of letters. */
const FIRST_NUMBER = 100

function expectNumber(allowed: readonly (number | undefined)[]) {
  return (cache: SharedCache<string>, { key }: Stage): void => {
    expect(allowed).toContain((cache as SharedCache).get(key(FIRST_NUMBER)))
  }
}

export const LONG_KEY_DEATHS: DeathScenario[] = [
  { what: 'sets a long key', ...LONG, anyPolicy: true, act: set(8), changes: onlyKey(8) },
  { what: 'sets a long key again', ...LONG, act: set(7), changes: onlyKey(7) },
  {
    what: 'sets a long key again with a much longer value',
    ...LONG,
    isFirstDeath: true,
    act: (cache, { key, value }) => cache.set(key(7), value(7, 1).padEnd(9000, '+')),
    changes: ({ key, value }) =>
      new Map([[key(7), [value(7, 0), value(7, 1).padEnd(9000, '+'), undefined]]]),
  },
  {
    what: 'gives a lifetime to a long key that has none',
    ...LONG,
    act: (cache, { key }) => cache.touch(key(5), 9000),
  },
  { what: 'sets a key of 60,000 wide characters', ...WIDE, act: set(8), changes: onlyKey(8) },
  {
    what: 'sets a key of 60,000 wide characters again',
    ...WIDE,
    act: (cache, { key, value }) => cache.set(key(7), value(7, 1).padEnd(900, '+')),
    changes: ({ key, value }) =>
      new Map([[key(7), [value(7, 0), value(7, 1).padEnd(900, '+'), undefined]]]),
  },
  {
    what: 'deletes a key of 60,000 wide characters',
    ...WIDE,
    act: (cache, { key }) => cache.delete(key(5)),
    changes: onlyKey(5),
  },
  // The lengths put the number into one chunk, across two of them, and behind them.
  ...[3000, 4040, 4044, 4048].map((keyChars) => ({
    what: `adds to the number of a key of ${keyChars} characters`,
    ...LONG,
    keyChars,
    anyPolicy: keyChars !== 4044,
    before: (cache: SharedCache<string>, { key }: Stage) => cache.increment(key(FIRST_NUMBER), 0.1),
    act: (cache: SharedCache<string>, { key }: Stage) => cache.increment(key(FIRST_NUMBER), 0.2),
    after: expectNumber([0.1, 0.1 + 0.2, undefined]),
  })),
]
