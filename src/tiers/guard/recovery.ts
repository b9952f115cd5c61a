/**
 * Brings a tier back: looks whether it works again while the breaker is open, and repairs what it has missed.
 *
 * 1. There is one round at a time, and one timer, which keeps no process alive. It runs only while the breaker is
 *    not closed, something is marked, or a write is stuck.
 * 2. Pauses between rounds grow, with jitter, up to `halfOpenAfterMs`; news that the tier is back cuts them short.
 * 3. What is marked stays hidden until its repair is done. A repair that fails holds up no other kind of repair.
 */
import { ExponentialBackoff, type IBackoff } from 'cockatiel'
import type { AnswerChecks } from './answers.js'
import type { KeyWriter } from './key-writes.js'
import type { GuardParts } from './parts.js'
import type { RangeWriter } from './range-writes.js'

/** Looked up to see whether the tier answers; no entry has it. */
const PROBE_KEY = 'hotset:probe'
const MAX_BATCH = 500
/** After so many timeouts a call that has not settled is taken for lost. */
const ABANDON_TIMEOUTS = 10
const PAUSE_STEPS = 8

export class Recovery {
  readonly #parts: GuardParts
  readonly #keys: KeyWriter
  readonly #ranges: RangeWriter
  readonly #checks: AnswerChecks
  readonly #pauses: ExponentialBackoff<unknown>
  #pause: IBackoff<unknown> | undefined
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #isAgain = false
  #isEnded = false
  #batch = MAX_BATCH

  constructor(parts: GuardParts, keys: KeyWriter, ranges: RangeWriter, checks: AnswerChecks) {
    this.#parts = parts
    this.#checks = checks
    this.#keys = keys
    this.#ranges = ranges
    const { halfOpenAfterMs } = parts.options
    this.#pauses = new ExponentialBackoff({
      initialDelay: Math.max(1, halfOpenAfterMs / PAUSE_STEPS),
      maxDelay: halfOpenAfterMs,
    })
  }

  /** There is something to do: after a pause, as what has just failed would fail again. */
  wake(): void {
    if (this.#isEnded || this.#timer !== undefined || this.#round !== undefined) return
    this.#pause = this.#pause?.next(undefined) ?? this.#pauses.next()
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.now()
    }, this.#pause.duration)
    this.#timer.unref()
  }

  /** At once: the tier is said to work. */
  now(): void {
    if (this.#isEnded) return
    if (this.#round !== undefined) {
      this.#isAgain = true
      return
    }
    if (!this.#isNeeded) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#round = this.#run().finally(() => {
      this.#round = undefined
      const isAgain = this.#isAgain
      this.#isAgain = false
      if (!this.#isNeeded) this.#pause = undefined
      else if (isAgain) this.now()
      else this.wake()
    })
  }

  /** The last chance of what is marked, and the end of the timer. */
  async end(): Promise<void> {
    if (!this.#parts.repairs.isEmpty) this.now()
    this.#isEnded = true
    clearTimeout(this.#timer)
    await this.#round
  }

  get #isNeeded(): boolean {
    const { caller, lanes, repairs } = this.#parts
    return !caller.circuit.isClosed || !repairs.isEmpty || lanes.stuckCount > 0
  }

  async #run(): Promise<void> {
    const { caller, lanes, options, repairs, tell, tier } = this.#parts
    lanes.abandon(performance.now() - ABANDON_TIMEOUTS * options.timeoutMs)
    if (!caller.circuit.isClosed) {
      await caller.call({
        operation: 'get',
        kind: 'probe',
        timeoutMs: options.timeoutMs,
        attempt: () => tier.get(PROBE_KEY),
      })
      if (!caller.circuit.isClosed) return
    }
    const isAll = repairs.isAll && (await this.#repairAll())
    const keys = await this.#repairKeys()
    const ranges = await this.#repairRanges()
    caller.figures.counts.repaired += keys
    if (isAll || keys + ranges > 0) tell('repaired', { tier: tier.name, keys, all: isAll })
  }

  async #repairAll(): Promise<boolean> {
    if (!this.#mayRange()) return false
    return (await this.#ranges.clear('repair')).isDone
  }

  /** How many left the list. */
  async #repairKeys(): Promise<number> {
    const { repairs } = this.#parts
    let repaired = 0
    // Why the bound: what is marked meanwhile is for the next round.
    for (let left = repairs.isAll ? 0 : repairs.keys.size; left > 0; ) {
      const keys = this.#nextKeys(Math.min(left, this.#batch))
      if (keys.length === 0) break
      left -= keys.length
      const isDone = await this.#repairBatch(keys)
      repaired += keys.filter((key) => !repairs.keys.has(key)).length
      if (!isDone) break
    }
    return repaired
  }

  #nextKeys(count: number): string[] {
    const { lanes, repairs } = this.#parts
    const keys: string[] = []
    for (const key of repairs.keys.keys()) {
      // Why not a busy one: what is under way repairs it, or marks it again.
      if (!lanes.isBusy(key)) keys.push(key)
      if (keys.length === count) break
    }
    return keys
  }

  async #repairBatch(keys: string[]): Promise<boolean> {
    const { repairs, tier } = this.#parts
    const written = await this.#keys.write({
      operation: 'delete',
      kind: 'repair',
      writes: keys.map((key) => ({ key, replaces: true, tags: undefined })),
      send: async (places) => {
        const asked = places.map((place) => keys[place])
        return this.#checks.flags('delete', await tier.delete(asked), asked.length)
      },
      isReplaced: () => true,
    })
    if (written.every(({ outcome }) => outcome !== 'failed')) {
      this.#batch = Math.min(MAX_BATCH, 2 * this.#batch)
      return true
    }
    // Why: a key that the tier can never delete must not hold up the others. It comes last next time, and with
    // ever fewer others.
    this.#batch = Math.max(1, this.#batch >> 1)
    for (const key of keys) {
      const mark = repairs.keys.get(key)
      if (mark === undefined) continue
      repairs.keys.delete(key)
      repairs.keys.set(key, mark)
    }
    return false
  }

  /** How many were done. */
  async #repairRanges(): Promise<number> {
    const { repairs } = this.#parts
    if (repairs.isAll || !this.#mayRange()) return 0
    let done = 0
    for (const soft of [true, false]) {
      const tags = [...repairs.tags].filter(([, mark]) => mark.soft === soft).map(([tag]) => tag)
      for (let at = 0; at < tags.length; at += MAX_BATCH) {
        const some = tags.slice(at, at + MAX_BATCH)
        if (!(await this.#ranges.tags(some, soft, 'repair')).isDone) break
        done += some.length
      }
    }
    for (const prefix of [...repairs.prefixes.keys()]) {
      if (!(await this.#ranges.prefix(prefix, 'repair')).isDone) break
      done++
    }
    for (const glob of [...repairs.patterns.keys()]) {
      if (!(await this.#ranges.pattern(glob, 'repair')).isDone) break
      done++
    }
    return done
  }

  /** Why: a scan that outlasts its time must not be begun again and again beside itself. */
  #mayRange(): boolean {
    const { options } = this.#parts
    const abandonMs = ABANDON_TIMEOUTS * options.timeoutMs
    return this.#ranges.underWay === 0 || performance.now() - this.#ranges.underWaySince > abandonMs
  }
}
