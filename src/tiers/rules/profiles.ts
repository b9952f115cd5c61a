/**
 * Options by key pattern: `profiles: { 'static:*': { extends: 'static', ttl: { memory: '1d' } } }`.
 *
 * 1. A key has the profile of the most specific pattern that matches it, and no other: the one with the longest
 *    literal prefix; of those the one that asks for more characters in all, then with fewer wildcards, then the
 *    one that was written first.
 * 2. A profile stands over the lifetime that it extends, and that over the cache's defaults.
 * 3. All is checked and computed when the cache is made; `resolve` looks up, and allocates nothing.
 */
import { InvalidOptionError } from '../../cache/errors.js'
import { checkNames, oneOf } from '../../cache/option-checks.js'
import {
  ENTRY_OPTION_NAMES,
  type EntryOptions,
  type ResolvedEntryOptions,
  resolveEntryOptions,
} from '../entry/options.js'
import { LIFETIME_NAMES, type LifetimeName, lifetimes } from './lifetimes.js'
import { PatternIndex } from './pattern-index.js'

export interface Profile extends EntryOptions {
  /** A ready-made lifetime, for what this profile does not say itself: see `lifetimes`. */
  extends?: LifetimeName
}

/** By key pattern, a glob as deleteByPattern has it. */
export type ProfileOptions = Readonly<Record<string, Profile>>

const PROFILE_OPTION_NAMES = ['extends', ...ENTRY_OPTION_NAMES]

export class Profiles {
  readonly #index: PatternIndex<ResolvedEntryOptions>

  /**
   * @param below the cache's defaults
   * @param tierNames where given, a `ttl` for a tier of another name is an error
   * @throws InvalidOptionError, which names the option as `profiles['static:*'].ttl.memory`
   */
  constructor(
    profiles: ProfileOptions | undefined,
    below?: ResolvedEntryOptions,
    tierNames?: readonly string[],
  ) {
    this.#index = new PatternIndex(resolveAll(profiles, below, tierNames))
  }

  /** What holds for the key unless a call says otherwise; undefined where no pattern matches it. */
  resolve(key: string): ResolvedEntryOptions | undefined {
    return this.#index.find(key)
  }
}

function resolveAll(
  profiles: ProfileOptions | undefined,
  below: ResolvedEntryOptions | undefined,
  tierNames: readonly string[] | undefined,
): [string, ResolvedEntryOptions][] {
  if (profiles === undefined) return []
  if (typeof profiles !== 'object' || profiles === null || Array.isArray(profiles)) {
    throw new InvalidOptionError('profiles', profiles, 'an object of options by key pattern')
  }
  return Object.entries(profiles).map(([pattern, profile]) => {
    const path = `profiles['${pattern}']`
    checkNames(path, profile, PROFILE_OPTION_NAMES)
    const { extends: extended, ...own } = profile
    const base =
      extended === undefined
        ? below
        : resolveEntryOptions(
            lifetimes[oneOf(`${path}.extends`, extended, LIFETIME_NAMES, extended)],
            below,
            path,
          )
    return [pattern, resolveEntryOptions(own, base, path, tierNames)]
  })
}
