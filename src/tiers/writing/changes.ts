/**
 * What is being changed in the tiers just now, so that nothing is promoted that was read while it changed: one tier
 * may have been asked before it heard of the change, and another after.
 *
 * 1. What was read since `mark` may be kept above only where `isClean` says so, and memory has not changed: changes
 *    of single keys that begin later are seen there.
 * 2. Changes of many keys at once are remembered until LOGGED newer ones have begun; then all counts as changed.
 */

/** Which entries a change of many concerns. */
export type Affects = (key: string, tags: readonly string[]) => boolean

export type Mark = number

const CHANGING: Mark = -1
const LOGGED = 64

export class Changes {
  /** How many changes of each key are under way. */
  readonly #keys = new Map<string, number>()
  /** The last ones, by their numbers, in order. */
  #ranges: { readonly number: number; readonly affects: Affects }[] = []
  readonly #underWay = new Set<number>()
  #next = 0

  /** Before the first tier is asked for the key. */
  mark(key: string): Mark {
    if (this.#keys.has(key)) return CHANGING
    // Why the first: a set is in the order of adding.
    for (const oldest of this.#underWay) return oldest
    return this.#next
  }

  /** Whether something is changing that may concern the key. */
  isUnderWay(key: string): boolean {
    return this.#underWay.size > 0 || this.#keys.has(key)
  }

  isClean(mark: Mark, key: string, tags: readonly string[]): boolean {
    if (mark === this.#next) return true
    if (mark === CHANGING || mark < this.#next - this.#ranges.length) return false
    return !this.#ranges.some(({ number, affects }) => number >= mark && affects(key, tags))
  }

  /** @param work begins the change, in memory too, before it returns */
  async ofKeys<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result> {
    for (const key of keys) this.#keys.set(key, (this.#keys.get(key) ?? 0) + 1)
    try {
      return await work()
    } finally {
      for (const key of keys) {
        const left = (this.#keys.get(key) as number) - 1
        if (left === 0) this.#keys.delete(key)
        else this.#keys.set(key, left)
      }
    }
  }

  /** @param work as above */
  async ofRange<Result>(affects: Affects, work: () => Promise<Result>): Promise<Result> {
    const number = this.#next++
    this.#ranges.push({ number, affects })
    if (this.#ranges.length > LOGGED) this.#ranges.shift()
    this.#underWay.add(number)
    try {
      return await work()
    } finally {
      this.#underWay.delete(number)
    }
  }
}

export function affectsTags(tags: readonly string[]): Affects {
  return (_key, ofEntry) => ofEntry.some((tag) => tags.includes(tag))
}

export function affectsPrefix(prefix: string): Affects {
  return (key) => key.startsWith(prefix)
}
