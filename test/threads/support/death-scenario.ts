/**
 * What a thread may be about when it dies: for each, the state before, one action, and which keys the
 * action may change. Keys that it may not change have to be found as they were.
 */
import type { CacheOptions, GetOrSetOptions, SharedCache } from '../../../src/index.js'
import type { ManualClock } from '../../support/manual-clock.js'

export interface DeathScenario {
  what: string
  options?: Partial<CacheOptions<string>>
  /** How many keys there are before, each with a value of generation 0. */
  keys: number
  /** Of key number `index`. */
  bytesOf?: (index: number) => number
  ttlOf?: (index: number) => number | undefined
  tagOf?: (index: number) => string | undefined
  /** Keys have so many characters, of which all but the first ten are the filler (default: k). */
  keyChars?: number
  keyFiller?: string
  /** What is there besides the keys, written by the survivor. */
  before?: (cache: SharedCache<string>, stage: Stage) => unknown
  act: (cache: SharedCache<string>, stage: Stage) => unknown
  /** What has to hold of it when the action was cut short. */
  after?: (cache: SharedCache<string>, stage: Stage) => void
  /** Keys that the action writes, with what it may leave there (undefined: nothing). */
  changes?: (stage: Stage) => Map<string, (string | undefined)[]>
  /** Entries may go that the action does not name: evicted, expired, cleared. */
  mayLose?: boolean
  /** The policy makes no difference: two of them will do. */
  anyPolicy?: boolean
  /** Also the first of two deaths (death-while-recovering.test.ts). */
  isFirstDeath?: boolean
  /** Of the points at which others are killed (default: 1). */
  share?: number
}

export interface Stage {
  clock: ManualClock
  key(index: number): string
  value(index: number, generation: number): string
}

/** One key whose value becomes that of generation 1, or stays, or goes. */
export function onlyKey(index: number): (stage: Stage) => Map<string, (string | undefined)[]> {
  return ({ key, value }) => new Map([[key(index), [value(index, 0), value(index, 1), undefined]]])
}

/** Sets a key to its value of generation 1. */
export function set(index: number, options?: { ttl?: number; tags?: string[]; priority?: number }) {
  return (cache: SharedCache<string>, { key, value }: Stage): void => {
    cache.set(key(index), value(index, 1), options)
  }
}

/** A load whose failure is nobody's business: its thread may be dead by then. */
export function load(
  cache: SharedCache<string>,
  key: string,
  loader: () => string,
  options?: GetOrSetOptions,
): Promise<unknown> {
  return cache.getOrSet(key, loader, options).catch(() => undefined)
}
