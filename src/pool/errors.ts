/**
 * What goes wrong in a pool, one class a failure; each is a HotsetError with a `code` that stays.
 *
 * An error of a loader reaches its caller as the loader threw it (error-transport.ts); these are for
 * what is no loader's fault, or for a loader that cannot be found.
 */
import { describe, HotsetError } from '../cache/errors.js'

/** The pool was closed or destroyed; its cache need not be. */
export class PoolClosedError extends HotsetError {
  /** The `name` option of the pool's cache. */
  readonly cache: string

  constructor(cache: string, reason = 'close() was called') {
    super('ERR_HOTSET_POOL_CLOSED', `The pool of cache '${cache}' is closed: ${reason}`)
    this.cache = cache
  }

  override get name(): string {
    return 'PoolClosedError'
  }
}

/** As many tasks wait for a worker as `maxQueue` lets. */
export class QueueFullError extends HotsetError {
  readonly loader: string
  /** How many tasks may wait. */
  readonly limit: number

  constructor(loader: string, limit: number) {
    super(
      'ERR_HOTSET_QUEUE_FULL',
      `Loader '${loader}' was not run: all workers are busy, and no more than ${limit} tasks may wait (maxQueue)`,
    )
    this.loader = loader
    this.limit = limit
  }

  override get name(): string {
    return 'QueueFullError'
  }
}

/** The module of loaders has no function of that name. */
export class UnknownLoaderError extends HotsetError {
  readonly loader: string
  readonly filename: string

  constructor(loader: string, filename: string, known: readonly string[]) {
    const names = known.length === 0 ? 'no function' : known.join(', ')
    super(
      'ERR_HOTSET_UNKNOWN_LOADER',
      `There is no loader ${describe(loader)}: ${filename} exports ${names}`,
    )
    this.loader = loader
    this.filename = filename
  }

  override get name(): string {
    return 'UnknownLoaderError'
  }
}

/** The module of loaders cannot be imported; the cause says why. */
export class LoaderModuleError extends HotsetError {
  readonly filename: string

  constructor(filename: string, reason: string, options?: ErrorOptions) {
    super(
      'ERR_HOTSET_LOADER_MODULE',
      `The loaders of ${filename} cannot be imported: ${reason}`,
      options,
    )
    this.filename = filename
  }

  override get name(): string {
    return 'LoaderModuleError'
  }
}

/** The worker ended (process.exit, out of memory, terminate, an uncaught error) before its task did. */
export class WorkerEndedError extends HotsetError {
  readonly loader: string

  constructor(loader: string, reason: string, options?: ErrorOptions) {
    super(
      'ERR_HOTSET_WORKER_ENDED',
      `The worker of loader '${loader}' ended before the loader did: ${reason}`,
      options,
    )
    this.loader = loader
  }

  override get name(): string {
    return 'WorkerEndedError'
  }
}
