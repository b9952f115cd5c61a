/**
 * What a thread may be about when it dies, apart from long keys (long-key-deaths.ts), lifetimes
 * (lifetime-deaths.ts), soft invalidations (soft-tag-deaths.ts) and what policy adaptive simulates
 * (selector-deaths.ts).
 */
import { expect } from 'vitest'
import { LIFETIME_DEATHS } from './lifetime-deaths.js'
import { LONG_KEY_DEATHS } from './long-key-deaths.js'
import { SELECTOR_DEATHS } from './selector-deaths.js'
import { SOFT_TAG_DEATHS } from './soft-tag-deaths.js'
import { type DeathScenario, load, onlyKey, set } from './support/death-scenario.js'

const SMALL = 100
const FULL = {
  options: { maxBytes: '1mb' },
  keys: 6000,
  bytesOf: () => SMALL,
  mayLose: true,
  share: 0.5,
}

export const DEATH_SCENARIOS: DeathScenario[] = [
  { what: 'sets a new key', keys: 50, act: set(50), changes: onlyKey(50) },
  { what: 'sets a key again', keys: 50, act: set(7), changes: onlyKey(7) },
  {
    what: 'sets a key again with a value of another size',
    keys: 50,
    act: (cache, { key, value }) => cache.set(key(7), `${value(7, 1)}${'+'.repeat(900)}`),
    changes: ({ key, value }) =>
      new Map([[key(7), [value(7, 0), `${value(7, 1)}${'+'.repeat(900)}`, undefined]]]),
  },
  {
    what: 'sets a key with a lifetime, a tag and a priority',
    keys: 50,
    act: set(7, { ttl: 5000, tags: ['red', 'blue'], priority: 3 }),
    changes: onlyKey(7),
  },
  {
    what: 'sets a value of several chunks',
    anyPolicy: true,
    keys: 20,
    bytesOf: (index) => (index === 20 ? 9000 : SMALL),
    act: set(20),
    changes: onlyKey(20),
  },
  {
    what: 'sets a value too large for the staging',
    isFirstDeath: true,
    keys: 20,
    bytesOf: (index) => (index === 20 ? 60_000 : SMALL),
    act: set(20),
    changes: onlyKey(20),
  },
  {
    what: 'sets a value of several chunks again',
    isFirstDeath: true,
    keys: 20,
    bytesOf: (index) => (index === 3 ? 9000 : SMALL),
    act: set(3),
    changes: onlyKey(3),
  },
  {
    what: 'deletes a key',
    keys: 50,
    act: (cache, { key }) => cache.delete(key(9)),
    changes: onlyKey(9),
  },
  {
    what: 'takes a key of several chunks',
    anyPolicy: true,
    keys: 10,
    bytesOf: (index) => (index === 4 ? 9000 : SMALL),
    act: (cache, { key }) => cache.take(key(4)),
    changes: onlyKey(4),
  },
  {
    what: 'splits the index',
    isFirstDeath: true,
    share: 0.5,
    options: { shards: 1 },
    keys: 665,
    bytesOf: () => 20,
    act: (cache, { key, value }) => {
      for (let index = 665; index < 672; index++) cache.set(key(index), value(index, 1))
    },
    changes: ({ key, value }) =>
      new Map(
        [665, 666, 667, 668, 669, 670, 671].map((index) => [
          key(index),
          [value(index, 1), undefined],
        ]),
      ),
  },
  { what: 'evicts', ...FULL, act: set(6000), changes: onlyKey(6000) },
  {
    what: 'evicts and empties pages for values of another size',
    ...FULL,
    bytesOf: (index) => (index >= 6000 ? 1500 : SMALL),
    act: (cache, { key, value }) => {
      for (let index = 6000; index < 6012; index++) cache.set(key(index), value(index, 1))
    },
    changes: ({ key, value }) =>
      new Map(
        Array.from({ length: 12 }, (_, step) => [
          key(6000 + step),
          [value(6000 + step, 1), undefined],
        ]),
      ),
  },
  {
    what: 'takes pages from another shard',
    ...FULL,
    options: { maxBytes: '2mb', shards: 16 },
    keys: 9000,
    bytesOf: (index) => (index >= 9000 ? 40_000 : SMALL),
    share: 0.35,
    act: (cache, stage) => {
      for (let index = 9000; index < 9006; index++) set(index)(cache, stage)
    },
    changes: ({ key, value }) =>
      new Map(
        Array.from({ length: 6 }, (_, step) => [
          key(9000 + step),
          [value(9000 + step, 1), undefined],
        ]),
      ),
  },
  {
    what: 'lets entries expire',
    keys: 200,
    ttlOf: (index) => (index < 100 ? 50 : undefined),
    act: (cache, stage) => {
      stage.clock.advance(60)
      set(150)(cache, stage)
    },
    changes: ({ key, value }) =>
      new Map([
        ...Array.from({ length: 100 }, (_, index) => [key(index), [undefined]] as const),
        [key(150), [value(150, 0), value(150, 1), undefined]],
      ] as [string, (string | undefined)[]][]),
  },
  {
    what: 'renews an entry that has a lifetime',
    keys: 50,
    ttlOf: () => 5000,
    act: (cache, { key }) => cache.touch(key(5), 9000),
  },
  {
    what: 'gives a lifetime to an entry that has none',
    keys: 50,
    act: (cache, { key }) => cache.touch(key(5), 9000),
  },
  {
    what: 'compares and sets',
    anyPolicy: true,
    keys: 50,
    act: (cache, { key, value }) =>
      cache.compareAndSet(key(5), cache.info(key(5))?.version ?? 0, value(5, 1)),
    changes: onlyKey(5),
  },
  {
    what: 'drains its access log',
    keys: 300,
    options: { near: false },
    act: (cache, { key }) => {
      for (let step = 0; step < 260; step++) cache.get(key((step * 7) % 300))
    },
  },
  {
    what: 'gets many keys at once',
    keys: 200,
    bytesOf: (index) => (index % 50 === 7 ? 3000 : SMALL),
    options: { near: false },
    before: (cache) => cache.set('slides', 'slides', { ttl: 1000, sliding: true }),
    act: (cache, { key }) => {
      const keys = Array.from({ length: 90 }, (_, index) => key((index * 7) % 210))
      for (let step = 0; step < 3; step++) cache.getMany([...keys, 'slides', ...keys])
    },
    after: (cache) => expect([undefined, 'slides']).toContain(cache.get('slides')),
  },
  {
    what: 'sweeps what tags have invalidated',
    keys: 200,
    tagOf: (index) => (index < 60 ? 'red' : undefined),
    act: (cache) => {
      cache.invalidateTags('red')
      cache.purgeExpired()
    },
    changes: ({ key, value }) =>
      new Map(Array.from({ length: 60 }, (_, index) => [key(index), [value(index, 0), undefined]])),
  },
  {
    what: 'deletes by prefix',
    anyPolicy: true,
    keys: 60,
    act: (cache, { key }) => cache.deleteByPrefix(key(12)),
    changes: onlyKey(12),
  },
  {
    what: 'loads a value',
    keys: 50,
    isFirstDeath: true,
    act: (cache, { key, value }) => load(cache, key(50), () => value(50, 1)),
    changes: onlyKey(50),
  },
  {
    what: 'empties pages and gives them back',
    keys: 20,
    bytesOf: (index) => (index === 3 ? 60_000 : SMALL),
    anyPolicy: true,
    act: (cache, { key }) => cache.delete(key(3)),
    changes: onlyKey(3),
  },
  {
    what: 'evicts for want of a place, not of bytes',
    options: { shards: 1, maxEntries: 40 },
    keys: 40,
    mayLose: true,
    isFirstDeath: true,
    act: (cache, stage) => {
      for (let index = 40; index < 45; index++) set(index)(cache, stage)
    },
    changes: ({ key, value }) =>
      new Map([40, 41, 42, 43, 44].map((index) => [key(index), [value(index, 1), undefined]])),
    after: (cache) => expect(cache.stats().size).toBeLessThanOrEqual(40),
  },
  {
    what: 'is the first to fill a shard, whose policy takes a page of its own',
    options: { shards: 1 },
    keys: 0,
    bytesOf: () => 10,
    mayLose: true,
    act: (cache, stage) => {
      for (let index = 0; index < 20; index++) set(index)(cache, stage)
    },
    changes: ({ key, value }) =>
      new Map(Array.from({ length: 20 }, (_, index) => [key(index), [value(index, 1), undefined]])),
  },
  {
    what: 'adds a page to those of the policy',
    options: { shards: 1 },
    keys: 4094,
    bytesOf: () => 10,
    share: 0.5,
    act: (cache, stage) => {
      for (let index = 4094; index < 4100; index++) set(index)(cache, stage)
    },
    changes: ({ key, value }) =>
      new Map(
        [4094, 4095, 4096, 4097, 4098, 4099].map((index) => [
          key(index),
          [value(index, 1), undefined],
        ]),
      ),
  },
  {
    what: 'invalidates tags whose records have no room left',
    keys: 60,
    tagOf: (index) => `tag ${index}`,
    anyPolicy: true,
    before: (cache) => {
      for (let other = 0; other < 5000; other++) cache.invalidateTags(`another ${other}`)
    },
    mayLose: true,
    act: (cache) => cache.invalidateTags('tag 7', 'tag 8'),
    changes: ({ key, value }) =>
      new Map([7, 8].map((index) => [key(index), [value(index, 0), undefined]])),
  },
  { what: 'clears', keys: 300, mayLose: true, isFirstDeath: true, act: (cache) => cache.clear() },
  { what: 'does the upkeep', ...FULL, act: (cache) => cache.maintain() },
  ...LONG_KEY_DEATHS,
  ...LIFETIME_DEATHS,
  ...SOFT_TAG_DEATHS,
  ...SELECTOR_DEATHS,
]
