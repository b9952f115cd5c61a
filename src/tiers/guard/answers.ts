/** Whether a tier answered as its interface says; what it did not is a failure like any other. */
import type { TierFinding } from '../tier.js'
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

  flags(operation: string, answer: boolean[], count: number): boolean[] {
    const isRight = Array.isArray(answer) && answer.length === count && answer.every(isFlag)
    return isRight ? answer : this.#fail(operation, 'true or false for each key')
  }

  #fail(operation: string, expected: string): never {
    throw new TierAnswerError(this.#tier, operation, expected)
  }
}

function isFinding(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'entry' in answer
}

function isFlag(answer: unknown): boolean {
  return typeof answer === 'boolean'
}
