/** The options of write-behind, checked once. */
import { resolve } from 'node:path'
import { InvalidOptionError } from '../../cache/errors.js'
import { callback, checkNames, integer, oneOf } from '../../cache/option-checks.js'
import { type Duration, parseBytes, parseDurationMs, type Size } from '../../cache/units.js'
import type { RetryLimits } from '../retry-pause.js'
import type { RoomLimits } from './room.js'

export interface WriteBehindOptions<V> {
  /**
   * The file of the journal; LMDB puts a lock file beside it. Required. One process at a time has it, and
   * what is pending when that ends is taken up by the next that opens it.
   */
  journal: string
  /** So many pending writes are flushed at once, in batches of that size. Default 100. */
  flushSize?: number
  /** The longest that a write waits for others, so that several of a key become one save. Default '1s'. */
  flushInterval?: Duration
  /** How many writes may be pending. Default 100,000. */
  maxPending?: number
  /** How many bytes may be pending, keys included. Default '256mb'. */
  maxBytes?: Size
  retry?: {
    /** A write that the store refused so often becomes a dead letter; Infinity: never. Default 10. */
    attempts?: number
    /** The pause after the first refusal; it doubles with each further one. Default '100ms'. */
    minDelay?: Duration
    /** Default '30s'. */
    maxDelay?: Duration
  }
  /** What a write does that finds no room: wait for it, or reject at once. Default 'wait'. */
  onFull?: 'wait' | 'reject'
  /** How long it waits at most, then rejects with JournalFullError. Default '10s'. */
  fullTimeout?: Duration
  /** How many calls of the store run at a time. Default 4. */
  concurrency?: number
  /** How long `close` goes on flushing; the rest stays in the journal. Default '5s'. */
  closeTimeout?: Duration
  /** A value's bytes in the journal. Default: the cache's own codec, which keeps Map, Date, Buffer, cycles. */
  encode?: (value: V) => Uint8Array
  decode?: (bytes: Uint8Array) => V
}

export interface ResolvedWriteBehindOptions<V> extends RoomLimits {
  readonly journal: string
  readonly flushSize: number
  readonly flushIntervalMs: number
  readonly concurrency: number
  readonly closeTimeoutMs: number
  readonly retry: RetryLimits
  readonly encode: ((value: V) => Uint8Array) | undefined
  readonly decode: ((bytes: Uint8Array) => V) | undefined
}

const NAMES = [
  'journal',
  'flushSize',
  'flushInterval',
  'maxPending',
  'maxBytes',
  'retry',
  'onFull',
  'fullTimeout',
  'concurrency',
  'closeTimeout',
  'encode',
  'decode',
]
const RETRY_NAMES = ['attempts', 'minDelay', 'maxDelay']
const MANY = 2 ** 31 - 1
/** What a timer of Node takes. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** @throws InvalidOptionError */
export function resolveWriteBehindOptions<V>(
  options: WriteBehindOptions<V>,
): ResolvedWriteBehindOptions<V> {
  checkNames('options', options, NAMES)
  const { journal, encode, decode } = options
  if (typeof journal !== 'string' || journal === '') {
    throw new InvalidOptionError('journal', journal, 'the path of a file')
  }
  if ((callback('encode', encode) === undefined) !== (callback('decode', decode) === undefined)) {
    throw new InvalidOptionError('decode', decode, 'a function exactly where encode is one')
  }
  return {
    journal: resolve(journal),
    flushSize: integer('flushSize', options.flushSize, 1, MANY, 100),
    flushIntervalMs: time('flushInterval', options.flushInterval, '1s'),
    maxPending: integer('maxPending', options.maxPending, 1, MANY, 100_000),
    maxBytes: parseBytes(options.maxBytes ?? '256mb', 'maxBytes'),
    onFull: oneOf('onFull', options.onFull, ['wait', 'reject'], 'wait'),
    fullTimeoutMs: time('fullTimeout', options.fullTimeout, '10s'),
    concurrency: integer('concurrency', options.concurrency, 1, 1024, 4),
    closeTimeoutMs: time('closeTimeout', options.closeTimeout, '5s'),
    retry: resolveRetry(options.retry),
    encode,
    decode,
  }
}

function resolveRetry(retry: WriteBehindOptions<never>['retry'] = {}): RetryLimits {
  checkNames('retry', retry, RETRY_NAMES)
  const { attempts } = retry
  const minDelayMs = time('retry.minDelay', retry.minDelay, '100ms')
  const maxDelayMs = time('retry.maxDelay', retry.maxDelay, '30s')
  if (minDelayMs > maxDelayMs) {
    throw new InvalidOptionError('retry.minDelay', retry.minDelay, 'at most retry.maxDelay')
  }
  const isEndless = attempts === Number.POSITIVE_INFINITY
  return {
    attempts: isEndless ? attempts : integer('retry.attempts', attempts, 1, MANY, 10),
    minDelayMs,
    maxDelayMs,
  }
}

function time(option: string, value: Duration | undefined, otherwise: Duration): number {
  return Math.min(parseDurationMs(value ?? otherwise, option), MAX_TIMER_MS)
}
