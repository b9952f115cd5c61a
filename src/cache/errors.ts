/**
 * Every error that hotset raises on purpose, one class a failure.
 *
 * 1. Each extends HotsetError and carries a `code` that stays the same between releases; messages
 *    may change.
 * 2. The one exception is a wrong value (`undefined`, or what a narrow codec does not take): that is
 *    a TypeError, as for any wrong argument, made by `invalidValueError` so that it has a code too.
 * 3. A cache under pressure never raises any of these: it misses, or refuses.
 */
import { requireBuiltin } from '../engine/builtins.js'

export type HotsetErrorCode =
  | 'ERR_HOTSET_INVALID_OPTION'
  | 'ERR_HOTSET_INVALID_KEY'
  | 'ERR_HOTSET_INVALID_VALUE'
  | 'ERR_HOTSET_UNSERIALIZABLE_VALUE'
  | 'ERR_HOTSET_CACHE_CLOSED'
  | 'ERR_HOTSET_TIER_TIMEOUT'
  | 'ERR_HOTSET_TIER_DOWN'
  | 'ERR_HOTSET_TIER_ANSWER'
  | 'ERR_HOTSET_CORRUPT_SNAPSHOT'
  | 'ERR_HOTSET_INCOMPATIBLE_SNAPSHOT'
  | 'ERR_HOTSET_LOADER_TIMEOUT'
  | 'ERR_HOTSET_TOO_MANY_THREADS'
  | 'ERR_HOTSET_POOL_CLOSED'
  | 'ERR_HOTSET_QUEUE_FULL'
  | 'ERR_HOTSET_UNKNOWN_LOADER'
  | 'ERR_HOTSET_LOADER_MODULE'
  | 'ERR_HOTSET_WORKER_ENDED'
  | 'ERR_HOTSET_ACCESS_DENIED'
  | 'ERR_HOTSET_EVENT_FIELD'
  | 'ERR_HOTSET_UNREADABLE_PAYLOAD'
  | 'ERR_HOTSET_MISSING_PACKAGE'
  | 'ERR_HOTSET_TIER_CLOSED'
  | 'ERR_HOTSET_JOURNAL'
  | 'ERR_HOTSET_JOURNAL_CORRUPT'
  | 'ERR_HOTSET_JOURNAL_FULL'
  | 'ERR_HOTSET_JOURNAL_LOCKED'
  | 'ERR_HOTSET_REDIS_UNAVAILABLE'

const { inspect, types }: typeof import('node:util') = requireBuiltin('node:util')

const SHOWN_CHARACTERS = 80

/** A value as an error message shows it: one line, bounded, never running the value's own code. */
export function describe(value: unknown): string {
  const shown = types.isNativeError(value) ? describeError(value) : inspectBriefly(value)
  return shown.length <= 2 * SHOWN_CHARACTERS ? shown : `${shown.slice(0, 2 * SHOWN_CHARACTERS)}...`
}

/** Why not as inspect does: that shows the stack, and nothing at all at the end of the stack. */
function describeError(error: Error): string {
  const message = String(plainProperty(error, 'message') ?? '').replaceAll('\n', ' ')
  return `${plainProperty(error, 'name') ?? 'Error'}: ${message}`
}

/** A property that is text, of the object or of those that it inherits from; getters are not called. */
function plainProperty(object: object, name: string): string | undefined {
  for (let holder: object | null = object; holder !== null; ) {
    const property = Object.getOwnPropertyDescriptor(holder, name)
    if (property !== undefined)
      return typeof property.value === 'string' ? property.value : undefined
    holder = Object.getPrototypeOf(holder)
  }
  return undefined
}

function inspectBriefly(value: unknown): string {
  return inspect(value, {
    depth: 0,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: SHOWN_CHARACTERS,
    maxArrayLength: 4,
    customInspect: false,
  })
}

/** The common ancestor: `error instanceof HotsetError` tells hotset's errors from all others. */
export class HotsetError extends Error {
  readonly code: HotsetErrorCode

  constructor(code: HotsetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  // Why a getter: minifiers rename classes, and `new.target.name` would follow them.
  override get name(): string {
    return 'HotsetError'
  }
}

/** An option has a value it cannot have, or a name that no option has. */
export class InvalidOptionError extends HotsetError {
  /** The option's name, as the caller wrote it: `'maxBytes'`, `'near.maxEntries'`. */
  readonly option: string
  readonly value: unknown
  /** What may stand there, in words. */
  readonly allowed: string

  constructor(option: string, value: unknown, allowed: string) {
    super(
      'ERR_HOTSET_INVALID_OPTION',
      `Option '${option}' cannot be ${describe(value)}; allowed: ${allowed}`,
    )
    this.option = option
    this.value = value
    this.allowed = allowed
  }

  override get name(): string {
    return 'InvalidOptionError'
  }
}

/** A key is no string, or is longer than a key may be. */
export class InvalidKeyError extends HotsetError {
  readonly key: unknown
  readonly allowed: string

  constructor(key: unknown, allowed: string) {
    super(
      'ERR_HOTSET_INVALID_KEY',
      `A key cannot be ${describe(key)}${typeof key === 'string' ? ` (${key.length} characters)` : ''}; allowed: ${allowed}`,
    )
    this.key = key
    this.allowed = allowed
  }

  override get name(): string {
    return 'InvalidKeyError'
  }
}

/** A value, or a part of it, has no meaning outside this thread, so it was not stored. */
export class UnserializableValueError extends HotsetError {
  /** Where in the value the culprit stands: `'value.user.onSave'`, `'value.list[3]'`. */
  readonly path: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super('ERR_HOTSET_UNSERIALIZABLE_VALUE', `Cannot store ${path}: ${reason}`, options)
    this.path = path
  }

  override get name(): string {
    return 'UnserializableValueError'
  }
}

/** The cache was closed, by `close()` or because its engine failed. */
export class CacheClosedError extends HotsetError {
  /** The `name` option of the cache. */
  readonly cache: string

  constructor(cache: string, reason = 'close() was called', options?: ErrorOptions) {
    super('ERR_HOTSET_CACHE_CLOSED', `Cache '${cache}' is closed: ${reason}`, options)
    this.cache = cache
  }

  override get name(): string {
    return 'CacheClosedError'
  }
}

/** A snapshot's bytes are damaged or incomplete. */
export class CorruptSnapshotError extends HotsetError {
  readonly path: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super('ERR_HOTSET_CORRUPT_SNAPSHOT', `Snapshot '${path}' is corrupt: ${reason}`, options)
    this.path = path
  }

  override get name(): string {
    return 'CorruptSnapshotError'
  }
}

/** A snapshot is whole, but of another layout or for other options. */
export class IncompatibleSnapshotError extends HotsetError {
  readonly path: string

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(
      'ERR_HOTSET_INCOMPATIBLE_SNAPSHOT',
      `Snapshot '${path}' cannot be used here: ${reason}`,
      options,
    )
    this.path = path
  }

  override get name(): string {
    return 'IncompatibleSnapshotError'
  }
}

/** A loader given to `getOrSet` took longer than its `timeout`. */
export class LoaderTimeoutError extends HotsetError {
  readonly key: string
  readonly timeoutMs: number

  constructor(key: string, timeoutMs: number, options?: ErrorOptions) {
    super(
      'ERR_HOTSET_LOADER_TIMEOUT',
      `The loader of ${describe(key)} did not finish within ${timeoutMs} ms`,
      options,
    )
    this.key = key
    this.timeoutMs = timeoutMs
  }

  override get name(): string {
    return 'LoaderTimeoutError'
  }
}

/** As many threads are attached to the cache as can be. */
export class TooManyThreadsError extends HotsetError {
  /** The `name` option of the cache. */
  readonly cache: string
  /** How many threads can be attached at a time. */
  readonly limit: number

  /** @param reason why there can be no more */
  constructor(cache: string, limit: number, reason: string) {
    super(
      'ERR_HOTSET_TOO_MANY_THREADS',
      `Cache '${cache}' cannot be attached: ${limit} threads can be at a time (${reason})`,
    )
    this.cache = cache
    this.limit = limit
  }

  override get name(): string {
    return 'TooManyThreadsError'
  }
}

/** The TypeError for a value that can never be stored in this cache, whatever its contents. */
export function invalidValueError(message: string): TypeError & { code: HotsetErrorCode } {
  return Object.assign(new TypeError(message), { code: 'ERR_HOTSET_INVALID_VALUE' as const })
}
