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

/** Why no more: of what kind the rest is, is the tier's own matter; without these the guard would throw. */
function isEntry(answer: unknown): boolean {
  if (answer === undefined) return true
  if (typeof answer !== 'object' || answer === null) return false
  const { payload, tags } = answer as Partial<TierEntry>
  return payload instanceof Uint8Array && Array.isArray(tags)
}

function isFlag(answer: unknown): boolean {
  return typeof answer === 'boolean'
}
