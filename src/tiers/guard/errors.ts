/** Why a call of a tier was given up: what events carry as their `error` beside the tier's own errors. */
import { HotsetError, InvalidKeyError, InvalidOptionError } from '../../cache/errors.js'

/** A tier did not answer in time. It may have done what it was asked to, or do it yet. */
export class TierTimeoutError extends HotsetError {
  readonly tier: string
  readonly operation: string
  readonly timeoutMs: number

  constructor(tier: string, operation: string, timeoutMs: number) {
    super(
      'ERR_HOTSET_TIER_TIMEOUT',
      `Tier '${tier}' did not answer '${operation}' within ${timeoutMs} ms`,
    )
    this.tier = tier
    this.operation = operation
    this.timeoutMs = timeoutMs
  }

  override get name(): string {
    return 'TierTimeoutError'
  }
}

/** A tier was not asked. */
export class TierDownError extends HotsetError {
  readonly tier: string

  constructor(tier: string, reason: string) {
    super('ERR_HOTSET_TIER_DOWN', `Tier '${tier}' was not asked: ${reason}`)
    this.tier = tier
  }

  override get name(): string {
    return 'TierDownError'
  }
}

/** A tier answered with what its interface does not allow. */
export class TierAnswerError extends HotsetError {
  readonly tier: string

  constructor(tier: string, operation: string, expected: string) {
    super('ERR_HOTSET_TIER_ANSWER', `Tier '${tier}' answered '${operation}' not with ${expected}`)
    this.tier = tier
  }

  override get name(): string {
    return 'TierAnswerError'
  }
}

/** Whether the arguments are to blame, not the tier: asking again would fail again, and nothing was changed. */
export function isCallerError(error: unknown): boolean {
  return error instanceof InvalidKeyError || error instanceof InvalidOptionError
}

/** Whether a part of the tier failed, and others may do what they are asked: no reason to ask none of it any more. */
export function isPartialFailure(error: unknown): boolean {
  return (error as { isPartial?: unknown } | null | undefined)?.isPartial === true
}
