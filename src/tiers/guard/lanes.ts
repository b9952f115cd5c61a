/**
 * The order of writes to a key: one at a time, in the order in which they were begun.
 *
 * 1. A lane is a list of turns, the oldest first; only that one may be at the tier. Keys have a lane each, and
 *    none while nothing is under way.
 * 2. A turn that replaces what is there (a set, a delete) overtakes those in front of it that do the same:
 *    they need no further attempt. A turn that looks at what is there (take, expire) is overtaken by none, and
 *    what stands in front of it neither.
 * 3. A turn whose call has timed out is stuck: the call may reach the tier yet, so nothing else is sent until it
 *    has settled, or is abandoned. Those that wait behind it leave, and none enters.
 */

export interface TurnKind {
  /** What was there before does not matter after it. */
  readonly replaces: boolean
  /** The tags of the entry that it stores; undefined: it stores nothing. */
  readonly tags: readonly string[] | undefined
}

export class Turn {
  readonly key: string
  /** Its number in the order of all writes. */
  readonly begun: number
  readonly kind: TurnKind
  previous: Turn | undefined
  next: Turn | undefined
  /** A newer write takes its place. */
  isOvertaken = false
  /** An invalidation that covers it was begun after it: what it stores must not stay. */
  isInvalidated = false
  isStuck = false
  isGone = false
  stuckSince = 0
  wake: (() => void) | undefined

  constructor(key: string, begun: number, kind: TurnKind) {
    this.key = key
    this.begun = begun
    this.kind = kind
  }

  /** Whether it still is to be done. */
  get isWanted(): boolean {
    return !this.isOvertaken && !this.isInvalidated
  }
}

export class Lanes {
  readonly #last = new Map<string, Turn>()
  readonly #stuck = new Map<string, Turn>()

  get stuckCount(): number {
    return this.#stuck.size
  }

  isBusy(key: string): boolean {
    return this.#last.has(key)
  }

  isStuck(key: string): boolean {
    return this.#stuck.size > 0 && this.#stuck.has(key)
  }

  /** Only where the lane is not stuck. */
  enter(key: string, begun: number, kind: TurnKind): Turn {
    const turn = new Turn(key, begun, kind)
    const previous = this.#last.get(key)
    this.#last.set(key, turn)
    if (previous === undefined) return turn
    turn.previous = previous
    previous.next = turn
    if (kind.replaces) overtake(previous)
    return turn
  }

  /** Resolves when it is the turn's turn, it is not wanted any more, its lane is stuck, or time is over. */
  wait(turn: Turn, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, timeoutMs))
      turn.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Nothing of it can reach the tier any more, or nothing was sent. Twice is once. */
  leave(turn: Turn): void {
    if (turn.isGone) return
    turn.isGone = true
    const { key, previous, next } = turn
    if (this.#stuck.get(key) === turn) this.#stuck.delete(key)
    if (previous !== undefined) previous.next = next
    if (next !== undefined) next.previous = previous
    if (next === undefined) {
      if (previous === undefined) this.#last.delete(key)
      else this.#last.set(key, previous)
    } else if (previous === undefined) {
      next.wake?.()
    }
  }

  /** Its call has timed out, and has not settled. */
  stick(turn: Turn): void {
    turn.isStuck = true
    turn.stuckSince = performance.now()
    this.#stuck.set(turn.key, turn)
    for (let behind = turn.next; behind !== undefined; behind = behind.next) behind.wake?.()
  }

  /** Gives up the stuck turns that have not settled since; their calls are taken for lost. */
  abandon(stuckBefore: number): void {
    for (const turn of this.#stuck.values()) {
      if (turn.stuckSince <= stuckBefore) this.leave(turn)
    }
  }

  /** An invalidation is begun: it has to hold for what is under way too. */
  invalidate(covers: (key: string, tags: readonly string[]) => boolean): void {
    for (const last of this.#last.values()) {
      for (let turn: Turn | undefined = last; turn !== undefined; turn = turn.previous) {
        const { tags } = turn.kind
        if (tags === undefined || !covers(turn.key, tags)) continue
        turn.isInvalidated = true
        turn.wake?.()
      }
    }
  }
}

function overtake(from: Turn): void {
  for (let turn: Turn | undefined = from; turn?.kind.replaces; turn = turn.previous) {
    turn.isOvertaken = true
    turn.wake?.()
  }
}
