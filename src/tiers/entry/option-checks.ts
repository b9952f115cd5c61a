/**
 * The checks of one entry's options (options.ts), one function a kind. Each has what holds below, which is
 * the answer where nothing is given, and the path of the option for its error.
 */
import { InvalidOptionError } from '../../cache/errors.js'
import { checkTag, MAX_PRIORITY, MAX_TAGS, MAX_TAGS_BYTES } from '../../cache/options.js'
import { type Duration, parseDurationMs } from '../../cache/units.js'
import { RESERVED } from '../memory/reserved.js'

export const MAX_DEPENDENCIES = 1024

export const FOR_EVER = Number.POSITIVE_INFINITY

/** Why only here: a path is put together where there is one, and that is never in a call. */
function named(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** @param bound what may stand there beside a duration: 0 for "not at all", Infinity for "no limit" */
export function duration(
  value: Duration | undefined,
  below: number,
  bound: number,
  path: string,
  name: string,
): number {
  if (value === undefined) return below
  return value === bound ? bound : parseDurationMs(value, named(path, name))
}

export function resolveByTier(
  given: unknown,
  below: ReadonlyMap<string, number> | undefined,
  path: string,
  tierNames: readonly string[] | undefined,
): ReadonlyMap<string, number> {
  if (given === null || Array.isArray(given)) {
    const allowed = "a duration, or one by the name of the tier: { memory: '1m', redis: '1h' }"
    throw new InvalidOptionError(named(path, 'ttl'), given, allowed)
  }
  const byTier = new Map(below)
  for (const [tierName, value] of Object.entries(given as Record<string, Duration>)) {
    const name = `ttl.${tierName}`
    if (tierNames !== undefined && !tierNames.includes(tierName)) {
      const allowed = `a tier's name: ${tierNames.join(', ')}`
      throw new InvalidOptionError(named(path, name), value, allowed)
    }
    if (value !== undefined) byTier.set(tierName, duration(value, 0, FOR_EVER, path, name))
  }
  return byTier
}

export function within(
  value: number | undefined,
  below: number,
  most: number,
  path: string,
  name: string,
): number {
  if (value === undefined) return below
  if (!(typeof value === 'number' && value >= 0 && value <= most)) {
    throw new InvalidOptionError(named(path, name), value, `a number from 0 to ${most}`)
  }
  return value
}

export function resolveTags(
  given: readonly string[],
  below: readonly string[],
  path: string,
): readonly string[] {
  const tags = add(given, below)
  let totalBytes = 0
  if (tags !== undefined) {
    for (let index = 0; index < given.length; index++) {
      checkTag(given[index], named(path, 'tags'), index)
      if (given[index].startsWith(RESERVED)) {
        const option = `${named(path, 'tags')}[${index}]`
        throw new InvalidOptionError(option, given[index], `a name without '\\0hotset:' before it`)
      }
    }
    for (const tag of tags) totalBytes += Buffer.byteLength(tag)
  }
  if (tags === undefined || tags.length > MAX_TAGS || totalBytes > MAX_TAGS_BYTES) {
    const allowed = `an array of at most ${MAX_TAGS} names of at most ${MAX_TAGS_BYTES} bytes together, those of the profile and the cache included`
    throw new InvalidOptionError(named(path, 'tags'), given, allowed)
  }
  return tags
}

export function resolveDependencies(
  given: readonly string[],
  below: readonly string[],
  path: string,
): readonly string[] {
  const keys = add(given, below)
  if (
    keys === undefined ||
    keys.length > MAX_DEPENDENCIES ||
    keys.some((key) => typeof key !== 'string')
  ) {
    const allowed = `an array of at most ${MAX_DEPENDENCIES} keys`
    throw new InvalidOptionError(named(path, 'dependsOn'), given, allowed)
  }
  return keys
}

/** A list of one's own, each name once; undefined where what is given is no list. */
function add(given: readonly string[], below: readonly string[]): readonly string[] | undefined {
  if (!Array.isArray(given)) return undefined
  return below.length === 0 ? given.slice() : [...new Set([...below, ...given])]
}

export function resolvePriority(value: number | undefined, below: number, path: string): number {
  if (value === undefined) return below
  if (!(Number.isInteger(value) && value >= 0 && value <= MAX_PRIORITY)) {
    const allowed = `a whole number from 0 to ${MAX_PRIORITY}`
    throw new InvalidOptionError(named(path, 'priority'), value, allowed)
  }
  return value
}

export function resolveSliding(value: boolean | undefined, below: boolean, path: string): boolean {
  if (value === undefined) return below
  if (typeof value !== 'boolean') {
    throw new InvalidOptionError(named(path, 'sliding'), value, 'true or false')
  }
  return value
}

export function resolveLock(
  value: 'distributed' | false | undefined,
  below: 'distributed' | false,
  path: string,
): 'distributed' | false {
  if (value === undefined) return below
  if (value !== 'distributed' && value !== false) {
    throw new InvalidOptionError(named(path, 'lock'), value, "'distributed' or false")
  }
  return value
}
