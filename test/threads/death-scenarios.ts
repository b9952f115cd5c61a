/**
 * What a thread may be about when it dies: for each, the state before, one action, and which keys the
 * action may change. Keys that it may not change have to be found as they were.
 */
import type { CacheOptions, SharedCache } from '../../src/index.js'
import type { ManualClock } from '../support/manual-clock.js'

export interface DeathScenario {
  what: string
  options?: Partial<CacheOptions<string>>
  /** How many keys there are before, each with a value of generation 0. */
  keys: number
  /** Of key number `index`. */
  bytesOf?: (index: number) => number
  ttlOf?: (index: number) => number | undefined
  tagOf?: (index: number) => string | undefined
  act: (cache: SharedCache<string>, stage: Stage) => void
  /** Keys that the action writes, with what it may leave there (undefined: nothing). */
  changes?: (stage: Stage) => Map<string, (string | undefined)[]>
  /** Entries may go that the action does not name: evicted, expired, cleared. */
  mayLose?: boolean
}

export interface Stage {
  clock: ManualClock
  key(index: number): string
  value(index: number, generation: number): string
}

const SMALL = 100

/** One key whose value becomes that of generation 1, or stays, or goes. */
function onlyKey(index: number): (stage: Stage) => Map<string, (string | undefined)[]> {
  return ({ key, value }) => new Map([[key(index), [value(index, 0), value(index, 1), undefined]]])
}

function set(index: number, options?: { ttl?: number; tags?: string[]; priority?: number }) {
  return (cache: SharedCache<string>, { key, value }: Stage): void => {
    cache.set(key(index), value(index, 1), options)
  }
}

const FULL = { keys: 6000, bytesOf: () => SMALL, mayLose: true }

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
    keys: 20,
    bytesOf: (index) => (index === 20 ? 9000 : SMALL),
    act: set(20),
    changes: onlyKey(20),
  },
  {
    what: 'sets a value too large for the staging',
    keys: 20,
    bytesOf: (index) => (index === 20 ? 60_000 : SMALL),
    act: set(20),
    changes: onlyKey(20),
  },
  {
    what: 'sets a value of several chunks again',
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
    keys: 10,
    bytesOf: (index) => (index === 4 ? 9000 : SMALL),
    act: (cache, { key }) => cache.take(key(4)),
    changes: onlyKey(4),
  },
  {
    what: 'splits the index',
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
    options: { shards: 4 },
    bytesOf: (index) => (index >= 6000 ? 40_000 : SMALL),
    act: set(6000),
    changes: onlyKey(6000),
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
    keys: 60,
    act: (cache, { key }) => cache.deleteByPrefix(key(12)),
    changes: onlyKey(12),
  },
  {
    what: 'loads a value',
    keys: 50,
    act: (cache, { key, value }) => {
      void cache.getOrSet(key(50), () => value(50, 1)).catch(() => {})
    },
    changes: onlyKey(50),
  },
  { what: 'clears', keys: 300, mayLose: true, act: (cache) => cache.clear() },
  { what: 'does the upkeep', ...FULL, act: (cache) => cache.maintain() },
]
