/**
 * What is wrong with a payload. Each of these makes its entry a miss and an event; none is ever the caller's
 * answer.
 */
import { describe, HotsetError } from '../../cache/errors.js'

/**
 * 'unknown-version', 'unknown-compression' and 'unknown-key-id': written by a newer hotset, a newer Node, or
 * with a key that is not among `encryption.keys`. 'authentication': changed, moved from another key, or not
 * encrypted where all has to be. 'corrupt': not what was written. 'too-large': more than 512 MiB.
 */
export type PayloadErrorReason =
  | 'unknown-version'
  | 'unknown-compression'
  | 'unknown-key-id'
  | 'authentication'
  | 'corrupt'
  | 'too-large'

/** A payload cannot be read back into a value, or a value is too large for one. */
export class PayloadError extends HotsetError {
  readonly key: string
  readonly reason: PayloadErrorReason

  constructor(key: string, reason: PayloadErrorReason, detail: string, options?: ErrorOptions) {
    super(
      'ERR_HOTSET_UNREADABLE_PAYLOAD',
      `The payload of ${describe(key)} is unusable (${reason}): ${detail}`,
      options,
    )
    this.key = key
    this.reason = reason
  }

  override get name(): string {
    return 'PayloadError'
  }
}
