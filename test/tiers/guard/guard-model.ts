/**
 * What a reader of a guarded tier may see, while calls fail and overtake each other.
 *
 * 1. Every operation has a number, in the order in which they were begun; what a set stores is its number.
 * 2. A value is outdated for whoever knows of an operation with a higher number that covers it: a write of its
 *    key, or an invalidation of its key or of one of its tags.
 * 3. A reader knows of what had its answer before the read was begun, whichever answer; at the end everybody
 *    knows of everything.
 */
import type { TierEntry } from '../../../src/tiers/tier.js'

export interface Operation {
  readonly number: number
  /** Whether it leaves nothing of an older entry, or (`isSoft`) nothing that is fresh. */
  covers(key: string, entry: TierEntry): boolean
  readonly isSoft: boolean
  isAnswered: boolean
}

export class GuardModel {
  readonly #operations: Operation[] = []
  #number = 0

  next(): number {
    return ++this.#number
  }

  begin(covers: Operation['covers'], isSoft = false): Operation {
    const operation = { number: this.next(), covers, isSoft, isAnswered: false }
    this.#operations.push(operation)
    return operation
  }

  /** The operations that somebody knows of who comes now. */
  known(): Operation[] {
    return this.#operations.filter(({ isAnswered }) => isAnswered)
  }

  all(): Operation[] {
    return this.#operations
  }
}

/** What is wrong with an entry for someone who knows of these operations; undefined: nothing. */
export function outdated(
  key: string,
  entry: TierEntry | undefined,
  known: readonly Operation[],
): string | undefined {
  if (entry === undefined) return undefined
  const value = Number(Buffer.from(entry.payload).toString())
  const isFresh = entry.expiresAt > 0
  const newer = known.find(
    ({ number, covers, isSoft }) => number > value && (isFresh || !isSoft) && covers(key, entry),
  )
  return newer && `${key} is ${value}, but ${newer.number} was later`
}
