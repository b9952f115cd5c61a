/** Deaths at what renews, ages and ends entries: sliding lifetimes, stale periods, numbers that expire. */
import { expect } from 'vitest'
import type { SharedCache } from '../../src/index.js'
import { type DeathScenario, load, onlyKey, type Stage, set } from './support/death-scenario.js'

const TTL_MS = 1000
const STALE_MS = 5000
/** A key beside those that have values of their number. */
const OTHER = 100

async function prepareStale(cache: SharedCache<string>, { clock, key }: Stage): Promise<void> {
  const options = { ttl: TTL_MS, staleWhileRevalidate: STALE_MS, staleIfError: STALE_MS }
  await load(cache, key(OTHER), () => 'first', options)
  clock.advance(TTL_MS + 10)
}

/** What may be read of the key with a stale period: `found` if anything. */
function expectOther(...found: string[]) {
  return (cache: SharedCache<string>, { key }: Stage): void => {
    expect([undefined, ...found]).toContain(cache.get(key(OTHER)))
  }
}

export const LIFETIME_DEATHS: DeathScenario[] = [
  {
    what: 'hits an entry whose lifetime slides',
    keys: 50,
    before: (cache, { clock, key }) => {
      cache.set(key(OTHER), 'slides', { ttl: TTL_MS, sliding: true })
      clock.advance(TTL_MS / 2)
    },
    act: (cache, { key }) => cache.get(key(OTHER)),
    after: (cache, { clock, key }) => {
      expect(cache.get(key(OTHER))).toBe('slides')
      clock.advance(TTL_MS - 1)
      expect(cache.get(key(OTHER))).toBe('slides')
      clock.advance(TTL_MS)
      expect(cache.get(key(OTHER))).toBeUndefined()
    },
  },
  {
    what: 'touches an entry whose lifetime slides',
    keys: 50,
    before: (cache, { key }) => {
      cache.set(key(OTHER), 'slides', { ttl: TTL_MS, sliding: true })
    },
    act: (cache, { key }) => cache.touch(key(OTHER), 2 * TTL_MS),
    after: expectOther('slides'),
  },
  {
    what: 'lets an entry begin its stale period',
    keys: 50,
    before: prepareStale,
    act: set(7),
    changes: onlyKey(7),
    after: expectOther(),
  },
  {
    what: 'lets a stale period end',
    keys: 50,
    before: async (cache, stage) => {
      await prepareStale(cache, stage)
      cache.set(stage.key(3), stage.value(3, 0))
    },
    act: (cache, stage) => {
      stage.clock.advance(STALE_MS)
      set(7)(cache, stage)
    },
    changes: onlyKey(7),
    after: expectOther(),
  },
  {
    what: 'loads a stale value anew',
    keys: 50,
    before: prepareStale,
    isFirstDeath: true,
    act: (cache, { key }) => {
      return load(cache, key(OTHER), () => 'second', { ttl: TTL_MS, staleIfError: STALE_MS })
    },
    after: expectOther('second'),
  },
  {
    what: 'takes a stale value while it loads it anew',
    keys: 50,
    before: prepareStale,
    act: async (cache, { key }) => {
      const options = { ttl: TTL_MS, staleWhileRevalidate: STALE_MS }
      await load(cache, key(OTHER), () => 'second', options)
      // The load goes on behind the answer.
      await new Promise((resolve) => setImmediate(resolve))
    },
    after: expectOther('second'),
  },
  {
    what: 'sets a stale key',
    keys: 50,
    before: prepareStale,
    act: (cache, { key }) => cache.set(key(OTHER), 'third', { ttl: TTL_MS }),
    after: expectOther('third'),
  },
  {
    what: 'adds to a number that has a lifetime',
    keys: 50,
    before: (cache, { key }) => cache.increment(key(OTHER), 1, { ttl: TTL_MS }),
    act: (cache, { key }) => cache.increment(key(OTHER), 2),
    after: (cache, { key }) => expect([1, 3]).toContain((cache as SharedCache).get(key(OTHER))),
  },
]
