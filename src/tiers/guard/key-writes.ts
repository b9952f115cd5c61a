/**
 * Writes of keys: in their lanes, and marked for repair where they may not have been done.
 *
 * 1. Writes of one call go to the tier together where nothing of their keys is under way; each of the others
 *    goes alone when it is its turn.
 * 2. A write that failed marks its key, whether a newer write stands behind it or not; a newer write that is
 *    done takes the mark away (repairs.ts, 1).
 * 3. A write that a newer one of the same key has overtaken is not (or not again) sent: 'refused', as after
 *    `ifUnchanged` where the key has changed. It is no failure: the newer write answers for the key.
 * 4. A stored entry that an invalidation begun after it covers is marked: it may have arrived later than that.
 */
import { type Call, type Failure, notAsked } from './caller.js'
import { isCallerError } from './errors.js'
import type { Turn, TurnKind } from './lanes.js'
import type { GuardParts } from './parts.js'

export interface KeyWrite extends TurnKind {
  readonly key: string
}

export interface WriteBatch<T> {
  readonly operation: string
  readonly kind: Call<T[]>['kind']
  readonly writes: readonly KeyWrite[]
  /** The tier's call for the writes at these places: an answer each. */
  send(places: readonly number[]): Promise<T[]>
  /** Whether nothing older is left under the key after this answer. */
  isReplaced(answer: T): boolean
}

export type Written<T> = { readonly outcome: 'done'; readonly answer: T } | NotWritten
export type NotWritten = { readonly outcome: 'refused' | 'failed' }

const REFUSED: NotWritten = { outcome: 'refused' }
const FAILED: NotWritten = { outcome: 'failed' }

export class KeyWriter {
  readonly #parts: GuardParts

  constructor(parts: GuardParts) {
    this.#parts = parts
  }

  async write<T>(batch: WriteBatch<T>): Promise<Written<T>[]> {
    const { lanes, options, repairs } = this.#parts
    const deadlineAt = performance.now() + options.timeoutMs
    const answers = new Array<Written<T>>(batch.writes.length)
    const together: number[] = []
    const alone: number[] = []
    const stuck: number[] = []
    const turns = batch.writes.map((write, place) => {
      const begun = repairs.next()
      if (lanes.isStuck(write.key)) {
        stuck.push(place)
        repairs.markKey(write.key, begun)
        return undefined
      }
      const turn = lanes.enter(write.key, begun, write)
      if (turn.previous === undefined) together.push(place)
      else alone.push(place)
      return turn
    })
    const run = new BatchRun(this.#parts, batch, turns, answers, deadlineAt)
    run.failStuck(stuck)
    await Promise.all([run.send(together), ...alone.map((place) => run.sendInTurn(place))])
    return answers
  }
}

class BatchRun<T> {
  readonly #parts: GuardParts
  readonly #batch: WriteBatch<T>
  readonly #turns: readonly (Turn | undefined)[]
  readonly #answers: Written<T>[]
  readonly #deadlineAt: number

  constructor(
    parts: GuardParts,
    batch: WriteBatch<T>,
    turns: readonly (Turn | undefined)[],
    answers: Written<T>[],
    deadlineAt: number,
  ) {
    this.#parts = parts
    this.#batch = batch
    this.#turns = turns
    this.#answers = answers
    this.#deadlineAt = deadlineAt
  }

  /** An earlier write of these keys may reach the tier yet: nothing is sent. */
  failStuck(places: readonly number[]): void {
    if (places.length === 0) return
    for (const place of places) this.#answers[place] = FAILED
    this.#tellFailed(places, notAsked(this.#parts.tier.name, 'an earlier write has not ended'))
    this.#parts.marked()
  }

  async sendInTurn(place: number): Promise<void> {
    const turn = this.#turnAt(place)
    if (turn.previous !== undefined && turn.isWanted) {
      await this.#parts.lanes.wait(turn, this.#deadlineAt - performance.now())
    }
    if (turn.isWanted && turn.previous !== undefined) {
      this.#settle(place, notAsked(this.#parts.tier.name, 'an earlier write has not ended'))
      this.#tellFailed([place], notAsked(this.#parts.tier.name, 'an earlier write has not ended'))
      return
    }
    await this.send([place])
  }

  async send(places: readonly number[]): Promise<void> {
    const wanted = places.filter((place) => this.#turnAt(place).isWanted)
    for (const place of places) if (!this.#turnAt(place).isWanted) this.#skip(place)
    if (wanted.length === 0) return
    const { caller, lanes, repairs } = this.#parts
    const turns = wanted.map((place) => this.#turnAt(place))
    const result = await caller.call({
      operation: this.#batch.operation,
      kind: this.#batch.kind,
      timeoutMs: Math.max(1, Math.ceil(this.#deadlineAt - performance.now())),
      attempt: () => this.#batch.send(wanted),
      isWanted: () => turns.some((turn) => turn.isWanted),
      late: () => {
        for (const turn of turns) {
          repairs.markKey(turn.key, repairs.next())
          lanes.leave(turn)
        }
        this.#parts.marked()
      },
    })
    if (result.isDone) {
      wanted.forEach((place, index) => {
        this.#done(place, result.value[index])
      })
      return
    }
    // Why before settling: that some are overtaken by then is no matter of this call.
    const failed = wanted.filter((place) => !this.#turnAt(place).isOvertaken)
    for (const place of wanted) this.#settle(place, result)
    if (failed.length > 0) this.#tellFailed(failed, result)
  }

  #done(place: number, answer: T): void {
    const { repairs, lanes } = this.#parts
    const turn = this.#turnAt(place)
    this.#answers[place] = { outcome: 'done', answer }
    if (turn.isInvalidated) {
      repairs.markKey(turn.key, repairs.next())
      this.#parts.marked()
    } else if (this.#batch.isReplaced(answer)) {
      repairs.doneKey(turn.key, turn.begun)
    } else if (turn.kind.replaces) {
      repairs.markKey(turn.key, turn.begun)
      this.#parts.marked()
    }
    lanes.leave(turn)
  }

  /** Not sent, as it is not wanted any more. */
  #skip(place: number): void {
    const { caller, lanes, repairs } = this.#parts
    const turn = this.#turnAt(place)
    caller.figures.counts.superseded++
    this.#answers[place] = REFUSED
    // Why also where it is overtaken: it has its answer before the newer write is done, and what is older than
    // both must not be read in between. The newer one takes the mark away.
    repairs.markKey(turn.key, turn.isInvalidated ? repairs.next() : turn.begun)
    this.#parts.marked()
    lanes.leave(turn)
  }

  #settle(place: number, result: Failure): void {
    const { caller, lanes, repairs } = this.#parts
    const turn = this.#turnAt(place)
    // Why the number: of several keys one may be to blame, and the others were not written for it.
    if (this.#batch.writes.length > 1 || !isCallerError(result.error)) {
      repairs.markKey(turn.key, turn.isInvalidated ? repairs.next() : turn.begun)
    }
    if (result.isUnderWay) lanes.stick(turn)
    else lanes.leave(turn)
    if (turn.isOvertaken) caller.figures.counts.superseded++
    this.#answers[place] = turn.isOvertaken ? REFUSED : FAILED
    this.#parts.marked()
  }

  #tellFailed(places: readonly number[], result: Failure): void {
    if (this.#batch.kind === 'repair') return
    const { tier, tell } = this.#parts
    const keys = places.map((place) => this.#batch.writes[place].key)
    tell('write-failed', {
      tier: tier.name,
      operation: this.#batch.operation,
      keys,
      error: result.error,
    })
  }

  #turnAt(place: number): Turn {
    return this.#turns[place] as Turn
  }
}
