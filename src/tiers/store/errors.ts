/** What goes wrong with a write-behind journal, one class a failure; each is a HotsetError with a `code`. */
import { HotsetError } from '../../cache/errors.js'

/** The journal cannot be opened, or did not take a write: the write is not acknowledged. */
export class JournalError extends HotsetError {
  readonly path: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super('ERR_HOTSET_JOURNAL', `Write-behind journal '${path}': ${reason}`, options)
    this.path = path
  }

  override get name(): string {
    return 'JournalError'
  }
}

/** The journal's file is damaged. It is left as it is: there are acknowledged writes in it. */
export class JournalCorruptError extends HotsetError {
  readonly path: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(
      'ERR_HOTSET_JOURNAL_CORRUPT',
      `Write-behind journal '${path}' is corrupt: ${reason}. It may hold acknowledged writes, so it was left as it is; move it away to begin a new one`,
      options,
    )
    this.path = path
  }

  override get name(): string {
    return 'JournalCorruptError'
  }
}

/** There is no room for a write: the store does not keep up, or the write alone is too large. */
export class JournalFullError extends HotsetError {
  readonly key: string
  /** The option that sets the limit. */
  readonly limit: 'maxPending' | 'maxBytes'

  constructor(key: string, limit: 'maxPending' | 'maxBytes', reason: string) {
    super('ERR_HOTSET_JOURNAL_FULL', `Write-behind journal has no room: ${reason} (${limit})`)
    this.key = key
    this.limit = limit
  }

  override get name(): string {
    return 'JournalFullError'
  }
}

/** Another process, or another writer of this one, has the journal. */
export class JournalLockedError extends HotsetError {
  readonly path: string
  /** The process that has it. */
  readonly pid: number
  readonly host: string

  constructor(path: string, pid: number, host: string) {
    super(
      'ERR_HOTSET_JOURNAL_LOCKED',
      `Write-behind journal '${path}' belongs to process ${pid} on '${host}'; a journal has one owner at a time`,
    )
    this.path = path
    this.pid = pid
    this.host = host
  }

  override get name(): string {
    return 'JournalLockedError'
  }
}
