/** Whether a tier answered as its interface says; what it did not is a failure like any other. */
import type { TierEntry, TierFinding, TierLease } from '../tier.js'
import { TierAnswerError } from './errors.js'

export class AnswerChecks {
  readonly #tier: string

  constructor(tier: string) {
    this.#tier = tier
  }

  finding(operation: string, answer: TierFinding): TierFinding {
    return isFinding(answer) ? answer : this.#fail(operation, 'a finding')
  }

  findings(operation: string, answer: TierFinding[], count: number): TierFinding[] {
    const isRight = Array.isArray(answer) && answer.length === count && answer.every(isFinding)
    return isRight ? answer : this.#fail(operation, 'a finding for each key')
  }

  entry(operation: string, answer: TierEntry | undefined): TierEntry | undefined {
    return isEntry(answer) ? answer : this.#fail(operation, 'an entry or undefined')
  }

  /** Of a walk over the keys. */
  step(answer: IteratorResult<string>): IteratorResult<string> {
    const isRight =
      typeof answer === 'object' &&
      answer !== null &&
      (answer.done === true || typeof answer.value === 'string')
    return isRight ? answer : this.#fail('keys', 'keys')
  }

  count(operation: string, answer: number): number {
    return typeof answer === 'number' ? answer : this.#fail(operation, 'a number')
  }

  lease(answer: TierLease | undefined): TierLease | undefined {
    const isRight = answer === undefined || typeof answer?.release === 'function'
    return isRight ? answer : this.#fail('lease', 'a lease or undefined')
  }

  flags(operation: string, answer: boolean[], count: number): boolean[] {
    const isRight = Array.isArray(answer) && answer.length === count && answer.every(isFlag)
    return isRight ? answer : this.#fail(operation, 'true or false for each key')
  }

  #fail(operation: string, expected: string): never {
    throw new TierAnswerError(this.#tier, operation, expected)
  }
}

function isFinding(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'entry' in answer && isEntry(answer.entry)
}

/** All that the cache relies on: with anything else in its place a read would throw, or never be over. */
function isEntry(answer: unknown): boolean {
  if (answer === undefined) return true
  if (typeof answer !== 'object' || answer === null) return false
  const { payload, tags, createdAt, expiresAt, keepUntil, slidingTtlMs, ttlMsAbove, validator } =
    answer as Partial<TierEntry>
  return (
    payload instanceof Uint8Array &&
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === 'string') &&
    isTime(createdAt) &&
    isTime(expiresAt) &&
    isTime(keepUntil) &&
    (slidingTtlMs === undefined || isTime(slidingTtlMs)) &&
    (ttlMsAbove === undefined || isRecordOfTimes(ttlMsAbove)) &&
    (validator === undefined || typeof validator === 'string')
  )
}

function isRecordOfTimes(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isTime)
}

/** Why compared: NaN is a number, but before and after nothing. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= Number.NEGATIVE_INFINITY
}

function isFlag(answer: unknown): boolean {
  return typeof answer === 'boolean'
}
