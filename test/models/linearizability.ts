/**
 * Whether a history of one key is linearizable: whether each operation can be given one moment between its
 * beginning and its end at which it took effect, so that all results are what a single thread would have seen.
 *
 * The search is that of Wing and Gong (Testing and Verifying Concurrent Objects, 1993), in the just-in-time
 * form of Lowe (Testing for Linearizability, 2017), as in Knossos: it goes through beginnings and ends in the
 * order of time, and keeps all configurations that the history so far may have led to: a state of the key,
 * and which of the operations under way have taken effect. Equal ones are merged. An operation is put in
 * order no sooner than at its end, with any others under way before it. So it forgets what is over: with t
 * threads there are at most t operations under way, and seldom more than a handful of configurations.
 *
 * 1. An operation that changes nothing in a configuration takes effect there at once: that excludes nothing,
 *    unless it never ends; then it may change something later.
 * 2. Of two configurations that differ in operations which never end, the one in which fewer of these have
 *    taken effect stands for both.
 *
 * Costs about a microsecond an operation. Threads that die leave operations that never end: 30 may be under
 * way at a time.
 */
import { ANYTHING, apply, EMPTY, isReading, type KeyState, type Operation } from './shared-key.js'

export interface CheckOptions {
  /** Whether values may go by themselves (evictions). Default false. */
  mayLose?: boolean
}

/** Why a history is not linearizable. */
export interface Violation {
  /** The shortest stretch that has no order, in the order they began. */
  operations: Operation[]
  /** Whether it has none because the key was empty before it; else it has none whatever was before it. */
  isFromBeginning: boolean
  /** How many operations had ended, and were in order, before the first that fits nowhere. */
  checked: number
}

const MAX_UNDER_WAY = 30

/** @param operations of one key, in any order; at equal times beginnings come before ends */
export function checkHistory(
  operations: readonly Operation[],
  { mayLose = false }: CheckOptions = {},
): Violation | undefined {
  const ordered = [...operations].sort((one, other) => one.invokedAt - other.invokedAt)
  const failure = new Search(mayLose, EMPTY).run(ordered)
  if (failure === undefined) return undefined
  const relevant = ordered.filter(({ invokedAt }) => invokedAt <= failure.operation.respondedAt)
  return { ...shorten(relevant, mayLose), checked: failure.checked }
}

interface Configuration {
  state: KeyState
  /** Of the operations under way, those that have taken effect: a bit a slot. */
  done: number
}

class Search {
  readonly #mayLose: boolean
  readonly #underWay: (Operation | undefined)[] = []
  #configurations: Configuration[]
  /** The slots of operations that never end. */
  #unended = 0
  #checked = 0

  constructor(mayLose: boolean, start: KeyState) {
    this.#mayLose = mayLose
    this.#configurations = [{ state: start, done: 0 }]
  }

  /**
   * @param ordered by their beginnings
   * @param since operations that began earlier may have taken effect before all others
   * @returns the first operation that fits nowhere
   */
  run(
    ordered: readonly Operation[],
    since = Number.NEGATIVE_INFINITY,
  ): { operation: Operation; checked: number } | undefined {
    for (const operation of ordered) {
      const failed = this.#endAllBefore(operation.invokedAt)
      if (failed !== undefined) return { operation: failed, checked: this.#checked }
      this.#begin(operation, operation.invokedAt < since)
    }
    const failed = this.#endAllBefore(Number.POSITIVE_INFINITY)
    return failed && { operation: failed, checked: this.#checked }
  }

  #begin(operation: Operation, mayBeDone: boolean): void {
    let slot = this.#underWay.indexOf(undefined)
    if (slot < 0) slot = this.#underWay.length
    if (slot >= MAX_UNDER_WAY) throw new Error(`more than ${MAX_UNDER_WAY} operations under way`)
    this.#underWay[slot] = operation
    const bit = 1 << slot
    if (operation.respondedAt === Number.POSITIVE_INFINITY) this.#unended |= bit
    const before = this.#configurations
    this.#configurations = []
    for (const { state, done } of before) {
      const isIdle = (this.#unended & bit) === 0 && apply(state, operation, this.#mayLose) === state
      this.#add({ state, done: isIdle ? done | bit : done })
      if (mayBeDone) this.#add({ state, done: done | bit })
    }
  }

  /** Ends what ended before that time, in the order of their ends; the first that fits nowhere. */
  #endAllBefore(time: number): Operation | undefined {
    for (;;) {
      let first = -1
      let firstEnd = time
      for (let slot = 0; slot < this.#underWay.length; slot++) {
        const end = this.#underWay[slot]?.respondedAt ?? Number.POSITIVE_INFINITY
        if (end < firstEnd) {
          first = slot
          firstEnd = end
        }
      }
      if (first < 0) return undefined
      if (!this.#end(first)) return this.#underWay[first]
      this.#underWay[first] = undefined
      this.#checked++
    }
  }

  /** Whether there is a configuration in which the operation of that slot has taken effect by now. */
  #end(slot: number): boolean {
    const bit = 1 << slot
    const reached = this.#configurations
    this.#configurations = []
    const visited: Configuration[] = []
    for (const configuration of reached) {
      if ((configuration.done & bit) === 0) this.#explore(configuration, slot, visited)
      else this.#add({ state: configuration.state, done: configuration.done & ~bit })
    }
    return this.#configurations.length > 0
  }

  /** All ways in which the operation of that slot can take effect, others that are under way before it. */
  #explore(from: Configuration, slot: number, visited: Configuration[]): void {
    if (visited.some((other) => isSame(from, other))) return
    visited.push(from)
    for (let index = 0; index < this.#underWay.length; index++) {
      const operation = this.#underWay[index]
      if (operation === undefined || (from.done & (1 << index)) !== 0) continue
      const state = apply(from.state, operation, this.#mayLose)
      if (state === undefined) continue
      const next = this.#settle({ state, done: from.done | (1 << index) })
      if (index === slot) this.#add({ state, done: next.done & ~(1 << slot) })
      else if ((next.done & (1 << slot)) !== 0) {
        this.#add({ state: next.state, done: next.done & ~(1 << slot) })
      } else this.#explore(next, slot, visited)
    }
  }

  /** Whatever changes nothing takes effect at once. */
  #settle({ state, done }: Configuration): Configuration {
    let settled = done
    for (let index = 0; index < this.#underWay.length; index++) {
      const operation = this.#underWay[index]
      if (operation === undefined || ((settled | this.#unended) & (1 << index)) !== 0) continue
      if (apply(state, operation, this.#mayLose) === state) settled |= 1 << index
    }
    return { state, done: settled }
  }

  #add(configuration: Configuration): void {
    const all = this.#configurations
    for (let index = 0; index < all.length; index++) {
      const other = all[index]
      if (!isSameState(configuration.state, other.state)) continue
      if (((configuration.done ^ other.done) & ~this.#unended) !== 0) continue
      if ((other.done & ~configuration.done) === 0) return
      if ((configuration.done & ~other.done) === 0) {
        all[index] = configuration
        return
      }
    }
    all.push(configuration)
  }
}

function isSame(one: Configuration, other: Configuration): boolean {
  return one.done === other.done && isSameState(one.state, other.state)
}

function isSameState(one: KeyState, other: KeyState): boolean {
  return (
    one === other ||
    (one.value === other.value &&
      one.version === other.version &&
      one.isVersionCurrent === other.isVersionCurrent)
  )
}

/** The shortest end of a history that has no order from whatever state, without the reads it can spare. */
function shorten(
  ordered: readonly Operation[],
  mayLose: boolean,
): Pick<Violation, 'operations' | 'isFromBeginning'> {
  const byEnd = [...ordered].sort((one, other) => one.respondedAt - other.respondedAt)
  const { length } = byEnd
  const fails = (count: number): boolean => {
    const since = count < length ? byEnd[length - count - 1].respondedAt : Number.NEGATIVE_INFINITY
    return hasNoOrder(stretch(ordered, since), since, mayLose)
  }
  let least = 1
  while (least < length && !fails(least)) least *= 2
  let low = Math.floor(least / 2)
  let high = Math.min(least, length)
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (fails(middle)) high = middle
    else low = middle
  }
  const since = high < length ? byEnd[length - high - 1].respondedAt : Number.NEGATIVE_INFINITY
  const isFromBeginning = since === Number.NEGATIVE_INFINITY
  return { operations: thin(stretch(ordered, since), since, mayLose), isFromBeginning }
}

function stretch(ordered: readonly Operation[], since: number): Operation[] {
  return ordered.filter(({ respondedAt }) => respondedAt > since)
}

/** @param since the state then is not known, unless it is that of the very beginning */
function hasNoOrder(ordered: readonly Operation[], since: number, mayLose: boolean): boolean {
  const start = since === Number.NEGATIVE_INFINITY ? EMPTY : ANYTHING
  return new Search(mayLose, start).run(ordered, since) !== undefined
}

/** Drops reads, many at a time and then fewer. Why reads only: without them nothing becomes illegal that was legal. */
function thin(ordered: Operation[], since: number, mayLose: boolean): Operation[] {
  let thinned = ordered
  for (let size = thinned.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < thinned.length; start += size) {
      const without = thinned.filter((operation, index) => {
        return index < start || index >= start + size || !isReading(operation)
      })
      if (without.length < thinned.length && hasNoOrder(without, since, mayLose)) thinned = without
    }
  }
  return thinned
}
