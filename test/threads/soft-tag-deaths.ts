/** Deaths at soft invalidations, and at what is done later with the entries that they have made stale. */
import { expect } from 'vitest'
import { insideOf } from '../../src/cache/shared-cache.js'
import type { SharedCache } from '../../src/index.js'
import { type DeathScenario, load, type Stage } from './support/death-scenario.js'

const TTL_MS = 10_000
const STALE_MS = 5000
const AFTER_MS = 100
/** A key beside those that have values of their number. */
const OTHER = 100
const TAG = 'red'

function expireTags(cache: SharedCache<string>, ...tags: string[]): void {
  insideOf(cache).expireTags(tags)
}

/** Keys that have the tag may be there, or not any more. */
function ofTag(count: number): DeathScenario['changes'] {
  return ({ key, value }) =>
    new Map(Array.from({ length: count }, (_, index) => [key(index), [value(index, 0), undefined]]))
}

async function prepareStale(cache: SharedCache<string>, { clock, key }: Stage): Promise<void> {
  const options = { ttl: TTL_MS, staleIfError: STALE_MS, tags: [TAG] }
  await load(cache, key(OTHER), () => 'first', options)
  expireTags(cache, TAG)
  clock.advance(AFTER_MS)
}

/** It is a miss; what getOrSet sees has been stale since then. */
function expectStale(cache: SharedCache<string>, { clock, key }: Stage): void {
  expect(cache.get(key(OTHER))).toBeUndefined()
  const expiresAt = clock.now() - AFTER_MS
  const stale = { value: 'first', state: 'stale', expiresAt }
  expect(insideOf(cache).target.lookup(key(OTHER))).toMatchObject(stale)
}

export const SOFT_TAG_DEATHS: DeathScenario[] = [
  {
    what: 'invalidates a tag softly',
    keys: 200,
    anyPolicy: true,
    tagOf: (index) => (index < 60 ? TAG : undefined),
    act: (cache) => expireTags(cache, TAG),
    changes: ofTag(60),
  },
  {
    what: 'invalidates tags softly whose records have no room left',
    keys: 60,
    anyPolicy: true,
    tagOf: (index) => `tag ${index}`,
    before: (cache, { clock }) => {
      for (let other = 0; other < 2000; other++) {
        expireTags(cache, `another ${other}`)
        clock.advance(1)
      }
    },
    mayLose: true,
    act: (cache) => expireTags(cache, 'tag 7', 'tag 8'),
    changes: ({ key, value }) =>
      new Map([7, 8].map((index) => [key(index), [value(index, 0), undefined]])),
  },
  {
    what: 'looks up what a tag has made stale',
    keys: 50,
    before: prepareStale,
    act: (cache, { key }) => insideOf(cache).target.lookup(key(OTHER)),
    after: expectStale,
  },
  {
    what: 'sweeps what tags have ended, and what they have made stale',
    keys: 50,
    tagOf: (index) => (index < 10 ? TAG : undefined),
    before: prepareStale,
    act: (cache) => cache.purgeExpired(),
    changes: ofTag(10),
    after: expectStale,
  },
  {
    what: 'loads anew what a tag has made stale',
    keys: 50,
    before: prepareStale,
    act: (cache, { key }) => load(cache, key(OTHER), () => 'second', { ttl: TTL_MS, tags: [TAG] }),
    after: (cache, { key }) => expect([undefined, 'second']).toContain(cache.get(key(OTHER))),
  },
]
