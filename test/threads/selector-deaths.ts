/**
 * Deaths while the selector of policy `adaptive` follows an access in its miniatures. One key in 16 is followed,
 * and which ones the hash seed says: so the survivor first finds such keys, by trying them.
 */
import { CONTROL_PTR, CONTROL_SHARD_COUNT, CONTROL_SHARDS_PTR } from '../../assembly/constants.js'
import type { SharedCache } from '../../src/index.js'
import { wordsOf } from '../support/engine-memory.js'
import { type DeathScenario, type Stage, set } from './support/death-scenario.js'

const ENTRIES = 200
/** Numbers of keys that there are not. */
const FIRST_TRIED = 1000
const TRIED = 400
const FOLLOWED = 5

/** assembly/struct/shard.ts, selector-state.ts, miniature.ts: accesses that the first miniature has seen. */
const SHARD_SELECTOR = 308
const SELECTOR_FIRST_ACCESSES = 160 + 1100

/** Numbers of keys that are followed: some that there are, and some that there are not. */
interface Followed {
  present: number[]
  absent: number[]
}

/** Why kept: the hash seed of a cache is the same in all rounds. */
const followedOf = new WeakMap<Stage, Followed>()

/** 0 where the shard has no selector: another policy. */
function countFollowed(cache: SharedCache<string>): number {
  const words = wordsOf(cache.handle)
  const control = (field: number): number => words[(CONTROL_PTR + field) >>> 2] >>> 0
  if (control(CONTROL_SHARD_COUNT) !== 1) throw new Error('one shard is looked at')
  const selector = words[(control(CONTROL_SHARDS_PTR) + SHARD_SELECTOR) >>> 2] >>> 0
  return selector === 0 ? 0 : words[(selector + SELECTOR_FIRST_ACCESSES) >>> 2]
}

/** The first numbers from `first` on of which a miniature sees that their keys are set anew. */
function findFollowed(cache: SharedCache<string>, stage: Stage, first: number): number[] {
  const numbers = Array.from({ length: TRIED }, (_, index) => first + index)
  const seen = numbers.filter((index) => {
    cache.delete(stage.key(index))
    const before = countFollowed(cache)
    cache.set(stage.key(index), stage.value(index, 0))
    return countFollowed(cache) !== before
  })
  return (seen.length === 0 ? numbers : seen).slice(0, FOLLOWED)
}

function followed(cache: SharedCache<string>, stage: Stage): Followed {
  const known = followedOf.get(stage) ?? {
    present: findFollowed(cache, stage, FIRST_TRIED),
    absent: findFollowed(cache, stage, FIRST_TRIED + TRIED),
  }
  followedOf.set(stage, known)
  return known
}

/** As it is before each death: the keys that will be set are not there. */
function prepare(cache: SharedCache<string>, stage: Stage): void {
  const { present, absent } = followed(cache, stage)
  for (const index of absent) cache.delete(stage.key(index))
  for (const index of present) cache.set(stage.key(index), stage.value(index, 0))
}

/** Hits are told to the policy before the thread's next write. */
function followAll(cache: SharedCache<string>, stage: Stage): void {
  const { present, absent } = followed(cache, stage)
  for (const index of present) cache.get(stage.key(index))
  for (const index of absent) set(index)(cache, stage)
  cache.delete(stage.key(present[0]))
}

export const SELECTOR_DEATHS: DeathScenario[] = [
  {
    what: 'makes accesses that are followed in miniatures',
    options: { shards: 1, maxEntries: ENTRIES, near: false },
    keys: ENTRIES,
    anyPolicy: true,
    isFirstDeath: true,
    mayLose: true,
    before: prepare,
    act: followAll,
  },
]
