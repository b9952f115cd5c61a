/**
 * The options of a cache and of one entry: their types, defaults and limits.
 *
 * 1. `resolveOptions` looks at every option once; what it returns needs no further checks.
 * 2. Every error names the option, the value and what is allowed.
 * 3. The helpers for one entry's options allocate nothing, and cost nothing where the option is
 *    absent: they stand in the path of every `set`.
 */
import { InvalidOptionError } from './errors.js'
import { callback, checkNames, integer, listed, oneOf } from './option-checks.js'
import { type ResolvedTrace, resolveTrace, type TraceOptions } from './trace/options.js'
import {
  type Duration,
  formatBytes,
  GIB,
  MAX_DURATION_MS,
  MIB,
  MIN_DURATION_MS,
  parseBytes,
  parseDurationMs,
  type Size,
} from './units.js'

export { callback, checkNames, integer, oneOf } from './option-checks.js'
export type { TraceOptions } from './trace/options.js'

const POLICIES = ['adaptive', 'lru', 'lfu', 'fifo', 'ttl', 'priority'] as const
export const CODECS = ['structured', 'json', 'string', 'bytes'] as const

/** Which entry goes first when room is needed. */
export type Policy = (typeof POLICIES)[number]
export const FAVORS = ['objects', 'bytes'] as const
export type Favor = (typeof FAVORS)[number]

/** Why an entry went. */
export type RemoveReason = 'evict' | 'expire' | 'delete' | 'replace' | 'clear'

/** Turns values into bytes and back. */
// biome-ignore lint/suspicious/noExplicitAny: a codec of users is one of unknown values here
export interface CustomCodec<Value = any> {
  /** The bytes are copied before the call that needed them returns. */
  encode(value: Value): Uint8Array
  /** The bytes are a copy that may be kept. */
  decode(bytes: Uint8Array): Value
}

export interface NearOptions {
  /** Values that each thread keeps decoded, 0 to 16777216; 0 turns the near cache off. Default 4096. */
  maxEntries?: number
}

// biome-ignore lint/suspicious/noExplicitAny: options of users are ones of unknown values here
export interface CacheOptions<Value = any> {
  /** A hard bound on everything: keys, values, index, metadata. Bytes or `'256mb'`; 1mb to 64gb. Required. */
  maxBytes: Size
  /** A further bound, 1 to 2^32 - 1; exact with one shard. Default: none. */
  maxEntries?: number
  /** Entries larger than this are refused. Bytes or `'1mb'`, at most 512 MiB - 1. Default: a tenth of `maxBytes`. */
  maxEntryBytes?: Size
  /** Which entry goes first when room is needed. Default `'adaptive'`. */
  policy?: Policy
  /**
   * What policy `adaptive` is to hit most where sizes differ: requests (`'objects'`: entries smaller than the mean
   * may stay longer without being used), or bytes. Default `'objects'`.
   */
  favor?: Favor
  /** Default lifetime. Milliseconds or `'5m'`, from 1 ms to 100 years; Infinity is none. Default: none. */
  ttl?: Duration
  /** 0..1: shortens each lifetime by a random share up to that. Default 0. */
  ttlJitter?: number
  /** A hit renews the entry's lifetime. Default false. */
  sliding?: boolean
  /** How values become bytes. Default `'structured'`. */
  codec?: (typeof CODECS)[number] | CustomCodec<Value>
  /** The per-thread near cache; `false` turns it off, and every get then returns a fresh copy. Default `{ maxEntries: 4096 }`. */
  near?: false | NearOptions
  /** A power of two, 1 to 64; 1 gives exact policy order. Default: from `maxBytes` and the cores. */
  shards?: number
  /** Milliseconds that never go back, for tests. Default: the process's monotonic clock. */
  clock?: Clock
  /** How long a call may wait for a shard. Milliseconds or `'1s'`. Default 250. */
  lockTimeout?: Duration
  /** Called in the thread that removed the entry, after the call. Costs nothing when absent. */
  onRemove?: (key: string, reason: RemoveReason) => void
  /** A value that could not be decoded, a loader that failed in the background. */
  onError?: (error: unknown, key: string) => void
  /** In statistics and errors. Default `'cache'`. */
  name?: string
  /**
   * Records the accesses, for `hotset replay`: the name of a file, into which each thread's number is put
   * (`'service.hst'` makes `service.0.hst`, `service.3.hst`). Default: nothing is recorded, at no cost.
   */
  trace?: string | TraceOptions
}

export interface Clock {
  /** Milliseconds. */
  now(): number
}

export interface ResolvedOptions {
  maxBytes: number
  /** 0: none. */
  maxEntries: number
  maxEntryBytes: number
  policy: Policy
  favor: Favor
  /** 0: none. */
  ttlMs: number
  ttlJitter: number
  sliding: boolean
  codec: NonNullable<CacheOptions['codec']>
  /** 0: no near cache. */
  nearMaxEntries: number
  /** 0: to be chosen from `maxBytes` and the cores. */
  shards: number
  clock: Clock | undefined
  lockTimeoutMs: number
  onRemove: CacheOptions['onRemove']
  onError: CacheOptions['onError']
  name: string
  trace: ResolvedTrace | undefined
}

/** The options of one entry. */
export interface SetOptions {
  /** Lifetime. Milliseconds or `'30s'`, from 1 ms to 100 years; Infinity is none. Default: the cache's. */
  ttl?: Duration
  /** At most 32 names of at most 255 bytes, 1024 bytes together. Default: none. */
  tags?: readonly string[]
  /** 0..255; the policy `'priority'` keeps high ones longer. Default 0. */
  priority?: number
  /** A hit renews the lifetime. Default: the cache's. */
  sliding?: boolean
}

export const MIN_CACHE_BYTES = MIB
export const MAX_CACHE_BYTES = 64 * GIB
export const MAX_ENTRY_BYTES = 512 * MIB - 1
export const MAX_ENTRIES = 2 ** 32 - 1
export const MAX_NEAR_ENTRIES = 2 ** 24
export const MAX_SHARDS = 64
export const MAX_PRIORITY = 255
export const MAX_TAGS = 32
export const MAX_TAG_BYTES = 255
export const MAX_TAGS_BYTES = 1024

const DEFAULT_NEAR_ENTRIES = 4096
const DEFAULT_LOCK_TIMEOUT_MS = 250
const DEFAULT_ENTRY_SHARE = 10

// Typed so that the compiler tells when an option is missing here.
const OPTION_NAMES = Object.keys({
  maxBytes: 1,
  maxEntries: 1,
  maxEntryBytes: 1,
  policy: 1,
  favor: 1,
  ttl: 1,
  ttlJitter: 1,
  sliding: 1,
  codec: 1,
  near: 1,
  shards: 1,
  clock: 1,
  lockTimeout: 1,
  onRemove: 1,
  onError: 1,
  name: 1,
  trace: 1,
} satisfies Record<keyof CacheOptions, 1>)

const NO_TAGS: readonly string[] = Object.freeze([])

/** Raises InvalidOptionError for the first option that is wrong. */
export function resolveOptions(options: CacheOptions): ResolvedOptions {
  checkNames('options', options, OPTION_NAMES)
  const maxBytes = resolveMaxBytes(options.maxBytes)
  return {
    maxBytes,
    maxEntries: integer('maxEntries', options.maxEntries, 1, MAX_ENTRIES, 0),
    maxEntryBytes: resolveMaxEntryBytes(options.maxEntryBytes, maxBytes),
    policy: oneOf('policy', options.policy, POLICIES, 'adaptive'),
    favor: oneOf('favor', options.favor, FAVORS, 'objects'),
    ttlMs: resolveTtlMs(options.ttl, 0),
    ttlJitter: resolveJitter(options.ttlJitter),
    sliding: resolveSliding(options.sliding, false),
    codec: resolveCodec(options.codec),
    nearMaxEntries: resolveNear(options.near),
    shards: resolveShards(options.shards),
    clock: resolveClock(options.clock),
    lockTimeoutMs: parseDurationMs(options.lockTimeout ?? DEFAULT_LOCK_TIMEOUT_MS, 'lockTimeout'),
    onRemove: callback('onRemove', options.onRemove),
    onError: callback('onError', options.onError),
    name: resolveName(options.name),
    trace: resolveTrace(options.trace),
  }
}

/**
 * A lifetime in milliseconds, 0 for none (Infinity).
 * @param defaultMs where `ttl` is absent
 */
export function resolveTtlMs(ttl: Duration | undefined, defaultMs: number): number {
  if (ttl === undefined) return defaultMs
  if (ttl === Number.POSITIVE_INFINITY) return 0
  if (
    Number.isInteger(ttl) &&
    (ttl as number) >= MIN_DURATION_MS &&
    (ttl as number) <= MAX_DURATION_MS
  ) {
    return ttl as number
  }
  return parseDurationMs(ttl, 'ttl')
}

/** 0 where it is absent. */
export function resolvePriority(priority: number | undefined): number {
  if (priority === undefined) return 0
  if (!(Number.isInteger(priority) && priority >= 0 && priority <= MAX_PRIORITY)) {
    throw new InvalidOptionError('priority', priority, `a whole number from 0 to ${MAX_PRIORITY}`)
  }
  return priority
}

export function resolveSliding(sliding: boolean | undefined, otherwise: boolean): boolean {
  if (sliding === undefined) return otherwise
  if (typeof sliding !== 'boolean')
    throw new InvalidOptionError('sliding', sliding, 'true or false')
  return sliding
}

/** The tags as given, once they are known to be right; an empty list where they are absent. */
export function resolveTags(tags: readonly string[] | undefined): readonly string[] {
  return tags === undefined ? NO_TAGS : checkTags(tags)
}

function checkTags(tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags) || tags.length > MAX_TAGS) {
    throw new InvalidOptionError('tags', tags, `an array of at most ${MAX_TAGS} strings`)
  }
  let totalBytes = 0
  for (let index = 0; index < tags.length; index++) {
    totalBytes += checkTag(tags[index], 'tags', index)
  }
  if (totalBytes > MAX_TAGS_BYTES) {
    throw new InvalidOptionError('tags', tags, `names of at most ${MAX_TAGS_BYTES} bytes together`)
  }
  return tags
}

/**
 * One tag's name, for `invalidateTags` and its like too.
 * @returns its length in UTF-8 bytes
 */
export function checkTag(tag: unknown, option: string, index: number): number {
  const tagBytes = typeof tag === 'string' ? Buffer.byteLength(tag, 'utf8') : 0
  if (tagBytes === 0 || tagBytes > MAX_TAG_BYTES) {
    const allowed = `a string of 1 to ${MAX_TAG_BYTES} bytes in UTF-8`
    throw new InvalidOptionError(`${option}[${index}]`, tag, allowed)
  }
  return tagBytes
}

function resolveMaxBytes(value: Size): number {
  const range = `${formatBytes(MIN_CACHE_BYTES)} to ${formatBytes(MAX_CACHE_BYTES)}`
  const allowed = `bytes, or a string such as '256mb', from ${range}`
  if (value === undefined) throw new InvalidOptionError('maxBytes', value, allowed)
  const bytes = parseBytes(value, 'maxBytes')
  if (bytes < MIN_CACHE_BYTES || bytes > MAX_CACHE_BYTES) {
    throw new InvalidOptionError('maxBytes', value, allowed)
  }
  return bytes
}

function resolveMaxEntryBytes(value: Size | undefined, maxBytes: number): number {
  const most = Math.min(MAX_ENTRY_BYTES, maxBytes)
  if (value === undefined) return Math.min(most, Math.floor(maxBytes / DEFAULT_ENTRY_SHARE))
  const bytes = parseBytes(value, 'maxEntryBytes')
  if (bytes < 1 || bytes > most) {
    const allowed = `1 to ${most} bytes: no more than maxBytes, and less than 512 MiB`
    throw new InvalidOptionError('maxEntryBytes', value, allowed)
  }
  return bytes
}

function resolveJitter(value: number | undefined): number {
  if (value === undefined) return 0
  if (!(typeof value === 'number' && value >= 0 && value <= 1)) {
    throw new InvalidOptionError('ttlJitter', value, 'a number from 0 to 1')
  }
  return value
}

function resolveCodec(value: CacheOptions['codec']): ResolvedOptions['codec'] {
  if (isCustomCodec(value)) return value
  if (value !== undefined && !CODECS.includes(value)) {
    const allowed = `${listed(CODECS)}, or { encode, decode }`
    throw new InvalidOptionError('codec', value, allowed)
  }
  return value ?? 'structured'
}

export function isCustomCodec(value: unknown): value is CustomCodec {
  if (typeof value !== 'object' || value === null) return false
  const { encode, decode } = value as Partial<CustomCodec>
  return typeof encode === 'function' && typeof decode === 'function'
}

export function resolveNear(value: CacheOptions['near']): number {
  if (value === false) return 0
  if (value === undefined) return DEFAULT_NEAR_ENTRIES
  if (typeof value !== 'object' || value === null) {
    throw new InvalidOptionError('near', value, 'false, or { maxEntries }')
  }
  checkNames('near', value, ['maxEntries'])
  return integer('near.maxEntries', value.maxEntries, 0, MAX_NEAR_ENTRIES, DEFAULT_NEAR_ENTRIES)
}

function resolveShards(value: number | undefined): number {
  const shards = integer('shards', value, 1, MAX_SHARDS, 0)
  if ((shards & (shards - 1)) !== 0) {
    throw new InvalidOptionError('shards', value, `a power of two from 1 to ${MAX_SHARDS}`)
  }
  return shards
}

export function resolveClock(value: Clock | undefined): Clock | undefined {
  if (value !== undefined && typeof value?.now !== 'function') {
    throw new InvalidOptionError('clock', value, '{ now(): number }, in milliseconds')
  }
  return value
}

function resolveName(value: string | undefined): string {
  if (value === undefined) return 'cache'
  if (typeof value !== 'string' || value === '') {
    throw new InvalidOptionError('name', value, 'a string of at least one character')
  }
  return value
}
