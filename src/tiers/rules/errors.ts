/** What goes wrong by the rules of a tiered cache, one class a failure; each has a `code` that stays. */
import { describe, HotsetError } from '../../cache/errors.js'

/** No rule allows it to these roles; nothing was done. */
export class AccessDeniedError extends HotsetError {
  /** `'read'`, `'write'` or `'invalidate'`. */
  readonly action: string
  readonly kind: 'key' | 'pattern' | 'tag'
  /** The key, pattern or tag. */
  readonly target: string
  /** Whom it was denied to: those given to `cache.as({ roles })`. */
  readonly roles: readonly string[]

  constructor(
    action: string,
    kind: 'key' | 'pattern' | 'tag',
    target: string,
    roles: readonly string[],
  ) {
    const who =
      roles.length === 0 ? 'anyone without roles' : `the roles ${roles.map(describe).join(', ')}`
    super(
      'ERR_HOTSET_ACCESS_DENIED',
      `No rule allows ${who} to ${action} the ${kind} ${describe(target)}`,
    )
    this.action = action
    this.kind = kind
    this.target = target
    this.roles = roles
  }

  override get name(): string {
    return 'AccessDeniedError'
  }
}

/** The data of an event lack what a rule's template needs; nothing was invalidated. */
export class EventFieldError extends HotsetError {
  readonly event: string
  readonly template: string
  /** As it stands in the template: `'user.id'`. */
  readonly field: string

  constructor(event: string, template: string, field: string, reason: string) {
    super(
      'ERR_HOTSET_EVENT_FIELD',
      `Event '${event}': the field '${field}' of '${template}' ${reason}`,
    )
    this.event = event
    this.template = template
    this.field = field
  }

  override get name(): string {
    return 'EventFieldError'
  }
}
