/** The errors of the Redis tier; what the server itself answers is passed on as the client raises it. */
import { HotsetError } from '../../cache/errors.js'

/** The server cannot be reached now, or does not answer; the tier goes on trying. */
export class RedisUnavailableError extends HotsetError {
  /** The tier's name. */
  readonly tier: string
  /** On a cluster: other nodes may be there. */
  readonly isPartial: boolean

  constructor(tier: string, reason: string, options: ErrorOptions & { isPartial?: boolean } = {}) {
    super('ERR_HOTSET_REDIS_UNAVAILABLE', `Tier '${tier}' has no Redis: ${reason}`, options)
    this.tier = tier
    this.isPartial = options.isPartial === true
  }

  override get name(): string {
    return 'RedisUnavailableError'
  }
}

/** What is under the key is no text, and so no entry: somebody else put it there. */
export function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGTYPE')
}

/** The server has no room, and evicts nothing. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('OOM')
}

/** A node of a cluster is away. */
export function isPartialFailure(error: unknown): boolean {
  return error instanceof RedisUnavailableError && error.isPartial
}
