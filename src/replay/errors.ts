/** What goes wrong in a replay for reasons that the user can put right. */

/** The command was called wrongly: what to change is in the message. */
export class UsageError extends Error {
  override get name(): string {
    return 'UsageError'
  }
}

/** A trace cannot be read. */
export class TraceError extends Error {
  override get name(): string {
    return 'TraceError'
  }
}
