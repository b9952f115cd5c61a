/** What a loader is given, and what it says of its result beside the value. */
import { InvalidOptionError } from '../../cache/errors.js'
import type { LoaderContext } from '../../cache/loading.js'
import {
  type EntryOptions,
  type ResolvedEntryOptions,
  resolveEntryOptions,
} from '../entry/options.js'

/** What `context.notModified()` returns, for the loader to return. */
// Why a class and no unique symbol: TypeScript takes that for any symbol where a function returns it.
export class NotModified {
  readonly #isOpaque = true

  get [Symbol.toStringTag](): string {
    return this.#isOpaque ? 'NotModified' : ''
  }
}
export const NOT_MODIFIED = new NotModified()

const MAX_VALIDATOR_BYTES = 200
const ETAG = 'e'
const VERSION = 'v'

/** The value that the cache still has of a key that is loaded anew. */
export interface StaleValue<V> {
  readonly value: V
  /** What an earlier load gave to `setEtag`, or to `setVersion`. */
  readonly etag: string | undefined
  readonly version: string | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface TieredLoaderContext<V> {
  readonly key: string
  /** Aborts when nobody waits for the value any more, and when the cache closes. */
  readonly signal: AbortSignal
  /** What the cache has of the key, stale or about to be; undefined: nothing. */
  readonly stale: StaleValue<V> | undefined
  /** The lifetime of what is returned: in place of the one in the options. */
  setTtl(ttl: NonNullable<EntryOptions['ttl']>): void
  /** Tags beside those in the options. */
  setTags(tags: readonly string[]): void
  /** What the origin calls this state of the value, at most 200 bytes; the next load finds it in `stale`. */
  setEtag(etag: string): void
  setVersion(version: string | number): void
  /** The value is for the callers, and is not stored. */
  skip(): void
  /** To be returned: the stale value holds on, and is renewed. @throws TypeError where there is none */
  notModified(): NotModified
}

/** Makes the value of a missing key. `undefined`: there is none. */
export type TieredLoader<V> = (
  context: TieredLoaderContext<V>,
) => V | undefined | NotModified | PromiseLike<V | undefined | NotModified>

/** What a stale value was stored with. */
export interface StaleFacts<V> {
  readonly value: V
  readonly createdAt: number
  readonly tags: readonly string[]
  readonly validator: string | undefined
}

/** One run of a loader. Why its methods are bound: `({ setTags }) => ...` is how loaders are written. */
export class LoadCall<V> implements TieredLoaderContext<V> {
  readonly stale: StaleValue<V> | undefined
  options: ResolvedEntryOptions
  validator: string | undefined
  isStored = true
  readonly #context: LoaderContext
  readonly #tierNames: readonly string[]

  constructor(
    context: LoaderContext,
    options: ResolvedEntryOptions,
    stale: StaleFacts<V> | undefined,
    tierNames: readonly string[],
  ) {
    this.#context = context
    this.#tierNames = tierNames
    this.options = options
    this.stale = stale && {
      value: stale.value,
      etag: partOf(stale.validator, ETAG),
      version: partOf(stale.validator, VERSION),
      createdAt: stale.createdAt,
    }
  }

  get key(): string {
    return this.#context.key
  }

  get signal(): AbortSignal {
    return this.#context.signal
  }

  readonly setTtl = (ttl: NonNullable<EntryOptions['ttl']>): void => {
    this.options = resolveEntryOptions({ ttl }, this.options, '', this.#tierNames)
  }

  readonly setTags = (tags: readonly string[]): void => {
    this.options = resolveEntryOptions({ tags }, this.options)
  }

  readonly setEtag = (etag: string): void => {
    this.validator = ETAG + checkValidator('etag', etag)
  }

  readonly setVersion = (version: string | number): void => {
    this.validator = VERSION + checkValidator('version', String(version))
  }

  readonly skip = (): void => {
    this.isStored = false
  }

  readonly notModified = (): NotModified => {
    if (this.stale === undefined) {
      throw new TypeError(
        `notModified() of '${this.key}': the cache has no value that it could renew`,
      )
    }
    return NOT_MODIFIED
  }
}

function checkValidator(option: string, value: unknown): string {
  const bytes = typeof value === 'string' ? Buffer.byteLength(value) : 0
  if (bytes === 0 || bytes > MAX_VALIDATOR_BYTES) {
    throw new InvalidOptionError(
      option,
      value,
      `text of 1 to ${MAX_VALIDATOR_BYTES} bytes in UTF-8`,
    )
  }
  return value as string
}

function partOf(validator: string | undefined, kind: string): string | undefined {
  return validator?.startsWith(kind) ? validator.slice(kind.length) : undefined
}
