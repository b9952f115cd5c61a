/**
 * Which keys are to be saved next: those with a new write, in the order in which they came, and those whose
 * write was refused and whose pause is over.
 *
 * 1. A key is in one of the three: fresh, paused, due; or in none, while its write is at the store.
 * 2. Fresh ones are held back until there are `flushSize` of them or `drain` was called after they came: so
 *    that several writes of a key become one save.
 */
import type { PendingKey } from './pending-writes.js'

export class FlushQueue {
  readonly #flushSize: number
  readonly #onFresh: () => void
  /** With the number of the first write since the key came here. */
  readonly #fresh = new Map<PendingKey, number>()
  readonly #paused = new Map<PendingKey, NodeJS.Timeout>()
  readonly #due = new Set<PendingKey>()
  #drainThrough = 0

  /** @param onFresh called when a key became fresh: somebody has to drain the queue in time */
  constructor(flushSize: number, onFresh: () => void) {
    this.#flushSize = flushSize
    this.#onFresh = onFresh
  }

  get freshCount(): number {
    return this.#fresh.size
  }

  get pausedCount(): number {
    return this.#paused.size + this.#due.size
  }

  addFresh(key: PendingKey): void {
    this.remove(key)
    if (key.waiting === undefined) return
    this.#fresh.set(key, key.waiting.sequence)
    this.#onFresh()
  }

  /** A newer write waits now: a key that is fresh keeps its place, one that was refused begins anew. */
  renew(key: PendingKey): void {
    if (!this.#fresh.has(key)) this.addFresh(key)
  }

  /** @param onDue called when the pause is over */
  pause(key: PendingKey, pauseMs: number, onDue: () => void): void {
    this.remove(key)
    const timer = setTimeout(() => {
      this.#paused.delete(key)
      this.#due.add(key)
      onDue()
    }, pauseMs)
    timer.unref()
    this.#paused.set(key, timer)
  }

  remove(key: PendingKey): void {
    clearTimeout(this.#paused.get(key))
    this.#paused.delete(key)
    this.#due.delete(key)
    this.#fresh.delete(key)
  }

  /** What has come up to this write need not wait for more. */
  drain(sequence: number): void {
    this.#drainThrough = sequence
  }

  takeDue(): PendingKey | undefined {
    for (const key of this.#due) {
      this.#due.delete(key)
      return key
    }
    return undefined
  }

  get hasFresh(): boolean {
    if (this.#fresh.size >= this.#flushSize) return true
    for (const since of this.#fresh.values()) return since <= this.#drainThrough
    return false
  }

  /**
   * The first fresh keys whose writes are all of one kind.
   * @param limit by kind: how many the store takes at a time
   */
  takeFresh(limit: Record<'save' | 'remove', number>): PendingKey[] {
    const taken: PendingKey[] = []
    const isFull = this.#fresh.size >= this.#flushSize
    for (const [key, since] of this.#fresh) {
      const kind = key.waiting?.kind ?? 'save'
      const isOfOneKind = taken.length === 0 || taken[0].waiting?.kind === kind
      if (!isOfOneKind || taken.length >= limit[kind]) break
      if (!isFull && since > this.#drainThrough) break
      taken.push(key)
    }
    for (const key of taken) this.#fresh.delete(key)
    return taken
  }

  /** Ends all pauses: nothing comes due any more. */
  stop(): void {
    for (const timer of this.#paused.values()) clearTimeout(timer)
  }
}
