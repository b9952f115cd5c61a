/**
 * Which keys had better not be cached: prefixes and single keys that are asked for often enough to matter, or
 * hold enough of the cache, and hardly ever hit.
 *
 * 1. Two standard errors on the safe side, of MIN_SAMPLED_READS or more; nothing is said of less.
 * 2. Nothing is said where the others hardly hit either: it is not these keys then.
 * 3. A prefix below one that is named is not named again, and no key of it.
 *
 * A single key with that many reads can miss them only where something takes its object away, or it is
 * refused: single keys are not looked at in a trace that has neither sizes, lifetimes nor writes.
 */
import { hasLifetimes } from '../caches/curve-cache.js'
import type { CurveData, Trial } from '../job.js'
import type { KeyBook } from './key-book.js'
import { type GroupFigures, KeySums, type Sums } from './key-sums.js'
import { NO_PREFIX } from './prefix-tree.js'
import type { UncachedGroup } from './spec.js'

export const MAX_HIT_RATIO = 0.05
const MIN_READ_SHARE = 0.02
const MIN_HELD_SHARE = 0.05
/** Above that it is the traffic, not a part of it. */
const MAX_READ_SHARE = 0.9
const MIN_KEY_SHARE = 0.005
const MIN_SAMPLED_READS = 500
const MIN_REST_HIT_RATIO = 0.15
const MAX_GROUPS = 3
const ERRORS = 2
const NOTHING: Sums = { reads: 0, hits: 0, held: 0 }

export interface Uncached {
  groups: UncachedGroup[]
  /** By key: 1 where it is in one of them. */
  members: Uint8Array
  /** Of all reads: theirs. */
  readShare: number
}

/** Whether the trace has anything that could be named. */
export function mayBeUncached(book: KeyBook, data: CurveData): boolean {
  return book.prefixes.count > 1 || (book.named > 0 && canMissOften(data))
}

/** @param trial an ordinary run */
export function findUncached(book: KeyBook, data: CurveData, trial: Trial): Uncached | undefined {
  const sums = new KeySums(data, trial)
  const named = new Set<number>()
  const found = [
    ...findPrefixes(book, data, sums, named),
    ...(canMissOften(data) ? findKeys(book, data, sums, named) : []),
  ]
    .sort((a, b) => weightOf(b.figures) - weightOf(a.figures))
    .slice(0, MAX_GROUPS)
  if (found.length === 0) return undefined
  const members = join(found.map((group) => group.members))
  if (restHitRatio(members, data, sums) < MIN_REST_HIT_RATIO) return undefined
  return {
    groups: found.map(({ prefix, key, figures }) => ({ prefix, key, ...figures })),
    members,
    readShare: found.reduce((sum, { figures }) => sum + figures.readShare, 0),
  }
}

interface Found {
  prefix: string | undefined
  key: string | undefined
  figures: GroupFigures
  members: Uint8Array
}

/** @param named what is found is added to it */
function findPrefixes(book: KeyBook, data: CurveData, sums: KeySums, named: Set<number>): Found[] {
  const found: Found[] = []
  const byPrefix = sums.byPrefix(book)
  for (const [prefix, number] of book.prefixes.entries()) {
    if (!isPoor(byPrefix.get(number)) || isUnder(book, number, named)) continue
    const members = membersOf(book, number, data.sample.keys)
    const figures = sums.figuresOf(members)
    if (!isWorthNaming(figures)) continue
    named.add(number)
    found.push({ prefix, key: undefined, figures, members })
  }
  return found
}

function findKeys(
  book: KeyBook,
  data: CurveData,
  sums: KeySums,
  named: ReadonlySet<number>,
): Found[] {
  const found: Found[] = []
  for (let key = 0; key < book.named; key++) {
    if (!isPoor(sums.of(key)) || isUnder(book, book.prefixOf(key), named)) continue
    const figures = sums.figuresOfKey(key)
    if (figures.readShare < MIN_KEY_SHARE) continue
    const members = new Uint8Array(data.sample.keys)
    members[key] = 1
    found.push({ prefix: undefined, key: book.nameOf(key), figures, members })
  }
  return found
}

/** Before the errors are known, which cost a walk over all keys. */
function isPoor(sums: Sums | undefined): boolean {
  const { reads, hits } = sums ?? NOTHING
  return reads >= MIN_SAMPLED_READS && hits < reads * MAX_HIT_RATIO
}

function isWorthNaming(figures: GroupFigures): boolean {
  const { readShare, readShareError, heldShare, hitRatio, hitRatioError } = figures
  const least = readShare - ERRORS * readShareError
  if (hitRatio + ERRORS * hitRatioError >= MAX_HIT_RATIO || readShare > MAX_READ_SHARE) return false
  return least >= MIN_READ_SHARE || heldShare >= MIN_HELD_SHARE
}

function weightOf({ readShare, heldShare }: GroupFigures): number {
  return Math.max(readShare, heldShare)
}

/** Whether the prefix, or one above it, is among those. */
function isUnder({ prefixes }: KeyBook, number: number, named: ReadonlySet<number>): boolean {
  for (let above = number; above !== NO_PREFIX; above = prefixes.parentOf(above)) {
    if (named.has(above)) return true
  }
  return false
}

function membersOf(book: KeyBook, prefix: number, keys: number): Uint8Array {
  const members = new Uint8Array(keys)
  const named = new Set([prefix])
  for (let key = 0; key < keys; key++)
    if (isUnder(book, book.prefixOf(key), named)) members[key] = 1
  return members
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return parts[0].map((_, key) => (parts.some((part) => part[key] === 1) ? 1 : 0))
}

function restHitRatio(members: Uint8Array, { sample }: CurveData, sums: KeySums): number {
  let reads = 0
  let hits = 0
  for (let key = 0; key < sample.keys; key++) {
    if (members[key] === 1) continue
    const one = sums.of(key)
    reads += one.reads
    hits += one.hits
  }
  return hits / Math.max(1, reads)
}

function canMissOften({ sample, unit, ttlMs }: CurveData): boolean {
  return unit === 'bytes' || sample.operations !== undefined || hasLifetimes(sample, ttlMs)
}
